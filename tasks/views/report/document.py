"""The report as a whole: the answer first, then what it rests on."""

from prefect_harmonic.planners.evidence import Decision, Evidence, Grade
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, shortened
from prefect_harmonic.tasks.views.report.actions import actions_of, actions_section
from prefect_harmonic.tasks.views.report.decisions import choice_words, decisions_section, is_proposed
from prefect_harmonic.tasks.views.report.doubts import (
    contradictions_section,
    distinct_contradictions,
    evaluation_section,
    gaps_section,
    remaining_gaps,
    risks_section,
)
from prefect_harmonic.tasks.views.report.figures import figures_section, headline
from prefect_harmonic.tasks.views.report.findings import Finding, best_grade, findings_of, findings_section
from prefect_harmonic.tasks.views.report.outcome import (
    FINISHED,
    artifacts_section,
    candidates_section,
    failures_section,
    files_section,
    outcome_section,
)
from prefect_harmonic.tasks.views.report.prose import counted, items, sentence, sources_words, sureness
from prefect_harmonic.tasks.views.report.subject import ReportInput

_MOST_ANSWERS = 4
_FOLLOWS_LENGTH = 260


def report(outcome: ReportInput) -> str:
    """The synthesis of a run in Markdown, the same text for the same outcome."""
    parts = (
        f"# {markdown_text(outcome.graph.goal or 'Report')}",
        _answer(outcome),
        outcome_section(outcome),
        findings_section(outcome),
        figures_section(outcome),
        actions_section(outcome),
        decisions_section(outcome),
        risks_section(outcome),
        contradictions_section(outcome),
        evaluation_section(outcome),
        gaps_section(outcome),
        failures_section(outcome),
        candidates_section(outcome),
        artifacts_section(outcome),
        files_section(outcome),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _answer(outcome: ReportInput) -> str:
    """What was found, what to do, how sure that is, in a screenful."""
    measured = headline(outcome)
    found = [f"{sentence(each.claim.text)} ({sources_words(each.claim, most=1)})" for each in _leading(outcome)]
    decided = [_decided(evidence, decision) for evidence, decision in _choices(outcome)][:_MOST_ANSWERS]
    actions = actions_of(outcome)
    first = [f"{number}. {action.text} ({action.because})" for number, action in enumerate(actions[:_MOST_ANSWERS], 1)]
    answers = [*decided, *([measured] if measured else []), *found]
    parts = [
        "## The answer",
        f"**What was found.**\n\n{items(answers)}" if answers else "Nothing was found out.",
        "**What to do first.**\n\n" + "\n".join(first) if first else "",
        f"**How sure this is.** {_sureness(outcome)}",
    ]
    return "\n\n".join(part for part in parts if part)


def _choices(outcome: ReportInput) -> list[tuple[Evidence, Decision]]:
    """The decisions that chose something, in the order of their records."""
    chosen = [(evidence, decision) for evidence in outcome.found for decision in evidence.decisions if decision.chosen]
    return sorted(chosen, key=lambda each: (each[1].file is None, each[1].file or ""))


def _decided(evidence: Evidence, decision: Decision) -> str:
    """What was chosen and what follows first."""
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
    beside = measured[1:] if headline(outcome) else []  # the figures are told already
    return [each for each in ranked if each not in beside][:_MOST_ANSWERS]


def _sureness(outcome: ReportInput) -> str:
    """Confidence with all that lowers it."""
    confidence, basis = _confidence(outcome)
    finished = sum(outcome.state(name) in FINISHED for name in outcome.graph.order)
    weak = sum(not finding.claim.sources for finding in findings_of(outcome))
    contradictions = len(distinct_contradictions(outcome))
    gaps = len(remaining_gaps(outcome))
    told = f"{sureness(confidence).capitalize()}: {confidence:.2f} ({basis}). " if confidence is not None else ""
    unsure = [judged.phase for judged in outcome.evaluations if judged.outcome in {"plateaued", "exhausted"}]
    late = {judged.phase: judged.outcome for judged in outcome.evaluations}
    open_phases = [phase for phase in dict.fromkeys(unsure) if late[phase] in {"plateaued", "exhausted"}]
    text = (
        f"{told}Done: {finished} of {counted(len(outcome.graph), 'artifact')}. Open: {counted(gaps, 'gap')}, "
        f"{counted(contradictions, 'contradiction')}, {counted(weak, 'finding')} without a source."
    )
    if open_phases:
        names = ", ".join(markdown_code(phase) for phase in open_phases)
        text += f" Judged but not converged: {names}; a person should look at them."
    return text


def _confidence(outcome: ReportInput) -> tuple[float | None, str]:
    """The confidence in the whole: of the last judgement of each phase if there is one, otherwise of the evidence."""
    last = {judged.phase: judged.confidence for judged in outcome.evaluations}
    if last:
        return sum(last.values()) / len(last), f"mean over the last judgement of {counted(len(last), 'phase')}"
    values = [evidence.confidence for evidence in outcome.found]
    if values:
        return sum(values) / len(values), f"mean over what {counted(len(values), 'agent result')} say of themselves"
    return None, ""
