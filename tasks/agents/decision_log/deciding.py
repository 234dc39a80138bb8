"""One decision made: marks moved by evidence, options weighed, the winner tested for how firmly it stands."""

import calendar
from dataclasses import dataclass
from datetime import date

from prefect_harmonic.planners.evidence import ScoredOption
from prefect_harmonic.tasks.agents.decision_log.conditions import condition
from prefect_harmonic.tasks.agents.decision_log.facts import Fact, FactKind, Facts
from prefect_harmonic.tasks.agents.decision_log.topics import GENERAL, DecisionTopic, Option
from prefect_harmonic.tasks.agents.decision_log.weighing import Tipping, normalised, ranked, score_of, tippings
from prefect_harmonic.tasks.agents.wording import listed

REVIEW_AFTER_MONTHS = 6
_FIRM_LEAD = 0.02
_MOST_TIPS = 3
_WHOLE_WEIGHT = 0.995  # one criterion alone is no weighing


@dataclass(frozen=True, slots=True)
class Move:
    """A mark that evidence moved."""

    option: str
    criterion: str
    by: float
    because: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with all that it was made from."""

    topic: DecisionTopic
    weights: dict[str, float]
    options: tuple[ScoredOption, ...]
    tippings: tuple[Tipping, ...]
    moves: tuple[Move, ...]
    used: tuple[Fact, ...]
    missing: tuple[FactKind, ...]

    @property
    def chosen(self) -> Option:
        """The option with the highest score."""
        return next(option for option in self.topic.options if option.name == self.options[0].name)

    @property
    def lead(self) -> float:
        """By how much the chosen option is ahead of the next."""
        return self.options[0].score - self.options[1].score

    @property
    def has_evidence(self) -> bool:
        """Whether anything found out bears on it, and at least half of what it needs is known."""
        return bool(self.moves or self.used) and 2 * len(self.missing) <= len(self.topic.needs)

    @property
    def is_firm(self) -> bool:
        """Whether the lead is larger than the doubt about a single mark."""
        return self.lead >= _FIRM_LEAD

    @property
    def is_tied(self) -> bool:
        """Whether nothing that was found tells the best two options apart."""
        return self.lead <= 0 and self.topic.begins_even

    @property
    def is_accepted(self) -> bool:
        """Whether it is more than a proposal."""
        return self.topic.id != GENERAL and self.has_evidence and self.is_firm


def verdict_on(topic: DecisionTopic, facts: Facts, kinds: dict[str, FactKind]) -> Verdict:
    """The topic decided by its default weights and the marks as evidence moves them."""
    moves = _moves(topic, facts)
    marks = {option.name: dict(option.marks) for option in topic.options}
    for move in moves:
        moved = marks[move.option][move.criterion] + move.by
        marks[move.option][move.criterion] = round(min(1.0, max(0.0, moved)), 4)
    weights = normalised(topic.criteria)
    by_name = {option.name: option for option in topic.options}
    options = tuple(
        ScoredOption(
            name=name,
            marks=marks[name],
            score=round(score_of(marks[name], weights), 4),
            because=_because(by_name[name], moves),
        )
        for name in ranked(marks, weights)
    )
    return Verdict(
        topic,
        weights,
        options,
        tippings(marks, weights),
        moves,
        tuple(facts[name] for name in topic.needs if name in facts),
        tuple(kinds[name] for name in topic.needs if name not in facts),
    )


def review_date(today: date, months: int = REVIEW_AFTER_MONTHS) -> date:
    """The same day some months later, or the last of that month.

    >>> review_date(date(2025, 8, 31))
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(today.month - 1 + months, 12)
    year, month = today.year + year, month + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


def sensitivity_of(verdict: Verdict) -> str:
    """Which single move would change the decision, the smallest first; or that none would."""
    if verdict.is_tied:
        return "Anything that is found for one of the options or against it decides."
    told = [
        text
        for tip in sorted(verdict.tippings, key=lambda tip: _nearness(tip, verdict))
        if (text := _tip(tip, verdict))
    ]
    if not told:
        return "No change of a single weight or mark lets another option win."
    return f"Another option draws level if {'; or if '.join(told[:_MOST_TIPS])}."


def _nearness(tip: Tipping, verdict: Verdict) -> float:
    moves = [tip.mark_drop] if tip.mark_drop is not None else []
    moves += [abs(tip.weight - verdict.weights[tip.criterion])] if tip.weight is not None else []
    return min(moves, default=2.0)


def _tip(tip: Tipping, verdict: Verdict) -> str:
    weight, ways = verdict.weights[tip.criterion], []
    if tip.weight is not None and 1 - _WHOLE_WEIGHT < tip.weight < _WHOLE_WEIGHT:
        ways.append(f"the weight of {tip.criterion} goes from {weight:.2f} to {tip.weight:.2f}")
    if tip.mark_drop is not None:
        ways.append(f"the mark of {verdict.options[0].name} for {tip.criterion} falls by {tip.mark_drop:.2f}")
    return f"{' or '.join(ways)} ({tip.rival})" if ways else ""


def _moves(topic: DecisionTopic, facts: Facts) -> tuple[Move, ...]:
    met = ((rule, condition(rule.when).met_by(facts)) for rule in topic.rules)
    return tuple(Move(r.option, r.criterion, r.by, r.because, found) for r, found in met if found is not None)


def _because(option: Option, moves: tuple[Move, ...]) -> str:
    own = [f"{move.criterion} {move.by:+.2f} as {move.because}" for move in moves if move.option == option.name]
    return f"{option.because.rstrip('.')}." + (f" Evidence: {listed(own, most=6)}." if own else "")
