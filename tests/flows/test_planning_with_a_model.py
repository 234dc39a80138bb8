"""`harmonic_planning` with a language model: every candidate a task run, replayed, cancelled, and no key anywhere."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_HOME
from support.model_plans import GOAL, GOOD
from support.model_server import Asked, Reply, model_server
from support.outcomes import server_folder

from prefect_harmonic.errors import NotRecordedError
from prefect_harmonic.flows import harmonic_planning

KEY = "sk-marked-in-a-flow-0c91"
BROKEN = Reply(status=500, error=f"engine died for {KEY}")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A marked key, and no pauses between attempts."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("HARMONIC_MODEL_PAUSE", "0")


def behaviour(asked: Asked) -> Reply:
    """The second candidate's server is broken."""
    return BROKEN if asked.body["seed"] == 1 else GOOD


async def planning(url: str | None, **options: Any) -> dict[str, Any]:
    """A flow run."""
    outcome: dict[str, Any] = await harmonic_planning(
        GOAL, candidates=2, model="openai:m", base_url=url, refine=0, **options
    )
    return outcome


def told(outcome: dict[str, Any]) -> dict[str, Any]:
    """All of it that does not depend on the time."""
    return {name: value for name, value in outcome.items() if name not in {"timings_ms", "usage"}}


async def test_candidates_of_a_model_are_recorded_and_replayed_without_a_key_in_anything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One candidate is valid and one failed, as in the replay; the marked key is searched for everywhere."""
    caplog.set_level(logging.DEBUG)
    with model_server(behaviour) as server:
        outcome = await planning(server.url, record=str(tmp_path / "record"))
        assert {each.headers["authorization"] for each in server.asked} == {f"Bearer {KEY}"}
    assert [candidate["status"] for candidate in outcome["candidates"]] == ["valid", "failed"]
    assert outcome["usage"]["candidate-0"]["input_tokens"] == 1000

    monkeypatch.delenv("OPENAI_API_KEY")
    assert told(await planning(None, replay=str(tmp_path / "record"))) == told(outcome)
    with pytest.raises(NotRecordedError):
        await planning(None, replay=str(tmp_path / "record"), seed=77)

    written = [file for folder in (tmp_path, PREFECT_HOME.value(), server_folder()) for file in folder.rglob("*")]
    contents = {str(file): file.read_bytes() for file in written if file.is_file()}
    assert any(b"generate candidate-1" in content for name, content in contents.items() if ".db" in name)
    assert [name for name, content in contents.items() if KEY.encode() in content] == []
    assert KEY not in caplog.text
    assert KEY not in str(outcome)


async def test_cancelling_the_flow_cancels_its_requests() -> None:
    """The server sees the clients go away."""
    with model_server(lambda _: Reply(is_hanging=True)) as server:
        run = asyncio.create_task(planning(server.url))
        while len(server.asked) < 2:
            await asyncio.sleep(0.02)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        while server.let_go < 2:
            await asyncio.sleep(0.02)
    assert server.let_go == 2


async def test_a_fallback_is_told_of() -> None:
    """The failed candidate is the embedded planner's."""
    with model_server(behaviour) as server:
        outcome = await planning(server.url, fallback_model="embedded")
    assert [candidate["status"] for candidate in outcome["candidates"]] == ["valid", "valid"]
    assert "candidate-1 is from the embedded planner" in outcome["notes"][0]
