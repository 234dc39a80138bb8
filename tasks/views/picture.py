"""A plan with all that is shown about it, prepared once for every part of the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import DEFAULT_EFFORT
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.spoken_time import spoken_hours

PALETTE_SIZE = 8
"""Number of tints in the style sheet (`.t0` to `.t7`)."""

KNOWN_STATES = ("done", "kept", "skeleton", "running", "failed", "blocked", "skipped", "waiting")
"""States that have a mark of their own; others are shown by their name."""

CHANGE_CLASSES = {
    "kept": "c-kept",
    "run again": "c-again",
    "changed": "c-again",
    "open": "c-open",
    "new": "c-new",
    "dropped": "c-dropped",
}
"""Classes of what becomes of an artifact under a changed plan."""


@dataclass(frozen=True)
class PlanPicture:
    """What the drawing, the table and the legend agree on.

    Attributes:
        graph: The plan.
        states: What became of each artifact, by id; empty before a run.
        critical_path: Ids on the longest chain, in order.
        changes: What becomes of each artifact under a changed plan, by id; empty if nothing was changed.
        hours: Expected working hours of artifacts; by effort alone where nobody says.
    """

    graph: ArtifactGraph
    states: Mapping[str, str] = field(default_factory=dict)
    critical_path: tuple[str, ...] = ()
    changes: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Number of each artifact, by which the parts of the page refer to it whatever its id holds."""
        return {name: number for number, name in enumerate(self.graph.order)}

    @cached_property
    def wave(self) -> Mapping[str, int]:
        """Wave of each artifact, from 1."""
        return {name: wave for wave, names in enumerate(self.graph.waves, 1) for name in names}

    @cached_property
    def critical(self) -> frozenset[str]:
        """Ids on the critical path that the plan has."""
        return frozenset(self.critical_path) & self.graph.artifacts.keys()

    @cached_property
    def critical_edges(self) -> frozenset[tuple[str, str]]:
        """Edges between neighbours on the critical path."""
        return frozenset(zip(self.critical_path, self.critical_path[1:], strict=False)) & frozenset(
            self.graph.network.edges
        )

    @cached_property
    def group_label(self) -> str:
        """What the tints stand for: phases if the plan has any, otherwise kinds of artifact."""
        return "Phase" if any(artifact.phase for artifact in self.graph.artifacts.values()) else "Kind"

    def group(self, artifact: Artifact) -> str:
        """The group an artifact is tinted by; empty if it has none."""
        return (artifact.phase if self.group_label == "Phase" else artifact.domain_type) or ""

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """All groups in the order in which the plan reaches them."""
        reached = dict.fromkeys(self.group(self.graph.artifacts[name]) for name in self.graph.order)
        return tuple(group for group in reached if group)

    def tint(self, group: str) -> str:
        """Class of the tint of a group."""
        return f"t{self.groups.index(group) % PALETTE_SIZE}" if group in self.groups else "tn"

    def expected(self, artifact: Artifact) -> str:
        """How long an artifact is expected to take, in words."""
        return spoken_hours(self.hours.get(artifact.id, DEFAULT_EFFORT.hours(artifact)))

    def state(self, name: str) -> str:
        """What became of an artifact; empty if nothing is known."""
        return self.states.get(name, "")

    def change(self, name: str) -> str:
        """What becomes of an artifact; empty if nothing was changed."""
        return self.changes.get(name, "")

    def change_class(self, name: str) -> str:
        """Class for what becomes of an artifact."""
        return CHANGE_CLASSES.get(self.change(name), "c-none")

    def state_class(self, name: str) -> str:
        """Class for the state of an artifact."""
        state = self.state(name)
        return f"s-{state}" if state in KNOWN_STATES else "s-other" if state else "s-none"


def effort_words(artifact: Artifact) -> str:
    """How much work an artifact is, in words.

    >>> effort_words(Artifact(id="A", estimated_hours=2.5)), effort_words(Artifact(id="B", effort="low"))
    ('2.5 h', 'low effort')
    """
    if artifact.estimated_hours is not None:
        return spoken_hours(artifact.estimated_hours)
    return f"{artifact.effort} effort" if artifact.effort else ""


def number_words(value: float) -> str:
    """A figure as a person writes it.

    >>> number_words(9.50), number_words(3), number_words(0.4444), number_words(12345.0)
    ('9.5', '3', '0.44', '12,345')
    """
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
