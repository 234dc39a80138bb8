"""The design document's worked example: 47 circular dependencies, confidence 0.4, replanned, 0.75, converged."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.migration import migration

from prefect_harmonic.flows import pursue_goal
from prefect_harmonic.tasks.agents.code_analyzer.analysis import analysis

if TYPE_CHECKING:
    from flows.conftest import Cast

EXAMPLE = Path(__file__).parents[2] / "examples" / "worked-migration"


@pytest.fixture(scope="module")
def grow() -> Callable[..., list[list[str]]]:
    """The example's own script, which writes the application."""
    made: Callable[..., list[list[str]]] = runpy.run_path(str(EXAMPLE / "grow.py"))["grow"]
    return made


@pytest.mark.parametrize("cycles", [0, 1, 8, 47, 60])
def test_script_writes_as_many_cycles_as_the_analyzer_counts(
    cycles: int, grow: Callable[..., list[list[str]]], tmp_path: Path
) -> None:
    """The very rings that the script says it wrote, and no other module in any of them."""
    written = {frozenset(f"shop.{module}" for module in ring) for ring in grow(tmp_path, cycles)}
    assert len(written) == cycles
    assert {frozenset(cycle.modules) for cycle in analysis(tmp_path).cycles} == written


def test_script_writes_the_same_each_time(grow: Callable[..., list[list[str]]], tmp_path: Path) -> None:
    """Byte for byte."""
    grow(tmp_path / "one")
    grow(tmp_path / "two")
    one, two = (
        {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
        for folder in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two


async def test_real_specialists_find_47_cycles_replan_and_converge(
    grow: Callable[..., list[list[str]]], tmp_path: Path
) -> None:
    """The plan reckons with no cycle: it is changed, the imports to remove are named, and the run converges."""
    grow(tmp_path / "shop")
    plan = json.loads((EXAMPLE / "plan.json").read_text())
    run: dict[str, Any] = await pursue_goal(
        plan=plan, project=str(tmp_path / "shop"), workspace=str(tmp_path / "out"), retries=0
    )
    assert run["outcome"] == "converged"
    (replanning,) = run["replannings"]
    assert replanning["trigger"] == "unexpected complexity"
    closed = {one["opening"]["kind"]: one for one in replanning["closings"]}
    assert closed["complexity"]["opening"]["text"] == "how to resolve 47 circular dependencies between modules"
    assert closed["complexity"]["artifact"] == "Resolve-47CircularDependenciesModules"
    assert [one["phase"] for one in run["evaluations"]] == ["research", "analysis", "decision", "training"]
    assert run["evaluations"][-1]["outcome"] == "converged"
    report = (tmp_path / "out" / "report.md").read_text()
    assert "47 import cycles, the largest of 4 modules" in report
    assert "pricing, stock and shipping" in report
    assert "first three departments" not in " ".join(run["evaluations"][-1]["gaps"])


async def test_figures_of_the_design_document_with_scripted_findings(pursued: Callable[..., Any], cast: "Cast") -> None:
    """0.4 with one gap after research; 0.75 with none after the replanned analysis; two more phases follow."""
    cast.finds("MonolithSurvey", {"confidence": 0.4, "gaps": ("dependency resolution strategy",)})
    cast.finds("BoundaryAnalysis", {"confidence": 0.95})
    run = await pursued(*migration())
    told = [(one["phase"], one["confidence"], len(one["gaps"]), one["outcome"]) for one in run["evaluations"]]
    assert told[:2] == [("research", 0.4, 1, "continue"), ("analysis", 0.75, 0, "converged")]
    assert [phase for phase, *_ in told[2:]] == ["decision", "training"]
    (replanning,) = run["replannings"]
    assert (replanning["iteration"], replanning["trigger"]) == (1, "confidence below the threshold")
    assert [one["artifact"] for one in replanning["closings"]] == ["GapFill-DependencyResolutionStrategy"]
    assert run["outcome"] == "converged"
