"""What a run that plans was asked for, and what follows from it: options, the language model, who proposes plans."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.models.choosing import model_for, source_from
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.options import HoursFrom, PlanningOptions
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.sources.source import CandidateSource
from prefect_harmonic.planners.variance import VarianceStrategy
from prefect_harmonic.tasks.agents.current import current_agents


@dataclass(frozen=True, kw_only=True)
class PlanningRequest:
    """The parameters of a run that plans, as its flow takes them; the flow's docstring says what each means."""

    goal: str
    project: str | None
    candidates: int
    variance: VarianceStrategy
    refine: int
    scorer: Scorer
    workers: int
    max_artifacts: int
    max_depth: int
    harmonic: bool
    seed: int
    hours: HoursFrom
    reuse_plans: bool
    methods: str | None
    model: str | None
    base_url: str | None
    fallback_model: str | None
    record: str | None
    replay: str | None
    judge: bool

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Self:
        """The request in the parameters of a flow, which are its `locals()` as it begins; it may have more of them."""
        return cls(**{one.name: parameters[one.name] for one in fields(cls)})

    @property
    def options(self) -> PlanningOptions:
        """How plans are made and compared; in a run that is recorded or replayed, without what earlier runs taught."""
        options = PlanningOptions(
            candidates=self.candidates,
            variance=self.variance,
            refinement_rounds=self.refine,
            scorer=self.scorer,
            workers=self.workers,
            limits=ArtifactLimits(max_artifacts=self.max_artifacts, max_depth=self.max_depth),
            harmonic=self.harmonic,
            seed=self.seed,
            hours=self.hours,
            reuse_plans=self.reuse_plans,
        )
        return options.unlearned() if self.record or self.replay else options

    def language_model(self) -> LanguageModel | None:
        """The model that was asked for, if one was. Raises `OptionError` and `MissingPackageError`."""
        return model_for(
            self.model, self.base_url, record=self.record, replay=self.replay, fallback=self.fallback_model
        )

    def source(self, model: LanguageModel | None) -> CandidateSource:
        """Who proposes plans, with the run's model or without one. Raises `MethodLibraryError`."""
        agents = frozenset(current_agents())
        return source_from(model, methods=self.methods, agents=agents, fallback=self.fallback_model)
