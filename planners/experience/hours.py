"""Hours of artifacts, learned from what earlier ones took.

For each finished artifact the logarithm of actual by estimated hours says how far its estimate was off. The typical
ratio of all of them is the usual pace: it brings the estimates of a person to the clock of this installation, and is
taken as it is. An agent's ratio is drawn towards the usual one, that of a kind (agent, type and effort) towards its
agent's, that of stated hours towards the usual one: each as if `PRIOR_WEIGHT` more artifacts had taken just what was
expected without knowing it, so that a few odd ones move little. With fewer than `LEAST_FINISHED` artifacts nothing is
concluded. Ratios are multiplied and not added up, so that one artifact that waited for hours does not outweigh all
others.

What is learned from is the caller's choice: plans are chosen by artifacts that took a minute or more, the time of a run
is foretold from all (`Experience`).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prefect_harmonic.planners.effort import EffortModel, default_hours
from prefect_harmonic.planners.experience.finished_work import FinishedWork

LEAST_FINISHED = 3
"""So many finished artifacts of a kind, of an agent or in all must be known before anything is concluded from them."""

PRIOR_WEIGHT = 3.0
"""So many artifacts count for what was expected before."""

_LEAST_HOURS = 1e-8
"""Less than the clock can tell, in place of nothing at all, which has no logarithm."""

Group = tuple[str, str]
"""What ratios are collected by: an agent, a kind, stated hours, or all."""

_ALL, _STATED = ("all", ""), ("stated", "")


@dataclass(slots=True)
class _Ratios:
    """How many ratios there are and the sum of their logarithms."""

    count: int = 0
    total: float = 0.0

    def without(self, other: "_Ratios | None") -> "_Ratios":
        """The same without those of another group, which are a part of these."""
        return self if other is None else _Ratios(self.count - other.count, self.total - other.total)

    def drawn(self, towards: float) -> float | None:
        """The typical logarithm, drawn towards what is expected; nothing where too few are known."""
        if self.count < LEAST_FINISHED:
            return None
        return (self.total + PRIOR_WEIGHT * towards) / (self.count + PRIOR_WEIGHT)


@dataclass(frozen=True)
class LearnedHours:
    """What the record says about hours, ready to be asked for with or without one of its runs.

    >>> done = [FinishedWork(run="r", agent="builder", kind="builder/model/low", effort="low", hours=2)] * 9
    >>> learned = LearnedHours.of(done).effort()
    >>> round(learned.history["builder/model/low"], 6), round(learned.usual_pace, 6)
    (2.0, 2.0)
    """

    totals: Mapping[Group, _Ratios] = field(default_factory=dict)
    by_run: Mapping[str, Mapping[Group, _Ratios]] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Iterable[FinishedWork]) -> "LearnedHours":
        """Collects the ratios of finished artifacts. Those that were thought to take no time say nothing."""
        totals: dict[Group, _Ratios] = defaultdict(_Ratios)
        by_run: dict[str, dict[Group, _Ratios]] = defaultdict(lambda: defaultdict(_Ratios))
        # Sums of the same figures in another order may differ in their last digit.
        for one in sorted(work, key=lambda known: (known.run, known.kind, known.stated_hours or 0.0, known.hours)):
            if one.thought_hours > 0:
                ratio = math.log(max(one.hours, _LEAST_HOURS) / one.thought_hours)
                for group in _groups(one):
                    for ratios in (totals[group], by_run[one.run][group]):
                        ratios.count += 1
                        ratios.total += ratio
        return cls(dict(totals), {run: dict(groups) for run, groups in by_run.items()})

    @property
    def runs(self) -> int:
        """How many runs it is learned from."""
        return len(self.by_run)

    @property
    def artifacts(self) -> int:
        """How many finished artifacts it is learned from."""
        return self.totals[_ALL].count if _ALL in self.totals else 0

    @property
    def is_enough(self) -> bool:
        """Whether anything is concluded from it."""
        return self.artifacts >= LEAST_FINISHED

    def effort(self, *, without: str = "") -> EffortModel:
        """The effort model; the default one where too little is known.

        Args:
            without: Id of a run that is left out, so that what is foretold of it does not rest on itself.
        """
        own = self.by_run.get(without, {})
        groups = {group: ratios.without(own.get(group)) for group, ratios in sorted(self.totals.items())}
        known = groups.get(_ALL, _Ratios())
        if known.count < LEAST_FINISHED:
            return EffortModel()
        usual = known.total / known.count
        agents = _drawn(groups, "agent", lambda _: usual)
        kinds = _drawn(groups, "kind", lambda kind: agents.get(kind.split("/")[0], usual))
        stated = groups.get(_STATED, _Ratios()).drawn(usual)
        return EffortModel(
            history={kind: default_hours(kind.rsplit("/", 1)[-1]) * math.exp(value) for kind, value in kinds.items()},
            pace={agent: math.exp(value) for agent, value in agents.items()},
            usual_pace=math.exp(usual),
            stated_pace=math.exp(usual if stated is None else stated),
        )


def _groups(work: FinishedWork) -> tuple[Group, ...]:
    if work.stated_hours is not None:
        return _ALL, _STATED
    return _ALL, ("agent", work.agent), ("kind", work.kind)


def _drawn(groups: Mapping[Group, _Ratios], of: str, towards: Callable[[str], float]) -> dict[str, float]:
    found = {name: ratios.drawn(towards(name)) for (what, name), ratios in groups.items() if what == of}
    return {name: value for name, value in found.items() if value is not None}
