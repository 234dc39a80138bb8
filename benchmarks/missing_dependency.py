"""What a dependency that was left out does to a plan's rank.

Plans of people for real goals have their dependencies checked. From each, one dependency is left out (one that the
others do not imply, drawn with a seed), or all of them. A plan that lacks an order which is really there is worse and
never better; so a rule of choice should never prefer it to the whole one. The plan with the gap is given as the first
candidate, so that it wins every tie that nothing else decides.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.collected import PLANS, Collected, absence, collected
from benchmarks.figure import Figure, Remark, Saying, at_most
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.candidate import Candidate, Yardstick, judged
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.selection import selected
from prefect_harmonic.planners.variance import Variation

YARDSTICK = Yardstick(limits=ArtifactLimits(max_artifacts=1_000, max_depth=1_000))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one plan with a gap, beside the whole one."""

    is_shape_higher: bool
    is_makespan_shorter: bool
    is_preferred: bool


def measured(*, quick: bool) -> Saying:
    """Shares of the plans in which the one with the gap looks better, by each measure."""
    if (missing := absence(PLANS)) is not None:
        yield missing
        return
    plans = [plan for plan in collected(PLANS, at_most=200 if quick else None) if plan.graph.network.number_of_edges()]
    yield Remark(f"{len(plans)} plans with dependencies; shares of those whose incomplete version is put first")
    yield from _shares("one left out", [_verdict(plan, _one_left_out(plan)) for plan in plans])
    yield from _shares("all left out", [_verdict(plan, _all_left_out(plan)) for plan in plans])


def _shares(name: str, verdicts: Iterable[Verdict]) -> Saying:
    known = list(verdicts)

    def share(kinds: Iterable[bool]) -> float:
        return 100 * sum(kinds) / len(known)

    yield Figure(f"{name}: by the shape score", share(one.is_shape_higher for one in known), "%", digits=1)
    yield Figure(
        f"{name}: by the expected makespan alone", share(one.is_makespan_shorter for one in known), "%", digits=1
    )
    yield Figure(f"{name}: by our selection", share(one.is_preferred for one in known), "%", at_most(0), 1)


def _verdict(plan: Collected, gapped: ArtifactGraph) -> Verdict:
    first = _candidate(0, plan, gapped)
    whole = _candidate(1, plan, plan.graph)
    if first.metrics is None or whole.metrics is None:
        raise RuntimeError(f"{plan.id} is refused: {first.reason or whole.reason}")
    return Verdict(
        is_shape_higher=first.metrics.score > whole.metrics.score,
        is_makespan_shorter=(first.expected_makespan_hours or 0) < (whole.expected_makespan_hours or 0),
        is_preferred=selected([first, whole], YARDSTICK).winner.id == first.id,
    )


def _candidate(index: int, plan: Collected, graph: ArtifactGraph) -> Candidate:
    told = (one.model_copy(update={"description": plan.texts.get(one.id, "")}) for one in graph.plan.artifacts)
    return judged(graph.plan.with_artifacts(told), Variation(index=index), YARDSTICK)


def _one_left_out(plan: Collected) -> ArtifactGraph:
    graph = plan.graph
    redundant = set(graph.redundant_requirements)
    edges = [(one, name) for name in graph.artifacts for one in graph.requirements_of(name)]
    required, dependent = random.Random(plan.id).choice([edge for edge in edges if edge not in redundant])
    return graph.with_artifacts(
        one.requiring(*(edge for edge in one.requires if (edge.id, one.id) != (required, dependent)))
        for one in graph.plan.artifacts
    )


def _all_left_out(plan: Collected) -> ArtifactGraph:
    return plan.graph.with_artifacts(one.requiring() for one in plan.graph.plan.artifacts)
