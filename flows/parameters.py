"""Parameters of the flows: the same names, defaults and texts in Python, in the Prefect UI's form and on the API."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from prefect_harmonic.flows.asking import OnEscalation
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.budget import BudgetLimits
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.options import MAX_WORKERS, HoursFrom
from prefect_harmonic.planners.plan import Plan, plan_from_document
from prefect_harmonic.planners.programme.evaluation import Criteria
from prefect_harmonic.planners.programme.milestones import Milestone
from prefect_harmonic.planners.programme.question import Answer
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.variance import MAX_CANDIDATES, VarianceStrategy


def as_plan(value: Any) -> Any:  # whatever a caller gives; the plan's own type is checked next
    """A graph or the plain JSON of a plan file as a plan."""
    if isinstance(value, ArtifactGraph):
        return value.plan
    return plan_from_document(value) if isinstance(value, dict) else value


def _file_schema(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:  # JSON schema
    """A JSON object of a plan file: these keys and no others.

    The keys stand under `patternProperties`, which a server checks like `properties` and the UI's form does not know:
    the form shows one editor for JSON, in which a plan file is pasted, in place of hundreds of input fields.
    """
    patterns = {f"^{name}$": schema for name, schema in properties.items()}
    return {"type": "object", "patternProperties": patterns, "additionalProperties": False, **more}


_TEXT, _TEXT_OR_NONE = {"type": "string"}, {"type": ["string", "null"]}
_NAMES = {"type": ["array", "string", "null"], "items": _TEXT}
_REQUIREMENT = {"anyOf": [_TEXT, _file_schema({"id": _TEXT, "because": _TEXT_OR_NONE}, required=["id"])]}
_REQUIREMENTS = {"anyOf": [{"type": "array", "items": _REQUIREMENT}, *_REQUIREMENT["anyOf"], {"type": "null"}]}
_UNLIKE_THE_MODEL = {"requires": _REQUIREMENTS, **dict.fromkeys(("consumes", "produces", "covers"), _NAMES)}


def _artifact_schema() -> dict[str, Any]:  # JSON schema
    """An artifact as a plan file may have it, which is more than the model's own schema says it may."""
    own = Artifact.model_json_schema()["properties"]
    plain = {
        name: {key: schema[key] for key in ("type", "anyOf") if key in schema}
        for name, schema in own.items()
        if name not in _UNLIKE_THE_MODEL
    }
    return _file_schema({**plain, **_UNLIKE_THE_MODEL}, required=["id"])


PLAN_SCHEMA = _file_schema(
    {
        "version": {"const": 1},
        "goal": _TEXT,
        "requirements": _NAMES,
        "artifacts": {"type": "array", "minItems": 1, "items": _artifact_schema()},
    },
    required=["artifacts"],
    title="Plan file",
    description="The JSON of a plan file, as `harmonic plan --output` writes it.",
)
"""What a server accepts as a plan."""

PlanDocument = Annotated[Plan, BeforeValidator(as_plan), WithJsonSchema(PLAN_SCHEMA), Field(title="Plan")]

# A parameter's title stands here. Its description stands in the docstring of each flow, from where Prefect takes it.

Goal = Annotated[str, Field(title="Goal")]
ProjectFolder = Annotated[str | None, Field(title="Project folder")]
WorkspaceFolder = Annotated[str, Field(title="Workspace folder", min_length=1)]

Candidates = Annotated[int, Field(title="Candidates", ge=1, le=MAX_CANDIDATES)]
Variance = Annotated[VarianceStrategy, Field(title="Variance between candidates")]
Refine = Annotated[int, Field(title="Refinement rounds", ge=0, le=10)]
RankedBy = Annotated[Scorer, Field(title="Ranked by")]
Workers = Annotated[int, Field(title="Workers to plan for", ge=1, le=MAX_WORKERS)]
MaxArtifacts = Annotated[int, Field(title="Most artifacts", ge=1)]
MaxDepth = Annotated[int, Field(title="Longest chain", ge=1)]
Harmonic = Annotated[bool, Field(title="Compare candidates")]
Hours = Annotated[HoursFrom, Field(title="Hours from")]
ReusePlans = Annotated[bool, Field(title="Offer plans that served before")]
Seed = Annotated[int, Field(title="Seed")]
MethodsFolder = Annotated[str | None, Field(title="Methods folder")]
Model = Annotated[str | None, Field(title="Language model")]
ModelUrl = Annotated[str | None, Field(title="Model server")]

MaxParallel = Annotated[int, Field(title="Artifacts at once", ge=1, le=MAX_WORKERS)]
Retries = Annotated[int, Field(title="Retries", ge=0, le=20)]
EvaluationCriteria = Annotated[Criteria, Field(title="Criteria")]
MaxReplans = Annotated[int, Field(title="Changes of the plan", ge=0, le=50)]
Escalation = Annotated[OnEscalation, Field(title="When a person is needed")]
AnswerWithin = Annotated[float, Field(title="Seconds to wait for an answer", gt=0)]
ApproveChanges = Annotated[bool, Field(title="Approve changes of the plan")]
Budget = Annotated[BudgetLimits, Field(title="Budget")]
TreeDepth = Annotated[int, Field(title="Levels of the plan tree", ge=1, le=100)]
Milestones = Annotated[tuple[Milestone, ...], Field(title="Milestones")]
Start = Annotated[date | None, Field(title="Start of the programme")]
Today = Annotated[date | None, Field(title="Today")]
Symptoms = Annotated[str, Field(title="Symptoms")]
CheckpointMinutes = Annotated[float, Field(title="Minutes between checkpoints", gt=0)]
Checkpoints = Annotated[int, Field(title="Checkpoints", ge=1, le=1000)]
LeastConfidence = Annotated[float, Field(title="Confidence of the cause", ge=0, le=1)]
PersonsAnswer = Annotated[Answer, Field(title="Answer")]
Timeout = Annotated[float | None, Field(title="Timeout in seconds", gt=0)]
