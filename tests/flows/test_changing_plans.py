"""`pursue_goal` where findings change the plan: gaps are filled, blockers unblocked, people asked."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect.client.schemas.objects import FlowRun, StateType
from support.migration import artifact, migration

from prefect_harmonic.errors import AgentError
from prefect_harmonic.events import Event, EventName
from prefect_harmonic.flows import execution
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Contradiction, Evidence, Source
from prefect_harmonic.planners.programme.question import Answer, AnswerAction
from prefect_harmonic.tasks.agents.spawning import current_spawner
from prefect_harmonic.tasks.pursuit_state import read_state, write_state
from prefect_harmonic.tasks.workspace import Workspace

if TYPE_CHECKING:
    from flows.conftest import Cast


class KilledError(BaseException):
    """What nothing in a run takes for a failure of its own."""


def outcomes(run: dict[str, Any]) -> list[tuple[str, str]]:
    """Phases with what their evaluations came to."""
    return [(one["phase"], one["outcome"]) for one in run["evaluations"]]


async def test_worked_example_replans_after_47_circular_dependencies_and_converges(
    pursued: Callable[..., Any], cast: "Cast"
) -> None:
    """Confidence 0.4 with a gap: the gap gets one artifact, it is executed, and the run converges."""
    cycles = Claim(
        text="The monolith has 47 circular dependencies.",
        sources=(Source(path="analysis/code.json", quote="47"),),
        confidence=0.9,
    )
    cast.finds("MonolithSurvey", {"confidence": 0.4, "gaps": ("dependency resolution strategy",), "claims": (cycles,)})
    cast.finds("BoundaryAnalysis", {"confidence": 0.95})
    run = await pursued(*migration())
    assert run["outcome"] == "converged"
    assert run["complete"]
    first, *_, last = run["evaluations"]
    assert (first["phase"], first["confidence"], first["outcome"]) == ("research", 0.4, "continue")
    assert last["outcome"] == "converged"
    assert last["confidence"] >= 0.7
    (replanning,) = run["replannings"]
    (closing,) = replanning["closings"]
    assert closing["opening"]["text"] == "dependency resolution strategy"
    assert closing["artifact"] in cast.called
    assert cast.called.index(closing["artifact"]) < cast.called.index("BoundaryAnalysis")
    assert cast.called.count("MonolithSurvey") == 1
    assert not last["gaps"]


async def test_gap_of_a_part_is_filled_where_its_artifact_is_unsure_and_does_not_say_why(
    pursued: Callable[..., Any], cast: "Cast"
) -> None:
    """Depth-aware replanning: the plan is changed by what is open two levels down, not by the doubt at the top."""
    play = cast.call

    async def divided(assignment: Assignment) -> Evidence:
        spawner, title = current_spawner.get(), assignment.artifact.description
        if assignment.artifact.id == "MonolithSurvey" and spawner is not None:
            await spawner.spawn(assignment, "How the modules hang together", "", "researcher")
        elif title == "How the modules hang together" and spawner is not None:
            await spawner.spawn(assignment, "What the stored procedures call", "", "researcher")
        found = await play(assignment)
        is_deep = title == "What the stored procedures call"
        return found.model_copy(update={"gaps": ("nobody knows the nightly procedures",)}) if is_deep else found

    cast.call = divided  # type: ignore[method-assign]  # it asks for parts
    cast.finds("MonolithSurvey", {"confidence": 0.4})
    run = await pursued(*migration())
    (closing,) = run["replannings"][0]["closings"]
    assert closing["opening"]["text"] == "nobody knows the nightly procedures"
    assert closing["opening"]["origins"] == ["MonolithSurvey"]
    assert cast.called.index(closing["artifact"]) < cast.called.index("BoundaryAnalysis")
    assert len(run["replannings"]) == 1


async def test_exhausted_run_escalates_and_is_no_success(pursued: Callable[..., Any], cast: "Cast") -> None:
    """Used-up iterations are not convergence: a person is asked, and without one the run has failed."""
    cast.finds("MonolithSurvey", {"confidence": 0.2, "gaps": ("who owns it", "what it costs", "when it ends")})
    run = await pursued(*migration(), criteria={"max_iterations": 1}, on_escalation="fail")
    assert outcomes(run) == [("research", "exhausted")]
    assert run["outcome"] == "stopped"
    assert not run["complete"]
    (asked,) = run["questions"]
    assert asked["question"]["kind"] == "exhausted"
    assert "who owns it" in asked["question"]["findings"]
    assert asked["answer"]["by"] == "standing order: fail"
    assert cast.called == ["MonolithSurvey"]


async def test_plateaued_run_escalates(pursued: Callable[..., Any], cast: "Cast") -> None:
    """Where trying on no longer helps, a person is asked."""
    gaps = iter(("who owns it", "what it costs", "when it ends", "where it runs"))
    for name in ("MonolithSurvey", "BoundaryAnalysis", "MigrationDecision", "TeamTraining"):
        cast.finds(name, {"confidence": 0.5, "gaps": (next(gaps),)})
    play = cast.call

    async def unsure(assignment: Assignment) -> Evidence:
        return (await play(assignment)).model_copy(update={"confidence": 0.5})

    cast.call = unsure  # type: ignore[method-assign]  # nobody is ever surer
    run = await pursued(*migration(), on_escalation="fail")
    assert run["evaluations"][-1]["outcome"] == "plateaued"
    assert run["questions"][-1]["question"]["kind"] == "plateaued"
    assert run["outcome"] == "stopped"


async def test_run_that_falls_short_with_nothing_to_try_says_so(pursued: Callable[..., Any], cast: "Cast") -> None:
    """Without a gap that work could close nobody is asked, and nothing is called converged."""
    for name in ("MonolithSurvey", "BoundaryAnalysis", "MigrationDecision", "TeamTraining"):
        cast.finds(name, {"confidence": 0.5})
    run = await pursued(*migration(), project=None)
    assert run["complete"]
    assert run["outcome"] == "inconclusive"
    assert run["replannings"] == run["questions"] == []
    assert "Not converged" in (Path(run["workspace"]) / "report.md").read_text()


async def test_open_question_is_kept_and_answered_by_a_later_run(
    pursued: Callable[..., Any],
    cast: "Cast",
    tmp_path: Path,
    latest_run: Callable[[str], Awaitable[FlowRun]],
    events_in: Callable[[Path], list[dict[str, Any]]],
) -> None:
    """Without a deployment a suspended run ends in order; the answer is given later, and nothing is done twice."""
    cast.finds("MonolithSurvey", {"confidence": 0.2, "gaps": ("a", "b", "c")})
    options: dict[str, Any] = {"criteria": {"max_iterations": 1}, "on_escalation": "suspend"}
    run = await pursued(*migration(), **options)
    assert run["outcome"] == "waiting"
    assert run["question"]["kind"] == "exhausted"
    shown = await latest_run("pursue-goal")
    assert (shown.state_name, shown.state_type) == ("Waiting", StateType.FAILED)
    workspace = Workspace.opened(tmp_path / "out")
    state = read_state(workspace)
    assert state is not None
    write_state(workspace, state.model_copy(update={"given": Answer(action=AnswerAction.SKIP, by="Ada")}))
    run = await pursued(*migration(), **options)
    assert run["complete"]
    assert run["outcome"] == "accepted"
    assert run["question"] is None
    assert sorted(cast.called) == sorted(one.id for one in migration())
    told = [event["name"] for event in events_in(workspace.root) if event["name"].startswith("question.")]
    assert told == ["question.asked", "question.answered"]


async def test_contradiction_is_settled_by_an_artifact_of_its_own(pursued: Callable[..., Any], cast: "Cast") -> None:
    """A contradiction gets one artifact, and counts no more once that is done."""
    one, other = Claim(text="The busiest day had 13,200 parcels."), Claim(text="The busiest day had 14,900 parcels.")
    against = Contradiction(subject="busiest day", one=one, other=other)
    cast.finds("MonolithSurvey", {"contradictions": (against,)})
    run = await pursued(*migration())
    assert run["outcome"] == "converged"
    (closing,) = [closing for replanning in run["replannings"] for closing in replanning["closings"]]
    assert closing["opening"]["kind"] == "contradiction"
    assert cast.called.count(closing["artifact"]) == 1
    assert run["evaluations"][-1]["contradictions"] == []


async def test_blocked_artifact_is_unblocked_and_its_dependents_run(pursued: Callable[..., Any], cast: "Cast") -> None:
    """A failure gets an artifact that unblocks it, runs again after that, and what waits for it is made."""
    cast.finds("BoundaryAnalysis", AgentError("code-analyzer", "BoundaryAnalysis", "no access to the code"), {})
    run = await pursued(*migration(), artifact("Glossary", "research"))
    assert run["complete"]
    assert run["outcome"] == "converged"
    (closing,) = [closing for replanning in run["replannings"] for closing in replanning["closings"]]
    assert closing["opening"]["kind"] == "failure"
    order = cast.called
    assert order.count("BoundaryAnalysis") == 2
    assert order.index(closing["artifact"]) < len(order) - 1 - order[::-1].index("BoundaryAnalysis")
    assert {name: order.count(name) for name in ("MonolithSurvey", "Glossary", "MigrationDecision")} == {
        "MonolithSurvey": 1,
        "Glossary": 1,
        "MigrationDecision": 1,
    }
    assert "Unblock" in (Path(run["workspace"]) / "plan.json").read_text()


async def test_blocker_that_stays_reaches_a_person_and_independents_run(
    pursued: Callable[..., Any], cast: "Cast"
) -> None:
    """What cannot be unblocked is asked about; its dependents never run, everything else does."""
    cast.finds("BoundaryAnalysis", AgentError("code-analyzer", "BoundaryAnalysis", "no access to the code"))
    independent = (artifact("Glossary", "research"), artifact("Index", "training", "Glossary"))
    run = await pursued(*migration(), *independent, on_escalation="skip")
    assert run["outcome"] == "incomplete"
    states = {name: one["state"] for name, one in run["artifacts"].items()}
    assert states["BoundaryAnalysis"] == "failed"
    assert states["MigrationDecision"] == states["TeamTraining"] == "blocked"
    assert states["Glossary"] == states["Index"] == "done"
    assert "MigrationDecision" not in cast.called
    assert [asked["question"]["kind"] for asked in run["questions"]] == ["blocked"]
    report = (Path(run["workspace"]) / "report.md").read_text()
    assert "no access to the code" in report


async def test_change_is_put_before_a_person_where_that_is_asked_for(pursued: Callable[..., Any], cast: "Cast") -> None:
    """Only the difference is shown; a change that is not approved is not made, nor proposed again."""
    cast.finds("MonolithSurvey", {"gaps": ("a cost model", "an owner", "a date")})
    run = await pursued(*migration(), approve_changes=True, on_escalation="skip")
    first = run["questions"][0]["question"]
    assert first["kind"] == "approval"
    assert "a cost model" in first["findings"] or "new" in first["text"]
    assert run["replannings"] == []
    assert sorted(cast.called) == sorted(one.id for one in migration())
    assert run["complete"]
    assert run["outcome"] == "accepted"


async def test_independent_phases_run_at_the_same_time(pursued: Callable[..., Any], cast: "Cast") -> None:
    """Two phases that do not wait for each other are under way together."""
    import asyncio

    met = asyncio.Barrier(2)
    play = cast.call

    async def together(assignment: Assignment) -> Evidence:
        if assignment.artifact.id in {"One", "Two"}:
            async with asyncio.timeout(120):
                await met.wait()
        return await play(assignment)

    cast.call = together  # type: ignore[method-assign]  # the cast with a meeting added
    run = await pursued(artifact("One", "east"), artifact("Two", "west"), artifact("Both", "end", "One", "Two"))
    assert run["complete"]
    assert {one["phase"] for one in run["evaluations"]} == {"east", "west", "end"}


async def answered_later(
    pursued: Callable[..., Any], tmp_path: Path, answer: dict[str, str], way: str = "suspend", **options: Any
) -> dict[str, Any]:
    """A run that waits for a person, or was stopped with a question open, carried on by another with this answer."""
    waiting = await pursued(*migration(), on_escalation=way, **options)
    assert waiting["outcome"] == {"suspend": "waiting", "fail": "stopped"}[way]
    workspace = Workspace.opened(tmp_path / "out")
    state = read_state(workspace)
    assert state is not None
    given = Answer.model_validate_json(json.dumps(answer))
    write_state(workspace, state.reopened().model_copy(update={"given": given}))
    run: dict[str, Any] = await pursued(*migration(), on_escalation="fail", **options)
    return run


async def test_answer_replan_gives_the_guidance_an_artifact_of_its_own(
    pursued: Callable[..., Any], cast: "Cast", tmp_path: Path
) -> None:
    """What a person says to look at is looked at, although the tries were used up."""
    cast.finds("MonolithSurvey", {"confidence": 0.2, "gaps": ("who owns it", "what it costs", "when it ends")})
    answer = {"action": "replan", "guidance": "the minutes of March", "by": "Ada"}
    run = await answered_later(pursued, tmp_path, answer, criteria={"max_iterations": 1, "min_confidence": 0.5})
    closings = [closing for replanning in run["replannings"] for closing in replanning["closings"]]
    assert "the minutes of March" in {closing["opening"]["text"] for closing in closings}
    assert {closing["artifact"] for closing in closings} <= set(cast.called)
    assert run["complete"]
    assert cast.called.count("MonolithSurvey") == 1


async def test_answer_of_a_run_that_is_killed_before_it_heeds_it_is_heeded_by_the_next(
    pursued: Callable[..., Any], cast: "Cast", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right after the answer was told: nobody is asked again, and what they said to look at is looked at."""

    def kill(event: Event) -> None:
        if event.name is EventName.QUESTION_ANSWERED:
            raise KilledError

    cast.finds("MonolithSurvey", {"confidence": 0.2, "gaps": ("who owns it", "what it costs", "when it ends")})
    answer = {"action": "replan", "guidance": "the minutes of March", "by": "Ada"}
    options: dict[str, Any] = {"criteria": {"max_iterations": 1, "min_confidence": 0.5}}
    with monkeypatch.context() as killing:
        killing.setattr(execution, "announce", kill)
        with pytest.raises(KilledError):
            await answered_later(pursued, tmp_path, answer, **options)
    run = await pursued(*migration(), on_escalation="fail", **options)
    assert [asked["answer"]["by"] for asked in run["questions"]] == ["Ada"]
    closings = [closing for replanning in run["replannings"] for closing in replanning["closings"]]
    assert "the minutes of March" in {closing["opening"]["text"] for closing in closings}


async def test_answer_retry_tries_on_for_as_many_iterations_again(
    pursued: Callable[..., Any], cast: "Cast", tmp_path: Path
) -> None:
    """Earlier tries no longer count, so the gaps get their artifacts, and what is done stays done."""
    cast.finds("MonolithSurvey", {"confidence": 0.5, "gaps": ("who owns it", "what it costs", "when it ends")})
    run = await answered_later(pursued, tmp_path, {"action": "retry"}, "fail", criteria={"max_iterations": 1})
    assert [asked["answer"]["action"] for asked in run["questions"]] == ["retry"]
    assert run["outcome"] == "converged"
    closings = [closing["artifact"] for replanning in run["replannings"] for closing in replanning["closings"]]
    assert len(closings) == 3
    assert set(closings) <= set(cast.called)
    assert cast.called.count("MonolithSurvey") == 1


async def test_spent_budget_ends_in_order_with_what_there_is(pursued: Callable[..., Any], cast: "Cast") -> None:
    """Two calls are allowed: two artifacts are made, the rest is not begun, and the report says why."""
    run = await pursued(*migration(), budget={"calls": 2}, on_escalation="fail")
    assert cast.called == ["MonolithSurvey", "BoundaryAnalysis"]
    assert run["outcome"] == "stopped"
    (asked,) = run["questions"]
    assert asked["question"]["kind"] == "budget"
    report = (Path(run["workspace"]) / "report.md").read_text()
    assert "budget is used up" in report
    states = {name: one["state"] for name, one in run["artifacts"].items()}
    assert states["MonolithSurvey"] == states["BoundaryAnalysis"] == "done"
    assert states["MigrationDecision"] == "blocked"


async def test_spent_budget_is_raised_where_a_person_allows_it(
    pursued: Callable[..., Any], cast: "Cast", tmp_path: Path
) -> None:
    """As much again is enough for the rest, and nothing is made twice."""
    run = await answered_later(pursued, tmp_path, {"action": "retry"}, "fail", budget={"calls": 2})
    assert run["outcome"] == "converged"
    assert sorted(cast.called) == sorted(one.id for one in migration())
