"""An engine's life in this process: started once, shared by all, brought back when it dies, closed in order.

vLLM's engine belongs to the event loop on which it was started. Asked from another one it hangs for ever, and Prefect
gives every mapped task a loop of its own. So the engine lives on a thread and a loop of its own, and whoever asks waits
on his own loop for what is done there. All state of this class is touched on that loop alone, the loop itself aside.
"""

import asyncio
import atexit
import gc
import logging
import multiprocessing
import threading
from collections.abc import Callable, Coroutine
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.models.engine.engine import ChatAnswer, ChatQuestion, Engine, EngineGoneError
from prefect_harmonic.planners.models.engine.settings import EngineSettings
from prefect_harmonic.planners.models.engine.warden import Warden

_log = logging.getLogger(__name__)
_SHOWN = 400
_REST_SECONDS = 60.0
_CLOSE_SECONDS, _LOOK_SECONDS = 30.0, 0.2
_GUARD = "a script that plans needs the guard if __name__ == '__main__'"

Start = Callable[[EngineSettings, Callable[[], None]], Engine]
"""Starts an engine. The second argument is to be called between long parts: it raises where none is wanted any more."""

Given = TypeVar("Given")


class EngineHost:
    """One engine for all who ask, from whatever thread and event loop.

    Args:
        settings: The model and its bounds.
        start: Starts an engine on the loop that calls it, and comes back when it is ready.
    """

    def __init__(self, settings: EngineSettings, start: Start) -> None:
        self.settings, self._start = settings, start
        self.starts = 0
        """Engines that were started so far."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting: asyncio.Future[Engine] | None = None
        self._warden = Warden(())
        self._deaths = 0
        self._resting: tuple[str, float] | None = None
        self._children_before: frozenset[BaseProcess] | None = None
        """While an engine is being started: the processes there were before."""
        self._is_closing = threading.Event()

    async def ready(self) -> None:
        """Comes back when the engine runs. Called first, it starts it; a start is not part of an answer's time.

        Raises:
            CandidateError: It does not start, or not in time.
        """
        limit = self.settings.start_seconds
        try:
            async with asyncio.timeout(limit):
                await self._there(self._current)
        except TimeoutError:
            raise CandidateError(f"vLLM did not start {self.settings.model} within {limit:g} s") from None

    async def answer(self, question: ChatQuestion) -> ChatAnswer:
        """The answer. Cancelling the call ends the work on it.

        When the engine dies, it is started again and asked once more.

        Raises:
            CandidateError: There is no engine, or two died over this question.
            QuestionRefusedError: See `Engine`.
            AnswerLostError: See `Engine`.
        """
        return await self._there(lambda: self._answered(question))

    @property
    def unfinished(self) -> int:
        """Questions that the engine is at work on, or that wait for it."""
        engine = self._running()
        return 0 if engine is None else engine.unfinished

    def close(self) -> None:
        """Ends the engine and its thread. A later call starts anew. Calls that wait for answers are cancelled."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        self._is_closing.set()
        stopping = asyncio.run_coroutine_threadsafe(self._stop(), loop)
        for _ in range(round(_CLOSE_SECONDS / _LOOK_SECONDS)):
            try:
                stopping.result(_LOOK_SECONDS)
            except TimeoutError:
                self._give_start_up()
            else:
                loop.call_soon_threadsafe(loop.stop)
                thread.join(_CLOSE_SECONDS)
                return
        # It loads vLLM, which nothing can interrupt. Once that is done, it sees that nobody wants it; and the thread
        # ends with the process in any case.
        _log.warning("vLLM did not stop within %g s", _CLOSE_SECONDS)

    async def _there(self, call: Callable[[], Coroutine[Any, Any, Given]]) -> Given:
        """What a call gives that runs on the engine's loop. Cancelled here, it is cancelled there."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call(), self._own_loop()))

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._is_closing.clear()
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=(self._loop,), name="harmonic-engine", daemon=True)
                self._thread.start()
            return self._loop

    def _running(self) -> Engine | None:
        starting = self._starting
        if starting is None or not starting.done() or starting.cancelled() or starting.exception():
            return None
        return starting.result()

    async def _current(self) -> Engine:
        """The engine that runs, or the one that is being started."""
        if self._starting is None or (self._starting.done() and self._running() is None):
            self._check_rest()
            self._starting = asyncio.ensure_future(self._started())
        # One caller that gives up must not take the engine from the others.
        return await asyncio.shield(self._starting)

    def _check_rest(self) -> None:
        """A model that failed to start, or whose engines die, is left alone for a while: all would wait for it."""
        if self._resting is None:
            return
        reason, until = self._resting
        if asyncio.get_running_loop().time() < until:
            raise CandidateError(reason)
        self._resting, self._deaths = None, 0

    def _rest(self, reason: str) -> None:
        self._resting = (reason, asyncio.get_running_loop().time() + _REST_SECONDS)

    def _give_start_up(self) -> None:
        """Ends the processes of an engine that is still being started, which makes the start fail."""
        before = self._children_before
        if before is not None:
            for child in frozenset(multiprocessing.active_children()) - before:
                child.kill()

    def _check_wanted(self) -> None:
        if self._is_closing.is_set():
            raise RuntimeError("it was closed while it was started")

    async def _started(self) -> Engine:
        self._children_before = before = frozenset(multiprocessing.active_children())
        _log.info("starting vLLM with %s in this process", self.settings.model)
        try:
            engine = self._start(self.settings, self._check_wanted)
        except Exception as error:  # vLLM raises whatever its parts raise; all of it means that there is no engine
            reason = f"vLLM could not start {self.settings.model}: {_said(error)}"
            self._rest(reason)
            raise CandidateError(reason) from None
        finally:
            self._children_before = None
        self.starts += 1
        # `atexit` calls the last to be registered first: ours must come before those of vLLM and of multiprocessing,
        # which were registered during the start.
        atexit.unregister(self.close)
        atexit.register(self.close)
        children = frozenset(multiprocessing.active_children()) - before
        self._warden = Warden([child.pid for child in children if child.pid is not None])
        return engine

    async def _answered(self, question: ChatQuestion) -> ChatAnswer:
        for _ in range(2):
            engine = await self._current()
            try:
                answer = await engine.answer(question)
            except EngineGoneError as gone:
                self._mourn(engine, str(gone))
            else:
                self._deaths = 0
                return answer
        raise CandidateError(f"vLLM's engine for {self.settings.model} died twice over this question")

    def _mourn(self, engine: Engine, cause: str) -> None:
        """Clears away an engine that died. The first caller who notices does it for all."""
        if self._running() is not engine:
            return
        self._starting = None
        self._deaths += 1
        _log.warning("the vLLM engine for %s died: %s", self.settings.model, cause)
        self._clear(engine)
        if self._deaths > self.settings.restarts:
            times = "once" if self._deaths == 1 else f"{self._deaths} times in a row"
            self._rest(f"vLLM's engine for {self.settings.model} died {times} without an answer")

    def _clear(self, engine: Engine) -> None:
        self._warden.dismiss()
        try:
            engine.close()
        except Exception as error:  # what is left of a dead engine may be in any state; nobody can do more about it
            _log.warning("the vLLM engine for %s did not close: %s", self.settings.model, _said(error))

    async def _stop(self) -> None:
        engine = self._running()
        self._starting = self._resting = None
        own = asyncio.current_task()
        if engine is not None:
            self._clear(engine)
        waiting = [task for task in asyncio.all_tasks() if task is not own]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        del engine, waiting
        gc.collect()  # vLLM's engine closes itself once more when it is collected, which fails late in a process's end


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if "bootstrapping phase" in text or "Engine core initialization failed" in text:
        text = f"{text} ({_GUARD})"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
