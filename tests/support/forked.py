"""Runs in processes of their own that are forked from one which has everything loaded.

To start Python and import Prefect takes seconds of processor time; a test that kills a run ten times would spend most
of its time on that. What is killed is a real process all the same.
"""

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_PRELOADED = ["prefect_harmonic.flows", "prefect_harmonic.deployments.cli.main", "support.played"]


def loaded(environment: Mapping[str, str]) -> ForkServerContext:
    """What starts processes with an environment of their own. Everything is imported once, at the first of them.

    There is one server of forks in a process, so that all tests of a session are given the same environment.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        context.Process(target=_nothing).start()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return context


@contextmanager
def forked(
    context: ForkServerContext, work: Callable[..., None], *given: Any, log: Path, environment: Mapping[str, str] = {}
) -> Iterator[BaseProcess]:
    """A process of a group of its own that does some work, all of which is gone afterwards.

    Args:
        context: See `loaded`.
        work: A function that can be imported by name.
        given: What it is given.
        log: File to which its stdout is added.
        environment: Variables to be set besides.
    """
    process = context.Process(target=_work, args=(work, given, str(log), dict(environment)))
    process.start()
    try:
        yield process
    finally:
        kill(process)


def kill(process: BaseProcess) -> None:
    """Ends a process and all that it has started, at once."""
    if process.pid is not None and process.is_alive():
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.join(120)


def _nothing() -> None:
    """Starts the server of forks."""


def _work(work: Callable[..., None], given: tuple[Any, ...], log: str, environment: Mapping[str, str]) -> None:
    os.setsid()
    for stream, file in ((1, log), (2, _errors(log))):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    os.environ.update(environment)
    work(*given)
    sys.stdout.flush()


def printed(log: Path) -> Any:
    """The JSON document that a process has printed on stdout."""
    return json.loads(log.read_text())


def said(log: Path) -> str:
    """The end of what processes with this log have written to stderr."""
    return Path(_errors(str(log))).read_text()[-4000:]


def _errors(log: str) -> str:
    return f"{log}.err"
