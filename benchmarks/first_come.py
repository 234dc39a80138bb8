"""First come first served: what a queue does that knows nothing of the graph's rest."""

import heapq
from collections import deque
from collections.abc import Mapping

from prefect_harmonic.planners.graph import ArtifactGraph


def first_come_makespan(graph: ArtifactGraph, seconds: Mapping[str, float], workers: int) -> float:
    """Makespan if what became ready first starts first; of what became ready at once, the first by id.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> graph = ArtifactGraph([Artifact(id="A"), Artifact(id="B"), Artifact(id="C"), Artifact(id="D", requires="C")])
    >>> first_come_makespan(graph, {"A": 2, "B": 2, "C": 2, "D": 3}, workers=2)
    7.0
    """
    waiting_for = {name: len(graph.requirements_of(name)) for name in graph.artifacts}
    queue = deque(graph.leaves)
    running: list[tuple[float, str]] = []
    now = 0.0
    while queue or running:
        while queue and len(running) < workers:
            name = queue.popleft()
            heapq.heappush(running, (now + seconds[name], name))
        now = running[0][0]
        ready = []
        while running and running[0][0] == now:
            _, ended = heapq.heappop(running)
            for dependent in graph.dependents_of(ended):
                waiting_for[dependent] -= 1
                if not waiting_for[dependent]:
                    ready.append(dependent)
        queue.extend(sorted(ready))
    return now
