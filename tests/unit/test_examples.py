"""The examples in docstrings are true."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOMS = Path(__file__).parents[2]
WITH_EXAMPLES = sorted(
    path.relative_to(ROOMS).with_suffix("").as_posix().replace("/", ".")
    for room in ("planners", "tasks", "flows", "deployments")
    for path in (ROOMS / room).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_in_docstrings_give_what_they_say(module: str) -> None:
    """Each is run as it stands; whoever reads one may rely on it."""
    outcome = doctest.testmod(importlib.import_module(f"prefect_harmonic.{module}"))
    assert outcome.attempted
    assert not outcome.failed
