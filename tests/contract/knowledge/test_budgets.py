"""Budgets: a limit holds whoever asks, what was spent is counted once, and the ledger survives its writers."""

import asyncio
import json
import os
import pickle
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.clocks import MovableClock

from prefect_harmonic.errors import BudgetSpentError, RefusedValueError, UnknownRecordError
from prefect_harmonic.planners.budget import Amounts, BudgetLimits, Prices, Unit
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

_SETTINGS = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# What each of four processes does: wait until all are there, then eight threads with a loop of their own reserve and
# settle until nothing is left.
_SPENDERS = """
import asyncio, json, sys, threading
from prefect_harmonic.errors import BudgetSpentError
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

async def spend(url, root, name, made):
    async with KnowledgeBase(url, patience_seconds=120) as kb:
        while True:
            try:
                promised = await kb.reserve(root, f"{name}-{len(made)}", {"calls": 1, "tokens": 10})
            except BudgetSpentError:
                return
            await kb.settle(promised, {"calls": 1, "tokens": 9})
            made.append(promised.key)

url, root, process = sys.argv[1:]
made = [[] for _ in range(8)]
threads = [
    threading.Thread(target=lambda n=n: asyncio.run(spend(url, root, f"{process}.{n}", made[n]))) for n in range(8)
]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([key for part in made for key in part]), flush=True)
"""

# Reserves, says so, and waits to be killed.
_KILLED = """
import asyncio, sys
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

async def main(url, node):
    async with KnowledgeBase(url) as kb:
        await kb.reserve(node, "call-1", {"calls": 1, "tokens": 300})
        print("reserved", flush=True)
        sys.stdin.readline()

asyncio.run(main(*sys.argv[1:]))
"""


def _process(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )


async def _root(kb: KnowledgeBase, **limits: object) -> str:
    root = (await kb.add("root", "", {"type": "plan"})).id
    if limits:
        await kb.allow(root, limits)
    return root


async def test_32_threads_in_four_processes_never_spend_more_than_is_allowed(kb: KnowledgeBase, url: str) -> None:
    """Calls and tokens are limited; whichever is reached first ends it for all, and the ledger agrees with them."""
    root = await _root(kb, calls=40, tokens=10_000)
    processes = [_process(_SPENDERS, url, root, str(number)) for number in range(4)]
    try:
        for process in processes:
            assert process.stdout is not None
            assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [await asyncio.to_thread(process.communicate) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    keys = [key for out, _ in answers for key in json.loads(out)]
    account = await kb.spent(root)
    assert (len(keys), len(set(keys))) == (40, 40)
    assert (account.units[Unit.CALLS].spent, account.units[Unit.TOKENS].spent, account.open) == (40, 360, 0)
    assert account.used_up == (Unit.CALLS,)


async def test_reservation_of_a_killed_process_is_found_again_by_its_key(kb: KnowledgeBase, url: str) -> None:
    """SIGKILL between reserve and settle: it is promised still, listed, and the next attempt counts in its place."""
    root = await _root(kb, calls=1, tokens=1000)
    part = await kb.add("part", "", {"parent_plan": root, "assigned_agent": "researcher"})
    process = _process(_KILLED, url, part.id)
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == "reserved\n"
    process.kill()
    process.wait()
    before = await kb.spent(root)
    assert (before.units[Unit.CALLS].reserved, before.units[Unit.CALLS].left, before.open) == (1, 0, 1)
    (interrupted,) = await kb.unsettled(root)
    assert (interrupted.key, interrupted.node, interrupted.promised.tokens) == ("call-1", part.id, 300)
    with pytest.raises(BudgetSpentError):
        await kb.reserve(part.id, "call-2", {"calls": 1})
    again = await kb.reserve(part.id, "call-1", {"calls": 1, "tokens": 300})
    assert (again.id, again.is_found) == (interrupted.id, True)
    await kb.settle(again, {"calls": 1, "tokens": 250})
    after = await kb.spent(root)
    assert (after.units[Unit.CALLS].spent, after.units[Unit.TOKENS].spent, after.open) == (1, 250, 0)


async def test_budget_is_that_of_the_whole_tree(kb: KnowledgeBase) -> None:
    """What one part spends is gone for the others; agents and nodes are told apart."""
    root = await _root(kb, tokens=100)
    one = await kb.add("one", "", {"parent_plan": root, "assigned_agent": "researcher"})
    other = await kb.add("other", "", {"parent_plan": one.id, "assigned_agent": "builder"})
    await kb.settle(await kb.reserve(one.id, "a", {"tokens": 60}), {"tokens": 60})
    with pytest.raises(BudgetSpentError, match="tokens: 40 of 100 left, 50 asked for"):
        await kb.reserve(other.id, "b", {"tokens": 50})
    await kb.settle(await kb.reserve(other.id, "b", {"tokens": 40}), {"tokens": 30})
    await kb.settle(await kb.reserve(other.id, "c", {"tokens": 10}, agent="judge"), {"tokens": 10})
    account = await kb.spent(other.id)
    assert account.root == root
    assert {name: spent.tokens for name, spent in account.by_agent.items()} == {
        "builder": 30,
        "judge": 10,
        "researcher": 60,
    }
    assert {name: spent.tokens for name, spent in account.by_node.items()} == {one.id: 60, other.id: 40}
    assert account.used_up == (Unit.TOKENS,)


async def test_refusal_names_every_limit_and_what_to_do(kb: KnowledgeBase) -> None:
    """And nothing is reserved of the units of which there would have been enough."""
    root = await _root(kb, calls=2, tokens=10, money="0.5", gpu_seconds=9)
    with pytest.raises(BudgetSpentError) as caught:
        await kb.reserve(root, "x", {"calls": 3, "tokens": 5, "money": "0.75", "gpu_seconds": 1.5})
    error = caught.value
    assert error.shortages == (("calls", "2", "2", "3"), ("money", "0.5", "0.5", "0.75"))
    assert "raise the limit" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert await kb.unsettled(root) == ()
    assert (await kb.spent(root)).units[Unit.TOKENS].left == 10


async def test_money_follows_from_the_prices_that_the_user_sets(kb: KnowledgeBase) -> None:
    """By call, token and second of a GPU, exactly; money that is stated holds instead."""
    prices = Prices(per_call=Decimal("0.01"), per_token=Decimal("0.00000015"), per_gpu_second=Decimal("0.001"))
    root = await _root(kb)
    await kb.allow(root, BudgetLimits(money=Decimal("0.05"), prices=prices))
    promised = await kb.reserve(root, "a", Amounts(calls=1, tokens=1000, gpu_seconds=2.0))
    assert promised.promised.money == Decimal("0.01215")
    await kb.settle(promised, {"calls": 1, "tokens": 1})
    await kb.settle(await kb.reserve(root, "b", {"calls": 1}), {"calls": 1, "money": "0.02"})
    money = (await kb.spent(root)).units[Unit.MONEY]
    assert (money.spent, money.left) == (Decimal("0.03000015"), Decimal("0.01999985"))


async def test_what_is_said_again_counts_once(kb: KnowledgeBase) -> None:
    """Reserve, settle and release, each twice with one key."""
    root = await _root(kb, calls=5)
    first, second = [await kb.reserve(root, "a", {"calls": 2}) for _ in range(2)]
    assert (first.id, first.is_found, second.is_found) == (second.id, False, True)
    await kb.settle(first, {"calls": 1})
    assert (await kb.settle(first, {"calls": 2})).spent == Amounts(calls=1, money=Decimal(0))
    found = await kb.reserve(root, "a", {"calls": 2})
    assert (found.state, found.is_found) == ("settled", True)
    with pytest.raises(RefusedValueError, match="is settled"):
        await kb.release(first)
    other = await kb.reserve(root, "b", {"calls": 4})
    for _ in range(2):
        assert (await kb.release(other)).state == "released"
    with pytest.raises(RefusedValueError, match="was released"):
        await kb.settle(other, {"calls": 4})
    anew = await kb.reserve(root, "b", {"calls": 3})
    assert (anew.id, anew.state, anew.is_found) == (other.id, "open", False)
    calls = (await kb.spent(root)).units[Unit.CALLS]
    assert (calls.limit, calls.reserved, calls.spent, calls.left) == (5, 3, 1, 1)


async def test_work_that_took_more_than_it_reserved_counts_whole(kb: KnowledgeBase) -> None:
    """Nothing is left then, and never less than nothing."""
    root = await _root(kb, tokens=100)
    await kb.settle(await kb.reserve(root, "a", {"tokens": 90}), {"tokens": 130})
    tokens = (await kb.spent(root)).units[Unit.TOKENS]
    assert (tokens.spent, tokens.left) == (130, 0)


async def test_raised_limit_goes_on_with_what_was_spent(kb: KnowledgeBase) -> None:
    """A person who allows more does not start the count anew."""
    root = await _root(kb, calls=1)
    await kb.settle(await kb.reserve(root, "a", {"calls": 1}), {"calls": 1})
    await kb.allow(root, {"calls": 3})
    calls = (await kb.spent(root)).units[Unit.CALLS]
    assert (calls.limit, calls.spent, calls.left) == (3, 1, 2)


async def test_run_without_a_budget_is_counted_all_the_same(kb: KnowledgeBase) -> None:
    """Nothing is limited, and everything is known."""
    root = await _root(kb)
    await kb.settle(await kb.reserve(root, "a", {"calls": 7}), {"calls": 7})
    calls = (await kb.spent(root)).units[Unit.CALLS]
    assert (calls.limit, calls.spent, calls.left) == (None, 7, None)
    assert (await kb.spent(root)).used_up == ()


async def test_wall_time_counts_what_is_done_side_by_side_once(kb: KnowledgeBase, clock: MovableClock) -> None:
    """And the time between two runs not at all."""
    root = await _root(kb, wall_seconds=100)
    one = await kb.reserve(root, "a", {"wall_seconds": 60})
    clock.move(seconds=10)
    other = await kb.reserve(root, "b", {"wall_seconds": 60})
    clock.move(seconds=20)
    await kb.settle(one, {})
    clock.move(seconds=5)
    await kb.settle(other, {})
    clock.move(hours=8)
    wall = (await kb.spent(root)).units[Unit.WALL_SECONDS]
    assert (wall.spent, wall.left) == (35.0, 65.0)
    with pytest.raises(BudgetSpentError, match="wall_seconds: 65 of 100 left, 70 asked for"):
        await kb.reserve(root, "c", {"wall_seconds": 70})


async def test_interrupted_work_takes_no_more_wall_time_than_it_was_promised(
    kb: KnowledgeBase, clock: MovableClock
) -> None:
    """A night in which nothing ran costs nothing; when it is tried again its clock starts anew."""
    root = await _root(kb, wall_seconds=100)
    await kb.reserve(root, "a", {"wall_seconds": 30})
    clock.move(seconds=12)
    during = (await kb.spent(root)).units[Unit.WALL_SECONDS]
    assert (during.spent, during.reserved, during.left) == (12.0, 18.0, 70.0)
    clock.move(hours=8)
    assert (await kb.spent(root)).units[Unit.WALL_SECONDS].spent == 30.0
    again = await kb.reserve(root, "a", {"wall_seconds": 30})
    clock.move(seconds=4)
    await kb.settle(again, {})
    assert (await kb.spent(root)).units[Unit.WALL_SECONDS].spent == 4.0


async def test_what_is_left_open_for_good_took_what_it_was_promised(kb: KnowledgeBase, clock: MovableClock) -> None:
    """The night after it was interrupted is no time, and what others settled or gave back stays as it is."""
    root = await _root(kb, calls=10)
    await kb.settle(await kb.reserve(root, "done", {"calls": 1}), {"calls": 1, "wall_seconds": 1})
    await kb.release(await kb.reserve(root, "given back", {"calls": 1}))
    await kb.reserve(root, "left", {"calls": 2, "tokens": 300, "wall_seconds": 5})
    clock.move(hours=8)
    await kb.settle_left(root)
    account = await kb.spent(root)
    spent = {unit.value: one.spent for unit, one in account.units.items() if one.spent}
    assert (spent, account.open) == ({"calls": 3, "tokens": 300, "wall_seconds": 6.0}, 0)
    assert (await kb.reserve(root, "left", {"calls": 1})).state == "settled"
    await kb.settle_left(root)
    assert await kb.spent(root) == account


async def test_wall_time_that_is_used_up_ends_work_that_reserves_none(kb: KnowledgeBase, clock: MovableClock) -> None:
    """Time runs out for everybody."""
    root = await _root(kb, wall_seconds=10)
    work = await kb.reserve(root, "a", {})
    clock.move(seconds=11)
    await kb.settle(work, {})
    with pytest.raises(BudgetSpentError, match="wall_seconds: 0 of 10 left"):
        await kb.reserve(root, "b", {"calls": 1})


async def test_clock_that_was_set_back_gives_no_time(kb: KnowledgeBase, clock: MovableClock) -> None:
    """What was spent never becomes less than nothing."""
    root = await _root(kb, wall_seconds=10)
    work = await kb.reserve(root, "a", {"wall_seconds": 5})
    clock.move(hours=-1)
    await kb.settle(work, {})
    assert (await kb.spent(root)).units[Unit.WALL_SECONDS].spent == 0


@pytest.mark.parametrize(
    "wrong",
    [{"calls": -1}, {"tokens": 1.5}, {"money": "much"}, {"gpu_seconds": float("nan")}, {"cals": 1}],
    ids=str,
)
async def test_wrong_amounts_and_limits_are_refused(kb: KnowledgeBase, wrong: dict[str, object]) -> None:
    """Negative, broken, misspelt: one clear error, and nothing is written."""
    root = await _root(kb, calls=1)
    with pytest.raises(RefusedValueError, match="limits"):
        await kb.allow(root, wrong)
    with pytest.raises(RefusedValueError, match="amounts"):
        await kb.reserve(root, "a", wrong)
    assert (await kb.spent(root)).units[Unit.CALLS].limit == 1


async def test_unknown_nodes_and_reservations_are_errors(kb: KnowledgeBase) -> None:
    """And a budget stands at a root alone, a key is a key."""
    root = await _root(kb)
    part = await kb.add("part", "", {"parent_plan": root})
    for call in (kb.allow("nobody", {}), kb.reserve("nobody", "a", {}), kb.settle("nobody", {}), kb.spent("nobody")):
        with pytest.raises(UnknownRecordError, match="nobody"):
            await call
    with pytest.raises(RefusedValueError, match=root):
        await kb.allow(part.id, {"calls": 1})
    for key in ("", "k" * 201):
        with pytest.raises(RefusedValueError, match="key"):
            await kb.reserve(root, key, {})


@_SETTINGS
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 6), st.sampled_from(["settle", "release", "crash"]))))
async def test_ledger_is_exact_whatever_is_done(kb: KnowledgeBase, work: list[tuple[str, int, str]]) -> None:
    """Limit, reserved, spent and left agree with a model in memory after any sequence of attempts."""
    root = await _root(kb, calls=10)
    promised: dict[str, int] = {}
    spent: dict[str, int] = {}
    for key, calls, end in work:
        if key not in promised and key not in spent and calls > 10 - sum(promised.values()) - sum(spent.values()):
            with pytest.raises(BudgetSpentError):
                await kb.reserve(root, key, {"calls": calls})
            continue
        reservation = await kb.reserve(root, key, {"calls": calls})
        if key in spent:
            continue
        held = promised.setdefault(key, calls)
        if end == "settle":
            await kb.settle(reservation, {"calls": held})
            spent[key] = promised.pop(key)
        elif end == "release":
            await kb.release(reservation)
            del promised[key]
    account = (await kb.spent(root)).units[Unit.CALLS]
    assert (account.reserved, account.spent) == (sum(promised.values()), sum(spent.values()))
    assert account.left == 10 - sum(promised.values()) - sum(spent.values())
