"""How long it takes to plan the difference that one changed finding makes, and how much of the work it costs.

The plan is twenty chains of ten artifacts, all of them done; the finding of one artifact no longer holds. In the second
measurement the artifact also reports a gap, so that closing it is planned with five candidates, gate and selection.
"""

import asyncio
from functools import partial

from benchmarks.figure import Figure, Saying, at_most, below
from benchmarks.stopwatch import median_seconds
from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.difference import Change, difference
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind, gap_key
from prefect_harmonic.planners.programme.replanning import Replanning, ReplanRequest, replanned
from prefect_harmonic.planners.sources.embedded_remainder import EmbeddedRemainder

CHAINS, LENGTH = 20, 10
CHANGED = "Chain07Part4"
MOST_MILLISECONDS = 100.0


def measured(*, quick: bool) -> Saying:
    """Milliseconds for the difference and for the whole replanning, and what is made again beside what has to be."""
    graph, repetitions = plan(), 3 if quick else 15
    seconds = median_seconds(partial(_difference, graph), repetitions)
    yield Figure("200 artifacts, one changed: the difference", 1000 * seconds, "ms", below(MOST_MILLISECONDS), 1)
    request = request_for(graph)
    seconds = median_seconds(partial(_replanned, request), repetitions)
    name = "the same with a gap: 5 changed plans, gate, selection, difference"
    yield Figure(name, 1000 * seconds, "ms", below(MOST_MILLISECONDS), 1)
    cone = graph.cone_of([CHANGED])
    again = _replanned(request).difference.of(Change.RUN_AGAIN)
    yield Figure("made again", len(again), "artifacts", at_most(len(cone)), 0)
    yield Figure("made again without need", len(set(again) - cone), "artifacts", at_most(0), 0)


def plan() -> ArtifactGraph:
    """Chains beside each other; each artifact says why it requires the one before."""
    return ArtifactGraph(
        Artifact(
            id=f"Chain{chain:02}Part{place}",
            requires=(Requirement(id=f"Chain{chain:02}Part{place - 1}", because="goes on from it"),) if place else (),
        )
        for chain in range(CHAINS)
        for place in range(LENGTH)
    )


def request_for(graph: ArtifactGraph) -> ReplanRequest:
    """Everything done, one finding changed, and a gap in it."""
    text = "which figure holds"
    gap = Opening(key=gap_key(text), kind=OpeningKind.GAP, text=text, origins=(CHANGED,))
    return ReplanRequest(
        graph=graph,
        finished=frozenset(graph.artifacts),
        openings=(gap,),
        changed={CHANGED: "the figure was wrong"},
        limits=ArtifactLimits(max_artifacts=len(graph)),
    )


def _difference(graph: ArtifactGraph) -> None:
    fresh = ArtifactGraph(graph.plan)  # nothing that an earlier measurement worked out is left
    difference(fresh, fresh, finished=fresh.artifacts, changed={CHANGED: "the figure was wrong"})


def _replanned(request: ReplanRequest) -> Replanning:
    fresh = request.model_copy(update={"graph": ArtifactGraph(request.graph.plan)})
    return asyncio.run(replanned(fresh, EmbeddedRemainder()))
