"""Random layered plans: the shape that plans for real undertakings have, in any size."""

import random

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph


def layered_plan(artifacts: int, *, width: int = 10, seed: int = 0, agent: str | None = None) -> ArtifactGraph:
    """A plan of layers, in which each artifact requires one to three of the layer before.

    Args:
        artifacts: How many there are in all.
        width: How many a layer has.
        seed: Which of the many such plans.
        agent: Who makes all of them.
    """
    draw = random.Random(seed)
    names = [f"Part{place:05}" for place in range(artifacts)]
    made = []
    for place, name in enumerate(names):
        layer = place // width
        before = names[(layer - 1) * width : layer * width] if layer else []
        required = draw.sample(before, min(len(before), draw.randint(1, 3)))
        edges = tuple(Requirement(id=other, because="builds on it") for other in sorted(required))
        made.append(Artifact(id=name, requires=edges, agent=agent))
    return ArtifactGraph(made, goal="Build all of it")
