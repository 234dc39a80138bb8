"""Seven slots that all candidates share, on a clock that only moves when it is told to."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.working_memory import CAPACITY, TIME_TO_LIVE_SECONDS, MemoryReport, WorkingMemory


class Clock:
    """Seconds that pass when somebody says so."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def filled(clock: Clock, *relevances: float) -> WorkingMemory:
    """A memory with a slot of each relevance, named s0, s1 and so on."""
    memory = WorkingMemory(clock=clock)
    for place, relevance in enumerate(relevances):
        assert memory.remember(f"s{place}", place, relevance=relevance)
    return memory


async def anew() -> object:
    """What is found where nothing is remembered."""
    return "anew"


def test_defaults_are_seven_slots_for_five_minutes() -> None:
    """As the design has it."""
    assert (CAPACITY, TIME_TO_LIVE_SECONDS) == (7, 300.0)
    assert WorkingMemory().capacity == 7
    assert WorkingMemory().time_to_live == 300.0


async def test_content_is_recalled_until_it_expires() -> None:
    """Up to its time to live, and not at it."""
    clock = Clock()
    memory = filled(clock, 1.0)
    clock.now = 299.9
    assert await memory.recall_or_find("s0", anew) == 0
    assert memory.names() == ("s0",)
    clock.now = 300.0
    assert memory.names() == ()
    assert await memory.recall_or_find("s0", anew) == "anew"
    assert (memory.report.hits, memory.report.misses) == (1, 1)


def test_least_relevant_goes_for_a_more_relevant_newcomer() -> None:
    """There are seven slots and no more."""
    memory = filled(Clock(), 0.7, 0.6, 0.1, 0.5, 0.9, 0.8, 0.4)
    assert memory.remember("new", "x", relevance=0.2)
    assert memory.names() == ("new", "s0", "s1", "s3", "s4", "s5", "s6")
    assert memory.report.evictions == 1


def test_newcomer_less_relevant_than_every_resident_stays_out() -> None:
    """And nobody goes for it."""
    memory = filled(Clock(), *[0.5] * 7)
    assert not memory.remember("new", "x", relevance=0.4)
    assert memory.names() == tuple(f"s{place}" for place in range(7))
    assert memory.report.evictions == 0


def test_of_equally_relevant_ones_the_oldest_goes() -> None:
    """It would expire first anyway."""
    clock = Clock()
    memory = WorkingMemory(capacity=2, clock=clock)
    memory.remember("b", 1, relevance=0.5)
    clock.now = 1
    memory.remember("a", 2, relevance=0.5)
    assert memory.remember("c", 3, relevance=0.5)
    assert memory.names() == ("a", "c")


def test_expired_slots_go_before_the_least_relevant() -> None:
    """A dead slot of great relevance makes room, a living one of little stays, and that is no eviction."""
    clock = Clock()
    memory = WorkingMemory(capacity=2, clock=clock)
    memory.remember("dead", 1, relevance=1.0)
    clock.now = 200
    memory.remember("weak", 2, relevance=0.1)
    clock.now = 301
    assert memory.remember("new", 3, relevance=0.0)
    assert memory.names() == ("new", "weak")
    assert memory.report.evictions == 0


async def test_remembering_again_replaces_and_lives_anew() -> None:
    """The same name takes no second slot."""
    clock = Clock()
    memory = filled(clock, *[0.5] * 7)
    clock.now = 200
    assert memory.remember("s0", "again", relevance=0.5)
    clock.now = 400
    assert memory.names() == ("s0",)
    assert await memory.recall_or_find("s0", anew) == "again"


async def test_content_is_found_once_however_many_ask_at_the_same_time() -> None:
    """One miss finds it out; the others wait for it, which counts as hits."""
    memory, may_end, calls = WorkingMemory(clock=Clock()), asyncio.Event(), []

    async def find() -> str:
        calls.append(1)
        await may_end.wait()
        return "found"

    asking = [asyncio.create_task(memory.recall_or_find("x", find)) for _ in range(32)]
    await asyncio.sleep(0)
    may_end.set()
    assert await asyncio.gather(*asking) == ["found"] * 32
    assert await memory.recall_or_find("x", find) == "found"
    assert len(calls) == 1
    assert memory.report == MemoryReport(hits=32, misses=1)


async def test_expired_content_is_found_again() -> None:
    """After its time it is as if it had never been there."""
    clock, answers = Clock(), iter(["old", "new"])
    memory = WorkingMemory(clock=clock)

    async def find() -> str:
        return next(answers)

    assert await memory.recall_or_find("x", find) == "old"
    clock.now = 300
    assert await memory.recall_or_find("x", find) == "new"


async def test_failure_is_told_to_all_who_wait_and_not_remembered() -> None:
    """The next one who asks starts afresh."""
    memory, may_end = WorkingMemory(clock=Clock()), asyncio.Event()

    async def fail() -> str:
        await may_end.wait()
        raise ValueError("no")

    async def succeed() -> str:
        return "yes"

    asking = [asyncio.create_task(memory.recall_or_find("x", fail)) for _ in range(3)]
    await asyncio.sleep(0)
    may_end.set()
    assert [str(error) for error in await asyncio.gather(*asking, return_exceptions=True)] == ["no"] * 3
    assert await memory.recall_or_find("x", succeed) == "yes"


async def test_one_that_stops_waiting_stops_nobody_else() -> None:
    """Even the one who asked first may leave."""
    memory, may_end = WorkingMemory(clock=Clock()), asyncio.Event()

    async def find() -> str:
        await may_end.wait()
        return "found"

    first, second = (asyncio.create_task(memory.recall_or_find("x", find)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    may_end.set()
    assert await second == "found"
    assert first.cancelled()


async def test_what_found_no_room_is_still_given() -> None:
    """The one who asked gets the answer, whether or not it is kept."""
    memory = filled(Clock(), *[0.5] * 7)

    async def find() -> str:
        return "found"

    assert await memory.recall_or_find("x", find, relevance=0.1) == "found"
    assert "x" not in memory.names()


async def test_nothing_is_an_answer_too() -> None:
    """What was found to be nothing is not looked for again."""
    memory, calls = WorkingMemory(clock=Clock()), []

    async def find() -> None:
        calls.append(1)

    await memory.recall_or_find("x", find)
    await memory.recall_or_find("x", find)
    assert len(calls) == 1


@pytest.mark.parametrize("capacity", [0, -1])
def test_memory_without_slots_takes_nothing_in(capacity: int) -> None:
    """It has no room for anybody, which is no reason to fail."""
    assert not WorkingMemory(capacity=capacity, clock=Clock()).remember("x", 1)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 10), st.integers(0, 200)), max_size=40))
def test_never_more_than_seven_and_never_the_wrong_one_out(asked: list[tuple[int, int, int]]) -> None:
    """Whatever is remembered when: no slot too many, and who stays out is weaker than all who are in."""
    clock = Clock()
    memory, relevances = WorkingMemory(clock=clock), dict[str, int]()
    for name, relevance, pause in asked:
        clock.now += pause
        before = set(memory.names())
        is_in = memory.remember(str(name), name, relevance=relevance)
        after = set(memory.names())
        assert len(after) <= CAPACITY
        assert is_in == (str(name) in after)
        if is_in:
            assert len(before - after) <= 1
            assert all(relevances[gone] <= relevance for gone in before - after)
            relevances[str(name)] = relevance
        else:
            assert after == before
            assert all(relevances[resident] > relevance for resident in before)
