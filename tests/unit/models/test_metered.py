"""Every question is announced before it is asked and accounted for after it, whatever came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage
from support.model_plans import GOOD, PATIENT, request
from support.model_server import Asked, Reply, model_server

from prefect_harmonic.errors import BudgetSpentError, CandidateError
from prefect_harmonic.planners.models.choosing import model_for, source_from
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.metered import Key, Promise, metered
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.usage import Usage

PLAN = '{"artifacts": [{"id": "Api", "covers": ["REST API", "auth"]}]}'


@dataclass
class Noted(Promise):
    """One question of which note was taken."""

    purpose: Purpose
    key: str
    expected: Usage
    used: Usage | None = None
    is_answered: bool = False
    attempts_left: int = 1000

    async def again(self) -> None:
        """Room for one more attempt, if there is any."""
        if not self.attempts_left:
            raise BudgetSpentError("run", [("calls", "3", "0", "1")])
        self.attempts_left -= 1

    async def settle(self, used: Usage, *, is_answered: bool) -> None:
        """Takes note of what it took."""
        self.used, self.is_answered = used, is_answered


@dataclass
class Notes:
    """An account that allows so many questions, and so many further attempts at each."""

    most: int = 1000
    attempts: int = 1000
    asked: list[Noted] = field(default_factory=list)

    async def promise(self, purpose: Purpose, key: Key, expected: Usage) -> Promise:
        """Room for one more, if there is any."""
        if len(self.asked) >= self.most:
            raise BudgetSpentError("run", [("calls", str(self.most), "0", "1")])
        self.asked.append(Noted(purpose, key(), expected, attempts_left=self.attempts))
        return self.asked[-1]


def answering(reply: Callable[[], str]) -> LanguageModel:
    """A model that gives the same answer to everything."""

    def told(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        usage = RequestUsage(input_tokens=700, output_tokens=30, cache_read_tokens=600)
        return ModelResponse(parts=[TextPart(reply())], usage=usage)

    async def give() -> FunctionModel:
        return FunctionModel(told)

    return LanguageModel(label="openai:m", model=give)


def replay_of(folder: Path) -> LanguageModel:
    """The model of `--replay`."""
    model = model_for("openai:m", replay=str(folder), environment={})
    assert model is not None
    return model


async def test_a_question_is_accounted_for_with_what_it_took() -> None:
    """Its purpose and candidate, an expectation from its length, and afterwards the tokens."""
    notes = Notes()
    await source_from(metered(answering(lambda: PLAN), notes)).candidate(request())
    (noted,) = notes.asked
    assert noted.purpose == Purpose("plan", "candidate-0")
    assert noted.expected.input_tokens > 500
    assert noted.used is not None
    assert (noted.used.requests, noted.used.input_tokens, noted.used.cached_tokens) == (1, 700, 600)
    assert noted.is_answered


async def test_a_repair_is_a_question_of_its_own_and_has_another_key() -> None:
    """The answer that was refused has been paid for as well."""
    answers = iter(['{"artifacts": [{"id": "Api", "requires": ["Ghost"]}]}', PLAN])
    notes = Notes()
    await source_from(metered(answering(lambda: next(answers)), notes)).candidate(request())
    assert [noted.purpose.name for noted in notes.asked] == ["plan", "plan"]
    assert notes.asked[0].key != notes.asked[1].key


async def test_no_question_is_asked_without_room() -> None:
    """The refusal comes through to whoever asked, and the model is never reached."""
    answers, notes = iter([PLAN]), Notes(most=1)
    source = source_from(metered(answering(lambda: next(answers)), notes))
    await source.candidate(request())
    with pytest.raises(BudgetSpentError):
        await source.candidate(request())


async def test_every_attempt_counts_and_a_replay_counts_the_same(tmp_path: Path) -> None:
    """A server that fails twice was asked three times; a replay, which asks nobody, says so too."""

    def behaviour(asked: Asked) -> Reply:
        return GOOD if len(served.asked) > 2 else Reply(status=503, error="busy")

    live, again = Notes(), Notes()
    with model_server(behaviour) as served:
        recorded = model_for("openai:m", served.url, record=str(tmp_path), environment=PATIENT)
        assert recorded is not None
        await source_from(metered(recorded, live)).candidate(request())
    await source_from(metered(replay_of(tmp_path), again)).candidate(request())
    for notes in (live, again):
        assert [noted.used and noted.used.requests for noted in notes.asked] == [3]
    assert live.asked[0].key == again.asked[0].key


async def test_an_attempt_without_room_is_not_made_and_a_replay_ends_there_as_well(tmp_path: Path) -> None:
    """Of three attempts the account allows two; a replay that may make more says what held the run up."""
    with model_server(lambda _: Reply(status=503, error="busy")) as served:
        recorded = model_for("openai:m", served.url, record=str(tmp_path), environment=PATIENT)
        assert recorded is not None
        live = Notes(attempts=1)
        with pytest.raises(BudgetSpentError):
            await source_from(metered(recorded, live)).candidate(request())
    assert len(served.asked) == 2
    again = Notes(attempts=1)
    with pytest.raises(BudgetSpentError):
        await source_from(metered(replay_of(tmp_path), again)).candidate(request())
    assert [noted.used and noted.used.requests for noted in (*live.asked, *again.asked)] == [2, 2]
    with pytest.raises(CandidateError, match="no room for a further attempt"):
        await source_from(replay_of(tmp_path)).candidate(request())


async def test_what_was_asked_in_vain_is_settled() -> None:
    """A failure and a call that was cancelled leave nothing promised."""
    notes = Notes()
    with model_server(lambda _: Reply(status=401, error="no")) as served:
        model = model_for("openai:m", served.url, environment=PATIENT)
        assert model is not None
        with pytest.raises(CandidateError):
            await source_from(metered(model, notes)).candidate(request())
        served.behaviour = lambda _: Reply(is_hanging=True)
        waiting = asyncio.create_task(source_from(metered(model, notes)).candidate(request()))
        while len(served.asked) < 2:
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert [(noted.is_answered, noted.used and noted.used.requests) for noted in notes.asked] == [(False, 1)] * 2


async def test_what_was_asked_is_settled_after_a_time_limit() -> None:
    """Prefect's time limit, a cancel scope of anyio, cancels at every step, also while the books are being kept."""
    settled: list[str] = []

    class Slow(Noted):
        async def settle(self, used: Usage, *, is_answered: bool) -> None:
            await asyncio.sleep(0.01)
            settled.append(self.key)

    class SlowNotes(Notes):
        async def promise(self, purpose: Purpose, key: Key, expected: Usage) -> Promise:
            return Slow(purpose, key(), expected)

    with model_server(lambda _: Reply(is_hanging=True)) as served:
        model = model_for("openai:m", served.url, environment=PATIENT)
        assert model is not None

        async def over_once_asked(limit: anyio.CancelScope) -> None:
            while not served.asked:
                await asyncio.sleep(0.01)
            limit.deadline = anyio.current_time()

        async def limited() -> None:
            with anyio.fail_after(60) as limit:
                watching = asyncio.create_task(over_once_asked(limit))
                await source_from(metered(model, SlowNotes())).candidate(request())
            await watching

        with pytest.raises(TimeoutError):
            await limited()
    assert len(settled) == 1
