"""What a run asks of its model is counted always, and kept within a budget where there is one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from support.model_plans import PATIENT, request
from support.model_server import Reply, model_server

from prefect_harmonic.errors import BudgetSpentError, CandidateError
from prefect_harmonic.planners.budget import BudgetLimits, Prices, Unit
from prefect_harmonic.planners.models.choosing import model_for, source_from
from prefect_harmonic.planners.models.metered import metered
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.tasks.model_account import CALLS, ModelAccount
from prefect_harmonic.tasks.recording import Recording, recording_of
from prefect_harmonic.tasks.workspace import Workspace

EXPECTED = Usage(requests=1, input_tokens=100, output_tokens=50)
TOOK = Usage(requests=1, input_tokens=90, output_tokens=20, cached_tokens=60, seconds=0.5)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace, and a knowledge base of its own."""
    monkeypatch.setenv("HARMONIC_DATABASE_URL", f"sqlite:///{tmp_path / 'kb.db'}")
    (tmp_path / "out" / ".harmonic").mkdir(parents=True)
    return Workspace.opened(tmp_path / "out")


@asynccontextmanager
async def kept(workspace: Workspace, limits: BudgetLimits) -> AsyncIterator[tuple[ModelAccount, Recording]]:
    """An account with a budget, as a run has it."""
    async with recording_of(workspace, goal="Build it", parameters={}, limits=limits) as recording:
        assert recording is not None
        account = ModelAccount("openai:m", workspace)
        with account.kept_by(recording):
            yield account, recording


async def asked(account: ModelAccount, key: str = "q", used: Usage = TOOK, purpose: str = "plan") -> None:
    """One question from its announcement to its answer."""
    promise = await account.promise(Purpose(purpose, "candidate-0"), lambda: key, EXPECTED)
    await promise.settle(used, is_answered=True)


async def test_calls_are_counted_by_purpose_and_found_again_by_the_next_run(workspace: Workspace) -> None:
    """Also those of a run that was killed, whose last line may be cut off."""
    account = ModelAccount("openai:m", workspace)
    await asked(account)
    await asked(account, purpose="evaluate")
    with (workspace.root / CALLS).open("a") as books:
        books.write('{"purpose": "plan", "requ')
    again = ModelAccount("openai:m", workspace)
    assert again.used == {"evaluate": TOOK, "plan": TOOK}
    assert again.to_document()["total"]["cache_hit_rate"] == pytest.approx(120 / 180)


async def test_a_budget_of_calls_ends_exactly_there(workspace: Workspace) -> None:
    """Five questions at once have room for three."""
    async with kept(workspace, BudgetLimits(calls=3)) as (account, recording):
        outcomes = await asyncio.gather(*(asked(account, f"q{n}") for n in range(5)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in outcomes) == ["BudgetSpentError"] * 2 + ["NoneType"] * 3
        spent = await recording.account()
    assert spent is not None
    assert (spent.units[Unit.CALLS].spent, spent.open) == (3, 0)


async def test_a_budget_of_calls_holds_for_further_attempts_as_well(workspace: Workspace) -> None:
    """Of four questions to a busy server, each tried three times, seven requests are sent where seven are allowed."""
    with model_server(lambda _: Reply(status=503, error="busy")) as served:
        chosen = model_for("openai:m", served.url, environment=PATIENT)
        assert chosen is not None
        async with kept(workspace, BudgetLimits(calls=7)) as (account, recording):
            source = source_from(metered(chosen, account))
            asked = (source.candidate(request(seed=seed)) for seed in range(4))
            ended = await asyncio.gather(*asked, return_exceptions=True)
            spent = await recording.account()
    assert spent is not None
    assert (len(served.asked), account.total.requests, spent.units[Unit.CALLS].spent, spent.open) == (7, 7, 7, 0)
    assert {type(one) for one in ended} <= {BudgetSpentError, CandidateError}
    assert BudgetSpentError in map(type, ended)


async def test_what_is_promised_is_the_expectation_and_what_counts_is_the_answer(workspace: Workspace) -> None:
    """Tokens of prompt and answer at the user's prices for each."""
    prices = Prices(per_input_token=Decimal("0.001"), per_output_token=Decimal("0.01"), per_call=Decimal(1))
    async with kept(workspace, BudgetLimits(tokens=1000, money=Decimal(10), prices=prices)) as (account, recording):
        promise = await account.promise(Purpose("plan"), lambda: "q", EXPECTED)
        during = await recording.account()
        await promise.settle(TOOK, is_answered=True)
        after = await recording.account()
    assert during is not None
    assert after is not None
    assert (during.units[Unit.TOKENS].reserved, during.units[Unit.MONEY].reserved) == (150, Decimal("1.6"))
    assert (after.units[Unit.TOKENS].spent, after.units[Unit.MONEY].spent) == (110, Decimal("1.29"))


async def test_the_same_question_of_a_later_run_counts_once_more_only_if_it_was_answered(workspace: Workspace) -> None:
    """A run that was killed while it waited takes up its promise; one that asks again after an answer pays again."""
    async with kept(workspace, BudgetLimits(calls=3)) as (account, _):
        await account.promise(Purpose("plan", "candidate-0"), lambda: "q", EXPECTED)  # killed here
    async with kept(workspace, BudgetLimits(calls=3)) as (account, recording):
        await asked(account)
        await asked(account)
        spent = await recording.account()
        assert spent is not None
        assert (spent.units[Unit.CALLS].spent, spent.open) == (2, 0)
    async with kept(workspace, BudgetLimits(calls=3)) as (account, _):
        await asked(account)
        with pytest.raises(BudgetSpentError):
            await asked(account)


@pytest.mark.parametrize(("ends", "busy"), [((10, 12), 12), ((12, 10), 12)], ids=["one after the other", "within"])
async def test_calls_that_are_out_together_share_the_seconds_of_the_gpu(
    workspace: Workspace, ends: tuple[float, float], busy: int
) -> None:
    """Two calls from 0 s and from 5 s are as many seconds of one processor as pass until the last one ends."""
    now = [0.0]
    async with kept(workspace, BudgetLimits(gpu_seconds=100)) as (account, recording):
        account.clock = lambda: now[0]
        first = await account.promise(Purpose("plan"), lambda: "a", EXPECTED)
        now[0] = 5
        second = await account.promise(Purpose("plan"), lambda: "b", EXPECTED)
        for end, promise in sorted(zip(ends, (first, second), strict=True), key=lambda pair: pair[0]):
            now[0] = end
            await promise.settle(TOOK, is_answered=True)
        spent = await recording.account()
    assert spent is not None
    assert spent.units[Unit.GPU_SECONDS].spent == busy


async def test_an_answer_is_expected_to_be_like_those_before_it(workspace: Workspace) -> None:
    """Where nothing bounds it."""
    async with kept(workspace, BudgetLimits(tokens=100_000)) as (account, recording):
        unbounded = Usage(requests=1, input_tokens=100)

        async def promised(key: str) -> int:
            await account.promise(Purpose("plan"), lambda: key, unbounded)
            spent = await recording.account()
            assert spent is not None
            return int(spent.units[Unit.TOKENS].reserved)

        first = await promised("a")
        await asked(account, "b")
        assert (first, await promised("c") - first) == (1600, 120)
