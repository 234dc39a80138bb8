"""The swarm coordinator: several angles on one subject at once, brought together when enough of them are done."""

import asyncio
from collections.abc import Sequence

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.coordinator import Coordinator
from prefect_harmonic.planners.coordinators.swarm import (
    Angle,
    Statement,
    SwarmSynthesis,
    is_enough,
    synthesised,
)
from prefect_harmonic.planners.evidence import Claim, Evidence
from prefect_harmonic.planners.programme.evaluation import distinct_contradictions, overall_confidence
from prefect_harmonic.planners.words import spaced
from prefect_harmonic.tasks.agents.coordinators.delegation import delegated
from prefect_harmonic.tasks.agents.coordinators.reading import angles_of
from prefect_harmonic.tasks.agents.merging import Bringing, claims_of, merged
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, table

_METHOD = (
    "The swarm coordinator does no research itself: each angle was looked at by an agent of its own, all at once.",
    "The angles were brought together as soon as four fifths of them were done; later ones were called off.",
    "What three fifths of the angles or more say is consensus; what fewer say is told with how many say so.",
    "Two claims are one statement if they have nearly the same words and the same figures; none was reworded.",
    "What angles say against each other was not decided here: both sides stand with their sources as a contradiction.",
    "Gaps are what no angle found, and the angles that are missing.",
)
_MOST_ROWS = 12
_TOO_LATE = "enough of the others were done before it was"


async def coordinate_swarm(assignment: Assignment) -> Evidence:
    """The angles of an assignment at once, and what they come to together."""
    angles = angles_of(assignment)
    given = dict(assignment.inputs)
    work = {
        asyncio.create_task(delegated(assignment, each.title, each.content, each.agent, given), name=each.title): each
        for each in angles
    }
    try:
        await _enough(list(work))
        ready = {angle.title: task.result() for task, angle in work.items() if task.done()}
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
    return _brought_together(assignment, angles, ready)


SWARM_COORDINATOR = Specialist(
    name=Coordinator.SWARM_COORDINATOR.value, call=coordinate_swarm, version="1", is_reading_project=True
)


async def _enough(work: "Sequence[asyncio.Task[Evidence]]") -> None:
    """Waits until enough angles are done; one that is blocked is done, and found nothing."""
    pending = set(work)
    while pending and not is_enough(len(work) - len(pending), len(work)):
        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)


def _brought_together(assignment: Assignment, angles: Sequence[Angle], ready: dict[str, Evidence]) -> Evidence:
    found = {name: ready[name] for name in ready if not ready[name].blockers}
    missing = {angle.title: _TOO_LATE for angle in angles if angle.title not in ready}
    missing |= {name: "; ".join(ready[name].blockers) for name in ready if name not in found}
    synthesis = synthesised(found, missing)
    parts = [found[angle.title] for angle in angles if angle.title in found]
    failed = len(ready) - len(found)
    return merged(
        assignment,
        Coordinator.SWARM_COORDINATOR.value,
        parts,
        Bringing(
            told=_told(assignment, synthesis, len(found), len(angles)),
            method=_METHOD,
            lines=_lines(synthesis),
            confidence=round(overall_confidence(parts, failed) * synthesis.agreement, 3),
            claims=_claims(synthesis, parts),
            gaps=synthesis.gaps,
            contradictions=tuple(dict.fromkeys((*synthesis.conflicts, *distinct_contradictions(parts)))),
            blockers=() if found else tuple(f"{name}: {missing[name]}" for name in sorted(missing)),
            data={
                "angles_count": len(angles),
                "done_count": len(found),
                "consensus_count": len(synthesis.agreed),
                "agreement": synthesis.agreement,
                "has_consensus": synthesis.has_consensus,
            },
        ),
    )


def _claims(synthesis: SwarmSynthesis, parts: Sequence[Evidence]) -> tuple[Claim, ...]:
    """The statements, the best supported first; one without a source has its angles' artifacts as sources."""
    sourced = {claim.text: claim for claim in claims_of(parts)}
    return tuple(
        each.claim if each.claim.sources else sourced.get(each.claim.text, each.claim) for each in synthesis.statements
    )


def _told(assignment: Assignment, synthesis: SwarmSynthesis, done: int, total: int) -> list[str]:
    subject = clipped(spaced(assignment.artifact.id), 80)
    agreed = [sentence(clipped(each.claim.text, 190)) for each in synthesis.agreed[:3]]
    verdict = "agree" if synthesis.has_consensus else "do not agree"
    told = [f"On {subject}, {done} of {counted(total, 'angle')} were brought together, and they {verdict}."]
    told += [f"Consensus: {each}" for each in agreed]
    told += [f"In conflict: {listed([clipped(each.subject, 80) for each in synthesis.conflicts], most=3)}."][
        : len(synthesis.conflicts)
    ]
    told += [
        f"Said by one: {sentence(clipped(each.claim.text, 190))}"
        for each in synthesis.statements[:3]
        if len(each.angles) == 1
    ]
    if synthesis.gaps:
        told.append(f"Open: {listed([clipped(gap, 110) for gap in synthesis.gaps], most=2)}.")
    return told


def _lines(synthesis: SwarmSynthesis) -> list[str]:
    if not synthesis.statements:
        return ["No angle says anything that could be agreed on."]
    rows = [_row(each) for each in synthesis.statements[:_MOST_ROWS]]
    return ["## What the angles say", "", table(["statement", "said by", "support", "consensus"], rows)]


def _row(each: Statement) -> list[str]:
    consensus = "yes" if each.is_consensus else "no"
    return [clipped(each.claim.text, 200), ", ".join(each.angles), f"{each.support:.0%}", consensus]
