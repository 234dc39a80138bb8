"""No plan could be made."""

from collections.abc import Sequence

from prefect_harmonic.errors.harmonic_error import HarmonicError


class PlanningError(HarmonicError):
    """No plan came out of planning."""


class CandidateError(PlanningError):
    """One candidate could not be generated. The others go on without it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class UnreadableAnswerError(CandidateError):
    """What a model answered holds no plan."""


class CutOffAnswerError(UnreadableAnswerError):
    """What a model answered begins like a plan and does not end."""


_REACH_THE_SERVER = (
    "see that the model server is up and that --base-url is its address, or add --fallback-model embedded, which needs "
    "none"
)


class NoValidPlanError(PlanningError):
    """Every candidate failed or was refused. `reasons` pairs each candidate's id with why."""

    def __init__(self, reasons: Sequence[tuple[str, str]]) -> None:
        super().__init__(tuple(reasons))
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        who: dict[str, list[str]] = {}
        for candidate, reason in self.reasons:
            who.setdefault(reason, []).append(candidate)
        if len(who) == 1 and len(self.reasons) > 1:
            told = f"each for the same reason: {next(iter(who))}"
        else:
            told = "; ".join(f"{', '.join(candidates)}: {reason}" for reason, candidates in who.items())
        is_unreached = bool(who) and all("model server" in reason for reason in who)
        remedy = _REACH_THE_SERVER if is_unreached else "reword the goal or widen the limits"
        return f"none of {len(self.reasons)} candidates is a valid plan ({told}); {remedy}"
