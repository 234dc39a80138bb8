"""What others import: complete, importable, and free of an engine where it has to be."""

import ast
import importlib
import pkgutil
import subprocess
import sys

import pytest

import prefect_harmonic
import prefect_harmonic.planners as planners
from prefect_harmonic.events import Event, EventName

CONTRACT = [
    "Artifact",
    "ArtifactGraph",
    "ArtifactLimits",
    "PlanMetrics",
    "VarianceStrategy",
    "PlanningStrategy",
    "HarmonicPlanner",
    "create_planner",
]
PLANNER_MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(planners.__path__, f"{planners.__name__}.")
    if ".migrations." not in module.name  # Alembic runs these, and nothing else can
)
STORE = f"{planners.__name__}.knowledge"


def output_of(script: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("name", planners.__all__)
def test_every_public_name_of_the_planners_can_be_imported(name: str) -> None:
    """From the package, as the object that its own module defines."""
    value = getattr(planners, name)
    assert getattr(importlib.import_module(value.__module__), name) is value


def test_public_names_of_the_planners_are_complete() -> None:
    """All of the contract, sorted, none twice, and each with a home."""
    assert set(CONTRACT) <= set(planners.__all__)
    assert list(planners.__all__) == sorted(set(planners.__all__))
    assert set(planners._HOMES) == set(planners.__all__) <= set(dir(planners))


def test_names_for_the_type_checker_are_the_names_at_run_time() -> None:
    """What is imported under TYPE_CHECKING is what is loaded lazily, from the same modules."""
    tree = ast.parse(importlib.util.find_spec(planners.__name__).loader.get_source(planners.__name__))  # type: ignore[union-attr]  # a source package has a loader that gives its source
    declared = {
        alias.name: (node.module or "").rpartition(".")[2]
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert declared == planners._HOMES


def test_unknown_name_of_the_planners_is_an_attribute_error() -> None:
    """As in any other module."""
    with pytest.raises(AttributeError, match="NoSuchThing"):
        planners.NoSuchThing  # noqa: B018  # reading the attribute is what is tried


def test_every_public_name_of_the_flows_can_be_imported() -> None:
    """Each is something to call, and those that the contract names are among them."""
    flows = importlib.import_module("prefect_harmonic.flows")
    assert [name for name in flows.__all__ if not callable(getattr(flows, name))] == []
    assert {"harmonic_planning", "execute_plan", "pursue_goal", "advance_program"} <= set(flows.__all__)


MODEL_CLIENTS = "prefect_harmonic.planners.models."
"""Where clients of language models live, which load what they need; the choice of a source does not load them."""


def test_choosing_a_source_loads_no_model_client() -> None:
    """Planning without a model costs nothing of what planning with one needs."""
    script = (
        "import sys\nfrom prefect_harmonic.planners.models.choosing import source_for\nsource_for()\n"
        "print([name for name in ('pydantic_ai', 'openai', 'httpx', 'prefect') if name in sys.modules])"
    )
    assert output_of(script) == "[]"


def test_planners_load_no_engine_and_no_user_interface() -> None:
    """After every module of the planners is imported, none of these is."""
    store = [name for name in PLANNER_MODULES if name.startswith(STORE)]
    core = [name for name in PLANNER_MODULES if name not in store and not name.startswith(MODEL_CLIENTS)]
    script = (
        f"import importlib, sys\nfor name in {core!r}: importlib.import_module(name)\n"
        "foreign = ['prefect', 'structlog', 'rich', 'click', 'httpx']\n"
        "print([name for name in [*foreign, 'sqlalchemy', 'alembic'] if name in sys.modules], end='')\n"
        f"for name in {store!r}: importlib.import_module(name)\n"
        "print([name for name in foreign if name in sys.modules])"
    )
    assert len(PLANNER_MODULES) > 30
    assert output_of(script) == "[][]"


def test_package_itself_loads_nothing_heavy() -> None:
    """Prefect imports it in servers and workers."""
    script = (
        "import prefect_harmonic, sys\n"
        "print([name for name in ('prefect', 'pydantic', 'networkx', 'yaml') if name in sys.modules])"
    )
    assert output_of(script) == "[]"


def test_version_is_known() -> None:
    """From the installed distribution."""
    assert prefect_harmonic.__version__ != "0.0.0"


def test_event_names_are_a_subject_and_a_participle() -> None:
    """One dot, lower case, each once, and an event that is named otherwise is refused."""
    assert all(name.value.count(".") == 1 and name.value == name.value.lower() for name in EventName)
    with pytest.raises(ValueError, match="name"):
        Event.model_validate({"name": "candidate.eaten"})
