"""What comes out of planning: every candidate, the winner and why, and the plan after refinement."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from prefect_harmonic.planners.candidate import Candidate
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.experience.duration import NO_PREDICTION, Prediction
from prefect_harmonic.planners.experience.experience import NO_EXPERIENCE, Experience
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import PlanMetrics, metrics_of
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.planners.refinement import RefinementRound
from prefect_harmonic.planners.selection import Selection
from prefect_harmonic.planners.soundness import Soundness
from prefect_harmonic.planners.working_memory import MemoryReport


@dataclass(frozen=True, slots=True)
class Likeness:
    """A candidate that came out nearly like another one, and what was done about it."""

    candidate: str
    other: str
    similarity: float
    is_replaced: bool

    def to_document(self) -> dict[str, Any]:
        """The likeness as plain JSON values."""
        return {
            "candidate": self.candidate,
            "like": self.other,
            "similarity": round(self.similarity, 4),
            "replaced": self.is_replaced,
        }


@dataclass(frozen=True, slots=True)
class PlanningOutcome:
    """The whole story of one planning, in the order in which it happened. Timings are milliseconds.

    `experience` is what was known of earlier runs, `effort` the hours that came of it, and `prediction` how long a run
    of the plan should take. `memory` is how often the candidates asked for what they share, and how often it was found.
    """

    goal: str
    requirements: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    selection: Selection
    refined: Candidate
    rounds: tuple[RefinementRound, ...]
    unique_structures: int
    likenesses: tuple[Likeness, ...]
    timings_ms: Mapping[str, float]
    notes: tuple[str, ...] = ()
    usage: Mapping[str, Usage] = field(default_factory=dict)
    soundness: Mapping[str, Soundness] = field(default_factory=dict)
    effort: EffortModel = field(default_factory=EffortModel)
    experience: Experience = NO_EXPERIENCE
    prediction: Prediction = NO_PREDICTION
    memory: MemoryReport = field(default_factory=MemoryReport)

    @property
    def graph(self) -> ArtifactGraph:
        """The plan that was chosen, after refinement."""
        return self.refined.graph

    @property
    def metrics(self) -> PlanMetrics:
        """Its figures."""
        return self.refined.metrics or metrics_of(self.graph)

    def summary(self) -> dict[str, Any]:
        """What a person wants to see of it: `to_document` without the plan, the findings and the timings."""
        return {
            "requirements": list(self.requirements),
            "selected": self.selection.winner.id,
            "reason": self.selection.reason,
            "candidates": [candidate.summary() | self._judged(candidate) for candidate in self.candidates],
            "refinement": [attempt.to_document() for attempt in self.rounds],
            "notes": list(self.notes),
            "similar": [likeness.to_document() for likeness in self.likenesses],
            "experience": self.experience.to_document(),
            "prediction": self.prediction.to_document(),
        }

    def to_document(self) -> dict[str, Any]:
        """Everything as plain JSON values, in the shape of `harmonic plan --json`."""
        return self.summary() | {
            "goal": self.goal,
            "ranking": list(self.selection.ranking),
            "pareto_front": list(self.selection.pareto_front),
            "candidates": [candidate.to_document() | self._judged(candidate) for candidate in self.candidates],
            "unique_structures": self.unique_structures,
            "expected_makespan_hours": self.refined.expected_makespan_hours,
            "metrics": self.metrics.model_dump(mode="json"),
            "plan": self.graph.plan.to_document(),
            "usage": {name: usage.to_document() for name, usage in sorted(self.usage.items())},
            "memory": asdict(self.memory),
            "timings_ms": {name: round(value, 3) for name, value in self.timings_ms.items()},
        }

    def _judged(self, candidate: Candidate) -> dict[str, Any]:
        """What the judge thinks of a candidate; nothing where nobody judged it."""
        one = self.soundness.get(candidate.id)
        return {} if one is None else {"soundness": one.to_document()}
