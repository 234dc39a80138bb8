"""What a trade makes of an answer: what is wrong with it, and the evidence that comes of the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prefect_harmonic.planners.evidence import Evidence, Risk
from prefect_harmonic.tasks.agents.modelled.adding import Made, added, inline, with_section
from prefect_harmonic.tasks.agents.modelled.answer import MOST, StatedAnswer, StatedRisk
from prefect_harmonic.tasks.agents.modelled.claims import counted_claims, grounded
from prefect_harmonic.tasks.agents.modelled.material import Material
from prefect_harmonic.tasks.agents.modelled.shown import Shown
from prefect_harmonic.tasks.agents.wording import clipped, sentence

_LEVELS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with an answer, and how the evidence is made of it; without a way, nothing of it can be used."""

    problems: tuple[str, ...]
    evidence: Callable[[Made], Evidence] | None


Judge = Callable[[StatedAnswer, Material, Shown], Judgement]
"""Judges an answer by the rules of a trade."""


def researched(answer: StatedAnswer, material: Material, shown: Shown) -> Judgement:
    """Statements, and what they close."""
    found = counted_claims(answer.claims, material, shown)
    return Judgement(found.problems, lambda made: added(material, answer, found, made))


def analyzed(answer: StatedAnswer, material: Material, shown: Shown) -> Judgement:
    """Statements, and risks with what shows them."""
    found = counted_claims(answer.claims, material, shown)
    risks, problems = stated_risks(answer.risks, material, shown)
    return Judgement(
        (*found.problems, *problems), lambda made: with_risks(added(material, answer, found, made), risks, made)
    )


def stated_risks(
    stated: Sequence[StatedRisk], material: Material, shown: Shown
) -> tuple[tuple[Risk, ...], tuple[str, ...]]:
    """The risks whose sources were shown, and what is wrong with the others."""
    risks: list[Risk] = []
    problems: list[str] = []
    known = {risk.title.casefold() for risk in material.given.risks}
    for at, one in enumerate(stated[: MOST["risks"]], start=1):
        title = sentence(clipped(one.title, 200))
        problem, sources = grounded(title, one, material, shown)
        if problem:
            problems.append(f"risk {at}: {problem}")
        elif title.casefold() not in known:
            known.add(title.casefold())
            levels = [level if level in _LEVELS else "medium" for level in (one.likelihood, one.impact)]
            told = f"{sources[0]}: “{clipped(sources[0].quote, 200)}”"
            mended = clipped(one.mitigation, 300)
            risks.append(Risk(title=title, likelihood=levels[0], impact=levels[1], evidence=told, mitigation=mended))
    return tuple(risks), tuple(problems)


def with_risks(evidence: Evidence, risks: Sequence[Risk], made: Made) -> Evidence:
    """The evidence with more risks, in its text as well."""
    if not risks:
        return evidence
    lines = [f"## Risks that {inline(made.label)} sees", ""]
    for risk in risks:
        head = f"- {inline(risk.title)} (likelihood {risk.likelihood}, impact {risk.impact}; {inline(risk.evidence)})"
        lines.append(f"{head} {inline(sentence(risk.mitigation))}".rstrip())
    evidence = evidence.model_copy(update={"risks": (*evidence.risks, *risks)})
    return with_section(evidence, lines)
