"""Parameters of the flows: the same names, defaults and texts in Python, in the Prefect UI's form and on the API."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.options import MAX_WORKERS
from prefect_harmonic.planners.plan import Plan, plan_from_document
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.variance import MAX_CANDIDATES, VarianceStrategy


def as_plan(value: Any) -> Any:  # whatever a caller gives; the plan's own type is checked next
    """A graph or the plain JSON of a plan file as a plan."""
    if isinstance(value, ArtifactGraph):
        return value.plan
    return plan_from_document(value) if isinstance(value, dict) else value


PlanDocument = Annotated[Plan, BeforeValidator(as_plan)]

Goal = Annotated[str, Field(title="Goal", description="What should exist when the work is done.")]
ProjectFolder = Annotated[str | None, Field(title="Project", description="Folder of the code the goal is about.")]
WorkspaceFolder = Annotated[str, Field(title="Workspace", description="Folder that takes what is made.")]

Candidates = Annotated[
    int, Field(title="Candidates", ge=1, le=MAX_CANDIDATES, description="Plans to generate and compare.")
]
Variance = Annotated[VarianceStrategy, Field(title="Variance", description="What is varied between the candidates.")]
Refine = Annotated[int, Field(title="Refinement rounds", ge=0, le=10, description="Attempts to improve the winner.")]
RankedBy = Annotated[Scorer, Field(title="Scorer", description="By what valid candidates are ranked.")]
Workers = Annotated[int, Field(title="Workers", ge=1, le=MAX_WORKERS, description="The parallelism to plan for.")]
MaxArtifacts = Annotated[int, Field(title="Most artifacts", ge=1, description="Artifacts in a plan at most.")]
MaxDepth = Annotated[int, Field(title="Greatest depth", ge=1, description="Artifacts on one chain at most.")]
Harmonic = Annotated[bool, Field(title="Harmonic", description="Compare several candidates; otherwise make one.")]
Seed = Annotated[int, Field(title="Seed", description="Seed for whatever is drawn at random.")]
MethodsFolder = Annotated[
    str | None, Field(title="Methods", description="Folder with planning methods of your own (YAML).")
]
Model = Annotated[
    str | None, Field(title="Language model", description="Leave empty for the embedded planner, which needs none.")
]
ModelUrl = Annotated[str | None, Field(title="Model server", description="Address of an OpenAI-compatible server.")]

MaxParallel = Annotated[
    int, Field(title="Parallel artifacts", ge=1, le=MAX_WORKERS, description="Artifacts made at once at most.")
]
Retries = Annotated[int, Field(title="Retries", ge=0, le=20, description="Tries after a failure, where it may help.")]
Timeout = Annotated[float | None, Field(title="Timeout", gt=0, description="Seconds that one artifact may take.")]
