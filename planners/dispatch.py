"""Which artifact starts next: one policy for the expected schedule and for the real run.

The simulation in `prefect_harmonic.planners.scheduling` and the flow that really makes artifacts drive the same
`Dispatch`, so that what was planned and what is done cannot drift apart. It does no waiting and reads no clock: it is
told what ended and answers what may start.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.artifact import Priority
from prefect_harmonic.planners.gate.files import normalised
from prefect_harmonic.planners.graph import ArtifactGraph

_URGENCY = {priority.value: rank for rank, priority in enumerate(reversed(Priority))}


class ArtifactState(StrEnum):
    """Where an artifact stands in a run."""

    WAITING = "waiting"  # for what it requires, or for a free worker
    RUNNING = "running"
    DONE = "done"
    KEPT = "kept"  # done in an earlier run, and still good
    FAILED = "failed"
    BLOCKED = "blocked"  # something it requires failed, was blocked or skipped
    SKIPPED = "skipped"  # a person or an option said to leave it out


FINISHED = frozenset({ArtifactState.DONE, ArtifactState.KEPT})
"""States on which dependents may build."""


Place = tuple[float, int, str]
"""Where an artifact stands among those that are ready; the smallest goes first."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """An artifact that cannot be made any more, and the one it waited for in vain."""

    artifact: str
    waited_for: str


def remaining_paths(graph: ArtifactGraph, durations: Mapping[str, float]) -> Mapping[str, float]:
    """For each artifact the length of the longest chain that starts with it, its own duration included.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> remaining_paths(ArtifactGraph([Artifact(id="A"), Artifact(id="B", requires="A")]), {"A": 1.0, "B": 4.0})
    {'B': 4.0, 'A': 5.0}
    """
    remaining: dict[str, float] = {}
    for artifact in reversed(graph.order):
        after = max((remaining[dependent] for dependent in graph.dependents_of(artifact)), default=0.0)
        remaining[artifact] = durations[artifact] + after
    return remaining


class Dispatch:
    """Hands out artifacts as their requirements are done, the one with the longest remaining path first.

    Two artifacts of one file are never out at the same time. What requires something that failed is never handed out.

    Args:
        graph: What is to be made.
        workers: How many artifacts may be out at once.
        ranking: For each artifact how early it should go; the greatest goes first. Usually `remaining_paths`.
        states: What is settled already, from an earlier run or phase; the rest is waiting, and so is what was running
            when that run was cut off.
    """

    def __init__(
        self,
        graph: ArtifactGraph,
        *,
        workers: int,
        ranking: Mapping[str, float],
        states: Mapping[str, ArtifactState] | None = None,
    ) -> None:
        if workers < 1:
            raise OptionError("workers", str(workers), "a number from 1")
        self._graph, self._workers = graph, workers
        self._ranking = ranking
        self._states: dict[str, ArtifactState] = dict.fromkeys(graph.artifacts, ArtifactState.WAITING)
        for artifact, state in (states or {}).items():
            if artifact in graph and state is not ArtifactState.RUNNING:
                self._states[artifact] = state
        self._waiting_for = {
            artifact: sum(self._states[required] not in FINISHED for required in graph.requirements_of(artifact))
            for artifact in graph.artifacts
        }
        self._ready: list[Place] = []
        self._busy_files: set[str] = set()
        self._parked: dict[str, list[Place]] = defaultdict(list)
        self._running = 0
        self._initially_blocked = self._block_dependents_of_settled()
        for artifact, count in self._waiting_for.items():
            if count == 0 and self._states[artifact] is ArtifactState.WAITING:
                self._make_ready(artifact)

    @property
    def states(self) -> Mapping[str, ArtifactState]:
        """Where each artifact stands now."""
        return dict(self._states)

    @property
    def initially_blocked(self) -> tuple[Blocked, ...]:
        """What could never start, given what had failed before."""
        return self._initially_blocked

    @property
    def is_over(self) -> bool:
        """Whether nothing is out and nothing can start any more."""
        return self._running == 0 and not self._ready

    def startable(self) -> tuple[str, ...]:
        """Artifacts to start now, most urgent first; they count as running from here on."""
        started = []
        while self._ready and self._running < self._workers:
            artifact = heapq.heappop(self._ready)[-1]
            file = self._file(artifact)
            if file is not None and file in self._busy_files:
                heapq.heappush(self._parked[file], self._place(artifact))
                continue
            if file is not None:
                self._busy_files.add(file)
            self._states[artifact] = ArtifactState.RUNNING
            self._running += 1
            started.append(artifact)
        return tuple(started)

    def finish(self, artifact: str, state: ArtifactState = ArtifactState.DONE) -> tuple[Blocked, ...]:
        """Takes back an artifact that was out, and gives what can no longer be made because of it.

        Raises:
            ValueError: It was not out; taking it back would free a worker that is not busy.
        """
        if self._states.get(artifact) is not ArtifactState.RUNNING:
            raise ValueError(f"{artifact} is not running, so it cannot finish; start it first")
        self._states[artifact] = state
        self._running -= 1
        self._free_file(artifact)
        if state not in FINISHED:
            return self._block_dependents(artifact)
        for dependent in self._graph.dependents_of(artifact):
            self._waiting_for[dependent] -= 1
            if self._waiting_for[dependent] == 0 and self._states[dependent] is ArtifactState.WAITING:
                self._make_ready(dependent)
        return ()

    def _make_ready(self, artifact: str) -> None:
        heapq.heappush(self._ready, self._place(artifact))

    def _place(self, artifact: str) -> Place:
        urgency = _URGENCY.get(self._graph.artifacts[artifact].priority, len(_URGENCY))
        return -self._ranking[artifact], urgency, artifact

    def _file(self, artifact: str) -> str | None:
        path = self._graph.artifacts[artifact].produces_file
        return None if path is None else normalised(path)

    def _free_file(self, artifact: str) -> None:
        file = self._file(artifact)
        if file is None:
            return
        self._busy_files.discard(file)
        if parked := self._parked.get(file):  # one at a time: the others could not start before it is done
            heapq.heappush(self._ready, heapq.heappop(parked))

    def _block_dependents_of_settled(self) -> tuple[Blocked, ...]:
        hopeless = {ArtifactState.FAILED, ArtifactState.BLOCKED, ArtifactState.SKIPPED}
        settled = [artifact for artifact in self._graph.order if self._states[artifact] in hopeless]
        return tuple(blocked for artifact in settled for blocked in self._block_dependents(artifact))

    def _block_dependents(self, artifact: str) -> tuple[Blocked, ...]:
        """Blocks all that requires an artifact, near ones first, each with the requirement that holds it up."""
        blocked = []
        frontier = [artifact]
        for culprit in frontier:
            for dependent in self._graph.dependents_of(culprit):
                if self._states[dependent] is ArtifactState.WAITING:
                    self._states[dependent] = ArtifactState.BLOCKED
                    blocked.append(Blocked(dependent, culprit))
                    frontier.append(dependent)
        return tuple(blocked)
