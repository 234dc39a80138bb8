"""What a person is asked when a run cannot decide by itself, and what they may answer."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class AnswerAction(StrEnum):
    """What a person may answer."""

    RETRY = "retry"
    """Try again what is stuck."""
    SKIP = "skip"
    """Go on with what there is; of a proposed change, go on without it."""
    REPLAN = "replan"
    """Change the plan by the guidance that comes with the answer."""
    STOP = "stop"
    """Start nothing more, and report what there is."""
    APPROVE = "approve"
    """Take the change of the plan that is proposed."""


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
    options: tuple[AnswerAction, ...] = (
        AnswerAction.RETRY,
        AnswerAction.SKIP,
        AnswerAction.REPLAN,
        AnswerAction.STOP,
    )
    findings: str = Field(default="", description="What is known so far, in Markdown.")

    def to_markdown(self) -> str:
        """The question with what is known, as a person reads it before answering."""
        return f"{self.text}\n\n{self.findings}".strip()
