"""Runbooks: what is done in which order, who does it, how to tell that it worked, and how to go back.

Every step comes from a decision, a measured cut, a candidate service or a risk that was handed over, and says from
which.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from prefect_harmonic.planners.evidence import Claim, Decision, Evidence, Grade, Risk
from prefect_harmonic.planners.json_reading import number_in, records_in, texts_in
from prefect_harmonic.planners.words import stems_of
from prefect_harmonic.tasks.agents.ownership import is_row, owners_of, teams_in
from prefect_harmonic.tasks.agents.wording import listed, sentence, table

_MOST_CONSTRAINTS, _MOST_STOPS, _MOST_OPEN = 8, 8, 6
_BINDING = re.compile(
    r"\b(?:must|no stop|not between|never between|within \d+ minutes|goes live|exactly|invoiced once|checked "
    r"before|may not|not safe|reversible|never again)\b",
    re.IGNORECASE,
)
_TO_BE_NAMED = "to be named"
_STEPS_OF_THEIR_OWN = ("before any of them moves", "candidate services", "ties the parts together")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, and what it comes from. Measured ones name modules of the project."""

    action: str
    check: str
    owner: str
    way_back: str
    source: str
    is_measured: bool = True


def runbook(known: Mapping[str, Evidence]) -> list[str]:
    """The sections of a runbook, from all that was found and decided before."""
    steps = list(_steps(known))
    missing = "No decision with consequences was handed over, so there are no steps to list; write them before use."
    told = [
        f"{number}. [ ] {sentence(step.action)} _(from `{step.source}`)_\n"
        f"   - Check: {sentence(step.check)}\n"
        f"   - Owner: {step.owner}. Way back: {sentence(step.way_back)}"
        for number, step in enumerate(steps, start=1)
    ]
    held = [f"- {sentence(claim.text)} (`{claim.sources[0]}`)" for claim in _constraints(known)]
    before = [
        "- [ ] A person is named who may stop this.",
        "- [ ] The state before the first step is recorded, so that it can be compared with.",
        "- [ ] Going back has been tried once, outside production.",
        *(f"- [ ] Settled: {sentence(each)}" for each in _open(known)),
    ]
    sections = ["## Before you start", "\n".join(before)]
    if held:
        sections += ["## What holds at every step", "\n".join(held)]
    sections += ["## Steps", "\n".join(told) or missing]
    if steps and (rules := _consequences(known)) and any(step.is_measured for step in steps):
        lines = [f"- {sentence(rule)} _(from `{source}`)_" for source, rule in rules]
        sections += ["## What was decided for all steps", "\n".join(lines)]
    return [*sections, "## When to stop and go back", _stops(known)]


def decision_lines(known: Mapping[str, Evidence]) -> list[str]:
    """The decisions behind a runbook, one a line."""
    lines = [f"- **{each.title}** (`{each.file or name}`)" for name in sorted(known) for each in known[name].decisions]
    return ["## Decisions this rests on", "\n".join(lines)] if lines else []


def _steps(known: Mapping[str, Evidence]) -> Iterator[Step]:
    """Steps on the code where it was measured; otherwise what the decisions say follows from them."""
    teams = teams_in(_claims(known))
    measured = [*_cuts(known, teams), *_divisions(known, teams), *_services(known, teams)]
    yield from measured
    for source, consequence in () if measured else _consequences(known):
        yield Step(
            consequence,
            "whoever answers for the decision has seen it done",
            _TO_BE_NAMED,
            "undo this step alone; the decision's record says what else would be chosen",
            source,
            is_measured=False,
        )


def _consequences(known: Mapping[str, Evidence]) -> list[tuple[str, str]]:
    """What follows from the decisions, without what names measured modules, which are steps of their own."""
    return [
        (decision.file or name, consequence)
        for name, decision in _decisions(known)
        for consequence in decision.consequences
        if not any(told in consequence for told in _STEPS_OF_THEIR_OWN)
    ]


def _decisions(known: Mapping[str, Evidence]) -> list[tuple[str, Decision]]:
    """Decisions in the order of their records, so that boundaries come before the way that rests on them."""
    found = [(name, decision) for name in sorted(known) for decision in known[name].decisions]
    return sorted(found, key=lambda each: (each[1].file or each[0], each[1].title))


def _cuts(known: Mapping[str, Evidence], teams: Mapping[str, str]) -> Iterator[Step]:
    """The imports that keep modules in cycles, those of the largest cycle first."""
    name, records = _records(known, "cheapest_cuts")
    for each in sorted(records, key=lambda each: -_number(each.get("modules_in_cycle"))):
        importer, imported, place = (str(each.get(key) or "") for key in ("importer", "imported", "place"))
        if importer and imported:
            size = int(_number(each.get("modules_in_cycle")))
            yield Step(
                f"Remove the import `{importer}` → `{imported}`" + (f" at `{place}`" if place else ""),
                f"the tests pass, and `{importer}` and `{imported}` no longer reach each other "
                f"(cycle of {size} modules)",
                _owner((importer,), teams),
                "revert this one change",
                name,
            )
    rest = int(_number(known[name].data.get("imports_to_cut"))) - len(records) if records else 0
    if rest > 0:
        yield Step(
            f"Remove the other {rest} imports that keep modules in cycles: they stand under `cycles` in "
            "`analysis/code.json`, each with file and line",
            "the tests pass, and the analysis made again finds no cycle",
            _TO_BE_NAMED,
            "revert one change at a time",
            name,
        )


def _divisions(known: Mapping[str, Evidence], teams: Mapping[str, str]) -> Iterator[Step]:
    for name in sorted(known):
        hubs = known[name].data.get("hubs")
        if isinstance(hubs, list) and hubs:
            for hub in hubs[:2]:
                yield Step(
                    f"Pin `{hub}` down with tests, then divide it by use case",
                    "the same tests pass before and after; no part imports all the others any more",
                    _owner((str(hub),), teams),
                    "revert to the undivided module; its callers have not changed",
                    name,
                )
            return


def _services(known: Mapping[str, Evidence], teams: Mapping[str, str]) -> Iterator[Step]:
    """The candidates, the easiest to separate first."""
    name, records = _records(known, "services")
    ranked = sorted(records, key=lambda each: (_number(each.get("cycles")), _crossing(each), str(each.get("name"))))
    for each in ranked:
        groups = texts_in(each.get("groups"))
        if each.get("name") and groups:
            told = listed([f"`{group}`" for group in groups])
            yield Step(
                f"Close the boundary of {each['name']} ({told}): write its interface down, send its "
                f"{_crossing(each):g} crossing imports through it",
                "a rule in the build refuses every other import across the boundary",
                _owner(groups, teams),
                "switch the rule off; the old imports still work until the next step deletes them",
                name,
            )


def _records(known: Mapping[str, Evidence], key: str) -> tuple[str, Sequence[Mapping[str, JsonValue]]]:
    """The first list of records under a key, and the artifact that has it."""
    for name in sorted(known):
        if records := records_in(known[name].data.get(key)):
            return name, records
    return "", ()


def _number(value: JsonValue) -> float:
    return number_in(value) or 0.0


def _crossing(each: Mapping[str, JsonValue]) -> float:
    return _number(each.get("outgoing")) + _number(each.get("incoming"))


def _owner(names: Iterable[str], teams: Mapping[str, str]) -> str:
    return owners_of(names, teams) or _TO_BE_NAMED


def _claims(known: Mapping[str, Evidence]) -> list[Claim]:
    return [claim for name in sorted(known) for claim in known[name].claims]


def _constraints(known: Mapping[str, Evidence]) -> list[Claim]:
    """What documents say must hold, the surest first."""
    documented = [
        claim
        for claim in _claims(known)
        if claim.sources and claim.sources[0].grade is Grade.DOCUMENTED and _BINDING.search(claim.text)
    ]
    plain = [claim for claim in documented if not is_row(claim.text)]
    once = {claim.text: claim for claim in plain}
    return sorted(once.values(), key=lambda claim: (-claim.confidence, str(claim.sources[0])))[:_MOST_CONSTRAINTS]


def _open(known: Mapping[str, Evidence]) -> list[str]:
    """What contradicts and what is left open, which is to be settled before; without what was closed since."""
    closed = [each.data for each in known.values() if each.data.get("is_closed")]
    subjects = {each.get("subject") for each in closed}
    answered = {stems_of(text) for each in closed if isinstance(text := each.get("asked"), str)}
    against = [
        f"which holds about {each.subject}"
        for name in sorted(known)
        for each in known[name].contradictions
        if each.subject not in subjects
    ]
    gaps = [gap for name in sorted(known) for gap in known[name].gaps if stems_of(gap) not in answered]
    return list(dict.fromkeys([*against, *gaps]))[:_MOST_OPEN]


def _stops(known: Mapping[str, Evidence]) -> str:
    """Risks on the way. What was measured of the code is so already: it is a step, and no sign to stop at."""
    risks: dict[str, tuple[str, Risk]] = {}
    for name in sorted(known):
        for risk in () if "modules" in known[name].data else known[name].risks:
            risks.setdefault(risk.title, (name, risk))
    if not risks:
        return "No risk was handed over. Agree on the figure that stops the work before the first step is taken."
    degree = {"high": 0, "medium": 1, "low": 2}
    ranked = sorted(
        risks.values(),
        key=lambda each: (degree.get(each[1].impact, 1), degree.get(each[1].likelihood, 1), each[1].title),
    )
    rows = [(risk.title, risk.mitigation or "ask who is on call", name) for name, risk in ranked[:_MOST_STOPS]]
    return table(("Stop when this shows", "Then", "From"), rows)
