"""What was recorded plays again without a model, a key or a network; what was not recorded ends the replay."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from support.model_plans import GOOD, outcome_of, request, source_at
from support.model_server import Asked, Reply, model_server, plan_text

from prefect_harmonic.errors import CandidateError, NotRecordedError, OptionError
from prefect_harmonic.planners.models.attempts import counting_attempts
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.sources.source import CandidateSource

WRONG = plan_text({"id": "A", "requires": ["Ghost"]})


def behaviour(asked: Asked) -> Reply:
    """A good plan, a repaired one, a refusal, a broken server and no JSON, by the candidate's seed."""
    is_first = len(asked.body["messages"]) == 2
    replies = {
        1: Reply(content=WRONG) if is_first else GOOD,
        2: Reply(refusal="I will not."),
        3: Reply(status=500, error="engine died"),
        4: Reply(content="no JSON", thoughts="Shall I? No."),
    }
    return replies.get(asked.body["seed"], GOOD)


def told(outcome: PlanningOutcome) -> dict[str, Any]:
    """All of an outcome that does not depend on the time."""
    document = outcome.to_document()
    usage = {name: each | {"seconds": 0} for name, each in document["usage"].items()}
    return {name: value for name, value in document.items() if name != "timings_ms"} | {"usage": usage}


def replayed(folder: Path) -> Any:
    """The source of `--replay`, where there is neither key nor server."""
    return source_for("openai:m", replay=str(folder), environment={})


async def recorded(folder: Path, candidates: int = 5, environment: dict[str, str] | None = None) -> PlanningOutcome:
    """A planning that was recorded."""
    with model_server(behaviour) as server:
        return await outcome_of(source_at(server, environment, record=str(folder)), candidates=candidates)


async def test_a_replay_gives_the_same_planning(tmp_path: Path) -> None:
    """Good, repaired, refused, failed and unreadable candidates come out as they did."""
    outcome = await recorded(tmp_path)
    again = await outcome_of(replayed(tmp_path), candidates=5)
    assert told(outcome) == told(again)
    assert [candidate.status.value for candidate in again.candidates] == [
        "valid",
        "valid",
        "failed",
        "failed",
        "failed",
    ]


def without_schemas(asked: Asked) -> Reply:
    """A server that takes no schema."""
    return Reply(status=400, error="no json_schema here") if "response_format" in asked.body else GOOD


async def test_a_schema_that_was_refused_is_refused_again(tmp_path: Path) -> None:
    """The question without a schema is part of the recording too."""
    with model_server(without_schemas) as server:
        outcome = await outcome_of(source_at(server, record=str(tmp_path)), candidates=1)
    assert told(outcome) == told(await outcome_of(replayed(tmp_path), candidates=1))


async def test_questions_asked_without_a_schema_are_found_in_any_order(tmp_path: Path) -> None:
    """Which question found out that the server takes no schema is a matter of who came first, and counts once."""

    async def asked(source: CandidateSource, *rounds: tuple[int, ...]) -> int:
        with counting_attempts() as attempts:
            for seeds in rounds:
                await asyncio.gather(*(source.candidate(request(seed=seed)) for seed in seeds))
        return attempts.made

    with model_server(without_schemas) as server:
        live = await asked(source_at(server, record=str(tmp_path)), (0, 1), (2, 3, 4))
    assert live == await asked(replayed(tmp_path), (4, 3), (2, 1, 0)) == 7


async def test_the_first_question_that_was_not_recorded_ends_the_replay(tmp_path: Path) -> None:
    """It is not a candidate's failure: the planning would be another one than was recorded."""
    await recorded(tmp_path, candidates=2)
    told = r"holds no answer to the question that ends with “…[^“]+” \(asked as plan for candidate-\d\); replay with"
    with pytest.raises(NotRecordedError, match=told):
        await outcome_of(replayed(tmp_path), candidates=3)


async def test_a_damaged_recording_is_no_answer(tmp_path: Path) -> None:
    """A file that is no exchange counts as one that is not there."""
    await recorded(tmp_path, candidates=1)
    for file in tmp_path.glob("*.json"):
        file.write_text('{"answer": {"command": "rm"}}', encoding="utf-8")
    with pytest.raises(NotRecordedError):
        await outcome_of(replayed(tmp_path), candidates=1)


async def test_exchanges_are_named_by_their_question(tmp_path: Path) -> None:
    """The same planning recorded twice writes the same files."""
    await recorded(tmp_path / "one")
    await recorded(tmp_path / "other")
    names = [sorted(file.name for file in (tmp_path / each).iterdir()) for each in ("one", "other")]
    assert names[0] == names[1]
    assert len(names[0]) > 5


async def test_neither_address_nor_time_is_recorded(tmp_path: Path) -> None:
    """So that a recording can be shared, and the same question is the same on another machine."""
    await recorded(tmp_path)
    text = "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())
    assert "127.0.0.1" not in text
    assert "timestamp" not in text
    assert set(json.loads(next(tmp_path.iterdir()).read_text(encoding="utf-8"))) == {"version", "question", "answers"}


@pytest.mark.parametrize("options", [{"record": "a", "replay": "b"}, {"replay": "nowhere"}])
def test_contradictions_are_refused_at_once(options: dict[str, str], tmp_path: Path) -> None:
    """Recording what is replayed, and replaying what was never recorded."""
    folders = {name: str(tmp_path / folder) for name, folder in options.items()}
    with pytest.raises(OptionError):
        source_for("openai:m", "http://127.0.0.1:1/v1", environment={}, **folders)


async def test_a_question_asked_twice_is_answered_twice_in_the_same_order(tmp_path: Path) -> None:
    """What was tried again after it failed fails and succeeds in the replay, too; a later run begins anew."""
    replies = iter([Reply(status=401, error="not yet"), GOOD, GOOD])
    with model_server(lambda _: next(replies)) as server:
        source = source_at(server, record=str(tmp_path))
        with pytest.raises(CandidateError, match="not yet"):
            await source.candidate(request())
        await source.candidate(request())
        again = replayed(tmp_path)
        with pytest.raises(CandidateError, match="not yet"):
            await again.candidate(request())
        assert len((await again.candidate(request())).artifacts) == 3
        assert len((await again.candidate(request())).artifacts) == 3

        await source_at(server, record=str(tmp_path)).candidate(request())
    assert len((await replayed(tmp_path).candidate(request())).artifacts) == 3
