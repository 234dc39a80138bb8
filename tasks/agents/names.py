"""What the specialists of this installation are called, found out without loading any of them."""

from importlib.metadata import entry_points

from prefect_harmonic.planners.harmonic import DEFAULT_AGENTS

ENTRY_POINT_GROUP = "prefect_harmonic.agents"
"""Under which an installed package names its specialists; the entry has the specialist's own name."""


def installed_agent_names() -> frozenset[str]:
    """The names that artifacts of a plan may give as their agent."""
    return DEFAULT_AGENTS | {entry.name for entry in entry_points(group=ENTRY_POINT_GROUP)}
