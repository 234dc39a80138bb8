"""The coordinators by name, however they are spelled."""

from enum import StrEnum


class Coordinator(StrEnum):
    """An agent that has its work done in parts by others."""

    HIERARCHICAL_PLANNER = "hierarchical-planner"
    """Parts with requirements among them, as a plan."""
    PIPELINE_MANAGER = "pipeline-manager"
    """Stages in order, with a gate between them."""
    SWARM_COORDINATOR = "swarm-coordinator"
    """Several angles at once, brought together."""


COORDINATORS = frozenset(each.value for each in Coordinator)


def agent_named(name: str) -> str:
    """The name of an agent as it is registered; scripts may write a coordinator's with underscores or blanks.

    >>> agent_named("pipeline_manager"), agent_named("my_own_agent")
    ('pipeline-manager', 'my_own_agent')
    """
    plain = "-".join(name.strip().casefold().replace("_", " ").replace("-", " ").split())
    return plain if plain in COORDINATORS else name.strip()
