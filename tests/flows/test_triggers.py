"""When a plan is changed: each trigger of the design document, from what was found to what is done about it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from support.migration import artifact, migration

from prefect_harmonic.planners.evidence import Claim, Source

if TYPE_CHECKING:
    from flows.conftest import Cast

Pursued = Callable[..., Any]


def changes(run: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """The changes of the plan: what each was for, and what closes what was open."""
    return [(one["trigger"], [closing["artifact"] for closing in one["closings"]]) for one in run["replannings"]]


async def test_phase_that_completes_is_evaluated_and_its_gaps_are_filled(pursued: Pursued, cast: "Cast") -> None:
    """Sure of itself, and more left open than the criteria allow: each gap gets an artifact before the next phase."""
    cast.finds("MonolithSurvey", {"gaps": ("peak load", "staff costs", "end of support")})
    run = await pursued(*migration())
    ((trigger, closings),) = changes(run)
    assert trigger == "phase completed"
    assert sorted(closings) == ["GapFill-EndSupport", "GapFill-PeakLoad", "GapFill-StaffCosts"]
    assert max(map(cast.called.index, closings)) < cast.called.index("BoundaryAnalysis")
    assert run["outcome"] == "converged"


async def test_unexpected_complexity_changes_the_remaining_plan(pursued: Pursued, cast: "Cast") -> None:
    """47 cycles were measured and nothing ahead speaks of any: the plan is changed though all criteria are met."""
    cast.finds("MonolithSurvey", {"data": {"import_cycle_count": 47}})
    run = await pursued(*migration())
    assert changes(run) == [("unexpected complexity", ["Resolve-47CircularDependenciesModules"])]
    assert run["evaluations"][0]["outcome"] == "converged"
    order = cast.called
    assert order.index("Resolve-47CircularDependenciesModules") < order.index("BoundaryAnalysis")
    assert order.count("MonolithSurvey") == 1


async def test_new_dependency_is_added_and_the_plan_reordered(pursued: Pursued, cast: "Cast") -> None:
    """The analysis says that it is not right without the glossary, which nothing puts before it: it is made again.

    Nothing else is, and what waits for the analysis waits for the glossary now.
    """
    cast.finds("BoundaryAnalysis", {"data": {"needs": ["DomainGlossary"]}}, {})
    run = await pursued(*migration(), artifact("DomainGlossary", "training"))
    assert [one["trigger"] for one in run["replannings"]] == ["new dependency"]
    planned = {one["id"]: one for one in run["plan"]["artifacts"]}
    assert {edge["id"] for edge in planned["BoundaryAnalysis"]["requires"]} == {"DomainGlossary", "MonolithSurvey"}
    order = cast.called
    assert order.count("BoundaryAnalysis") == 2
    assert order.index("DomainGlossary") < order.index("BoundaryAnalysis", order.index("BoundaryAnalysis") + 1)
    assert order.count("MonolithSurvey") == order.count("DomainGlossary") == order.count("MigrationDecision") == 1
    assert run["outcome"] == "converged"


async def test_low_confidence_gets_additional_research(pursued: Pursued, cast: "Cast") -> None:
    """Nothing is named that is missing, and it is not sure enough: one artifact confirms or corrects it."""
    unsure = Claim(text="Releases take 11 minutes.", sources=(Source(path="docs/a.md"),), confidence=0.5)
    cast.finds("MonolithSurvey", {"confidence": 0.5, "claims": (unsure,)})
    run = await pursued(*migration())
    assert changes(run) == [("confidence below the threshold", ["Confirm-MonolithSurvey"])]
    agents = {one["id"]: one["agent"] for one in run["plan"]["artifacts"]}
    assert agents["Confirm-MonolithSurvey"] == "researcher"
    assert cast.called.index("Confirm-MonolithSurvey") < cast.called.index("BoundaryAnalysis")
    assert run["outcome"] == "converged"


async def test_used_up_iterations_reach_a_person_with_a_summary_of_the_findings(pursued: Pursued, cast: "Cast") -> None:
    """Two evaluations are allowed and neither suffices: the question says what is open, and nothing more is started."""
    for name in ("MonolithSurvey", "BoundaryAnalysis"):
        cast.finds(name, {"confidence": 0.1, "gaps": (f"the owner of {name}", "its cost", "its end")})
    run = await pursued(*migration(), criteria={"max_iterations": 2}, on_escalation="fail")
    assert [one["outcome"] for one in run["evaluations"]] == ["continue", "exhausted"]
    (asked,) = run["questions"]
    assert asked["question"]["kind"] == "exhausted"
    assert "the owner of BoundaryAnalysis" in asked["question"]["findings"]
    assert run["outcome"] == "stopped"
    assert not run["complete"]
    assert "MigrationDecision" not in cast.called
