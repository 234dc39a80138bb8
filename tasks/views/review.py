"""The review of a milestone as a document."""

from collections.abc import Sequence

from prefect_harmonic.planners.programme.evaluation import verdict_words
from prefect_harmonic.planners.programme.review import Adjustment, AgentEffort, MilestoneProgress, Review
from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.tasks.views.budget import amount_words
from prefect_harmonic.tasks.views.escaping import markdown_text, one_line


def review_markdown(review: Review, goal: str) -> str:
    """A review as Markdown: the verdict, progress, what was found, what it took, what was spent, and what follows."""
    held = f"Held {review.held.isoformat()}, planned for {review.planned.isoformat()} at the latest."
    parts = [
        f"# Review of {_text(review.milestone)}: {review.verdict.value}",
        _text(goal),
        f"{held} {_capital(review.rationale)}",
        _progress(review),
        _findings(review),
        _effort(review.effort),
        _budget(review),
        _follows(review),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _text(text: str) -> str:
    return markdown_text(one_line(text))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _progress(review: Review) -> str:
    rows = [(_text(one.name), one.due.isoformat(), f"{one.done} of {one.total}") for one in review.progress]
    missing = "".join(f"\n- missing: {_text(name)}" for name in review.missing)
    return f"## Progress\n\n{_table(('Milestone', 'Due', 'Artifacts'), rows)}" + (f"\n{missing}" if missing else "")


def _findings(review: Review) -> str:
    told = ["## Evaluations"]
    if not review.evaluations:
        told.append("Nothing was evaluated in this milestone.")
    else:
        if review.confidence_before is not None:
            told.append(f"Confidence before: {review.confidence_before:.2f}.")
        told.append(
            "\n".join(
                f"- After {_text(one.phase)}: "
                + _text(verdict_words(one.confidence, len(one.gaps), len(one.contradictions), one.rationale))
                for one in review.evaluations
            )
        )
    if review.replannings:
        times = "once" if review.replannings == 1 else f"{review.replannings} times"
        told.append(f"The plan was changed {times} in this milestone.")
    if review.open:
        told.append("Left open:\n\n" + "\n".join(f"- {one.kind.value}: {_text(one.text)}" for one in review.open))
    return "\n\n".join(told)


def _effort(effort: tuple[AgentEffort, ...]) -> str:
    if not effort:
        return ""
    head = ("Agent", "Artifacts", "Estimated", "Actual", "Actual by estimated", "Spread")
    rows = [
        (
            _text(one.agent),
            str(one.count),
            spoken_hours(one.estimated_hours),
            spoken_hours(one.actual_hours),
            _figure(one.accuracy),
            _figure(one.spread),
        )
        for one in effort
    ]
    return f"## Effort\n\n{_table(head, rows)}"


def _figure(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.4g}"


def _budget(review: Review) -> str:
    if not review.budget:
        return ""
    rows = [
        (_text(one.name), amount_words(one.spent, one.unit), amount_words(one.limit, one.unit)) for one in review.budget
    ]
    return f"## Budget\n\n{_table(('Of', 'Spent', 'Allowed'), rows)}"


def _follows(review: Review) -> str:
    told = ["## What follows"]
    if review.next is None:
        told.append("This was the last milestone.")
    else:
        told.append(_next(review.next, review.next_hours))
    told.append(_adjustment(review.adjustment) if review.adjustment is not None else "The plan stays as it is.")
    return "\n\n".join(told)


def _next(progress: MilestoneProgress, hours: float) -> str:
    left = progress.total - progress.done
    return (
        f"{_text(progress.name)} is due on {progress.due.isoformat()}: "
        f"{left} artifact{'' if left == 1 else 's'}, {spoken_hours(hours)} of work as planned."
    )


def _adjustment(one: Adjustment) -> str:
    lines = [
        "The plan is to be changed, once a person approves it:" if one.is_proposed else "The plan was changed:",
        "",
        *(f"- new: {_text(name)}{_closes(one, name)}" for name in one.new),
        *(f"- made again: {_text(name)}" for name in one.run_again),
        *(f"- dropped: {_text(name)}" for name in one.dropped),
        f"- {spoken_hours(one.hours_new)} of work more; {_text(one.reason)}",
    ]
    return "\n".join(lines)


def _closes(one: Adjustment, name: str) -> str:
    return f", which is to close: {_text(one.closes[name])}" if name in one.closes else ""
