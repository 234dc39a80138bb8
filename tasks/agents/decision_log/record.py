"""The decision record as Markdown, in the well-known form."""

import re
from datetime import timedelta

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Decision, Risk
from prefect_harmonic.tasks.agents.decision_log.boundaries import Division
from prefect_harmonic.tasks.agents.decision_log.deciding import Verdict
from prefect_harmonic.tasks.agents.weaknesses import Harm, Weakness, ranking, weaknesses_in
from prefect_harmonic.tasks.agents.wording import counted, listed, sentence, table, title_of

_DAYS = {Harm.HIGH: 7, Harm.MEDIUM: 30}
"""Within how many days it is proposed to mend a weakness; a lesser one goes with the next change of its file."""
_NUMBER = re.compile(r"(?:^|/)(\d{1,6})-[^/]*$")


def record(
    assignment: Assignment,
    decision: Decision,
    verdict: Verdict,
    context: tuple[tuple[str, Claim], ...],
    division: Division,
    risks: tuple[Risk, ...],
) -> str:
    """The whole record."""
    status = "accepted" if verdict.is_accepted else "proposed"
    sections = [
        f"# {_number(assignment)}{title_of(decision.title)}",
        f"- Status: {status}\n- Date: {assignment.today.isoformat()}\n- Review: {decision.review_date}",
        *_context(assignment, verdict, context),
        *_candidates(division),
        *_weaknesses(assignment),
        "## Options",
        _options(decision),
        "\n".join(f"- **{option.name}**: {option.because}" for option in decision.options),
        *_evidence(verdict),
        "## Decision",
        decision.rationale,
        "## Consequences",
        "\n".join(f"- {sentence(each)}" for each in decision.consequences),
        "## Risks",
        table(
            ("Risk", "Likelihood", "Impact", "Mitigation"),
            [(r.title, r.likelihood, r.impact, r.mitigation) for r in risks],
        )
        if risks
        else "None are known beyond those of the general experience that the marks stand for.",
        "## Sensitivity",
        decision.sensitivity,
        "## Review",
        f"On {decision.review_date}, or earlier if one of the figures above changes.",
    ]
    return "\n\n".join(sections) + "\n"


def _number(assignment: Assignment) -> str:
    match = _NUMBER.search(assignment.artifact.produces_file or "")
    return f"{match[1]}. " if match else ""


def _context(assignment: Assignment, verdict: Verdict, context: tuple[tuple[str, Claim], ...]) -> list[str]:
    asked = [sentence(assignment.artifact.description), sentence(assignment.artifact.contract)]
    about = " ".join(part for part in (*asked, f"The question: {verdict.topic.question}") if part)
    facts = [f"- {sentence(f'{fact} ({fact.source})')}" for fact in verdict.used]
    for name, claim in context:
        places = listed([f"`{source}`" for source in dict.fromkeys(map(str, claim.sources))], most=2)
        facts.append(f"- {sentence(claim.text)} ({places if claim.sources else name})")
    missing = [f"- Not known: {kind.told} (from {kind.source})." for kind in verdict.missing]
    told = "\n".join(dict.fromkeys([*facts, *missing])) or ("" if _known_weaknesses(assignment) else _none(assignment))
    return ["## Context", about, *([told] if told else [])]


def _none(assignment: Assignment) -> str:
    """That nothing bears on the decision, and whether that is for want of findings."""
    known = {**assignment.background, **assignment.inputs}.values()
    count = len({claim.text for evidence in known for claim in evidence.claims})
    none = f"None of {counted(count, 'finding')} bears on these options" if count else "No findings were handed over"
    return f"{none}; what follows rests on general experience alone."


def _candidates(division: Division) -> list[str]:
    if not division.boundaries:
        return []
    rows = [
        (str(at), b.name, b.members, b.size, b.owns or "not documented", b.cohesion, b.crossing, b.cycles, b.reason)
        for at, b in enumerate(division.boundaries, start=1)
    ]
    header = ("#", "Service", "Made of", "Modules", "Owns", "Cohesion", "Calls out / in", "Shared cycles", "Why here")
    beside = [
        ("Stays a library that all use", division.shared),
        ("Stays in front and calls the services", division.front),
        ("Divided by use case first", division.hubs),
        ("Records whose documented owner is no candidate", division.homeless),
    ]
    told = [f"- {what}: {listed([f'`{name}`' for name in names], most=6)}." for what, names in beside if names]
    cuts = [f"{at}. {sentence(cut)}" for at, cut in enumerate(division.cuts, start=1)]
    parts = ["### Proposed services, the easiest to separate first", table(header, rows), "\n".join(told)]
    rest = division.cut_count - len(division.cuts)
    if rest > 0:
        cuts.append(f"\nAnd {counted(rest, 'further import')}, listed under `cycles` in `analysis/code.json`.")
    parts += ["### What to cut first", "\n".join(cuts)] if cuts else []
    return [part for part in parts if part]


def _weaknesses(assignment: Assignment) -> list[str]:
    """The weaknesses that were handed over, in the order in which to mend them, with days by which to do so."""
    known = _known_weaknesses(assignment)
    if not known:
        return []
    harms = {one.harm for one in known}
    by_when = [
        f"harm {harm} by {assignment.today + timedelta(days=days)}" for harm, days in _DAYS.items() if harm in harms
    ]
    by_when += ["harm low with the next change of the file"] if Harm.LOW in harms else []
    proposed = f"Proposed: {listed(by_when)}. Owners are to be named; none is accepted as it is."
    return ["### Weaknesses, in the order in which to mend them", ranking(known), proposed]


def _known_weaknesses(assignment: Assignment) -> tuple[Weakness, ...]:
    return weaknesses_in({**assignment.background, **assignment.inputs})


def _options(decision: Decision) -> str:
    criteria = list(decision.weights)
    header = ["Option", *(f"{name} ({decision.weights[name]:.2f})" for name in criteria), "Score"]
    rows = [[o.name, *(f"{o.marks[name]:.2f}" for name in criteria), f"{o.score:.3f}"] for o in decision.options]
    return table(header, rows)


def _evidence(verdict: Verdict) -> list[str]:
    if not verdict.moves:
        base = "every option has the same" if verdict.topic.begins_even else "the marks are general experience"
        return [f"No finding moved a mark: {base}."]
    rows = [(f"{m.option}: {m.criterion}", f"{m.by:+.2f}", m.because, m.evidence) for m in verdict.moves]
    return ["### What evidence moved", table(("Mark", "By", "Because", "Evidence"), rows)]
