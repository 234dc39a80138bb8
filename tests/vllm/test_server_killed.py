"""What a planning makes of a vLLM whose engine dies under it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import pytest

from prefect_harmonic.errors import NoValidPlanError, VllmServerError
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.models.choosing import source_for

GOAL = "Build a REST API with auth"


def engine_of(server: Any) -> int:
    """The process of a server's engine: the child that is no helper of Python's."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _parent(folder) == server.process.pid:
            command = (folder / "cmdline").read_bytes()
            if b"resource_tracker" not in command:
                return int(folder.name)
    raise AssertionError("the server has no engine")


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return -1


@asynccontextmanager
async def relay_to(server: SplitResult) -> AsyncIterator[tuple[str, asyncio.Semaphore]]:
    """An address from which everything goes on to a server, and what is released with every question that does."""
    asked = asyncio.Semaphore(0)

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
            if data.startswith(b"POST"):
                asked.release()
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(server.hostname, server.port)
        await asyncio.gather(forward(reader, questions), forward(answers, writer), return_exceptions=True)

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as relaying:
        port = relaying.sockets[0].getsockname()[1]
        yield server._replace(netloc=f"127.0.0.1:{port}").geturl(), asked


async def test_an_engine_that_dies_fails_its_candidates_with_a_reason_and_the_embedded_planner_takes_over(
    served: Any,
) -> None:
    """Requests under way and those after them are told apart from a bad answer; the server is known to have ended."""
    server = served.server
    settings = {"HARMONIC_MODEL_PAUSE": "0", "HARMONIC_MODEL_TIMEOUT": "60"}
    helped = source_for("vllm:tiny", server.launch.base_url, environment=settings, fallback="embedded")
    engine = engine_of(server)
    os.kill(engine, signal.SIGSTOP)  # so that no answer is there before all questions are
    async with relay_to(urlsplit(server.launch.base_url)) as (relayed, asked):
        alone = source_for("vllm:tiny", relayed, environment=settings)
        work = asyncio.create_task(HarmonicPlanner(source=alone, candidates=4, refinement_rounds=0).outcome(GOAL))
        async with asyncio.timeout(120):
            for _ in range(4):
                await asked.acquire()
        os.kill(engine, signal.SIGKILL)
        with pytest.raises(NoValidPlanError) as failed:
            await work
    reasons = dict(failed.value.reasons)
    assert len(reasons) == 4
    assert all("the model server answered 5" in one or "connection" in one for one in reasons.values())

    outcome = await HarmonicPlanner(source=helped, candidates=2, refinement_rounds=0).outcome(GOAL)
    assert [candidate.status for candidate in outcome.candidates] == ["valid", "valid"]
    assert "from the embedded planner" in " ".join(outcome.notes)
    with pytest.raises(VllmServerError, match="vLLM ended"):
        server.wait_until_ended()
