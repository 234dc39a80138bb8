"""What a person is asked when a run cannot decide by itself, and what they may answer.

Source: semantics, "A person answers: retry, skip, replan with guidance, or stop".
"""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.programme.difference import Change, PlanDifference
from prefect_harmonic.planners.programme.evaluation import Evaluation, EvaluationOutcome, verdict_words
from prefect_harmonic.planners.programme.opening import Opening, one_line

_MOST_NAMED = 12


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
    """More of the same has stopped helping."""
    EXHAUSTED = "exhausted"
    """The iterations or the changes of the plan are used up, or nothing is left to try."""
    BLOCKED = "blocked"
    """Something failed, was unblocked, and failed again."""
    BUDGET = "budget"
    """What the run may spend is spent."""
    APPROVAL = "approval"
    """A changed plan is to be approved."""


_ON_FINDINGS = {
    AnswerAction.RETRY: "try on for as many iterations again",
    AnswerAction.SKIP: "go on with what there is",
    AnswerAction.REPLAN: "change the plan by your guidance",
    AnswerAction.STOP: "start nothing more and report what there is",
}
MEANINGS: Mapping[QuestionKind, Mapping[AnswerAction, str]] = {
    QuestionKind.PLATEAUED: _ON_FINDINGS,
    QuestionKind.EXHAUSTED: _ON_FINDINGS,
    QuestionKind.BLOCKED: _ON_FINDINGS
    | {
        AnswerAction.RETRY: "try it once more as it is",
        AnswerAction.SKIP: "do without it and without all that needs it",
    },
    QuestionKind.BUDGET: {
        AnswerAction.RETRY: "allow as much again",
        AnswerAction.SKIP: "go on without what costs",
        AnswerAction.STOP: "start nothing more and report what there is",
    },
    QuestionKind.APPROVAL: {
        AnswerAction.APPROVE: "carry out the changed plan",
        AnswerAction.SKIP: "leave the plan as it was and go on",
        AnswerAction.REPLAN: "change it differently, by your guidance",
        AnswerAction.STOP: "start nothing more and report what there is",
    },
}
"""For each kind of question the answers that it takes, and what each means there."""


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


def question_about_findings(evaluation: Evaluation, openings: Sequence[Opening] = (), *, asked: int = 0) -> Question:
    """What to do about findings that are not good enough, with what is open.

    Args:
        evaluation: The last one.
        openings: What is open.
        asked: How many questions this run has put before, so that a later one is another question.
    """
    is_plateau = evaluation.outcome is EvaluationOutcome.PLATEAUED
    kind = QuestionKind.PLATEAUED if is_plateau else QuestionKind.EXHAUSTED
    gaps, contradictions = len(evaluation.gaps), len(evaluation.contradictions)
    told = verdict_words(evaluation.confidence, gaps, contradictions, evaluation.rationale)
    fact = f"After {printable(evaluation.phase)} the findings are not good enough. {told}"
    return _question(kind, evaluation.phase, fact, _listed("Still open", [one.text for one in openings]), asked)


def question_about_blocker(
    artifact: str, reason: str, tried: str, *, waiting: Sequence[str] = (), asked: int = 0
) -> Question:
    """What to do about an artifact that failed again after it was unblocked.

    Args:
        artifact: What is blocked.
        reason: Why.
        tried: The artifact that was to unblock it, or a few words on what was tried.
        waiting: What cannot be made without it.
        asked: How many questions this run has put before.
    """
    rest = f" {_counted(len(waiting), 'artifact')} cannot be made without it." if waiting else ""
    why = printable(one_line(reason)).rstrip(".")
    fact = f"{artifact} is blocked, and {printable(tried)} did not help: {why}.{rest}"
    return _question(QuestionKind.BLOCKED, artifact, fact, _listed("Waiting for it", waiting), asked)


def question_about_budget(subject: str, spent: str, *, undone: Sequence[str] = (), asked: int = 0) -> Question:
    """Whether a run may spend more.

    Args:
        subject: The run or plan.
        spent: What is used up, in a few words, such as `all 40 calls of a model`.
        undone: What is still to be made.
        asked: How many questions this run has put before.
    """
    rest = f" Still to be made: {_counted(len(undone), 'artifact')}." if undone else ""
    fact = f"The budget is used up: {printable(spent)}.{rest}"
    return _question(QuestionKind.BUDGET, subject, fact, _listed("Still to be made", undone), asked)


def question_about_plan(subject: str, difference: PlanDifference, reason: str, *, asked: int = 0) -> Question:
    """Whether a changed plan may be carried out: the difference only, not the whole plan again.

    Args:
        subject: The phase after which it is changed.
        difference: What it means for the work that is done.
        reason: Why it is changed like this.
        asked: How many questions this run has put before.
    """
    counts = ", ".join(f"{len(names)} {kind.value}" for kind in Change if (names := difference.of(kind)))
    hours = f"{difference.hours_new:g} working hours are new, {difference.hours_again:g} are spent again"
    fact = f"Change the plan after {printable(subject)}? {counts}; {hours}. {one_line(reason)}".rstrip()
    changes = {
        kind: [f"{one.artifact}: {one.reason}" for one in difference.changes if one.change is kind]
        for kind in (Change.NEW, Change.RUN_AGAIN, Change.DROPPED)
    }
    listed = "\n\n".join(_listed(kind.value.capitalize(), lines) for kind, lines in changes.items() if lines)
    return _question(QuestionKind.APPROVAL, subject, fact, listed, asked)


def choices(kind: QuestionKind) -> str:
    """The answers that a question takes and what each means there, in one sentence.

    >>> choices(QuestionKind.BUDGET)
    'retry: allow as much again; skip: go on without what costs; stop: start nothing more and report what there is.'
    """
    return "; ".join(f"{action.value}: {meaning}" for action, meaning in MEANINGS[kind].items()) + "."


def _question(kind: QuestionKind, subject: str, fact: str, findings: str, asked: int) -> Question:
    told = "\x1f".join((kind.value, subject, str(asked)))
    return Question(
        key=f"{kind.value}-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}",
        kind=kind,
        subject=subject,
        text=f"{fact} What now? {choices(kind)}",
        options=tuple(MEANINGS[kind]),
        findings=findings,
    )


def _listed(title: str, lines: Sequence[str]) -> str:
    """Lines under a title, in Markdown, of many the first ones; nothing where there are none."""
    if not lines:
        return ""
    shown = [f"- {printable(one_line(line))}" for line in lines[:_MOST_NAMED]]
    more = [f"- and {len(lines) - _MOST_NAMED} more"] if len(lines) > _MOST_NAMED else []
    return "\n".join([f"{title}:", *shown, *more])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
