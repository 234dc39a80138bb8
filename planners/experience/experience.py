"""All that earlier runs teach one planning, as one value."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prefect_harmonic.planners.effort import EffortModel, kind_of
from prefect_harmonic.planners.experience.duration import DurationModel, Prediction
from prefect_harmonic.planners.experience.features import features_of
from prefect_harmonic.planners.experience.finished_work import FinishedWork
from prefect_harmonic.planners.experience.hours import LEAST_FINISHED, LearnedHours
from prefect_harmonic.planners.experience.past_run import PastRun
from prefect_harmonic.planners.experience.reuse import OfferedPlan, offered_plan
from prefect_harmonic.planners.graph import ArtifactGraph


@dataclass(frozen=True)
class Experience:
    """What the record says, and what of it is made use of.

    Attributes:
        work: Finished artifacts of runs with the same model.
        runs: Runs with the same model that made all of their artifacts, latest last.
        project: Identity of the project that the goal is about; empty for none.
        has_learned_hours: Whether hours of artifacts are taken from the record.
        has_offers: Whether plans that served before are offered as candidates.
        problem: Why the record could not be read, if it could not.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> Experience().effort.history, Experience().prediction(ArtifactGraph([Artifact(id="A")]), workers=4).seconds
    ({}, None)
    """

    work: Sequence[FinishedWork] = ()
    runs: Sequence[PastRun] = ()
    project: str = ""
    has_learned_hours: bool = True
    has_offers: bool = True
    problem: str = ""

    @cached_property
    def _hours(self) -> LearnedHours:
        return LearnedHours.of(self.work)

    @property
    def is_learned(self) -> bool:
        """Whether hours come from the record."""
        return self.has_learned_hours and self._hours.is_enough

    @cached_property
    def effort(self) -> EffortModel:
        """Hours of artifacts; the default ones where the record says too little or is not asked."""
        return self._effort()

    def _effort(self, *, without: str = "") -> EffortModel:
        return self._hours.effort(without=without) if self.has_learned_hours else EffortModel()

    @cached_property
    def _durations(self) -> DurationModel:
        # What is foretold of a run must not rest on what its own artifacts took.
        times = (run.time(self._effort(without=run.id), project=self.project) for run in self.runs)
        return DurationModel([time for time in times if time is not None])

    def prediction(self, graph: ArtifactGraph, workers: int) -> Prediction:
        """How long a run of a plan will take."""
        features = features_of(graph, self.effort.durations(graph), workers)
        return self._durations.prediction(features, [kind_of(artifact) for artifact in graph.artifacts.values()])

    def offer(self, goal: str, requirements: Sequence[str], *, needs_declared: bool) -> OfferedPlan | None:
        """A plan that served a similar goal before; see `offered_plan`."""
        if not self.has_offers:
            return None
        return offered_plan(goal, requirements, self.runs, project=self.project, needs_declared=needs_declared)

    @property
    def fingerprint(self) -> str:
        """Digest of all that planning takes from the record: the same one, the same plans."""
        known = {
            "effort": self.effort.model_dump(mode="json"),
            "runs": [run.model_dump(mode="json") for run in self.runs],
            "project": self.project,
            "offers": self.has_offers,
        }
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def hours_words(self) -> str:
        """Where hours come from, as people are told."""
        if self.problem:
            return f"hours by effort alone, as earlier runs could not be read: {self.problem}"
        if not self.has_learned_hours:
            return "hours by effort alone, as asked for"
        if not self.is_learned:
            return f"hours by effort alone, as fewer than {LEAST_FINISHED} artifacts were made before"
        runs = f"{self._hours.runs} earlier run{'s' if self._hours.runs > 1 else ''}"
        return f"hours from {runs} ({self._hours.artifacts} artifacts)"

    def to_document(self) -> dict[str, Any]:
        """Where the figures of a planning come from, as plain JSON values."""
        return {
            "hours": "history" if self.is_learned else "default",
            "runs": self._hours.runs if self.is_learned else 0,
            "artifacts": self._hours.artifacts if self.is_learned else 0,
            "fingerprint": self.fingerprint,
            "said": self.hours_words,
        }


NO_EXPERIENCE = Experience(has_learned_hours=False, has_offers=False)
"""Planning without looking back."""
