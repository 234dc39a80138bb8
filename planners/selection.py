"""Which candidate wins, and why.

Correctness first (only valid candidates are looked at, and forgotten orders are assumed), then expected time, then
shape. Source: contract, "Metrics"; first design document, "Planning Flow".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from prefect_harmonic.errors import NoValidPlanError
from prefect_harmonic.planners.assumptions import assumed_orders, completed
from prefect_harmonic.planners.candidate import Candidate, Yardstick
from prefect_harmonic.planners.scoring import Measured, Scorer, measured, scored_cost

COVERAGE_MARGIN = 0.05
"""How far behind the best coverage a candidate may be and still be compared by time."""


@dataclass(frozen=True, slots=True)
class Comparable:
    """A valid candidate with what it is compared by."""

    candidate: Candidate
    measured: Measured
    assumed: int
    """Number of orders that were assumed because the plan leaves them out."""
    is_settled: bool = False
    """Whether hours were changed so that the same work counts the same in all candidates."""

    def rank(self, scorer: Scorer) -> tuple[float, int, int, float, int]:
        """The place among candidates of enough coverage; smaller is better."""
        return (
            scored_cost(scorer, self.measured),
            self.assumed,
            self.measured.metrics.file_conflicts,
            -self.measured.metrics.score,
            self.candidate.variation.index,
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """The winner, why it won, the order of all valid candidates, and those that nothing beats in every respect."""

    winner: Candidate
    reason: str
    ranking: tuple[str, ...]
    pareto_front: tuple[str, ...]


def comparables(candidates: Sequence[Candidate], yardstick: Yardstick) -> tuple[Comparable, ...]:
    """The valid candidates, each measured with the orders it probably forgot and the hours all of them agree on."""
    valid = [candidate for candidate in candidates if candidate.is_valid]
    graphs = [candidate.graph for candidate in valid]
    efforts = yardstick.effort.settling(graphs)
    compared = []
    for place, (candidate, graph) in enumerate(zip(valid, graphs, strict=True)):
        orders = assumed_orders(graph, () if yardstick.is_declared else graphs, candidate.findings)
        is_as_judged = not orders and efforts[place] == yardstick.effort
        figures = _judged_figures(candidate) if is_as_judged else None
        if figures is None:
            figures = measured(completed(graph, orders), efforts[place].durations(graph), yardstick.workers)
        compared.append(Comparable(candidate, figures, len(orders), is_settled=efforts[place] != yardstick.effort))
    return tuple(compared)


def _judged_figures(candidate: Candidate) -> Measured | None:
    """What judging the candidate measured, which holds as long as nothing is assumed and no estimate was settled."""
    if candidate.metrics is None or candidate.expected_makespan_hours is None:
        return None
    return Measured(candidate.metrics, candidate.expected_makespan_hours)


def selected(
    candidates: Sequence[Candidate], yardstick: Yardstick, scorer: Scorer = Scorer.EXPECTED_MAKESPAN
) -> Selection:
    """The best of the candidates.

    Raises:
        NoValidPlanError: None of them is valid; the error lists every reason.
    """
    compared = comparables(candidates, yardstick)
    if not compared:
        raise NoValidPlanError([(candidate.id, candidate.reason or "no reason given") for candidate in candidates])
    enough = max(one.candidate.coverage for one in compared) - COVERAGE_MARGIN
    ranked = sorted(compared, key=lambda one: (one.candidate.coverage < enough - 1e-9, one.rank(scorer)))
    return Selection(
        winner=ranked[0].candidate,
        reason=_reason(ranked, scorer, len(candidates)),
        ranking=tuple(one.candidate.id for one in ranked),
        pareto_front=_pareto_front(compared),
    )


def _pareto_front(compared: Sequence[Comparable]) -> tuple[str, ...]:
    """Ids of the candidates that no other equals or beats in coverage, makespan and cost at once."""

    def figures(one: Comparable) -> tuple[float, float, float]:
        return -one.candidate.coverage, one.measured.makespan, one.candidate.cost_hours or 0.0

    def is_beaten(one: Comparable) -> bool:
        mine = figures(one)
        return any(
            other != mine and all(theirs <= own for theirs, own in zip(other, mine, strict=True))
            for other in map(figures, compared)
        )

    return tuple(one.candidate.id for one in compared if not is_beaten(one))


def _reason(ranked: Sequence[Comparable], scorer: Scorer, asked: int) -> str:
    """One sentence that a person understands."""
    winner = ranked[0]
    name = f"{winner.candidate.id} ({winner.candidate.variation.label.replace('_', ' ')})"
    extent = _extent(winner) + _caveat(winner)
    if len(ranked) == 1:
        left = "it is the only candidate" if asked == 1 else f"it is the only valid one of {asked} candidates"
        return f"{name} {extent}, and {left}."
    runner_up = ranked[1]
    if runner_up.candidate.coverage < winner.candidate.coverage - COVERAGE_MARGIN - 1e-9:
        return f"{name} {extent}, more than {_named(runner_up)} with {runner_up.candidate.coverage:.0%}."
    return f"{name} {extent} and {_advantage(winner, runner_up, scorer)}."


def _extent(winner: Comparable) -> str:
    if winner.candidate.coverage >= 1:
        return "covers everything the goal asks for"
    return f"covers {winner.candidate.coverage:.0%} of what the goal asks for"


def _caveat(winner: Comparable) -> str:
    """What the figures count in beyond the plan's own requirements, if anything."""
    if not winner.assumed:
        return ""
    return f" (counting in {winner.assumed} dependencies that it seems to leave out)"


def _advantage(winner: Comparable, runner_up: Comparable, scorer: Scorer) -> str:
    """What the winner has over the next one, in the terms of the first rule that tells them apart."""
    ours, theirs = winner.measured, runner_up.measured
    rival = _named(runner_up)
    if scored_cost(scorer, ours) != scored_cost(scorer, theirs):
        if scorer is Scorer.EXPECTED_MAKESPAN:
            mine, others = _hours_apart(ours.makespan, theirs.makespan)
            alike = ", the same work counted alike in each" if winner.is_settled or runner_up.is_settled else ""
            return f"should be done first, in {mine} against {others} of {rival}{alike}"
        mine, others = _told_apart(-scored_cost(scorer, ours), -scored_cost(scorer, theirs))
        return f"has the better {scorer.value} score, {mine} against {others} of {rival}"
    tie = f"ties with {rival} by the {scorer.value} score"
    if scorer is Scorer.EXPECTED_MAKESPAN:
        tie = f"ties with {rival} at {_hours_apart(ours.makespan, ours.makespan)[0]}"
    if winner.assumed != runner_up.assumed:
        return f"{tie} but leaves fewer dependencies out"
    if ours.metrics.file_conflicts != theirs.metrics.file_conflicts:
        return f"{tie} but has fewer file conflicts"
    if ours.metrics.score != theirs.metrics.score:
        return f"{tie} but has the better shape"
    return f"{tie} and was generated first"


def _hours_apart(one: float, other: float) -> tuple[str, str]:
    """Two lengths of time that can be told apart: working hours, or the unit that fits agents that take less."""
    longest = max(one, other)
    unit, in_an_hour = ("working hours", 1) if longest >= 1 or longest == 0 else ("minutes", 60)
    if unit == "minutes" and longest * in_an_hour < 1:
        unit, in_an_hour = "seconds", 3600
    mine, others = _told_apart(one * in_an_hour, other * in_an_hour)
    return f"{mine} {unit}", others


def _told_apart(one: float, other: float) -> tuple[str, str]:
    """Two figures with two decimals, or with as many more as it takes to see which is greater."""
    for places in range(2, 9):
        texts = f"{round(one, places):.14g}", f"{round(other, places):.14g}"
        if one == other or texts[0] != texts[1]:
            break
    return texts


def _named(one: Comparable) -> str:
    return f"{one.candidate.id} ({one.candidate.variation.label.replace('_', ' ')})"
