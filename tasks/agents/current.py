"""Which specialists a run has: those that come with the package, those that are installed, those given for this call.

A flow's parameters are JSON, so that specialists, which are code, reach it another way: an installed package names them
under the entry point group `prefect_harmonic.agents` (each a `Specialist`), and Python code wraps its call in
`using_agents`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from prefect_harmonic.errors import InstalledAgentError
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.names import ENTRY_POINT_GROUP
from prefect_harmonic.tasks.agents.registry import AgentRegistry, Specialist

_given: ContextVar[AgentRegistry | None] = ContextVar("harmonic_agents", default=None)


def current_agents() -> AgentRegistry:
    """The specialists that a run started here would have.

    Raises:
        InstalledAgentError: A package is installed that names one that cannot be used.
    """
    return _given.get() or _installed_agents()


@contextmanager
def using_agents(*specialists: Specialist) -> Iterator[AgentRegistry]:
    """Adds specialists, or replaces those of the same name, for the runs that are started within."""
    registry = current_agents().registering(*specialists)
    token = _given.set(registry)
    try:
        yield registry
    finally:
        _given.reset(token)


@cache
def _installed_agents() -> AgentRegistry:
    named = sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name)
    return DEFAULT_AGENTS.registering(*map(_specialist, named))


def _specialist(entry: EntryPoint) -> Specialist:
    """The specialist under an entry point. Passed over, a wrong one would be missed by a plan that names it."""
    try:
        found: object = entry.load()
    except Exception as error:  # somebody else's module may fail with anything
        problem = " ".join(f"loading it failed ({type(error).__name__}: {error})".split())
        raise InstalledAgentError(entry.name, entry.value, problem) from error
    if not isinstance(found, Specialist):
        raise InstalledAgentError(entry.name, entry.value, f"it is of type {type(found).__name__}, not Specialist")
    if found.name != entry.name:
        raise InstalledAgentError(entry.name, entry.value, f"its own name is {found.name!r}, not that of its entry")
    return found
