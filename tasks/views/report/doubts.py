"""What is not certain: contradictions, evaluations, gaps."""

from prefect_harmonic.planners.evidence import Claim, Contradiction
from prefect_harmonic.planners.programme.evaluation import distinct_contradictions as contradictions_of
from prefect_harmonic.planners.words import stems_of
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text
from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation, outcome_words
from prefect_harmonic.tasks.views.report.prose import items, section, sentence, sources_words, table
from prefect_harmonic.tasks.views.report.subject import ReportInput


def contradictions_section(subject: ReportInput) -> str:
    """What does not agree, both sides with their sources."""
    texts = [
        f"**{markdown_text(each.subject)}** (found for {', '.join(markdown_code(name) for name in names)}"
        f"{_settled(subject, each)})\n"
        f"  - {_side(each.one)}\n  - {_side(each.other)}"
        for each, names in distinct_contradictions(subject)
    ]
    return section("Contradictions", items(texts))


def _settled(subject: ReportInput, each: Contradiction) -> str:
    """Which artifact settled a contradiction while the plan was carried out."""
    artifact = subject.closed_by(str(each))
    return f"; settled by {markdown_code(artifact)}" if artifact else ""


def distinct_contradictions(subject: ReportInput) -> list[tuple[Contradiction, list[str]]]:
    """The contradictions that an evaluation counts, once each, with the artifacts they were found for."""
    return [(each, _where_found(subject, each)) for each in contradictions_of(subject.found)]


def _where_found(subject: ReportInput, contradiction: Contradiction) -> list[str]:
    """The artifacts that report a contradiction; if none does, those whose claims make it."""
    texts = {contradiction.one.text, contradiction.other.text}
    reported = [
        found.artifact
        for found in subject.found
        if any({each.one.text, each.other.text} == texts for each in found.contradictions)
    ]
    return reported or [found.artifact for found in subject.found if any(claim.text in texts for claim in found.claims)]


def _side(claim: Claim) -> str:
    return f"{sentence(claim.text)} Source: {sources_words(claim)}. Confidence {claim.confidence:.2f}."


def evaluation_section(subject: ReportInput) -> str:
    """How far all that was known after each phase carried, evaluation by evaluation."""
    rows = [_evaluation(place, judged) for place, judged in enumerate(subject.evaluations, 1)]
    heads = ["After", "Evaluation", "Confidence", "Gaps", "Contradictions", "Criteria", "Why"]
    note = "Each evaluation is of all that is known after a phase, so the last one is the one of the whole run."
    return section("Evaluation", table(heads, rows, frozenset({1, 2, 3, 4})), note) if rows else ""


def _evaluation(place: int, judged: PhaseEvaluation) -> list[str]:
    return [
        markdown_text(judged.phase),
        str(place),
        f"{judged.confidence:.2f}",
        str(len(judged.gaps)),
        str(len(judged.contradictions)),
        markdown_text(outcome_words(judged.outcome)),
        sentence(judged.rationale),
    ]


def remaining_gaps(subject: ReportInput) -> dict[str, list[str]]:
    """What is still missing, each with the artifacts that miss it (or the phase after which it was missed)."""
    gaps: dict[frozenset[str], tuple[str, list[str]]] = {}
    for found in subject.found:
        for gap in (gap for gap in found.gaps if not subject.closed_by(gap)):
            gaps.setdefault(_words(gap), (gap, []))[1].append(found.artifact)
    for judged in subject.evaluations[-1:]:
        for gap in judged.gaps:
            gaps.setdefault(_words(gap), (gap, [judged.phase]))
    return dict(gaps.values())


def _words(gap: str) -> frozenset[str]:
    """What makes two gaps one: the stems of their words, as in an evaluation."""
    return stems_of(gap) or frozenset({gap})


def uncovered(subject: ReportInput) -> tuple[str, ...]:
    """The requirements of the goal that nothing in the plan covers."""
    covered = {item for artifact in subject.graph.artifacts.values() for item in artifact.covers}
    return tuple(item for item in subject.graph.requirements if item not in covered)


def gaps_section(subject: ReportInput) -> str:
    """The section: gaps that remain after the last evaluation."""
    texts = [
        f"{sentence(gap)} ({', '.join(markdown_code(name) for name in dict.fromkeys(names))})"
        for gap, names in remaining_gaps(subject).items()
    ]
    texts += [f"Nothing in the plan covers the requirement “{markdown_text(item)}”." for item in uncovered(subject)]
    return section("Remaining gaps", items(texts))
