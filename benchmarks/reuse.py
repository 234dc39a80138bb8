"""For which goals a plan that served before is offered: pairs of goals that say the same, and pairs that only sound so.

The pairs are the project's own (`goal_pairs.yaml`). Besides, collected goals are compared pair by pair: all of them
are different goals, so that whatever is alike among them is offered wrongly, unless two are one goal said twice.
"""

from itertools import combinations
from pathlib import Path

import yaml

from benchmarks.collected import PLANS, absence, collected
from benchmarks.figure import Figure, Remark, Saying, at_most
from prefect_harmonic.planners.experience.goal_likeness import ALIKE, goal_likeness
from prefect_harmonic.planners.goal import requirements_of

PAIRS = Path(__file__).with_name("goal_pairs.yaml")
COLLECTED_GOALS = 300
LONGEST_GOAL = 400


def measured(*, quick: bool) -> Saying:
    """Shares of pairs for which a plan would be offered."""
    pairs = yaml.safe_load(PAIRS.read_text(encoding="utf-8"))
    for kind, told, target in (("same", "say the same", None), ("other", "only sound so", at_most(0))):
        judged = [(one, other, _likeness(one, other)) for one, other in pairs[kind]]
        offered = [likeness >= ALIKE for _, _, likeness in judged]
        yield Figure(f"{len(judged)} pairs that {told}: offered", 100 * sum(offered) / len(offered), "%", target, 0)
        for (one, other, likeness), is_offered in zip(judged, offered, strict=True):
            if is_offered is (kind == "other"):
                yield Remark(f"{kind}: {one!r} and {other!r} are {likeness:.2f} alike")
    if (missing := absence(PLANS)) is not None:
        yield missing
        return
    found = {one.graph.goal.strip() for one in collected(PLANS, at_most=COLLECTED_GOALS // (3 if quick else 1))}
    goals = [(goal, requirements_of(goal)) for goal in sorted(found) if len(goal) <= LONGEST_GOAL]
    met = [pair for pair in combinations(goals, 2) if goal_likeness(*pair[0], *pair[1]) >= ALIKE]
    told = f"{len(goals) * (len(goals) - 1) // 2:,} pairs of collected goals: offered"
    yield Figure(told, float(len(met)), "pairs", digits=0)
    for (one, _), (other, _) in met[:10]:
        yield Remark(f"collected: {one[:120]!r} and {other[:120]!r}")


def _likeness(one: str, other: str) -> float:
    return goal_likeness(one, requirements_of(one), other, requirements_of(other))
