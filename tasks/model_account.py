"""What a run asks of its language model: counted always, and promised beforehand where the run has a budget.

Each call is a line in the books of the workspace, so that what an earlier run of the same pursuit took is not lost.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import JsonValue

from prefect_harmonic.planners.budget import Amounts, BudgetLimits, Prices
from prefect_harmonic.planners.knowledge.budgeting import Reservation
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.planners.uninterrupted import uninterrupted
from prefect_harmonic.tasks.line_file import LineFile
from prefect_harmonic.tasks.logs import logger
from prefect_harmonic.tasks.recording import Recording
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

CALLS = f"{LEDGER_FOLDER}/model-calls.jsonl"
LIKELY_ANSWER = 1500
"""Tokens that an answer is expected to have until the first one of its purpose is there."""

_log = logger(__name__)
_ATTEMPT = Usage(requests=1)
_COUNTED = ("requests", "input_tokens", "output_tokens", "cached_tokens", "seconds")


@dataclass
class ModelAccount:
    """The account of one run.

    Attributes:
        label: Provider and name of the model.
        workspace: Where each call is written down; nowhere without one.
        recording: Keeps the budget, once the run has its record.
        clock: Seconds from any start.
    """

    label: str
    workspace: Workspace | None = None
    recording: Recording | None = None
    clock: Callable[[], float] = time.monotonic
    _used: dict[str, Usage] = field(default_factory=dict)
    _answers: dict[str, tuple[int, int]] = field(default_factory=dict)
    _out: list[float] = field(default_factory=list)
    _charged_until: float = 0.0
    _lines: LineFile | None = None

    def __post_init__(self) -> None:
        if self.workspace is not None:
            self.write_into(self.workspace)

    def write_into(self, workspace: Workspace) -> None:
        """Has calls written into the books of a workspace from here on, and counts those that stand there already."""
        self.workspace = workspace
        for name, usage in earlier_calls(workspace).items():
            self._used[name] = usage + self._used.get(name, Usage())

    @contextmanager
    def kept_by(self, recording: Recording | None) -> Iterator[None]:
        """Has a record of the run keep its budget within."""
        before, self.recording = self.recording, recording
        try:
            yield
        finally:
            self.recording = before

    @property
    def used(self) -> Mapping[str, Usage]:
        """What was taken so far, by purpose, earlier runs of the same pursuit included."""
        return dict(sorted(self._used.items()))

    @property
    def total(self) -> Usage:
        """What was taken so far."""
        return sum(self._used.values(), Usage())

    def to_document(self) -> dict[str, Any]:
        """The account as plain JSON values."""
        purposes = {name: usage.to_document() for name, usage in self.used.items()}
        return {"model": self.label, "total": self.total.to_document(), "purposes": purposes}

    async def promise(self, purpose: Purpose, key: Callable[[], str], expected: Usage) -> "ModelPromise":
        """Makes room for a question; see `Account.promise` of the model layer.

        Raises:
            BudgetSpentError: The budget has none.
        """
        promise = ModelPromise(self, purpose.name, purpose.subject, self.clock())
        if self.recording is not None and self.recording.limits is not None:
            promise.recording, promise.key = self.recording, f"{purpose.name}:{key()[:32]}"
            await promise.reserve(replace(expected, output_tokens=expected.output_tokens or self._likely(purpose.name)))
        self._out.append(promise.began)
        return promise

    def busy_seconds(self, since: float) -> float:
        """Seconds in which this call, or any that is still out, was out, and which were not charged yet.

        Calls that are out together share the processor that answers them, so their time counts once: for the one that
        ends first, however late it began.
        """
        now = self.clock()
        seconds = max(0.0, now - max(min([since, *self._out]), self._charged_until))
        self._charged_until = max(self._charged_until, now)
        return seconds

    def over(self, began: float) -> None:
        """Takes note that a call is no longer out that began then."""
        if began in self._out:
            self._out.remove(began)

    def count(self, purpose: str, subject: str, used: Usage, *, is_answered: bool) -> None:
        """Adds what a question took and writes it down."""
        self._used[purpose] = self._used.get(purpose, Usage()) + used
        if is_answered:
            number, tokens = self._answers.get(purpose, (0, 0))
            self._answers[purpose] = number + 1, tokens + used.output_tokens
        if self.workspace is None:
            return
        line: dict[str, JsonValue] = {"purpose": purpose, "subject": subject, "answered": is_answered}
        try:
            if self._lines is None:
                self._lines = LineFile(self.workspace.own_path(CALLS))
            self._lines.append(line | {name: getattr(used, name) for name in _COUNTED})
        except OSError as error:
            _log.warning("model.unrecorded", path=CALLS, error=str(error))

    def _likely(self, purpose: str) -> int:
        number, tokens = self._answers.get(purpose, (0, 0))
        return max(1, tokens // number) if number else LIKELY_ANSWER


@dataclass
class ModelPromise:
    """What the account promised to one question: an amount for each attempt at it, reserved before the attempt."""

    account: ModelAccount
    purpose: str
    subject: str
    began: float
    recording: Recording | None = None
    key: str = ""
    _reservations: list[Reservation] = field(default_factory=list)

    async def reserve(self, expected: Usage) -> None:
        """Reserves what an attempt should take, where there is a budget. Raises `BudgetSpentError`."""
        if self.recording is not None and self.recording.limits is not None:
            amounts = _amounts(expected, 0.0, self.recording.limits)
            told = await self.recording.promise_call(self.subject, self.key, amounts, agent=self.account.label)
            self._reservations.append(told)

    async def again(self) -> None:
        """Makes room for a further attempt, which takes a call more. Raises `BudgetSpentError`."""
        # Whoever asks may be cut off meanwhile, and what was reserved has to be known then, so that it is settled.
        await uninterrupted(self.reserve(_ATTEMPT))

    async def settle(self, used: Usage, *, is_answered: bool) -> None:
        """Counts what the question took, and settles what was promised."""
        self.account.count(self.purpose, self.subject, used, is_answered=is_answered)
        self.account.over(self.began)
        if self.recording is None or self.recording.limits is None:
            return
        busy, limits = self.account.busy_seconds(self.began), self.recording.limits
        for reservation in self._reservations[1:]:
            await self.recording.settle_call(reservation, _amounts(_ATTEMPT, 0.0, limits))
        rest = replace(used, requests=max(0, used.requests - len(self._reservations[1:])))
        await self.recording.settle_call(self._reservations[0], _amounts(rest, busy, limits))


def _amounts(usage: Usage, busy: float, limits: BudgetLimits) -> Amounts:
    """What was asked, in the units of a budget."""
    prices: Prices = limits.prices
    gpu = busy if limits.gpu_seconds is not None or prices.per_gpu_second else 0.0
    return Amounts(
        calls=usage.requests,
        tokens=usage.input_tokens + usage.output_tokens,
        money=prices.of(usage.requests, usage.input_tokens, usage.output_tokens, gpu),
        gpu_seconds=gpu,
    )


def earlier_calls(workspace: Workspace) -> Mapping[str, Usage]:
    """What the books of a workspace say was taken, by purpose; a line that cannot be read counts for nothing."""
    used: dict[str, Usage] = {}
    try:
        lines = workspace.own_path(CALLS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return used
    for line in lines:
        try:
            call = json.loads(line)
            usage = Usage(**{name: call[name] for name in _COUNTED})
            used[call["purpose"]] = used.get(call["purpose"], Usage()) + usage
        except (ValueError, KeyError, TypeError):
            continue
    return used
