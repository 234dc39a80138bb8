"""What was replanned and why: for each time what set it off, what it did to the plan, and whether it helped."""

from collections.abc import Mapping, Sequence

from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.tasks.agents.closing.closed import answer_of
from prefect_harmonic.tasks.views.changes import UNTOUCHED, ChangeRow, changes_words, ranked
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text
from prefect_harmonic.tasks.views.replanning import ClosingRow, ReplanningRow
from prefect_harmonic.tasks.views.report.prose import items, section, sentence, table
from prefect_harmonic.tasks.views.report.subject import ReportInput

_MOST_NAMED = 12


def replannings_section(subject: ReportInput) -> str:
    """The section: one block for each replanning, in order."""
    answers = {found.artifact: answer_of(found) for found in subject.found}
    return section("What was replanned and why", *(_block(row, answers) for row in subject.replannings))


def _block(row: ReplanningRow, answers: Mapping[str, str]) -> str:
    told = sentence(changes_words(row.changes))
    parts = (
        f"### {markdown_text(row.heading)}",
        " ".join(part for part in (sentence(row.reason), told) if part),
        f"A person asked for: “{markdown_text(row.guidance)}”" if row.guidance.strip() else "",
        f"Approval: {sentence(row.approval)}" if row.approval.strip() else "",
        _changes(row.changes),
        items(_untouched(row.changes)),
        _closings(row.closings, answers),
        _candidates(row),
    )
    return "\n\n".join(part for part in parts if part)


def _changes(changes: Sequence[ChangeRow]) -> str:
    """What is run again, new or dropped, each with its reason and hours."""
    rows = [
        [markdown_code(one.artifact), markdown_text(one.change), sentence(one.reason), spoken_hours(one.hours)]
        for one in ranked(changes)
        if one.change not in UNTOUCHED
    ]
    return table(["Artifact", "Change", "Why", "Expected"], rows, frozenset({3}))


def _untouched(changes: Sequence[ChangeRow]) -> list[str]:
    """What stays as it is, by name: the point of it is that there is nothing more to say."""
    told = []
    for change, words in (("kept", "Kept as done"), ("open", "Still to be made, as before")):
        names = sorted(one.artifact for one in changes if one.change == change)
        if names:
            rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            told.append(f"{words}: {', '.join(map(markdown_code, names[:_MOST_NAMED]))}{rest}.")
    return told


def _closings(closings: Sequence[ClosingRow], answers: Mapping[str, str]) -> str:
    """Which gap each new artifact is to close, whether it did, and by what."""
    rows = []
    for one in closings:
        answer = answers.get(one.artifact, "") if one.is_closed else ""
        outcome = f"{one.verdict}: {markdown_text(answer)}" if answer else one.verdict
        rows.append([markdown_text(one.kind), sentence(one.text), markdown_code(one.artifact), outcome])
    return table(["Kind", "What was open", "Closed by", "Outcome"], rows)


def _candidates(row: ReplanningRow) -> str:
    """The plans for the rest that there were to choose from, in a line each."""
    told = []
    for one in row.candidates:
        makespan = spoken_hours(one.expected_makespan_hours)
        verdict = "chosen" if one.is_selected else f"{one.status}: {one.reason}" if one.reason else one.status
        facts = ", ".join(part for part in (one.style.replace("_", " "), makespan, verdict) if part)
        told.append(f"{markdown_code(one.id)} ({markdown_text(facts)})")
    return f"Candidates for the rest: {'; '.join(told)}." if told else ""
