"""What became of the plan: counts by phase, what failed and why, every artifact, where everything lies."""

import re
from collections import Counter
from collections.abc import Sequence

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.programme.evaluation import overall_confidence
from prefect_harmonic.planners.soundness import NO_SAY
from prefect_harmonic.planners.spoken_time import spoken_hours, spoken_seconds
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.candidates import CandidateRow, judged
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_link, markdown_text, shortened
from prefect_harmonic.tasks.views.report.prose import items, section, sentence, table
from prefect_harmonic.tasks.views.report.subject import FINISHED, SKELETON, ReportInput

STATES = ("done", "kept", SKELETON, "running", "failed", "blocked", "skipped", "waiting")
_SUMMARY_LENGTH = 330
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z“])")
_WORK_BY_EFFORT = "Expected work is what a person would need for it; what it took is the clock of this run."
_LEARNED_WORK = "Expected work is what such artifacts took in earlier runs; what it took is the clock of this run."
_EXPLAINED = ("failed", "blocked", "skipped")
_NAMED_FILES = {
    "report.md": "this report",
    "plan.json": "the plan as it was executed",
    "plan.html": "the plan to look at: graph, timeline, changes, table",
    "knowledge.svg": "what was found and what it rests on, as a picture",
    "knowledge.graphml": "everything found, as a graph",
    "events.jsonl": "what happened, event by event",
}


def outcome_section(subject: ReportInput) -> str:
    """The section: how much is done, by phase as they ran, and how long it took against what was expected."""
    phases = phases_of(subject.graph)
    rows = [_row(phase.name, subject, phase.artifacts) for phase in phases] if len(phases) > 1 else []
    rows.append(_row("all", subject, subject.graph.order))
    states = _occurring(subject)
    heads = ["Phase", *states, "Expected work", "Took", "Confidence"]
    note = _LEARNED_WORK if subject.is_learned else _WORK_BY_EFFORT
    note = note if subject.expected_hours and subject.actual_seconds else ""
    shown = table(heads, rows, frozenset(range(1, len(heads))))
    return section("Outcome", times(subject), shown, note, _skeletons(subject))


def made_words(subject: ReportInput) -> str:
    """How many artifacts are there, and how many of them still have to be filled in."""
    made = sum(subject.shown_state(name) in FINISHED for name in subject.graph.order)
    told = f"{made} of {counted(len(subject.graph), 'artifact')} made"
    skeletons = len(subject.unfinished_files)
    if not skeletons:
        return told
    return f"{told}, {skeletons} more {'is a skeleton' if skeletons == 1 else 'are skeletons'} to be filled in"


def _skeletons(subject: ReportInput) -> str:
    """What is there only in outline, in one place."""
    texts = [
        f"{markdown_code(found.artifact)} ({_links(found) or 'no file'}): {counted(found.left_open, 'part')} to fill in"
        for found in subject.unfinished_files
    ]
    return f"**Skeletons.** These are there only in outline:\n\n{items(texts)}" if texts else ""


def _links(found: Evidence) -> str:
    return ", ".join(markdown_link(file.path, file.path) for file in found.files)


def _occurring(subject: ReportInput) -> list[str]:
    counts = Counter(subject.shown_state(name) for name in subject.graph.order)
    return [*(state for state in STATES if counts[state]), *sorted(counts.keys() - set(STATES))]


def times(subject: ReportInput) -> str:
    """Length of the run against the expected makespan, in a sentence."""
    parts = []
    if subject.expected_makespan_hours is not None:
        parts.append(f"expected makespan {spoken_hours(subject.expected_makespan_hours)}")
    if subject.run_seconds is not None:
        parts.append(f"the run took {spoken_seconds(subject.run_seconds)}")
    text = ", ".join(parts)
    foretold = f" Foretold by earlier runs: {markdown_text(subject.foretold)}." if subject.foretold and text else ""
    return f"{text[0].upper()}{text[1:]}.{foretold}" if text else ""


def _row(label: str, subject: ReportInput, names: Sequence[str]) -> list[str]:
    counts = Counter(subject.shown_state(name) for name in names)
    expected = [subject.expected_hours[name] for name in names if name in subject.expected_hours]
    took = [subject.actual_seconds[name] for name in names if name in subject.actual_seconds]
    return [
        markdown_text(label),
        *(str(counts[state]) for state in _occurring(subject)),
        spoken_hours(sum(expected)) if expected else "",
        spoken_seconds(sum(took)) if took else "",
        _confidence(subject, names),
    ]


def _confidence(subject: ReportInput, names: Sequence[str]) -> str:
    """The confidence of the last evaluation for the whole plan; of a part, reckoned as an evaluation does."""
    if len(names) == len(subject.graph) and subject.evaluations:
        return f"{subject.evaluations[-1].confidence:.2f}"
    known = [subject.evidence[name] for name in names if name in subject.evidence]
    unmade = sum(subject.state(name) in _EXPLAINED and name not in subject.evidence for name in names)
    return f"{overall_confidence(known, unmade):.2f}" if known or unmade else ""


def failures_section(subject: ReportInput) -> str:
    """What is not done and why, in the order of the plan."""
    texts = []
    for name in subject.graph.order:
        state = subject.state(name)
        blockers = subject.evidence[name].blockers if name in subject.evidence else ()
        if state in _EXPLAINED or blockers:
            reasons = [subject.reason_for(name), *blockers]
            why = " ".join(sentence(reason) for reason in reasons if reason) or "No reason was given."
            texts.append(f"{markdown_code(name)} {markdown_text(state)}: {why}")
    return section("What failed or was blocked", items(texts))


def candidates_section(subject: ReportInput) -> str:
    """How the plan was chosen."""
    rows = []
    for row in subject.candidates:
        name = markdown_text(row.id)
        makespan = spoken_hours(row.expected_makespan_hours)
        coverage = "" if row.coverage is None else f"{row.coverage:.0%}"
        result = "chosen" if row.is_selected else f"{row.status}: {row.reason}" if row.reason else row.status
        style = markdown_text(row.style.replace("_", " "))
        rows.append([f"**{name}**" if row.is_selected else name, style, coverage, makespan, markdown_text(result)])
    heads = ["Candidate", "Style", "Coverage", "Expected makespan", "Result"]
    shown = table(heads, rows, frozenset({2, 3}))
    return section("How the plan was chosen", sentence(subject.reason), shown, _judgements(subject.candidates))


def _judgements(candidates: Sequence[CandidateRow]) -> str:
    """What a judge thinks of the candidates, apart from the figures that decided."""
    told = items(f"{markdown_text(row.id)}: {sentence(str(one))}" for row, one in judged(candidates))
    return f"{NO_SAY}\n\n{told}" if told else ""


def artifacts_section(subject: ReportInput) -> str:
    """Every artifact with its agent, state, confidence, times and files, and what its agent says of it."""
    rows = []
    for name in subject.graph.order:
        artifact, found = subject.graph.artifacts[name], subject.evidence.get(name)
        rows.append(
            [
                markdown_code(name),
                markdown_text(found.agent if found else artifact.agent or ""),
                markdown_text(subject.shown_state(name)),
                f"{found.confidence:.2f}" if found else "",
                spoken_hours(subject.expected_hours.get(name)),
                spoken_seconds(subject.actual_seconds.get(name)),
                _links(found) if found else "",
            ]
        )
    heads = ["Artifact", "Agent", "State", "Confidence", "Expected", "Took", "Files"]
    return section("Artifact by artifact", table(heads, rows, frozenset({3, 4, 5})), _summaries(subject))


def _summaries(subject: ReportInput) -> str:
    """What agents say of artifacts that left no file to read."""
    told = [found for found in subject.found if found.summary.strip() and not found.files]
    return items(f"{markdown_code(found.artifact)}: {_in_short(found.summary)}" for found in told)


def _in_short(summary: str) -> str:
    """The first sentences of a summary; the whole of it is in the plan's page and in the knowledge graph."""
    parts = _SENTENCE_END.split(summary.strip())
    text = parts[0]
    for part in parts[1:]:
        if len(text) + len(part) > _SUMMARY_LENGTH:
            break
        text = f"{text} {part}"
    return sentence(shortened(text, 2 * _SUMMARY_LENGTH))


def files_section(subject: ReportInput) -> str:
    """Links to everything in the workspace, relative to the report."""
    named = [path for path in _NAMED_FILES if path in subject.produced_files]
    others = sorted(set(subject.produced_files) - set(named))
    texts = [f"{markdown_link(path, path)}: {_NAMED_FILES[path]}" for path in named]
    folders: dict[str, list[str]] = {}
    for path in others:
        folders.setdefault(path.rpartition("/")[0], []).append(markdown_link(path, path))
    texts += [", ".join(links) for _, links in sorted(folders.items())]
    return section(f"Where everything lies ({counted(len(named) + len(others), 'file')})", items(texts))
