"""The questions that a run puts to a person: what is stuck, what is known, and what each answer would do.

Source: semantics, "A person answers: retry, skip, replan with guidance, or stop".
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from prefect_harmonic.planners.coordinators.race import Checkpoint, TrackStanding
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.programme.difference import Change, PlanDifference
from prefect_harmonic.planners.programme.evaluation import Evaluation, EvaluationOutcome, verdict_words
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.planners.programme.question import AnswerAction, Question, QuestionKind

_MOST_NAMED = 10
_STOP = "start nothing more and report what there is"
_TITLES = {
    OpeningKind.FAILURE: "Failed or blocked",
    OpeningKind.CONTRADICTION: "Contradictions",
    OpeningKind.COMPLEXITY: "More involved than reckoned with",
    OpeningKind.GUIDANCE: "What a person said to look at",
    OpeningKind.GAP: "Gaps",
    OpeningKind.DOUBT: "Not sure enough",
}
_FINDINGS = {
    AnswerAction.RETRY: "try on for as many iterations again",
    AnswerAction.SKIP: "go on with what there is",
    AnswerAction.REPLAN: "change the plan by your guidance",
    AnswerAction.STOP: _STOP,
}

MEANINGS: Mapping[QuestionKind, Mapping[AnswerAction, str]] = {
    QuestionKind.PLATEAUED: _FINDINGS,
    QuestionKind.EXHAUSTED: _FINDINGS,
    QuestionKind.BLOCKED: {
        AnswerAction.RETRY: "try it once more as it is",
        AnswerAction.SKIP: "do without it and all that needs it",
        AnswerAction.REPLAN: "change the plan by your guidance",
        AnswerAction.STOP: _STOP,
    },
    QuestionKind.BUDGET: {
        AnswerAction.RETRY: "allow as much again",
        AnswerAction.SKIP: "go on without what costs",
        AnswerAction.STOP: _STOP,
    },
    QuestionKind.APPROVAL: {
        AnswerAction.APPROVE: "carry out the changed plan",
        AnswerAction.SKIP: "leave the plan as it was and go on",
        AnswerAction.REPLAN: "change it differently, by your guidance",
        AnswerAction.STOP: _STOP,
    },
}
"""What each answer to each kind of question does."""


def question_about_findings(evaluation: Evaluation, openings: Sequence[Opening] = (), *, asked: int = 0) -> Question:
    """What to do about findings that are not good enough, with what is open.

    Args:
        evaluation: The last one.
        openings: What is open. It is told by its kind, since an evaluation counts gaps and contradictions only.
        asked: How many questions this run has put before, so that a later one is another question.
    """
    is_plateau = evaluation.outcome is EvaluationOutcome.PLATEAUED
    counts = len(evaluation.gaps), len(evaluation.contradictions)
    told = verdict_words(evaluation.confidence, *counts, evaluation.rationale)
    return _question(
        QuestionKind.PLATEAUED if is_plateau else QuestionKind.EXHAUSTED,
        evaluation.phase,
        f"After {printable(evaluation.phase)} the findings are not good enough. {told}",
        _joined(_listed(title, [one.text for one in openings if one.kind is kind]) for kind, title in _TITLES.items()),
        asked,
    )


def question_about_blocker(
    artifact: str, reason: str, tried: str, *, waiting: Sequence[str] = (), asked: int = 0
) -> Question:
    """What to do about an artifact that failed again after it was to be unblocked.

    Args:
        artifact: What is blocked.
        reason: Why.
        tried: The artifact that was to unblock it.
        waiting: What cannot be made without it.
        asked: How many questions this run has put before.
    """
    rest = f" {_counted(len(waiting), 'artifact')} cannot be made without it." if waiting else ""
    why = printable(" ".join(reason.split())).rstrip(".")
    fact = f"{printable(artifact)} is blocked, and {printable(tried)} did not help: {why}.{rest}"
    return _question(QuestionKind.BLOCKED, artifact, fact, _listed("Waiting for it", waiting), asked)


def question_about_budget(subject: str, spent: str, *, undone: Sequence[str] = (), asked: int = 0) -> Question:
    """Whether a run may spend more.

    Args:
        subject: The run or plan.
        spent: What is used up, in a sentence.
        undone: What is still to be made.
        asked: How many questions this run has put before.
    """
    rest = f" {_counted(len(undone), 'artifact')} not made yet." if undone else ""
    fact = f"{spent.rstrip('.')}.{rest}"
    return _question(QuestionKind.BUDGET, subject, fact, _listed("Not made yet", undone), asked)


def question_about_plan(
    subject: str,
    difference: PlanDifference,
    reason: str,
    *,
    closes: Mapping[str, str] | None = None,
    asked: int = 0,
) -> Question:
    """Whether a changed plan may be carried out: the difference only, not the whole plan again.

    Args:
        subject: The phase after which it is changed.
        difference: What it means for the work that is done.
        reason: Why it is changed.
        closes: What each new artifact is to close, by artifact.
        asked: How many questions this run has put before.
    """
    closing = closes or {}
    counts = ", ".join(f"{len(difference.of(kind))} {kind.value}" for kind in Change)
    hours = f"{difference.hours_new:g} working hours new, {difference.hours_again:g} again"
    parts = (
        _listed(
            kind.value.capitalize(),
            [
                f"{one.artifact}: {closing.get(one.artifact, one.reason)}"
                for one in difference.changes
                if one.change is kind
            ],
        )
        for kind in (Change.NEW, Change.RUN_AGAIN, Change.DROPPED)
    )
    fact = f"The plan is to be changed after {printable(subject)}: {counts} ({hours}). {reason}".rstrip()
    return _question(QuestionKind.APPROVAL, subject, fact, _joined(parts), asked)


def question_about_cause(
    goal: str,
    tracks: Sequence[TrackStanding],
    checkpoints: Sequence[Checkpoint],
    found: Mapping[str, Evidence],
    *,
    asked: int = 0,
) -> Question:
    """What to do about an incident whose cause is not known after all checkpoints, with what was found.

    Args:
        goal: What is to be resolved.
        tracks: How the tracks stand.
        checkpoints: All that have passed.
        found: The evidence of the tracks that have ended.
        asked: How many questions this run has put before, so that a later one is another question.
    """
    minutes = checkpoints[-1].seconds / 60 if checkpoints else 0.0
    surest = max((track.confidence for track in tracks), default=0.0)
    fact = (
        f"The cause is not known after {len(checkpoints)} checkpoints ({minutes:g} minutes); the surest suspicion has "
        f"a confidence of {surest:.2f}. What should be looked at, or who takes over?"
    )
    claims = [claim for name in sorted(found) for claim in found[name].claims]
    claims.sort(key=lambda claim: -claim.confidence)
    told = [f"{claim.text} ({claim.sources[0]})" if claim.sources else claim.text for claim in claims]
    gaps = [gap for name in sorted(found) for gap in found[name].gaps]
    parts = (_listed("Tracks", list(map(str, tracks))), _listed("Found so far", told), _listed("Not found", gaps))
    question = _question(QuestionKind.EXHAUSTED, goal, fact, _joined(parts), asked)
    options = tuple(option for option in question.options if option is not AnswerAction.SKIP)
    return question.model_copy(update={"options": options})


def choices(question: Question) -> str:
    """What each answer to a question does, in one line.

    >>> choices(Question(key="q", kind=QuestionKind.BUDGET, subject="run", text="", options=(AnswerAction.STOP,)))
    'stop: start nothing more and report what there is.'
    """
    meanings = MEANINGS[question.kind]
    return "; ".join(f"{action.value}: {meanings.get(action, action.value)}" for action in question.options) + "."


def _question(kind: QuestionKind, subject: str, fact: str, findings: str, asked: int) -> Question:
    told = "\x1f".join((kind.value, subject, str(asked)))
    return Question(
        key=f"{kind.value}-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}",
        kind=kind,
        subject=subject,
        text=fact,
        options=tuple(MEANINGS[kind]),
        findings=findings,
    )


def _listed(title: str, lines: Sequence[str]) -> str:
    """Lines under a title, of many the first ones; the same to read in a terminal and as Markdown."""
    if not lines:
        return ""
    shown = [f"- {printable(' '.join(line.split()))}" for line in lines[:_MOST_NAMED]]
    more = [f"- and {len(lines) - _MOST_NAMED} more"] if len(lines) > _MOST_NAMED else []
    return "\n".join([f"{title}:", "", *shown, *more])


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(filter(None, parts))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
