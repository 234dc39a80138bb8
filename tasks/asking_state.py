"""What a person was asked and answered, as the states of runs keep it."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question, QuestionKind


class Asked(BaseModel):
    """A question that was put to a person, with the answer once there is one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Question
    answer: Answer | None = None
    openings: frozenset[str] = Field(default=frozenset(), description="Keys of what was open when it was asked.")

    @property
    def is_accepted(self) -> bool:
        """Whether the answer is to go on with what there is."""
        is_about_findings = self.question.kind is not QuestionKind.APPROVAL
        return is_about_findings and self.answer is not None and self.answer.action is AnswerAction.SKIP


class AskingState(BaseModel):
    """The part of a state that says what people were asked and answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: tuple[Asked, ...] = ()
    given: Answer | None = Field(default=None, description="An answer to the open question that is not heeded yet.")
    guidance: tuple[str, ...] = Field(default=(), description="What people said to look at.")
    outcome: str = Field(default="", description="How it ended, once it has.")

    @property
    def open_question(self) -> Question | None:
        """What a person has not answered yet."""
        return next((one.question for one in self.questions if one.answer is None), None)

    def asking(self, question: Question, openings: Iterable[str] = ()) -> Self:
        """The state with one more question, about openings with these keys."""
        asked = Asked(question=question, openings=frozenset(openings))
        return self.model_copy(update={"questions": (*self.questions, asked)})

    def answered(self, answer: Answer) -> Self:
        """The state with an answer to the open question."""
        questions = tuple(one if one.answer else one.model_copy(update={"answer": answer}) for one in self.questions)
        return self.model_copy(update={"questions": questions, "given": None})
