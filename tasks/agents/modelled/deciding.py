"""What a model may add to a decision: options with marks, and risks. What was chosen stays chosen.

The marks are weighed by the decision's own weights. An option that comes out ahead of the chosen one is told as a risk
of having chosen, for a person to look at.
"""

from collections.abc import Sequence

from prefect_harmonic.planners.evidence import Decision, Evidence, Risk, ScoredOption
from prefect_harmonic.tasks.agents.decision_log.weighing import score_of
from prefect_harmonic.tasks.agents.modelled.adding import Made, added, inline, with_section
from prefect_harmonic.tasks.agents.modelled.answer import MOST, StatedAnswer, StatedOption
from prefect_harmonic.tasks.agents.modelled.claims import counted_claims, grounded
from prefect_harmonic.tasks.agents.modelled.judging import Judgement, stated_risks, with_risks
from prefect_harmonic.tasks.agents.modelled.material import Material
from prefect_harmonic.tasks.agents.modelled.shown import Shown
from prefect_harmonic.tasks.agents.wording import clipped, sentence

_LONGEST_NAME = 80


def criteria_of(evidence: Evidence) -> tuple[str, ...]:
    """What the options of the decision are marked by; nothing where none was made."""
    return tuple(evidence.decisions[0].weights) if evidence.decisions else ()


def decided(answer: StatedAnswer, material: Material, shown: Shown) -> Judgement:
    """Statements, risks and options, each with what shows it."""
    found = counted_claims(answer.claims, material, shown)
    risks, risky = stated_risks(answer.risks, material, shown)
    options, problems = _options(answer.options, material, shown)

    def evidence(made: Made) -> Evidence:
        whole = with_risks(added(material, answer, found, made), risks, made)
        return _with_options(whole, options, made) if options else whole

    return Judgement((*found.problems, *risky, *problems), evidence)


def _options(
    stated: Sequence[StatedOption], material: Material, shown: Shown
) -> tuple[tuple[ScoredOption, ...], tuple[str, ...]]:
    if not material.given.decisions:
        return (), ()
    decision = material.given.decisions[0]
    known = {option.name.casefold() for option in decision.options}
    options: list[ScoredOption] = []
    problems: list[str] = []
    for at, one in enumerate(stated[: MOST["options"]], start=1):
        name = clipped(one.name, _LONGEST_NAME)
        problem, sources = grounded(f"{name}. {one.because}", one, material, shown)
        marks = {criterion: one.marks.get(criterion) for criterion in decision.weights}
        if not problem and any(mark is None or not 0 <= mark <= 100 for mark in marks.values()):
            problem = f"it needs a mark from 0 to 100 for each of {', '.join(decision.weights)}"
        if problem:
            problems.append(f"option {at}: {problem}")
        elif name.casefold() not in known:
            known.add(name.casefold())
            given = {criterion: round(mark / 100, 4) for criterion, mark in marks.items() if mark is not None}
            because = f"{sentence(clipped(one.because, 300))} Added by a model from {sources[0]}."
            score = round(score_of(given, decision.weights), 4)
            options.append(ScoredOption(name=name, marks=given, score=score, because=because.strip()))
    return tuple(options), tuple(problems)


def _with_options(evidence: Evidence, options: Sequence[ScoredOption], made: Made) -> Evidence:
    decision = evidence.decisions[0]
    chosen = next((one for one in decision.options if one.name == decision.chosen), None)
    ahead = [one for one in options if chosen is not None and one.score > chosen.score]
    risks = tuple(_overtaken(decision, one, made.label) for one in ahead)
    lines = [f"## Options that {inline(made.label)} adds", ""]
    lines += [f"- {inline(one.name)}, score {one.score:.3f}: {inline(one.because)}" for one in options]
    if ahead:
        lines += ["", f"What was chosen stays “{inline(decision.chosen)}” until a person has weighed these."]
    widened = decision.model_copy(update={"options": (*decision.options, *options)})
    decisions = (widened, *evidence.decisions[1:])
    evidence = evidence.model_copy(update={"decisions": decisions, "risks": (*evidence.risks, *risks)})
    return with_section(evidence, lines)


def _overtaken(decision: Decision, option: ScoredOption, label: str) -> Risk:
    return Risk(
        title=f"“{option.name}”, which {label} adds, scores higher than “{decision.chosen}”, which was chosen.",
        likelihood="medium",
        impact="medium",
        evidence=option.because,
        mitigation="Let those who answer for the decision weigh it before anything rests on the choice.",
    )
