"""What asking a model took, as `harmonic plan` tells it."""

import json
from itertools import cycle

from click.testing import CliRunner
from support.model_plans import GOAL, GOOD
from support.model_server import ModelServer, Reply, model_server, plan_text

from prefect_harmonic.deployments.cli.plan_command import plan

CHAIN = plan_text(
    {"id": "Api", "covers": ["REST API"]},
    {"id": "Auth", "requires": "Api"},
    {"id": "Site", "requires": "Auth", "covers": ["auth"]},
)
FIRST = Reply(content=CHAIN, usage={**GOOD.usage, "prompt_tokens_details": {"cached_tokens": 0}})
"""Another plan than the second, so that none is a copy and asked for again; nothing is in the cache yet."""


def planned(server: ModelServer, *options: str) -> tuple[str, str]:
    """What `harmonic plan` writes with that server: to its output and beside it."""
    command = [GOAL, "--model", "openai:m", "--base-url", server.url, "--candidates", "2", "--refine", "0"]
    run = CliRunner().invoke(plan, [*command, *options], catch_exceptions=False)
    assert run.exit_code == 0
    return run.stdout, run.stderr


def lines_of(text: str) -> list[list[str]]:
    """The words of each line."""
    return [line.split() for line in text.splitlines()]


def test_tokens_and_the_share_of_the_cache_are_told_for_each_candidate() -> None:
    """In the terminal and in JSON alike: the first question fills the cache, the second has nine tenths of it there."""
    replies = cycle((FIRST, GOOD))
    with model_server(lambda _: next(replies)) as server:
        shown = lines_of(planned(server)[0])
        usage = json.loads(planned(server, "--json")[0])["usage"]
    told = [line for line in shown if line[:1] in (["candidate-0"], ["candidate-1"]) and "50" in line]
    assert sorted(line[1:5] for line in told) == [["1", "1,000", "-", "50"], ["1", "1,000", "90%", "50"]]
    assert ["together", "2", "2,000", "45%", "100"] in shown
    assert sorted(each["cached_tokens"] for each in usage.values()) == [0, 900]
    assert sorted(each["cache_hit_rate"] or 0 for each in usage.values()) == [0, 0.9]


def test_a_server_that_does_not_tell_is_shown_a_dash() -> None:
    """Nothing is made up: no share of a cache that nobody spoke of."""
    tokens = {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050}
    replies = cycle(Reply(content=content, usage=tokens) for content in (CHAIN, GOOD.content))
    with model_server(lambda _: next(replies)) as server:
        assert ["together", "2", "2,000", "-", "100"] in lines_of(planned(server)[0])


def test_without_a_model_nothing_is_told() -> None:
    """The embedded planner spends no tokens."""
    run = CliRunner().invoke(plan, [GOAL], catch_exceptions=False)
    assert "from cache" not in run.stdout
