"""What work that nobody asked for does to a plan's rank, where nobody says how much work anything is.

A plan that does more than the others can only take as long or longer. It should never be expected to be done sooner,
whatever plans stand beside it: padding that can be made at the same time as the rest is what makes a plan look wide,
and a rule that spreads the same hours over more artifacts would reward it. Every added artifact claims to be for the
goal, as the rest does.
"""

import random
from collections.abc import Callable, Mapping, Sequence

from benchmarks.alternatives import GRAINS, Draft
from benchmarks.collected import Collected, absence, collected
from benchmarks.correlation import FILES, MOST_LINES
from benchmarks.figure import Figure, Saying, at_most
from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
from prefect_harmonic.planners.candidate import Candidate, Yardstick, judged
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.selection import comparables
from prefect_harmonic.planners.variance import Variation

YARDSTICK = Yardstick(limits=ArtifactLimits(max_artifacts=5_000, max_depth=5_000))
MERGED = "twins as one"
Padding = Callable[[ArtifactGraph, int], ArtifactGraph]


def measured(*, quick: bool) -> Saying:
    """Shares of the graphs of which a padded plan is expected to be done before the plan without the padding."""
    for name, file in FILES.items():
        if (missing := absence(file)) is not None:
            yield missing
            continue
        graphs = list(collected(file, at_most=MOST_LINES[file] // (6 if quick else 2)))
        for company, made in COMPANIES.items():
            ahead = [_is_padded_ahead(*made(one)) for one in graphs]
            yield Figure(f"{name} ({len(ahead)}): {company}", 100 * sum(ahead) / len(ahead), "%", at_most(0), 1)


def _is_padded_ahead(plain: ArtifactGraph, padded: Sequence[ArtifactGraph], others: Sequence[ArtifactGraph]) -> bool:
    """Whether one of the padded plans is expected to be done before the plain one, with the others beside them."""
    candidates = [_candidate(place, graph) for place, graph in enumerate([plain, *padded, *others])]
    compared = comparables(candidates, YARDSTICK)
    if len(compared) < len(candidates):
        raise RuntimeError(f"refused: {[one.reason for one in candidates if not one.is_valid]}")
    first, *rest = (one.measured.makespan for one in compared)
    return any(round(makespan, 9) < round(first, 9) for makespan in rest[: len(padded)])


def _candidate(index: int, graph: ArtifactGraph) -> Candidate:
    return judged(graph.plan, Variation(index=index), YARDSTICK)


def _plan(one: Collected, grain: str | None = None) -> ArtifactGraph:
    draft = Draft(
        seconds=dict(one.seconds) or dict.fromkeys(one.graph.artifacts, 1.0),
        required={name: set(one.graph.requirements_of(name)) for name in one.graph.artifacts},
        products={name: (name,) for name in one.graph.artifacts},
    )
    if grain is not None:
        GRAINS[grain](draft, random.Random(one.id))
    return draft.graph()


def _with_checks(graph: ArtifactGraph, seed: int) -> ArtifactGraph:
    """The plan with a check behind a third of its artifacts."""
    return _with_more(graph, seed, "check", is_behind=True)


def _with_documents(graph: ArtifactGraph, seed: int) -> ArtifactGraph:
    """The plan with as many artifacts again as a third of its own, which wait for nothing."""
    return _with_more(graph, seed, "document", is_behind=False)


def _with_more(graph: ArtifactGraph, seed: int, what: str, *, is_behind: bool) -> ArtifactGraph:
    names = sorted(graph.artifacts)
    chosen = random.Random(f"{seed}/{what}").sample(names, round(len(names) / 3) or 1)
    added = (
        Artifact(
            id=f"{name}.{what}{seed}",
            requires=(Requirement(id=name),) if is_behind else (),
            produces=(f"{name}.{what}{seed}",),
            covers=("goal",),
        )
        for name in chosen
    )
    return ArtifactGraph([*graph.artifacts.values(), *added], goal=graph.goal)


Company = tuple[ArtifactGraph, Sequence[ArtifactGraph], Sequence[ArtifactGraph]]
COMPANIES: Mapping[str, Callable[[Collected], Company]] = {
    "one with checks, beside it": lambda one: (_plan(one), [_with_checks(_plan(one), 1)], []),
    "one with documents, beside it": lambda one: (_plan(one), [_with_documents(_plan(one), 1)], []),
    "four with checks": lambda one: (_plan(one), [_with_checks(_plan(one), seed) for seed in range(4)], []),
    "two padded, two merged": lambda one: (
        _plan(one),
        [_with_checks(_plan(one), 1), _with_documents(_plan(one), 2)],
        [_plan(one, MERGED), _plan(one, "chains as one")],
    ),
    "merged and with checks": lambda one: (_plan(one), [_with_checks(_plan(one, MERGED), 1)], []),
}
"""For each way in which plans come together: the plan without padding, those with it, and the others."""
