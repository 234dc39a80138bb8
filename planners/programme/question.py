"""What a person is asked when a run cannot decide by itself, and what they may answer."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class AnswerAction(StrEnum):
    """What a person may answer."""

    RETRY = "retry"
    SKIP = "skip"
    REPLAN = "replan"
    STOP = "stop"


class Answer(BaseModel):
    """What a person answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: AnswerAction
    guidance: str = Field(default="", description="What to look at; becomes an opening of its own.")
    by: str = Field(default="", description="Who answered.")


class QuestionKind(StrEnum):
    """Why a person is asked."""

    PLATEAUED = "plateaued"
    EXHAUSTED = "exhausted"
    BLOCKED = "blocked"
    BUDGET = "budget"
    APPROVAL = "approval"


class Question(BaseModel):
    """What a person is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(description="Stable id: the same question of the same run has the same one.")
    kind: QuestionKind
    subject: str = Field(description="The phase, artifact or plan that it is about.")
    text: str = Field(description="The question, in sentences a person understands.")
    options: tuple[AnswerAction, ...] = tuple(AnswerAction)
    findings: str = Field(default="", description="What is known so far, in Markdown.")
