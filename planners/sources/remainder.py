"""The seam between replanning and whatever proposes changed plans."""

from typing import Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.effort import DEFAULT_EFFORT, EffortModel
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.deciding import Trigger
from prefect_harmonic.planners.programme.opening import Opening
from prefect_harmonic.planners.programme.surprises import NewDependency
from prefect_harmonic.planners.variance import Variation


class ReplanRequest(BaseModel):
    """All that a changed plan is made from. `openings` that have a closing already, or an artifact, are passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    graph: ArtifactGraph = Field(description="The plan as it stands.")
    finished: frozenset[str] = Field(default=frozenset(), description="Artifacts that are done.")
    evidence: dict[str, Evidence] = Field(default_factory=dict, description="What was found out, by artifact.")
    openings: tuple[Opening, ...] = Field(default=(), description="What is to be closed.")
    dependencies: tuple[NewDependency, ...] = Field(default=(), description="Orders that came to light.")
    closings: tuple[Closing, ...] = Field(default=(), description="What earlier changes added.")
    changed: dict[str, str] = Field(
        default_factory=dict, description="Finished artifacts whose findings no longer hold, each with why."
    )
    iteration: int = Field(default=1, ge=1, description="The evaluation that the change follows.")
    trigger: Trigger = Trigger.PHASE_COMPLETED
    max_closings: int = Field(default=10, ge=1, description="Closing artifacts to add at most; the rest stays open.")
    guidance: str = Field(default="", description="What a person said to look at, for a source that reads words.")
    agents: frozenset[str] | None = Field(default=None, description="Specialists that may be named; any if left out.")
    limits: ArtifactLimits = Field(
        default=ArtifactLimits(), description="How large what remains of the plan may be; see `replanning`."
    )
    workers: int = Field(default=4, ge=1, description="The parallelism to plan for.")
    effort: EffortModel = Field(default=DEFAULT_EFFORT, description="How many hours artifacts take.")
    candidates: int = Field(default=5, description="How many changed plans to compare.")
    seed: int = Field(default=0, description="Seed for whatever is drawn at random.")


class RemainderSource(Protocol):
    """Proposes changed plans. The gate and the rules of replanning judge them; a source may be wrong but not silent."""

    async def remainder(self, request: ReplanRequest, variation: Variation) -> Plan:
        """The whole plan, changed in what is still to be made.

        Work that is kept stays as it is (`remaining.kept_work`), and each opening has the artifact with the id of its
        closing (`remaining.closings_for`).

        Raises:
            CandidateError: There is none; the reason is told to the user.
        """
        ...


@runtime_checkable
class NotingRemainder(Protocol):
    """A source that has something to say about its changed plans, such as that it could not give one."""

    def note_on(self, request: ReplanRequest, candidate: str) -> str:
        """What a person should know about a candidate; nothing in most cases."""
        ...
