"""The hierarchical planner as a specialist: a plan for the question, its artifacts done by others, brought together.

It plans with the embedded methods, as small as the tree has room for, and starts a part once what it requires is done.
"""

import asyncio
from collections.abc import Mapping

from prefect_harmonic.errors import PlanningError
from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.coordinator import Coordinator
from prefect_harmonic.planners.dispatch import ArtifactState, Dispatch, remaining_paths
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.programme.evaluation import distinct_gaps, overall_confidence
from prefect_harmonic.planners.words import spaced
from prefect_harmonic.tasks.agents.coordinators.delegation import delegated
from prefect_harmonic.tasks.agents.coordinators.reading import question_of
from prefect_harmonic.tasks.agents.merging import LONGEST_TOLD, Bringing, merged
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.spawning import current_spawner
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, table

MOST_PARTS, FEWEST_PARTS = 12, 3

_CANDIDATES = 3
_METHOD = (
    "The hierarchical planner does no research itself: it made a plan, and each artifact of it was done by an agent.",
    "Of several plans that pass the gate the one that is expected to be done first was taken, as in any other run.",
    "A part began once what it requires was there, and was told what that found; a part of what failed never ran.",
    "Every claim is one of a part and has that part's sources; none was added or reworded on the way up.",
    "What one part says was held against what the others say, and what cannot both hold is told as a contradiction.",
    "The full text of each part stands below, under its own title.",
)


async def plan_hierarchically(assignment: Assignment) -> Evidence:
    """The parts of a plan for an assignment, and what came of them together."""
    graph = await _plan(assignment)
    if graph is None:
        alone = await delegated(
            assignment, clipped(question_of(assignment.artifact), 100), assignment.artifact.contract
        )
        return _brought_together(assignment, {alone.artifact: alone}, {})
    found, unmade = await _carried_out(assignment, graph)
    return _brought_together(assignment, found, unmade)


HIERARCHICAL_PLANNER = Specialist(
    name=Coordinator.HIERARCHICAL_PLANNER.value, call=plan_hierarchically, version="1", is_reading_project=True
)


async def _plan(assignment: Assignment) -> ArtifactGraph | None:
    """A plan as large as the tree has room for; none where no plan that small is valid."""
    spawner = current_spawner.get()
    context = None if spawner is None else await spawner.context(assignment)
    # As with dividing research: no more than half of what is left, so that those beside it have theirs.
    room = MOST_PARTS if context is None else min(MOST_PARTS, context.budget.remaining_budget // 2)
    limits = ArtifactLimits(max_artifacts=max(FEWEST_PARTS, room))
    planner = HarmonicPlanner(candidates=_CANDIDATES, limits=limits, seed=assignment.seed)
    try:
        graph, _ = await planner.plan_with_metrics(assignment.artifact.description or question_of(assignment.artifact))
    except PlanningError:
        return None
    return graph


async def _carried_out(assignment: Assignment, graph: ArtifactGraph) -> tuple[dict[str, Evidence], dict[str, str]]:
    """What every part found, and why others were not done."""
    dispatch = Dispatch(graph, workers=len(graph), ranking=remaining_paths(graph, EffortModel().durations(graph)))
    found: dict[str, Evidence] = {}
    unmade: dict[str, str] = {}
    running: dict[asyncio.Task[Evidence], str] = {}
    try:
        while not dispatch.is_over:
            for name in dispatch.startable():
                inputs = {required: found[required] for required in graph.requirements_of(name)}
                running[asyncio.create_task(_done(assignment, graph.artifacts[name], inputs))] = name
            ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for work in sorted(ended, key=running.__getitem__):
                name, evidence = running.pop(work), work.result()
                if evidence.blockers:
                    unmade[name] = "; ".join(evidence.blockers)
                else:
                    found[name] = evidence
                state = ArtifactState.FAILED if evidence.blockers else ArtifactState.DONE
                unmade |= {
                    one.artifact: f"it waited for {one.waited_for}, which was not done"
                    for one in dispatch.finish(name, state)
                }
    finally:
        for work in running:
            work.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return {name: found[name] for name in graph.order if name in found}, unmade


async def _done(assignment: Assignment, artifact: Artifact, inputs: Mapping[str, Evidence]) -> Evidence:
    content = question_of(artifact)
    return await delegated(assignment, spaced(artifact.id).capitalize(), content, artifact.agent or "", inputs)


def _brought_together(assignment: Assignment, found: Mapping[str, Evidence], unmade: Mapping[str, str]) -> Evidence:
    parts = list(found.values())
    names = listed([clipped(spaced(name), 60) for name in found], most=8)
    subject = clipped(spaced(assignment.artifact.id), 80)
    told = [f"On {subject}, {counted(len(parts), 'part')} of {len(parts) + len(unmade)} were done: {names}."]
    # What requires the most says the most of the whole, and comes last in the plan.
    told += [clipped(evidence.summary, LONGEST_TOLD) for evidence in parts[::-1]]
    gaps = [*(f"{name} was not done: {unmade[name]}" for name in sorted(unmade)), *distinct_gaps(parts)]
    rows = [[name, evidence.agent, f"{evidence.confidence:.2f}"] for name, evidence in found.items()]
    rows += [[name, "", "not done"] for name in sorted(unmade)]
    return merged(
        assignment,
        Coordinator.HIERARCHICAL_PLANNER.value,
        parts,
        Bringing(
            told=told,
            method=_METHOD,
            lines=["## The plan", "", table(["part", "agent", "confidence"], rows)],
            confidence=overall_confidence(parts, len(unmade)),
            gaps=tuple(gaps),
            blockers=() if parts else tuple(unmade.values()),
            data={"failed_parts_count": len(unmade)},
        ),
    )
