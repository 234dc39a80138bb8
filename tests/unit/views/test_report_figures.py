"""What was measured stands in the report, whatever shape it was handed over in."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reports import section, with_evidence

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import (
    Evidence,
    ProducedFile,
)
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.report import ReportInput, report


def test_figures_name_cycles_cuts_hot_spots_and_boundaries(migration: ReportInput) -> None:
    """What the code analyzer measured stands in the report as numbers."""
    figures = section(report(migration), "The code base in figures")
    assert "| module count | 41 |" in figures
    assert "`shop.orders → shop.billing.invoice`" in figures
    assert "| `shop/orders.py` | 88 | 41 | 0.83 |" in figures
    assert "| billing | `shop.billing.invoice` | 0.81 | 3 |" in figures


@pytest.mark.parametrize(
    "cut", ["a → b", ["a", "b"], {"importer": "a", "imported": "b"}, {"from": "a", "to": "b"}, [["a", "b"]]]
)
def test_cuts_are_read_in_any_usual_shape(migration: ReportInput, cut: object) -> None:
    """A cut may be a text, a pair, an object, or a list of them."""
    found = migration.evidence["CurrentStructure"]
    data = {"cycles": [{"ring": ["a", "b", "a"], "cut": cut}]}
    changed = with_evidence(migration, Evidence.model_validate({**found.model_dump(), "data": data}))
    assert "| `a` → `b` → `a` | `a → b` |" in section(report(changed), "The code base in figures")


FIGURES = ("import_cycles", "hot_spots", "boundaries", "modules", "left", "left_count", "cycles")
FIELDS = ("name", "modules", "cut", "cohesion", "crossing_imports", "owner")
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "b.py"])
)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=10,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(FIGURES), ANYTHING))
def test_report_does_not_fail_on_figures_of_any_shape(data: dict[str, object]) -> None:
    """Agents that others write may put anything into their figures."""
    found = Evidence.model_validate({"artifact": "a", "agent": "x", "summary": "s", "confidence": 0.5, "data": data})
    assert report(ReportInput(graph=ArtifactGraph([Artifact(id="a")]), evidence={"a": found}))


def test_cuts_are_read_from_the_json_file_that_an_agent_wrote(migration: ReportInput) -> None:
    """Where the figures name only the modules of a cycle, the full account in a JSON file gives cut and place."""
    cut = {"importer": "b", "imported": "a", "statements": [{"file": "src/b.py", "line": 7}]}
    full = json.dumps({"cycles": [{"modules": ["a", "b"], "ring": ["a", "b"], "cuts": [cut]}]})
    found = migration.evidence["CurrentStructure"].model_copy(
        update={
            "data": {"import_cycles": [["a", "b"]]},
            "files": (ProducedFile(path="code.json", content=full), ProducedFile(path="bad.json", content="{")),
        }
    )
    text = report(with_evidence(migration, found))
    assert "| 1 | `a` → `b` → `a` | `b → a` at `src/b.py:7` |" in section(text, "The code base in figures")
    assert "Remove the import `b → a` at `src/b.py:7`" in section(text, "Action plan")


def test_modules_of_a_cycle_are_not_drawn_as_a_ring_unless_one_is_known(migration: ReportInput) -> None:
    """A sorted list of modules says who is in a cycle, not who imports whom."""
    found = migration.evidence["CurrentStructure"].model_copy(update={"data": {"import_cycles": [["a", "b", "c"]]}})
    figures = section(report(with_evidence(migration, found)), "The code base in figures")
    assert "| 1 | `a`, `b`, `c` | none named |" in figures


def test_modules_in_no_boundary_are_named(migration: ReportInput) -> None:
    """What belongs to no proposal is not left out without a word; one commit each tells no file from another."""
    found = migration.evidence["CurrentStructure"]
    outside = [{"role": "stays a library that all use", "modules": 9, "module_names": ["shop.clock", "shop.money"]}]
    spots = [{"path": "shop/orders.py", "commits": 1, "complexity": 41}]
    data = {**found.data, "outside_services": outside, "hot_spots": spots}
    text = report(with_evidence(migration, found.model_copy(update={"data": data})))
    figures = section(text, "The code base in figures")
    assert "In none of them: 9 modules `shop.clock`, `shop.money` and 7 more (stays a library that all use)." in figures
    assert "commits" not in figures
