"""A specialist that has its work done in parts where it is several questions and the tree has room for them.

The rule is `planners.coordinators.division`; without a spawner, without room, or with one question alone the specialist
does its work itself, as if this module were not there.
"""

from collections.abc import Sequence
from dataclasses import replace

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.coordinator import Coordinator, agent_named
from prefect_harmonic.planners.coordinators.division import Part, parts_of
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.together import together
from prefect_harmonic.planners.words import spaced
from prefect_harmonic.tasks.agents.merging import LONGEST_TOLD, Bringing, merged
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.spawning import (
    NO_INPUTS,
    Spawner,
    carried_out,
    current_spawner,
    part_assignment,
)
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed

_HAVING_DIVIDED = frozenset({"researcher", Coordinator.PIPELINE_MANAGER, Coordinator.SWARM_COORDINATOR})
"""What these ask for is a part of a question already; dividing it again would ask the same over and over."""

_METHOD = (
    "The question holds several that can be answered apart, so each was given to an agent of its own.",
    "Every claim is one of a part and has that part's sources; none was added or reworded on the way up.",
    "What one part says was held against what the others say, and what cannot both hold is told as a contradiction.",
    "Gaps of the parts are gaps of the whole, those of the same words once; a part that failed is a gap as well.",
    "The confidence is the mean of the parts', so that one answered well does not hide one that was not.",
    "The full text of each part stands below, under its own title.",
)


def dividing(specialist: Specialist) -> Specialist:
    """The specialist, who divides its work where that is allowed and worth it."""

    async def divided_or_alone(assignment: Assignment) -> Evidence:
        spawner = current_spawner.get()
        parts = await _parts(spawner, assignment) if spawner is not None else ()
        if spawner is None or not parts:
            return await specialist.call(assignment)
        return await _divided(spawner, specialist, assignment, parts)

    return replace(specialist, call=divided_or_alone)


async def _parts(spawner: Spawner, assignment: Assignment) -> Sequence[Part]:
    context = await spawner.context(assignment)
    if context is None or not context.budget.can_spawn:
        return ()
    if context.parents and agent_named(context.parents[-1].agent or "") in _HAVING_DIVIDED:
        return ()
    budget = context.budget
    return parts_of(
        assignment.artifact,
        depth=budget.current_depth,
        max_depth=budget.max_depth,
        remaining=budget.remaining_budget,
    )


async def _divided(spawner: Spawner, own: Specialist, assignment: Assignment, parts: Sequence[Part]) -> Evidence:
    """The parts at once, then those that need the others, and all of it together."""

    async def done(part: Part, given: dict[str, Evidence]) -> Evidence:
        inputs = given or NO_INPUTS
        found = await spawner.spawn(assignment, part.title, part.content, part.agent, inputs)
        if found is not None:
            return found
        # Others took what was left of the budget meanwhile.
        return await carried_out(own, part_assignment(assignment, part.title, part.content, own.name, inputs))

    first = await together(done(part, {}) for part in parts if not part.is_last)
    given = {evidence.artifact: evidence for evidence in first}
    last = await together(done(part, given) for part in parts if part.is_last)
    return merged(assignment, own.name, [*first, *last], _bringing(assignment, [*first, *last]))


def _bringing(assignment: Assignment, found: Sequence[Evidence]) -> Bringing:
    failed = [each for each in found if each.blockers]
    names = listed([clipped(spaced(each.artifact), 60) for each in found], most=6)
    subject = clipped(spaced(assignment.artifact.id), 80)
    head = f"On {subject}, {counted(len(found), 'part')} were looked at apart: {names}."
    told = [head, *(clipped(each.summary, LONGEST_TOLD) for each in found if not each.blockers)]
    return Bringing(
        told=told,
        method=_METHOD,
        blockers=tuple(blocker for each in found for blocker in each.blockers) if len(failed) == len(found) else (),
        data={"failed_parts_count": len(failed)},
    )
