"""No plan could be made."""

import re
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


_WITHOUT = "or add --fallback-model embedded, which needs none"
_REMEDIES = (
    (re.compile("model server answered 40[13]"), f"set HARMONIC_API_KEY to a key that the server takes, {_WITHOUT}"),
    (re.compile("model server answered 404: .*model"), f"give --model a name that the server has, {_WITHOUT}"),
    (re.compile("model server answered 429"), f"try again later, or with a longer HARMONIC_MODEL_TIMEOUT, {_WITHOUT}"),
    (re.compile("model server"), f"see that the model server is up and that --base-url is its address, {_WITHOUT}"),
    (re.compile("^the answer is cut off"), f"set HARMONIC_MODEL_MAX_TOKENS to more, try another model, {_WITHOUT}"),
    (re.compile("^the (?:answer|model) "), f"try another model, {_WITHOUT}"),
    (re.compile(""), "reword the goal or widen the limits"),
)
"""What is to be done about reasons: what the first of these says that all of them match."""


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
        remedy = next(remedy for told_by, remedy in _REMEDIES if all(map(told_by.search, who or [""])))
        return f"none of {len(self.reasons)} candidates is a valid plan ({told}); {remedy}"
