"""A model proposes what is still to be made; what is finished, open or planned already is not its to give away."""

from dataclasses import replace
from typing import Any

import pytest
from support.scripted_model import scripted

from prefect_harmonic.errors import BudgetSpentError, CandidateError, NotRecordedError
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.models.remainder import ModelRemainder
from prefect_harmonic.planners.models.replan_wording import remainder_prompt
from prefect_harmonic.planners.plan import plan_from_document
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.planners.programme.replanning import Replanning, replanned
from prefect_harmonic.planners.sources.embedded_remainder import EmbeddedRemainder
from prefect_harmonic.planners.sources.remainder import ReplanRequest
from prefect_harmonic.planners.variance import Style, Variation

GAP = Opening(key="gap-0a1b2c3d4e5f", kind=OpeningKind.GAP, text="no peak load figures", origins=("Load",))
FILL = "GapFill-PeakLoadFigures"
SIZING = {"id": "Sizing", "requires": "Load", "covers": ["sizing"], "phase": "build", "effort": "high"}
PLAN = plan_from_document(
    {
        "goal": "Size the service",
        "requirements": ["sizing", "alerts"],
        "artifacts": [
            {"id": "Load", "phase": "find out"},
            {**SIZING, "consumes": ["load"]},
            {"id": "Alerts", "requires": "Sizing", "covers": ["alerts"], "phase": "build"},
        ],
    }
)
FOUND = Evidence(artifact="Load", agent="researcher", summary="One week of figures.", confidence=0.4)


def asked(**changed: object) -> ReplanRequest:
    """Load is found out and has a gap; what rests on it is still to be made."""
    request = ReplanRequest(
        graph=ArtifactGraph(PLAN), finished=frozenset({"Load"}), evidence={"Load": FOUND}, openings=(GAP,), candidates=2
    )
    return request.model_copy(update=changed)


def rest(*more: dict[str, Any], without: str = "") -> dict[str, Any]:
    """An answer with the rest of the plan and what closes the gap."""
    known = [
        {"id": FILL, "requires": ["Load"]},
        {"id": "Sizing", "requires": ["Load"]},
        {"id": "Alerts", "requires": ["Load"]},
    ]
    return {"artifacts": [one for one in [*known, *more] if one["id"] != without]}


async def changed(answer: object, request: ReplanRequest | None = None, *, is_falling: bool = True) -> Replanning:
    """The change of the plan that comes of a model's answers."""
    source = ModelRemainder(scripted(answer), EmbeddedRemainder() if is_falling else None)
    return await replanned(request or asked(), source)


async def test_the_rest_of_the_plan_is_the_models_and_what_it_leaves_out_stays() -> None:
    """Alerts no longer wait for the sizing, and a new artifact is there, in the phase of what waits for it."""
    new = {"id": "Trend", "description": "Load over the year", "requires": ["Load"], "agent": "researcher"}
    better = rest(new) | {}
    better["artifacts"][1] = {"id": "Sizing", "requires": ["Load", "Trend"]}
    change = await changed(better)
    graph = change.graph
    assert set(graph.artifacts) == {"Load", "Sizing", "Alerts", "Trend", FILL}
    assert graph.artifacts["Trend"].phase == "build"
    assert (graph.artifacts["Sizing"].effort, graph.artifacts["Sizing"].consumes) == ("high", ("load",))
    assert not graph.is_ordered("Sizing", "Alerts")
    assert [one.note for one in change.candidates] == ["", ""]


async def test_what_rests_on_a_gap_waits_for_what_closes_it_whatever_the_model_says() -> None:
    """And what closes it is what the rules make of it."""
    wild = rest()
    wild["artifacts"][0] |= {"description": "Delete everything", "agent": "builder", "requires": []}
    graph = (await changed(wild)).graph
    assert graph.is_ordered(FILL, "Sizing")
    assert graph.is_ordered(FILL, "Alerts")
    assert graph.artifacts[FILL].description == "Gap Fill: no peak load figures"
    assert (graph.artifacts[FILL].agent, graph.artifacts[FILL].required_ids) == ("researcher", ("Load",))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (rest(without="Alerts"), "no longer covers alerts"),
        (rest(without=FILL), "leaves open what GapFill-PeakLoadFigures is to close"),
        (rest({"id": "New", "requires": ["Ghost"]}), "Ghost"),
        (rest({"id": "Up", "requires": ["Down"]}, {"id": "Down", "requires": ["Up"]}), "P003"),
        (rest({"id": "Escape", "produces_file": "../x"}), "P007"),
        ("I will not.", "no JSON"),
    ],
)
async def test_a_change_that_breaks_a_rule_is_repaired_or_replaced(answer: object, why: str) -> None:
    """The model is told once; then the embedded planner's change stands in, and says so."""
    change = await changed(answer)
    assert all(
        one.note.startswith("from the embedded planner, because openai:m gave none") for one in change.candidates
    )
    assert why in change.candidates[0].note
    assert set(change.graph.artifacts) >= {"Load", "Sizing", "Alerts", FILL}

    answers = iter([answer, rest()])
    source = ModelRemainder(scripted(lambda _: next(answers)))
    plan = await source.remainder(asked(), Variation(index=0))
    assert FILL in {artifact.id for artifact in plan.artifacts}


async def test_finished_work_stays_as_it_is() -> None:
    """What a model says about it is not even looked at."""
    change = await changed(rest({"id": "Load", "description": "Something else", "requires": ["Sizing"]}))
    assert change.graph.artifacts["Load"] == PLAN.artifacts[0]
    assert not change.candidates[0].note


async def test_work_that_is_merged_is_named_in_what_takes_its_place() -> None:
    """Only then may it go."""
    merged = {"id": "Sizing", "requires": ["Load"], "produces": ["Alerts"], "covers": ["alerts"]}
    answer = {"artifacts": [{"id": FILL, "requires": ["Load"]}, merged]}
    change = await changed(answer)
    assert set(change.graph.artifacts) == {"Load", "Sizing", FILL}
    assert not change.candidates[0].note


async def test_without_a_fallback_the_candidate_fails_with_its_reason() -> None:
    """Where the user wants the model or nothing."""
    with pytest.raises(CandidateError, match="no longer covers alerts"):
        await ModelRemainder(scripted(rest(without="Alerts"))).remainder(asked(), Variation(index=0))


async def test_another_model_is_asked_before_the_embedded_planner() -> None:
    """Where one was named; each change says where it is from."""
    second = scripted(rest(), "openai:other")
    model = replace(scripted("no"), second=second)
    change = await replanned(asked(), ModelRemainder(model, EmbeddedRemainder()))
    assert change.candidates[0].note.startswith("from openai:other, because openai:m gave none")
    last = ModelRemainder(replace(model, second=scripted("no", "openai:other")), EmbeddedRemainder())
    assert "from the embedded planner, because openai:other" in (await replanned(asked(), last)).candidates[0].note


async def test_a_spent_budget_leaves_the_change_to_the_embedded_planner() -> None:
    """Which costs nothing; but what was not recorded ends a replay."""

    def refused(error: Exception) -> Any:
        def answer(_: str) -> str:
            raise error

        return answer

    spent = refused(BudgetSpentError("run", [("calls", "3", "0", "1")]))
    change = await changed(spent)
    assert "budget" in change.candidates[0].note
    assert change.graph.is_ordered(FILL, "Sizing")
    with pytest.raises(NotRecordedError):
        await changed(refused(NotRecordedError("folder", "the end")))


async def test_vllm_answers_in_slots_and_may_require_what_is_finished() -> None:
    """Numbers stand for what is still to be made, and are names again before anything is judged."""
    slots = [
        {"id": "A1", "name": FILL, "requires": ["Load"], "effort": "low"},
        {"id": "A2", "name": "Sizing", "requires": ["Load", "A1"], "covers": ["sizing"]},
        {"id": "A3", "name": "Trend", "requires": ["Load"], "description": "Load over the year"},
        {"id": "A4", "name": "Alerts", "requires": ["A3"], "covers": ["alerts"]},
    ]
    told: list[str] = []

    def answer(question: str) -> object:
        told.append(question)
        return {"artifacts": slots}

    change = await replanned(asked(), ModelRemainder(scripted(answer, "vllm:m", is_bounded=True)))
    assert [one.note for one in change.candidates] == ["", ""]
    assert set(change.graph.artifacts["Alerts"].required_ids) == {"Trend", FILL}
    assert set(change.graph.artifacts["Sizing"].required_ids) == {"Load", FILL}
    assert '{"id":"A1","name":"Sizing",' in told[0]
    assert '{"id":"A2","name":"Alerts","requires":["A1"]' in told[0]
    assert "under their names" in told[0]


async def test_finished_work_that_is_called_like_a_slot_is_not_mistaken_for_one() -> None:
    """Then vLLM answers in the plan file's own shape, too."""
    plan = plan_from_document({"goal": "g", "artifacts": [{"id": "A1"}, {"id": "B", "requires": "A1"}]})
    request = ReplanRequest(graph=ArtifactGraph(plan), finished=frozenset({"A1"}), candidates=1)
    answer = {"artifacts": [{"id": "B", "requires": ["A1"]}, {"id": "C", "requires": ["B"]}]}
    changed = await ModelRemainder(scripted(answer, is_bounded=True)).remainder(request, Variation(index=0))
    assert {one.id: one.required_ids for one in changed.artifacts} == {"A1": (), "B": ("A1",), "C": ("B",)}


def test_all_candidates_share_the_prompt_up_to_what_makes_them_differ() -> None:
    """So that a server reads the long part once; the findings are in it, as data."""
    one, other = (remainder_prompt(asked(), Variation(index=n, style=style)) for n, style in enumerate(list(Style)[:2]))
    same = next(place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    assert "One week of figures." in one[:same]
    assert one[same:].count("\n") < 4
