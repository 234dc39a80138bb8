"""The life of an engine in this process, with an engine of the test in the place of vLLM's."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.models.engine.engine import ChatAnswer, ChatQuestion, EngineGoneError
from prefect_harmonic.planners.models.engine.host import EngineHost
from prefect_harmonic.planners.models.engine.settings import EngineSettings

QUESTION = ChatQuestion(messages=({"role": "user", "content": "Plan it."},))


class StandIn:
    """An engine that answers at once, hangs, or dies at its first question."""

    def __init__(self, *, is_hanging: bool = False, is_dying: bool = False) -> None:
        self.is_hanging, self.is_dying = is_hanging, is_dying
        self.loop = asyncio.get_running_loop()
        self.asked = threading.Event()
        self.aborted = threading.Event()
        self.is_closed = False

    @property
    def unfinished(self) -> int:
        """Nobody asks."""
        return 0

    async def answer(self, question: ChatQuestion) -> ChatAnswer:
        """The name of the thread on which it was asked."""
        assert self.loop is asyncio.get_running_loop(), "an engine of vLLM would hang for ever"
        self.asked.set()
        if self.is_dying:
            raise EngineGoneError("its process ended")
        if self.is_hanging:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.aborted.set()
                raise
        return ChatAnswer(text=threading.current_thread().name)

    def close(self) -> None:
        """Remembers it."""
        self.is_closed = True


Made = Callable[..., tuple[EngineHost, list[StandIn]]]


@pytest.fixture
def made() -> Iterator[Made]:
    """Makes a host whose engines are as the given ones, in turn, the last for ever; closes it in the end."""
    hosts: list[EngineHost] = []

    def make(*kinds: dict[str, bool], **settings: float) -> tuple[EngineHost, list[StandIn]]:
        engines: list[StandIn] = []

        def start(_: EngineSettings, check_wanted: Callable[[], None]) -> StandIn:
            engines.append(StandIn(**(kinds or ({},))[min(len(engines), max(len(kinds), 1) - 1)]))
            return engines[-1]

        hosts.append(EngineHost(EngineSettings(model="m", **settings), start))
        return hosts[-1], engines

    yield make
    for host in hosts:
        host.close()


def test_threads_with_loops_of_their_own_share_one_engine(made: Made) -> None:
    """As mapped tasks do, and a second run after the first: each has a loop of its own, and none is the engine's."""
    host, engines = made()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: asyncio.run(host.answer(QUESTION)).text, range(5)))
    answers.append(asyncio.run(host.answer(QUESTION)).text)
    assert answers == ["harmonic-engine"] * 6
    assert len(engines) == 1


async def test_a_cancelled_call_ends_the_work_on_it_and_nothing_else(made: Made) -> None:
    """The engine stops answering whom nobody waits for, and is there for the next."""
    host, engines = made({"is_hanging": True})
    asking = asyncio.create_task(host.answer(QUESTION))
    await host.ready()
    await asyncio.to_thread(engines[0].asked.wait, 10)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(engines[0].aborted.wait, 10)
    engines[0].is_hanging = False
    assert (await host.answer(QUESTION)).text
    assert len(engines) == 1


async def test_a_deadline_ends_the_work_as_well(made: Made) -> None:
    """It is the caller's own, because an engine has none."""
    host, engines = made({"is_hanging": True})
    await host.ready()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await host.answer(QUESTION)
    assert await asyncio.to_thread(engines[0].aborted.wait, 10)


async def test_an_engine_that_died_is_reported_and_replaced_for_all_who_asked(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, however many callers notice; the dead one is cleared away, and every caller gets an answer."""
    host, engines = made({"is_dying": True}, {})
    with caplog.at_level(logging.WARNING):
        answers = await asyncio.gather(*(host.answer(QUESTION) for _ in range(5)))
    assert len(answers) == 5
    assert [engine.is_closed for engine in engines] == [True, False]
    assert [record.getMessage() for record in caplog.records] == ["the vLLM engine for m died: its process ended"]


async def test_engines_that_keep_dying_are_left_alone(made: Made) -> None:
    """The question fails with the reason, so that a fallback takes over, and nobody waits for a third engine."""
    host, engines = made({"is_dying": True})
    with pytest.raises(CandidateError, match="died twice over this question"):
        await host.answer(QUESTION)
    with pytest.raises(CandidateError, match="died 2 times in a row without an answer"):
        await host.answer(QUESTION)
    assert len(engines) == 2


async def test_an_engine_that_answers_may_be_replaced_again_later(made: Made) -> None:
    """Deaths count in a row: a process that runs for days is not without its model after the second."""
    host, engines = made({"is_dying": True}, {}, {})
    for _ in range(3):
        await host.answer(QUESTION)
        engines[-1].is_dying = True
    assert len(engines) == 4


async def test_without_restarts_the_first_death_is_the_last(made: Made) -> None:
    """For those who rather fall back than wait."""
    host, engines = made({"is_dying": True}, restarts=0)
    with pytest.raises(CandidateError, match="died once without an answer"):
        await host.answer(QUESTION)
    assert len(engines) == 1


async def test_a_start_that_fails_is_told_to_all_and_tried_once() -> None:
    """Five candidates do not wait for the same failure one after the other; its text says what a script must have."""
    tried = count()

    def start(_: EngineSettings, check_wanted: Callable[[], None]) -> StandIn:
        next(tried)
        raise RuntimeError("Engine core initialization failed.\n See root cause above.")

    host = EngineHost(EngineSettings(model="m"), start)
    told = await asyncio.gather(*(host.ready() for _ in range(5)), host.answer(QUESTION), return_exceptions=True)
    reason = "vLLM could not start m: Engine core initialization failed. See root cause above."
    assert all(isinstance(each, CandidateError) and str(each).startswith(reason) for each in told)
    assert "__name__ == '__main__'" in str(told[0])
    assert next(tried) == 1
    host.close()


async def test_a_start_that_takes_too_long_fails_the_caller() -> None:
    """The start has a deadline of its own, beside that of an answer."""
    is_enough = threading.Event()

    def start(_: EngineSettings, check_wanted: Callable[[], None]) -> StandIn:
        is_enough.wait(10)
        return StandIn()

    host = EngineHost(EngineSettings(model="m", start_seconds=0.01), start)
    with pytest.raises(CandidateError, match=r"did not start m within 0\.01 s"):
        await host.ready()
    is_enough.set()
    host.close()


async def test_closed_it_ends_its_engine_and_starts_anew_when_asked(made: Made) -> None:
    """Closing twice is as good as once, and the thread is gone."""
    host, engines = made()
    await host.answer(QUESTION)
    host.close()
    host.close()
    assert engines[0].is_closed
    assert "harmonic-engine" not in {thread.name for thread in threading.enumerate()}
    assert (await host.answer(QUESTION)).text == "harmonic-engine"
    assert len(engines) == 2


async def test_closed_while_it_starts_it_gives_the_start_up() -> None:
    """Whoever ends the process does not wait for an engine that nobody wants any more."""
    is_loading, never = threading.Event(), threading.Event()
    made: list[StandIn] = []

    def start(_: EngineSettings, check_wanted: Callable[[], None]) -> StandIn:
        is_loading.set()
        for _attempt in range(10_000):
            check_wanted()
            never.wait(0.001)
        made.append(StandIn())
        return made[-1]

    host = EngineHost(EngineSettings(model="m"), start)
    asking = asyncio.create_task(host.ready())
    await asyncio.to_thread(is_loading.wait, 10)
    await asyncio.to_thread(host.close)
    with pytest.raises((CandidateError, asyncio.CancelledError)):
        await asking
    assert made == []
