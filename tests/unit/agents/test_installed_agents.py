"""Specialists of installed packages, which are found by their entry points."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prefect_harmonic.errors import InstalledAgentError
from prefect_harmonic.tasks.agents.current import _installed_agents, current_agents
from prefect_harmonic.tasks.agents.names import ENTRY_POINT_GROUP, installed_agent_names

MODULE = """
from prefect_harmonic.tasks.agents.registry import Specialist

async def translate(assignment):
    raise RuntimeError("named, and never called here")

GERMAN = Specialist(name="translator", call=translate)
"""


@pytest.fixture
def installing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Installs a package that names one specialist under a name."""

    def install(name: str, place: str) -> None:
        (tmp_path / "harmonic_translators.py").write_text(MODULE)
        known = tmp_path / "harmonic_translators-1.dist-info"
        known.mkdir()
        (known / "METADATA").write_text("Name: harmonic-translators\nVersion: 1\n")
        (known / "entry_points.txt").write_text(f"[{ENTRY_POINT_GROUP}]\n{name} = {place}\n")
        monkeypatch.syspath_prepend(tmp_path)
        _installed_agents.cache_clear()

    yield install
    _installed_agents.cache_clear()


def test_specialist_of_an_installed_package_can_be_named(installing: Callable[[str, str], None]) -> None:
    """By plans that are only checked, and by runs."""
    installing("translator", "harmonic_translators:GERMAN")
    assert "translator" in installed_agent_names()
    assert current_agents()["translator"].name == "translator"


@pytest.mark.parametrize(
    ("name", "place", "problem"),
    [
        ("translator", "harmonic_translators:translate", "it is of type function, not Specialist"),
        ("interpreter", "harmonic_translators:GERMAN", "its own name is 'translator', not that of its entry"),
        ("translator", "harmonic_translators:FRENCH", "loading it failed (AttributeError: "),
        ("translator", "harmonic_no_such_module:GERMAN", "loading it failed (ModuleNotFoundError: "),
    ],
)
def test_entry_point_that_names_no_specialist_is_told(
    installing: Callable[[str, str], None], name: str, place: str, problem: str
) -> None:
    """Passed over, a plan that names it would pass the gate and then be told that nobody is called so."""
    installing(name, place)
    with pytest.raises(InstalledAgentError) as told:
        current_agents()
    assert problem in str(told.value)
    assert place in str(told.value)
