"""What a server does wrong costs one candidate, with its reason, and is asked again only as often as allowed."""

import asyncio
import gzip
import json
from collections.abc import Iterable, Iterator
from typing import cast

import pytest
from support.model_plans import GOOD, PATIENT, outcome_of, plan_of, request, source_at
from support.model_server import Asked, Behaviour, Reply, model_server, plan_text

from prefect_harmonic.errors import CandidateError, CutOffAnswerError, NoValidPlanError
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.sources.source import MeteredSource


def in_turn(replies: Iterable[Reply]) -> Behaviour:
    """One reply after the other; the last one for good."""
    remaining: Iterator[Reply] = iter(replies)
    last = GOOD

    def behaviour(_: Asked) -> Reply:
        nonlocal last
        last = next(remaining, last)
        return last

    return behaviour


BUSY = Reply(status=429, error="slow down", headers={"Retry-After": "0"})
BROKEN = Reply(status=500, error="engine died")
CUT = Reply(content="x" * 5000, is_cut=True)


@pytest.mark.parametrize(
    "fault",
    [
        BUSY,
        BROKEN,
        Reply(status=503, error="queue is full"),
        CUT,
        Reply(content=""),
        Reply(raw=b""),
        Reply(raw=b"\xfc"),
    ],
    ids=lambda fault: str(fault.status),
)
async def test_what_may_pass_is_asked_again(fault: Reply) -> None:
    """After two failures that may pass, the third answer is the plan."""
    with model_server(in_turn([fault, fault, GOOD])) as server:
        plan = await plan_of(server)
        assert len(server.asked) == 3
    assert len(plan.artifacts) == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (BUSY, "answered 429: slow down"),
        (BROKEN, "answered 500: engine died"),
        (CUT, "the connection to the model server broke"),
        (Reply(content="  "), "the answer is empty"),
        (Reply(thoughts='{"artifacts": []}'), "the answer is empty: all of it came as the model's thoughts"),
        (Reply(raw=b""), r"the model server's answer cannot be used: it is no JSON \(asked 3 times\)"),
    ],
)
async def test_what_does_not_pass_fails_after_three_attempts(fault: Reply, reason: str) -> None:
    """Attempts are bounded, and the reason is told."""
    with model_server(lambda _: fault) as server:
        with pytest.raises(CandidateError, match=reason):
            await plan_of(server)
        assert len(server.asked) == 3


async def test_the_client_of_another_provider_makes_no_attempts_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three are asked for and three are made, though the client that pydantic-ai sets up would make three of each."""
    with model_server(lambda _: BROKEN) as server:
        monkeypatch.setenv("OLLAMA_BASE_URL", server.url)
        with pytest.raises(CandidateError, match=r"asked 3 times"):
            await source_for("ollama:m", environment=PATIENT).candidate(request())
        assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_our_own_mistakes_are_not_repeated(status: int) -> None:
    """What the server says is wrong with the request is wrong the next time too."""
    with model_server(lambda _: Reply(status=status, error="no such model")) as server:
        with pytest.raises(CandidateError, match=f"answered {status}: no such model"):
            await plan_of(server)
        assert len(server.asked) == 1


async def test_a_wait_that_is_too_long_is_not_begun() -> None:
    """A server that asks to come back in an hour is told of, and not waited for."""
    with model_server(lambda _: Reply(status=429, error="quota", headers={"Retry-After": "3600"})) as server:
        with pytest.raises(CandidateError, match="asks to come back in 3600 s"):
            await plan_of(server)
        assert len(server.asked) == 1


async def test_a_hanging_server_is_left() -> None:
    """The client's deadline is the only one; when it passes the connection is closed."""
    with model_server(lambda _: Reply(is_hanging=True)) as server:
        with pytest.raises(CandidateError, match=r"gave no answer within 0\.5 s"):
            await plan_of(server, {"HARMONIC_MODEL_TIMEOUT": "0.5"})
        assert server.gone.wait(60)


@pytest.mark.parametrize(
    "fault",
    [
        Reply(content='{"artifacts": [{"id": "A"}, {"id": "B", "descr', finish_reason="length"),
        Reply(content='{"artifacts": [{"id": "A"}, {"id": "B", "descr'),
        Reply(content='Here is the plan:\n```json\n{"artifacts": [{"id": "A"},'),
    ],
)
async def test_a_truncated_answer_is_a_failed_candidate(fault: Reply) -> None:
    """What was cut off is neither completed nor asked for once more: it would be as long again."""
    with model_server(lambda _: fault) as server:
        with pytest.raises(CutOffAnswerError, match="the answer is cut off"):
            await plan_of(server)
        assert len(server.asked) == 1


async def test_blanks_up_to_the_limit_cut_nothing_off() -> None:
    """A weak model that closes its JSON and goes on with blanks has answered."""
    with model_server(lambda _: Reply(content=GOOD.content + " \n" * 500, finish_reason="length")) as server:
        assert len((await plan_of(server)).artifacts) == 3


@pytest.mark.parametrize("reply", [Reply(refusal="I will not plan this."), Reply(finish_reason="content_filter")])
async def test_a_refusal_is_told(reply: Reply) -> None:
    """A model that refuses is not asked to do it all the same."""
    with model_server(lambda _: reply) as server:
        with pytest.raises(CandidateError, match="the model refused"):
            await plan_of(server)
        assert len(server.asked) == 1


async def test_an_answer_of_ten_megabytes_is_not_read_to_its_end() -> None:
    """The bound is on the bytes that arrive, so that memory holds what it may and no more."""
    with model_server(lambda _: Reply(content="x" * 10_000_000)) as server:
        with pytest.raises(CandidateError, match="longer than 4,000,000 bytes"):
            await plan_of(server)
        assert len(server.asked) == 1


@pytest.mark.parametrize("content", ["I'd rather talk about it.", '{"artifacts": [{"id": }]}', "42"])
async def test_no_json_is_asked_for_once_more_and_then_fails(content: str) -> None:
    """One repair round, then the reason."""
    with model_server(lambda _: Reply(content=content)) as server:
        with pytest.raises(CandidateError, match="the answer"):
            await plan_of(server)
        assert len(server.asked) == 2


async def test_a_page_of_a_proxy_is_no_answer() -> None:
    """A body that is no JSON of a completion fails with its reason."""
    page = Reply(raw=b"<html>Bad gateway</html>")
    with model_server(lambda _: page) as server, pytest.raises(CandidateError, match="cannot be used"):
        await plan_of(server)


def completed(**other: object) -> Reply:
    """A completion as a server writes it that has its own idea of one."""
    choice = {"index": 0, "message": {"role": "assistant", "content": GOOD.content}, "finish_reason": "stop"}
    return Reply(raw=json.dumps({"choices": [choice], **other}).encode())


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (completed(choices=[]), "no chat completion .it has no choices"),
        (completed(choices=None, error={"message": "overloaded"}), "it says overloaded"),
        (completed(choices=[{"message": None}]), r"no chat completion .choices\.0\."),
        (Reply(content="half a character: \ud800"), "the answer holds no JSON: 'half a character: \ufffd'"),
        (Reply(content='{"artifacts": [{"id": 5}]}'), "the answer is no plan: id in artifact number 1"),
        (Reply(calls=[("rm\ud800", {"a\ud800": "\udfff"})]), "the model calls a tool that it was not given, rm\ufffd"),
        (completed(choices=[{"message": {"tool_calls": [{"id": "x", "type": "custom"}]}}]), "cannot be used"),
    ],
)
async def test_a_completion_that_is_none_says_why(reply: Reply, reason: str) -> None:
    """In a sentence, whatever the reading of it broke on, so that the fallback takes over."""
    with model_server(lambda _: reply) as server:
        with pytest.raises(CandidateError, match=reason) as caught:
            await plan_of(server)
        assert "pydantic" not in str(caught.value)
        outcome = await outcome_of(source_at(server, fallback="embedded"), candidates=1)
    assert outcome.candidates[0].is_valid


@pytest.mark.parametrize(
    "usage", [{"prompt_tokens": "many"}, {"prompt_tokens": -5}, {"prompt_tokens": 10**30, "completion_tokens": 1}]
)
async def test_a_usage_that_cannot_be_counted_costs_no_answer(usage: dict[str, object]) -> None:
    """The plan is good; what it took is not known then."""
    odd = completed(usage={"completion_tokens": 5, "total_tokens": 5, **usage}, created=10**18, id=7)
    with model_server(lambda _: odd) as server:
        source = source_at(server)
        assert len((await source.candidate(request())).artifacts) == 3
    assert [each.input_tokens for each in cast("MeteredSource", source).usage().values()] == [0]


async def test_a_compressed_answer_is_not_unpacked() -> None:
    """A few bytes on the wire may be any number in memory."""
    packed = Reply(raw=gzip.compress(b" " * 5_000_000), headers={"Content-Encoding": "gzip"})
    with model_server(lambda _: packed) as server:
        with pytest.raises(CandidateError, match="the answer is compressed"):
            await plan_of(server)
        assert len(server.asked) == 1


async def test_an_address_that_leads_elsewhere_is_told() -> None:
    """A key is not carried to where a server points."""
    moved = Reply(status=307, headers={"Location": "https://other.example/v1/chat/completions"})
    with (
        model_server(lambda _: moved) as server,
        pytest.raises(CandidateError, match="answered 307: it is found at https://other"),
    ):
        await plan_of(server)


async def test_half_a_character_in_a_plan_is_replaced() -> None:
    """No file could hold it."""
    content = r'{"artifacts": [{"id": "A", "description": "half: \ud800, whole: \ud83d\ude00"}]}'
    with model_server(lambda _: Reply(content=content)) as server:
        assert (await plan_of(server)).artifacts[0].description == "half: \ufffd, whole: \U0001f600"


async def test_a_bare_completion_is_enough() -> None:
    """Many servers leave out ids, times and the model's name."""
    with model_server(lambda _: Reply(content=GOOD.content, is_bare=True)) as server:
        assert len((await plan_of(server)).artifacts) == 3


async def test_marks_of_thoughts_within_an_answer_are_a_part_of_it() -> None:
    """A plan, or a file, may be about them."""
    said = "Cuts <think> and </think> out"
    with model_server(lambda _: Reply(content=plan_text({"id": "A", "description": said}))) as server:
        assert (await plan_of(server)).artifacts[0].description == said


async def test_the_other_candidates_go_on() -> None:
    """One of three candidates meets a broken server; two are valid, and its reason is reported."""

    def behaviour(asked: Asked) -> Reply:
        return BROKEN if asked.body["seed"] == 1 else GOOD

    with model_server(behaviour) as server:
        outcome = await outcome_of(source_at(server), candidates=3)
    first, broken, last = outcome.candidates
    assert (first.is_valid, last.is_valid) == (True, True)
    assert (broken.status.value, broken.reason) == (
        "failed",
        "the model server answered 500: engine died (asked 3 times)",
    )


async def test_all_failed_lists_every_reason() -> None:
    """No candidate is swallowed."""
    with model_server(lambda _: BROKEN) as server, pytest.raises(NoValidPlanError) as caught:
        await outcome_of(source_at(server), candidates=3)
    assert [name for name, _ in caught.value.reasons] == ["candidate-0", "candidate-1", "candidate-2"]


async def test_a_fallback_gives_what_the_model_cannot() -> None:
    """With `--fallback-model embedded` the failed candidate is the embedded planner's, and that is told."""
    with model_server(lambda asked: BROKEN if asked.body["seed"] == 1 else GOOD) as server:
        outcome = await outcome_of(source_at(server, fallback="embedded"), candidates=2)
    assert all(candidate.is_valid for candidate in outcome.candidates)
    assert "candidate-1 is from the embedded planner, because: the model server answered 500" in outcome.notes[0]


async def test_cancelling_the_planning_cancels_the_requests() -> None:
    """A server sees every client go away when the planning is cancelled."""
    with model_server(lambda _: Reply(is_hanging=True)) as server:
        planning = asyncio.create_task(outcome_of(source_at(server), candidates=3))
        while len(server.asked) < 3:
            await asyncio.sleep(0.01)
        planning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await planning
        while server.let_go < 3:
            await asyncio.sleep(0.01)
    assert server.let_go == 3


def test_a_source_works_in_one_event_loop_after_the_other() -> None:
    """Clients belong to their loop; a second `asyncio.run` has its own."""
    with model_server(lambda _: GOOD) as server:
        source = source_at(server)
        for _ in range(2):
            assert len(asyncio.run(source.candidate(request())).artifacts) == 3


async def test_the_findings_of_the_gate_go_back_once() -> None:
    """A plan with an unknown requirement is repaired in the next answer."""

    def behaviour(asked: Asked) -> Reply:
        is_first = len(asked.body["messages"]) == 2
        return Reply(content=plan_text({"id": "A", "requires": ["Ghost"]})) if is_first else GOOD

    with model_server(behaviour) as server:
        plan = await plan_of(server)
        assert "P002 error A requires Ghost, which is not in the plan" in server.asked[1].last
        assert len(server.asked) == 2
        roles = [message["role"] for message in server.asked[1].body["messages"]]
    assert len(plan.artifacts) == 3
    assert roles == ["system", "user", "assistant", "user"]


async def test_a_plan_that_stays_wrong_is_invalid_with_the_gates_reason() -> None:
    """After one repair round the gate has the last word, and its findings are reported; a fallback takes its place."""
    wrong = Reply(content=plan_text({"id": "A", "requires": ["Ghost"]}))
    with model_server(lambda asked: GOOD if asked.body["seed"] == 0 else wrong) as server:
        outcome = await outcome_of(source_at(server), candidates=2)
        helped = await outcome_of(source_at(server, fallback="embedded"), candidates=2)
    assert outcome.candidates[1].status.value == "invalid"
    assert (outcome.candidates[1].reason or "").startswith("P002 A requires Ghost")
    assert helped.candidates[1].is_valid
    assert "because: the plan stays wrong: P002 error A requires Ghost" in helped.notes[0]
