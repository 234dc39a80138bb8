"""Which coordinator suits a goal, and why.

The order of the work decides: known parts with requirements among them are a hierarchy, a line is a pipeline, and what
nobody knows yet is looked at from several sides at once. Goals say so in their words.

Source: second design document, "When to Use Hierarchical Planner" and "Conclusion".
"""

import re
from dataclasses import dataclass

from prefect_harmonic.planners.coordinators.coordinator import Coordinator
from prefect_harmonic.planners.goal import checked_goal
from prefect_harmonic.planners.words import phrase_of, phrase_position

_SIGNS: dict[Coordinator, dict[str, float]] = {
    Coordinator.PIPELINE_MANAGER: {
        "pipeline": 3,
        "linear": 3,
        "sequential": 3,
        "sequence": 2,
        "step by step": 2,
        "stage by stage": 2,
        "one after another": 2,
        "simple workflow": 1,
        "etl": 2,
        "convert": 1,
        "transform": 1,
        "compare": 1,
    },
    Coordinator.SWARM_COORDINATOR: {
        "explore": 3,
        "exploratory": 3,
        "exploration": 3,
        "brainstorm": 3,
        "emergent": 3,
        "unknown structure": 3,
        "unknown": 1,
        "open ended": 2,
        "solution space": 2,
        "angles": 2,
        "perspectives": 2,
        "ideas": 2,
        "alternatives": 1,
        "broad": 1,
        "possibilities": 2,
        "what could": 1,
        "what might": 1,
    },
    Coordinator.HIERARCHICAL_PLANNER: {
        "multi phase": 3,
        "phases": 2,
        "milestones": 3,
        "dependency": 2,
        "decomposition": 3,
        "program": 2,
        "initiative": 2,
        "long running": 2,
        "multi month": 2,
        "progress tracking": 2,
        "migrate": 2,
        "modernization": 2,
        "build": 1,
        "create": 1,
        "resolve": 1,
        "complex": 1,
        "project": 1,
    },
}
_CHAIN = re.compile(r"(?:→|->|\bfirst\b.+\bthen\b|\bthen\b.+\b(?:then|finally)\b)", re.IGNORECASE | re.DOTALL)
_CHAIN_WEIGHT = 3.0
_BECAUSE = {
    Coordinator.PIPELINE_MANAGER: "its stages follow one another in a line",
    Coordinator.SWARM_COORDINATOR: "its structure is not known yet, so several angles are looked at side by side",
    Coordinator.HIERARCHICAL_PLANNER: "it has parts that require one another and can be told beforehand",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The coordinator that suits a goal, and a sentence that says why."""

    coordinator: Coordinator
    reason: str


def suggested_coordinator(goal: str) -> Suggestion:
    """The coordinator that suits a goal.

    A goal whose words say nothing goes to the hierarchical planner: it can still spawn the others.

    >>> suggested_coordinator("Explore what could replace our broker").coordinator.value
    'swarm-coordinator'
    >>> suggested_coordinator("Extract the orders, then clean them, finally load them").reason
    'pipeline-manager, since its stages follow one another in a line: it names steps in order.'

    Raises:
        GoalError: It is no goal.
    """
    words = phrase_of(checked_goal(goal))
    found = {
        coordinator: {sign: weight for sign, weight in signs.items() if phrase_position(words, phrase_of(sign)) >= 0}
        for coordinator, signs in _SIGNS.items()
    }
    points = {coordinator: sum(signs.values()) for coordinator, signs in found.items()}
    is_chain = _CHAIN.search(goal) is not None
    points[Coordinator.PIPELINE_MANAGER] += _CHAIN_WEIGHT * is_chain
    best = max(points, key=lambda coordinator: (points[coordinator], coordinator is Coordinator.HIERARCHICAL_PLANNER))
    named = [repr(sign) for sign in found[best]]
    if best is Coordinator.PIPELINE_MANAGER and is_chain:
        named.insert(0, "steps in order")
    told = f"it names {', '.join(named)}" if named else "nothing in its words says otherwise"
    return Suggestion(best, f"{best.value}, since {_BECAUSE[best]}: {told}.")
