"""Evaluations: one rule, three ends told apart, nothing of the history lost."""

from typing import Any

import pytest

from prefect_harmonic.errors import RefusedValueError, UnknownRecordError
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase


async def evaluation(kb: KnowledgeBase, iterations: int = 5, /, **criteria: object) -> str:
    """An evaluation of a new plan."""
    plan = await kb.add("plan", "", {"type": "plan"})
    return (await kb.add_evaluation(plan.id, iterations, criteria)).eval_id


@pytest.mark.parametrize(
    ("confidences", "outcome"),
    [
        ([], "continue"),
        ([0.4], "continue"),
        ([0.4, 0.75], "converged"),
        ([0.4, 0.41, 0.415], "plateaued"),
        ([0.1, 0.2, 0.3, 0.4, 0.5], "exhausted"),
        ([0.1, 0.2, 0.3, 0.4, 0.9], "converged"),
    ],
)
async def test_three_ends_are_told_apart(kb: KnowledgeBase, confidences: list[float], outcome: str) -> None:
    """A run that stops trying has not converged."""
    each = await evaluation(kb)
    for confidence in confidences:
        await kb.update_evaluation(each, {"confidence": confidence})
    end = await kb.convergence(each)
    assert (end.outcome, end.converged) == (outcome, outcome == "converged")
    assert end.confidence == (confidences[-1] if confidences else None)
    assert end.reason


async def test_evaluate_and_replan_loop_of_the_design(kb: KnowledgeBase) -> None:
    """47 circular dependencies: 0.4 with a gap loops, 0.75 without one converges; each call says only what is new."""
    each = await evaluation(kb, min_confidence=0.7, max_gaps=2, max_contradictions=0)
    gap = "dependency resolution strategy"
    await kb.update_evaluation(each, {"confidence": 0.4, "gaps": [gap], "contradictions": [], "iteration": 1})
    first = await kb.convergence(each)
    assert (first.converged, first.outcome, first.gaps) == (False, "continue", (gap,))
    await kb.update_evaluation(each, {"decision": "loop", "rationale": "Replanned remaining phases"})
    await kb.update_evaluation(each, {"confidence": 0.75, "gaps": [], "contradictions": [], "iteration": 2})
    await kb.update_evaluation(each, {"status": "converged", "decision": "converge"})
    record = await kb.evaluation(each)
    assert record.status == "converged"
    assert [(e.iteration, e.confidence, e.decision) for e in record.history] == [
        (1, 0.4, None),
        (1, 0.4, "loop"),
        (2, 0.75, None),
        (2, 0.75, "converge"),
    ]
    assert record.history[1].gaps == (gap,)


async def test_correcting_an_iteration_does_not_count_as_another(kb: KnowledgeBase) -> None:
    """The last word of each iteration holds; what was said before is kept."""
    each = await evaluation(kb)
    await kb.update_evaluation(each, {"confidence": 0.3, "iteration": 1})
    await kb.update_evaluation(each, {"confidence": 0.31, "iteration": 1})
    await kb.update_evaluation(each, {"confidence": 0.32, "iteration": 1})
    end = await kb.convergence(each)
    assert (end.outcome, end.iteration, end.confidence) == ("continue", 1, 0.32)
    assert len((await kb.evaluation(each)).history) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"confidence": 7.5},
        {"confidence": -0.1},
        {"confidence": "0.5"},
        {"confidence": 0.5, "gaps": "one"},
        {"confidence": 0.5, "gaps": [""]},
        {"confidence": 0.5, "iteration": 0},
        {"confidence": 0.5, "iteration": 3},
        {"confidence": 0.5, "decision": "give up"},
        {"confidence": 0.5, "status": "converged"},
        {"confidence": 0.5, "status": "done"},
        {"confidance": 0.5},
        {"decision": "loop"},
    ],
    ids=str,
)
async def test_wrong_evaluations_are_refused_and_nothing_is_written(kb: KnowledgeBase, wrong: dict[str, Any]) -> None:
    """Out of range, out of order, misspelt, or a status that does not follow."""
    each = await evaluation(kb)
    with pytest.raises(RefusedValueError, match="evaluation"):
        await kb.update_evaluation(each, wrong)
    assert (await kb.evaluation(each)).history == ()


async def test_iterations_that_are_used_up_are_over(kb: KnowledgeBase) -> None:
    """There is no sixth of five."""
    each = await evaluation(kb, 1)
    await kb.update_evaluation(each, {"confidence": 0.1})
    with pytest.raises(RefusedValueError, match="used up"):
        await kb.update_evaluation(each, {"confidence": 0.9})
    assert (await kb.convergence(each)).outcome == "exhausted"


@pytest.mark.parametrize(
    ("iterations", "criteria"),
    [
        (0, {}),
        (5, {"min_confidence": 1.5}),
        (5, {"max_gaps": -1}),
        (5, {"min_confidance": 0.5}),
        (5, {"max_iterations": 3}),
    ],
)
async def test_criteria_out_of_range_are_refused(kb: KnowledgeBase, iterations: int, criteria: dict[str, Any]) -> None:
    """Each value has its range."""
    with pytest.raises(RefusedValueError, match="criteria"):
        await evaluation(kb, iterations, **criteria)


async def test_contradictions_are_kept_as_texts_or_with_their_claims(kb: KnowledgeBase) -> None:
    """And one is too many by default."""
    each = await evaluation(kb)
    told = {"subject": "team", "one": {"text": "6 people"}, "other": {"text": "8 people"}}
    await kb.update_evaluation(each, {"confidence": 0.9, "contradictions": ["6 or 8?", told]})
    end = await kb.convergence(each)
    assert (end.outcome, len(end.contradictions), end.contradictions[0]) == ("continue", 2, "6 or 8?")


async def test_unknown_evaluation_and_entity_are_errors(kb: KnowledgeBase) -> None:
    """An id of something else is unknown as well."""
    plan = await kb.add("plan", "", {"type": "plan"})
    with pytest.raises(UnknownRecordError, match="entity"):
        await kb.add_evaluation("nobody")
    with pytest.raises(UnknownRecordError, match="evaluation"):
        await kb.convergence(plan.id)
    with pytest.raises(UnknownRecordError, match="evaluation"):
        await kb.update_evaluation("nobody", {"confidence": 0.5})
