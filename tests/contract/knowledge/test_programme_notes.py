"""What the record of a pursuit keeps of evaluations and questions."""

import pytest
from pydantic import JsonValue
from support.records import PLAN, opened

from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation, EvaluationOutcome
from prefect_harmonic.tasks.programme_status import programme_status
from prefect_harmonic.tasks.workspace import Workspace


def verdict(
    iteration: int, confidence: float, outcome: EvaluationOutcome, gaps: tuple[str, ...] = (), phase: str = "research"
) -> Evaluation:
    """An evaluation of a run."""
    return Evaluation(
        phase=phase, iteration=iteration, confidence=confidence, gaps=gaps, outcome=outcome, rationale="So it is."
    )


async def test_evaluations_keep_their_history(kb: KnowledgeBase, workspace: Workspace) -> None:
    """0.4 with a gap, replanned, 0.75 converged; told twice it is there once; the plan's change is kept too."""
    record = await opened(kb, workspace, *PLAN)
    first = verdict(1, 0.4, EvaluationOutcome.CONTINUE, ("dependency resolution strategy",))
    await record.evaluated(first)
    await record.evaluated(first)
    change: dict[str, JsonValue] = {
        "iteration": 1,
        "reason": "Replanned remaining phases",
        "difference": {"changes": []},
    }
    await record.replanned(change)
    await record.replanned(change)
    await record.evaluated(verdict(2, 0.75, EvaluationOutcome.CONVERGED, phase="analysis"))
    status = await programme_status(kb, record.root)
    assert [(each.iteration, each.confidence, each.decision) for each in status.evaluations] == [
        (1, 0.4, "replan"),
        (2, 0.75, "converge"),
    ]
    assert status.evaluations[0].gaps == ("dependency resolution strategy",)
    assert status.replannings == 1


async def test_more_iterations_than_the_criteria_allow_are_kept(kb: KnowledgeBase, workspace: Workspace) -> None:
    """A person may allow more; evaluations that are no further try do not count up, and are all told."""
    record = await opened(kb, workspace, *PLAN)
    criteria = Criteria(max_iterations=2)
    for place, iteration in enumerate((1, 1, 2, 3, 4, 5)):
        outcome = EvaluationOutcome.EXHAUSTED if iteration > 1 else EvaluationOutcome.CONTINUE
        await record.evaluated(verdict(iteration, iteration / 10, outcome, phase=f"p{place}"), criteria=criteria)
    status = await programme_status(kb, record.root)
    assert [each.confidence for each in status.evaluations] == [0.1, 0.1, 0.2, 0.3, 0.4, 0.5]


async def test_question_stays_open_until_it_is_answered(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Asked twice it is one; answered twice it is answered; what nobody asked cannot be answered."""
    record = await opened(kb, workspace, *PLAN)
    question: dict[str, JsonValue] = {
        "key": "q1",
        "kind": "plateaued",
        "subject": "research",
        "text": "Go on?",
        "options": ["retry", "stop"],
    }
    for _ in range(2):
        await record.asked(question)
    assert (await programme_status(kb, record.root)).question == question
    for _ in range(2):
        await record.answered({"key": "q1", "action": "retry", "guidance": "", "by": "me"})
    assert (await programme_status(kb, record.root)).question is None
    with pytest.raises(UnknownRecordError, match="question"):
        await record.answered({"action": "stop"})
    assert (await programme_status(kb, record.root)).progress.whole.total == 5
