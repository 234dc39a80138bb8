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
        place: Where the record is, told to people who named none; empty where they did.

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
    place: str = ""

    @cached_property
    def _all(self) -> LearnedHours:
        """All that was made, which the time of a run is foretold from: its clock runs for seconds too."""
        return LearnedHours.of(self.work)

    @cached_property
    def _telling(self) -> LearnedHours:
        """What says something about the work, which plans are chosen by."""
        return LearnedHours.of(one for one in self.work if one.is_telling)

    @property
    def is_learned(self) -> bool:
        """Whether the hours that plans are chosen by come from the record."""
        return self.has_learned_hours and self._telling.is_enough

    @cached_property
    def effort(self) -> EffortModel:
        """Hours that plans are chosen by; the default ones where the record says too little or is not asked."""
        return self._telling.effort() if self.has_learned_hours else EffortModel()

    def _clock(self, *, without: str = "") -> EffortModel:
        """Hours that the time of a run is foretold from."""
        return self._all.effort(without=without) if self.has_learned_hours else EffortModel()

    @cached_property
    def _durations(self) -> DurationModel:
        # What is foretold of a run must not rest on what its own artifacts took.
        times = (run.time(self._clock(without=run.id), project=self.project) for run in self.runs)
        return DurationModel([time for time in times if time is not None])

    def prediction(self, graph: ArtifactGraph, workers: int) -> Prediction:
        """How long a run of a plan will take."""
        features = features_of(graph, self._clock().durations(graph), workers)
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
            "clock": self._clock().model_dump(mode="json"),
            "runs": [run.model_dump(mode="json") for run in self.runs],
            "project": self.project,
            "offers": self.has_offers,
        }
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def hours_words(self) -> str:
        """Which hours plans are chosen by, why, and where was looked for them, as people are told."""
        words = f"hours {self._source_words}" if self.is_learned else f"hours by effort alone, as {self._lack_words}"
        return f"{words}, looked up in {self.place}" if self.place and self.has_learned_hours else words

    @property
    def _source_words(self) -> str:
        runs = f"{self._telling.runs} earlier run{'s' if self._telling.runs > 1 else ''}"
        return f"from {runs} ({self._telling.artifacts} artifacts of a minute or more)"

    @property
    def _lack_words(self) -> str:
        if self.problem:
            return f"earlier runs could not be read: {self.problem}"
        if not self.has_learned_hours:
            return "asked for"
        if not self._all.is_enough:
            return f"fewer than {LEAST_FINISHED} artifacts were made before"
        known = f"fewer than {LEAST_FINISHED} of {self._all.artifacts} artifacts made before took a minute or more"
        return f"{known}, and faster ones say nothing of the work"

    def to_document(self) -> dict[str, Any]:
        """Where the figures of a planning come from, as plain JSON values."""
        return {
            "hours": "history" if self.is_learned else "default",
            "runs": self._telling.runs if self.is_learned else 0,
            "artifacts": self._telling.artifacts if self.is_learned else 0,
            "fingerprint": self.fingerprint,
            "problem": self.problem,
            "said": self.hours_words,
        }


NO_EXPERIENCE = Experience(has_learned_hours=False, has_offers=False)
"""Planning without looking back."""
