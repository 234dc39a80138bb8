"""A gap about circular dependencies is answered from the code, any other from the documents."""

import datetime
from pathlib import Path

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence, Grade
from prefect_harmonic.tasks.agents.code_analyzer.agent import analyze_code
from prefect_harmonic.tasks.agents.code_analyzer.analysis import analysis
from prefect_harmonic.tasks.agents.code_analyzer.resolution import resolution

EXAMPLE = Path(__file__).parents[3] / "examples" / "monolith"
CYCLES = "how to resolve 47 circular dependencies between modules"


def ring(root: Path, *modules: str) -> None:
    """Modules of a package that import each other in a ring."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "__init__.py").touch()
    for module, following in zip(modules, (*modules[1:], modules[0]), strict=True):
        (root / f"{module}.py").write_text(f"from {root.name} import {following}\n\nprint({following})\n")


async def closed(project: Path | None, text: str, first: str = "Resolve") -> Evidence:
    """What the code analyzer says to an opening."""
    artifact = Artifact(id="ResolveCycles", description=f"{first}: {text}")
    place = str(project) if project else None
    return await analyze_code(Assignment(artifact=artifact, project=place, today=datetime.date(2026, 11, 22)))


@pytest.mark.parametrize("first", ["Resolve", "Gap Fill"])
async def test_removals_are_counted_with_what_is_left(tmp_path: Path, first: str) -> None:
    """Each ring costs one import, and after the last none is left."""
    for number in range(5):
        ring(tmp_path / f"part{number}", "a", "b", "c")
    evidence = await closed(tmp_path, CYCLES, first)
    assert evidence.gaps == ()
    assert (evidence.data["removals_count"], evidence.data["is_closed"]) == (5, True)
    assert evidence.claims[0].text.startswith("Removing 5 imports of the 15 within 5 import cycles, no import cycle")
    assert {source.grade for source in evidence.claims[0].sources} == {Grade.MEASURED}
    assert evidence.text.count("\n| 5 |") == 1


def test_what_is_left_falls_to_nothing_on_the_example() -> None:
    """Eight removals open the six cycles of the example, and the modules in cycles only get fewer."""
    resolved = resolution(analysis(EXAMPLE))
    left = [each.modules or 0 for each in resolved.removals]
    assert (len(resolved.removals), resolved.imports, resolved.is_whole) == (8, 22, True)
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0


async def test_code_without_cycles_needs_no_removal(tmp_path: Path) -> None:
    """Measured without a cycle, the question is answered too."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").touch()
    evidence = await closed(tmp_path, CYCLES)
    assert (evidence.gaps, evidence.data["removals_count"]) == ((), 0)


@pytest.mark.parametrize(
    "text", [CYCLES, "No git history: there is no repository. Hot spots are ranked by complexity."]
)
async def test_what_code_cannot_answer_stays_open(tmp_path: Path, text: str) -> None:
    """Without Python code, or about something else, the documents are asked, and an empty project has none."""
    for project in (tmp_path, None):
        evidence = await closed(project, text)
        assert (evidence.gaps, evidence.claims) == ((text,), ())
