"""Actions drawn from decisions: to put them into effect, and to look at them again on the days that they name."""

import re
from collections.abc import Iterator, Mapping, Sequence

from prefect_harmonic.planners.evidence import Decision, Evidence
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line, shortened
from prefect_harmonic.tasks.views.report.action import Action, Kind
from prefect_harmonic.tasks.views.report.decisions import choice_words, is_proposed, is_ruling
from prefect_harmonic.tasks.views.report.prose import sentence
from prefect_harmonic.tasks.views.report.risks import registered_risks
from prefect_harmonic.tasks.views.report.subject import ReportInput

_STAYS_WHOLE = re.compile(r"\b(one deployable|modular monolith|one application|stay(s)? whole)\b", re.IGNORECASE)
_STAYS_AS_IT_IS = re.compile(r"^(keep|leave|stay|no change|status quo)\b", re.IGNORECASE)
_HAS_ITS_ACTION = re.compile(
    r"^\d+ imports? must|^Import cycles .* are opened first|^The candidate services|is divided by use case"
)
_FOLLOWS_LENGTH = 240
_SMALL_HOURS = 1.0


def decision_actions(subject: ReportInput) -> Iterator[Action]:
    """Decisions to put into effect, after the contradictions they may rest on; one action for each day of review."""
    risks = {title: risk.action_key for risk in registered_risks(subject) for title in risk.titles}
    days: dict[str, list[Decision]] = {}
    for found in subject.found:
        behind = subject.graph.ancestors_of(found.artifact) | {found.artifact}
        doubts = tuple(
            f"settle {one_line(contradiction.subject).casefold()}"
            for name in sorted(behind)
            if name in subject.evidence
            for contradiction in subject.evidence[name].contradictions
        )
        for decision in found.decisions:
            if decision.chosen:
                yield _put_into_effect(decision, found, doubts, risks)
                if decision.review_date and not is_ruling(found):
                    days.setdefault(decision.review_date, []).append(decision)
    yield from (_reviewed(day, decisions) for day, decisions in sorted(days.items()))


def decision_key(decision: Decision) -> str:
    """What other actions wait for a decision by."""
    return f"decide {decision.title}"


def is_staying_whole(subject: ReportInput) -> bool:
    """Whether it was decided to draw boundaries within the application, and not to move anything out of it yet."""
    chosen = (decision.chosen for found in subject.found for decision in found.decisions if decision.chosen)
    return any(_STAYS_WHOLE.search(one) for one in chosen)


def _put_into_effect(decision: Decision, found: Evidence, doubts: tuple[str, ...], risks: Mapping[str, str]) -> Action:
    """What a decision asks to be done: what it says follows, where it says so."""
    proposed = is_proposed(found)
    verb, kind = ("Settle, then carry out:", "proposal") if proposed else ("Carry out:", "decision")
    mitigated = tuple(risks[risk.title] for risk in found.risks) if proposed else ()
    follows, settles = _consequence(decision), is_ruling(found)
    choice = f"{verb} {choice_words(decision)}"
    is_small = settles or _STAYS_AS_IT_IS.match(decision.chosen or "") is not None
    return Action(
        kind=Kind.DECIDE,
        key=decision_key(decision),
        text=follows if settles and follows else f"{choice}. {follows}" if follows else choice,
        because=f"{kind} for {markdown_code(found.artifact)}",
        hours=_SMALL_HOURS if is_small else 0.0,
        waits_for=(*doubts, *mitigated),
    )


def _consequence(decision: Decision) -> str:
    """What follows first that is something to do and has no action of its own, as imports to remove have."""
    wanted = [each for each in decision.consequences if not _HAS_ITS_ACTION.search(each)]
    return sentence(shortened(wanted[0], _FOLLOWS_LENGTH)) if wanted else ""


def _reviewed(day: str, decisions: Sequence[Decision]) -> Action:
    """All decisions that name one day are looked at together."""
    titles = "; ".join(f"“{markdown_text(decision.title)}”" for decision in decisions)
    return Action(
        kind=Kind.REVIEW,
        key=f"review {day}",
        text=f"On {markdown_text(day)} look again at {titles}",
        because="the decision names this day" if len(decisions) == 1 else f"{len(decisions)} decisions name this day",
        waits_for=tuple(decision_key(decision) for decision in decisions),
    )
