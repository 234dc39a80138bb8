"""A plan as a list of tasks in an order in which they can be done."""

from dataclasses import dataclass

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.scheduling import DEFAULT_WORKERS, expected_schedule


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One artifact of a plan as work to be done. Times are expected hours from the start."""

    id: str
    description: str
    depends_on: tuple[str, ...]
    wave: int
    start: float
    finish: float
    artifact: Artifact


def ordered_tasks(
    graph: ArtifactGraph, effort: EffortModel | None = None, workers: int = DEFAULT_WORKERS
) -> tuple[PlannedTask, ...]:
    """The artifacts as tasks, in the order in which they are expected to start; requirements always come before.

    >>> [task.id for task in ordered_tasks(ArtifactGraph([Artifact(id="A", requires="B"), Artifact(id="B")]))]
    ['B', 'A']
    """
    schedule = expected_schedule(graph, (effort or EffortModel()).durations(graph), workers)
    waves = {artifact: number for number, wave in enumerate(graph.waves) for artifact in wave}
    places = {artifact: place for place, artifact in enumerate(graph.order)}
    slots = sorted(schedule.slots, key=lambda slot: (slot.start, slot.finish, places[slot.artifact]))
    return tuple(
        PlannedTask(
            id=slot.artifact,
            description=graph.artifacts[slot.artifact].description,
            depends_on=graph.requirements_of(slot.artifact),
            wave=waves[slot.artifact],
            start=slot.start,
            finish=slot.finish,
            artifact=graph.artifacts[slot.artifact],
        )
        for slot in slots
    )
