"""From wired parts to the artifacts of a plan."""

from collections.abc import Collection, Sequence

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.sources.methods.parts import Part, Wiring

PHASES = ("research", "analysis", "planning", "design", "build", "enablement", "integration", "verification", "release")
"""Order of phases where a method does not give its own."""


def artifacts_of(wiring: Wiring, phases: Sequence[str], agents: Collection[str]) -> tuple[Artifact, ...]:
    """The artifacts of a plan, with records numbered, phases in order and every agent one that there is."""
    files = _files(wiring)
    phase_of = _phases(wiring, phases or PHASES)
    return tuple(
        Artifact(
            id=part.id,
            description=part.description,
            contract=part.contract,
            requires=tuple(Requirement(id=name, because=why) for name, why in wiring.requires[part.id].items()),
            consumes=wiring.consumed.get(part.id, ()),
            produces=part.produces,
            produces_file=files[part.id],
            domain_type=part.domain_type,
            agent=_agent(part, agents),
            effort=part.effort,
            estimated_hours=part.hours,
            phase=phase_of[part.id],
            covers=tuple(part.covers),
            priority=part.priority,
        )
        for part in wiring.parts
    )


def _agent(part: Part, agents: Collection[str]) -> str:
    if part.agent in agents or not agents:
        return part.agent
    return "builder" if "builder" in agents else min(agents)


def _files(wiring: Wiring) -> dict[str, str | None]:
    """Files with `{number}` filled in, counted in the order in which the records can be written."""
    files: dict[str, str | None] = {}
    number = 0
    for name in wiring.order:
        file = wiring.by_id[name].file
        if file is not None and "{number}" in file:
            number += 1
            file = file.replace("{number}", f"{number:04}")
        files[name] = file
    return files


def _phases(wiring: Wiring, phases: Sequence[str]) -> dict[str, str | None]:
    """Phases such that nothing stands in an earlier one than what it requires."""
    known = list(phases)
    known += [part.phase for part in wiring.parts if part.phase and part.phase not in known]
    known = list(dict.fromkeys(known))
    found: dict[str, str | None] = {}
    for name in wiring.order:
        earliest = [known.index(phase) for each in wiring.requires[name] if (phase := found[each]) is not None]
        own = wiring.by_id[name].phase
        if own is not None:
            earliest.append(known.index(own))
        found[name] = known[max(earliest)] if earliest else None
    return found
