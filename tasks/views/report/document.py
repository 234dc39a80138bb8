"""The report as a whole: the answer first, then what it rests on."""

from prefect_harmonic.planners.evidence import Decision, Evidence, Grade
from prefect_harmonic.planners.programme.evaluation import verdict_words
from prefect_harmonic.planners.words import stems_of
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line, shortened
from prefect_harmonic.tasks.views.heading import heading_of
from prefect_harmonic.tasks.views.report.actions import actions_of, actions_section, noticed_section
from prefect_harmonic.tasks.views.report.aim import aim_of
from prefect_harmonic.tasks.views.report.budget import budget_section
from prefect_harmonic.tasks.views.report.decisions import choice_words, decisions_section, is_proposed, is_ruling
from prefect_harmonic.tasks.views.report.doubts import (
    contradictions_section,
    evaluation_section,
    gaps_section,
    uncovered,
)
from prefect_harmonic.tasks.views.report.ending import GIVEN_UP, ending_words
from prefect_harmonic.tasks.views.report.figures import figures_section, headline
from prefect_harmonic.tasks.views.report.findings import Finding, best_grade, findings_of, findings_section
from prefect_harmonic.tasks.views.report.model_use import model_use_section
from prefect_harmonic.tasks.views.report.outcome import (
    artifacts_section,
    candidates_section,
    failures_section,
    files_section,
    made_words,
    outcome_section,
)
from prefect_harmonic.tasks.views.report.prose import items, sentence, sources_words
from prefect_harmonic.tasks.views.report.questions import questions_section
from prefect_harmonic.tasks.views.report.replannings import replannings_section
from prefect_harmonic.tasks.views.report.risks import risks_section
from prefect_harmonic.tasks.views.report.subject import ReportInput

_MOST_ANSWERS = 4
_FOLLOWS_LENGTH = 260


def report(outcome: ReportInput) -> str:
    """The synthesis of a run in Markdown, the same text for the same outcome."""
    parts = (
        _title(outcome),
        _answer(outcome),
        outcome_section(outcome),
        findings_section(outcome),
        figures_section(outcome),
        actions_section(outcome),
        noticed_section(outcome),
        decisions_section(outcome),
        risks_section(outcome),
        contradictions_section(outcome),
        evaluation_section(outcome),
        replannings_section(outcome),
        questions_section(outcome),
        gaps_section(outcome),
        failures_section(outcome),
        budget_section(outcome),
        model_use_section(outcome),
        candidates_section(outcome),
        artifacts_section(outcome),
        files_section(outcome),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def report_digest(outcome: ReportInput, place: str = "report.md") -> str:
    """The first screen of the report, for where the whole of it would be too long.

    Args:
        outcome: What the report is about.
        place: Where the whole report lies, as a person finds it.
    """
    whole = f"**The whole report** lies at {markdown_code(place)}."
    return "\n\n".join([_title(outcome), _answer(outcome), whole]) + "\n"


def _title(outcome: ReportInput) -> str:
    """The heading, with the whole goal beneath it if that is longer."""
    goal = outcome.graph.goal
    heading = heading_of(goal)
    lines = [markdown_text(one_line(line)) for line in goal.splitlines() if line.strip()]
    whole = "\n>\n".join(f"> {line}" for line in lines) if len(lines) > 1 else "".join(lines)
    return f"# {markdown_text(heading or 'Report')}" + (f"\n\n{whole}" if heading != one_line(goal) else "")


def _answer(outcome: ReportInput) -> str:
    """What was found, what to do, how sure that is, in a screenful."""
    measured = headline(outcome) if aim_of(outcome).is_structure else ""
    found = [f"{sentence(each.claim.text)} ({sources_words(each.claim, most=1)})" for each in _leading(outcome)]
    decided = [_decided(evidence, decision) for evidence, decision in _choices(outcome)][:_MOST_ANSWERS]
    actions = actions_of(outcome)
    first = [f"{number}. {action.text} ({action.because})" for number, action in enumerate(actions[:_MOST_ANSWERS], 1)]
    ended = ending_words(outcome)
    answers = [*decided, *([measured] if measured else []), *found]
    parts = [
        "## The answer",
        f"**What was found.**\n\n{items(answers)}" if answers else "Nothing was found out.",
        "**What to do first.**\n\n" + "\n".join(first) if first else "",
        f"**How it ended.** {ended}" if ended else "",
        f"**How sure this is.** {_sureness(outcome)}",
    ]
    return "\n\n".join(part for part in parts if part)


def _choices(outcome: ReportInput) -> list[tuple[Evidence, Decision]]:
    """The decisions that chose something: those that share a word with the goal first, then by their records."""
    goal = stems_of(outcome.graph.goal)
    chosen = [(evidence, decision) for evidence in outcome.found for decision in evidence.decisions if decision.chosen]
    return sorted(
        chosen, key=lambda each: (each[1].file is None, not goal & stems_of(each[1].title), each[1].file or "")
    )


def _decided(evidence: Evidence, decision: Decision) -> str:
    """What was chosen and what follows first; of two statements which one holds."""
    if is_ruling(evidence) and decision.consequences:
        return f"Settled: {sentence(shortened(decision.consequences[0], _FOLLOWS_LENGTH))}"
    status = "Proposed, not settled" if is_proposed(evidence) else "Decided"
    follows = " ".join(sentence(shortened(each, _FOLLOWS_LENGTH)) for each in decision.consequences[:2])
    return f"{status}: {choice_words(decision)}. {follows}".rstrip()


def _leading(outcome: ReportInput) -> list[Finding]:
    """The weightiest findings: first one of each agent, then one of each artifact, so that none drowns the others."""
    findings = findings_of(outcome)
    agents = {finding.agents[0]: finding for finding in reversed(findings)}
    artifacts = {finding.artifacts[0]: finding for finding in reversed(findings)}
    ranked = sorted(
        findings,
        key=lambda each: (
            agents[each.agents[0]] is not each,
            artifacts[each.artifacts[0]] is not each,
            -each.weight,
        ),
    )
    measured = [each for each in ranked if best_grade(each.claim) is Grade.MEASURED]
    beside = measured[1:] if aim_of(outcome).is_structure and headline(outcome) else []  # the figures are told already
    return [each for each in ranked if each not in beside][:_MOST_ANSWERS]


def _sureness(outcome: ReportInput) -> str:
    """The last evaluation, which is of all that is known, and how much of the plan is there."""
    weak = sum(not finding.claim.sources for finding in findings_of(outcome))
    uncovered_ones = len(uncovered(outcome))
    parts = [
        _verdict(outcome),
        f"{made_words(outcome)}; {counted(weak, 'finding')} without a source.",
        f"Nothing in the plan covers {counted(uncovered_ones, 'requirement')} of the goal." if uncovered_ones else "",
    ]
    return " ".join(part for part in parts if part)


def _verdict(outcome: ReportInput) -> str:
    """The last evaluation in the words that the terminal has for it; without one, what the agents say of themselves."""
    if outcome.evaluations:
        last = outcome.evaluations[-1]
        rationale = last.rationale if last.rationale.endswith(".") or not last.rationale else f"{last.rationale}."
        told = markdown_text(
            verdict_words(last.confidence, len(last.gaps), len(last.contradictions), one_line(rationale))
        )
        asks = last.outcome in GIVEN_UP and not outcome.ending
        return f"{told} A person should look at it." if asks else told
    values = [evidence.confidence for evidence in outcome.found]
    if not values:
        return ""
    mean = sum(values) / len(values)
    return f"Not evaluated; {counted(len(values), 'agent result')} give themselves {mean:.2f} in the mean."
