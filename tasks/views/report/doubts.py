"""What is not certain: risks, contradictions, judgements of the phases, gaps."""

from prefect_harmonic.planners.evidence import Claim, Contradiction, Risk
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line
from prefect_harmonic.tasks.views.report.prose import items, section, sentence, sources_words, table
from prefect_harmonic.tasks.views.report.severity import severity
from prefect_harmonic.tasks.views.report.subject import PhaseEvaluation, ReportInput


def risks_section(subject: ReportInput) -> str:
    """The risk register, the heaviest first, each risk once."""
    risks: dict[str, tuple[Risk, str]] = {}
    for found in subject.found:
        for risk in found.risks:
            risks.setdefault(one_line(risk.title).casefold(), (risk, found.artifact))
    ranked = sorted(risks.items(), key=lambda item: (-severity(item[1][0]), item[0]))
    rows = [_risk(risk, artifact) for _, (risk, artifact) in ranked]
    return section("Risks", table(["Risk", "Likelihood", "Impact", "Evidence", "Mitigation", "Found for"], rows))


def _risk(risk: Risk, artifact: str) -> list[str]:
    return [
        markdown_text(risk.title),
        markdown_text(risk.likelihood),
        markdown_text(risk.impact),
        sentence(risk.evidence) or "none given",
        sentence(risk.mitigation) or "none yet",
        markdown_code(artifact),
    ]


def contradictions_section(subject: ReportInput) -> str:
    """What does not agree, both sides with their sources."""
    texts = [
        f"**{markdown_text(each.subject)}** (found for {', '.join(markdown_code(name) for name in names)})\n"
        f"  - {_side(each.one)}\n  - {_side(each.other)}"
        for each, names in distinct_contradictions(subject)
    ]
    return section("Contradictions", items(texts))


def distinct_contradictions(subject: ReportInput) -> list[tuple[Contradiction, list[str]]]:
    """The contradictions once each, with the artifacts they were found for."""
    known: dict[frozenset[str], tuple[Contradiction, list[str]]] = {}
    for found in subject.found:
        for each in found.contradictions:
            known.setdefault(frozenset({each.one.text, each.other.text}), (each, []))[1].append(found.artifact)
    return list(known.values())


def _side(claim: Claim) -> str:
    return f"{sentence(claim.text)} Source: {sources_words(claim)}. Confidence {claim.confidence:.2f}."


def evaluation_section(subject: ReportInput) -> str:
    """How each phase was judged, judgement by judgement."""
    rows = [_evaluation(judged) for judged in subject.evaluations]
    heads = ["Phase", "Iteration", "Confidence", "Gaps", "Contradictions", "Outcome", "Why"]
    return section("Evaluation", table(heads, rows, frozenset({1, 2, 3, 4})))


def _evaluation(judged: PhaseEvaluation) -> list[str]:
    return [
        markdown_text(judged.phase),
        str(judged.iteration),
        f"{judged.confidence:.2f}",
        str(len(judged.gaps)),
        str(len(judged.contradictions)),
        markdown_text(judged.outcome),
        sentence(judged.rationale),
    ]


def remaining_gaps(subject: ReportInput) -> dict[str, list[str]]:
    """What is still missing, each with the artifacts that miss it (or the phase that was judged to)."""
    gaps: dict[str, tuple[str, list[str]]] = {}
    for found in subject.found:
        for gap in found.gaps:
            gaps.setdefault(one_line(gap).casefold().rstrip("."), (gap, []))[1].append(found.artifact)
    last = {judged.phase: judged for judged in subject.evaluations}
    for judged in last.values():
        for gap in judged.gaps:
            gaps.setdefault(one_line(gap).casefold().rstrip("."), (gap, [judged.phase]))
    covered = {item for artifact in subject.graph.artifacts.values() for item in artifact.covers}
    for item in subject.graph.requirements:
        if item not in covered:
            gaps[f"requirement {item}"] = (f"Nothing in the plan covers the requirement “{item}”", ["plan"])
    return dict(gaps.values())


def gaps_section(subject: ReportInput) -> str:
    """The section: gaps that remain after the last judgement."""
    texts = [
        f"{sentence(gap)} ({', '.join(markdown_code(name) for name in dict.fromkeys(names))})"
        for gap, names in remaining_gaps(subject).items()
    ]
    return section("Remaining gaps", items(texts))
