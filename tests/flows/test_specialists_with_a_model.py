"""Flow runs whose specialists ask a model: each call a task run, none made twice, and no key anywhere."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun
from support.model_server import Asked, ModelServer, Reply, model_server
from support.outcomes import states
from support.plans import named
from support.shop import claim, has_looked, is_looking, model_at, shop

from prefect_harmonic.errors import OptionError
from prefect_harmonic.flows import execute_plan, pursue_goal
from prefect_harmonic.flows.specialists import SpecialistKind, specialists_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.tasks.agents.current import current_agents

LatestRun = Callable[[str], Awaitable[FlowRun]]
Until = Callable[..., Awaitable[Any]]

KEY = "sk-marked-specialists-77"
PAY = claim("A customer has 14 days to pay.", "docs/billing.md:4", "A customer has 14 days to pay.")
PLAN = Plan(
    goal="Split the shop into services",
    artifacts=(
        named("InvoiceRules", agent="researcher", description="What holds for invoices", produces_file="rules.md"),
        named("CodeStructure", agent="code-analyzer", description="How the modules hang together"),
        named("ServiceDecision", "InvoiceRules", agent="decision-log", description="Decide on the services"),
        named("InvoiceLessons", "ServiceDecision", agent="learning-path", description="What has to be learned"),
        named("StockRules", agent="researcher", description="What holds for the stock"),
    ),
)


class Crew:
    """A model that looks into one document and tells what stands there.

    While it is undecided it fails to decide, and what it says of the stock has no shape.
    """

    def __init__(self) -> None:
        self.is_undecided = True

    def __call__(self, asked: Asked) -> Reply:
        """Its reply."""
        if is_looking(asked):
            calls = [("read_file", {"path": "docs/billing.md"})]
            return Reply(content="DONE") if has_looked(asked) else Reply(calls=calls)
        if self.is_undecided and "Your trade is decisions" in asked.text:
            return Reply(status=500, error=f"engine died for {KEY}")
        if self.is_undecided and "What holds for the stock" in asked.text:
            return Reply(content='{"claims": 7}')
        return Reply(content=json.dumps({"claims": [PAY]}))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A server that is asked with a marked key."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("HARMONIC_MODEL_RETRIES", "0")
    with model_server(Crew()) as served:
        yield served


async def test_calls_are_task_runs_and_what_was_answered_is_not_asked_again(
    tmp_path: Path, server: ModelServer, client: PrefectClient, latest_run: LatestRun, until: Until
) -> None:
    """What fails in the middle of a decision goes on with the question that was not answered, in another flow too.

    An answer of which nothing could be made is no answer.
    """
    root, workspace = shop(tmp_path / "shop"), tmp_path / "out"
    given: dict[str, Any] = {
        "plan": PLAN,
        "project": str(root),
        "workspace": str(workspace),
        "model": "openai:m",
        "base_url": server.url,
        "fallback_model": "none",
        "retries": 0,
    }
    first = await execute_plan(**given)
    assert states(first) == {
        "CodeStructure": "done",
        "InvoiceLessons": "blocked",
        "InvoiceRules": "done",
        "ServiceDecision": "failed",
        "StockRules": "failed",
    }
    assert "the model server answered 500: engine died for [key]" in first["artifacts"]["ServiceDecision"]["reason"]
    assert PAY["text"] in (workspace / "rules.md").read_text()
    which = FlowRunFilter(id=FlowRunFilterId(any_=[(await latest_run("execute-plan")).id]))

    async def ended() -> Counter[str]:
        runs = await client.read_task_runs(flow_run_filter=which)
        return Counter(run.name for run in runs if run.state is not None and run.state.is_completed())

    async def all_there() -> Counter[str] | None:
        counts = await ended()
        return counts if counts["ask openai:m"] >= 8 and counts["read_file"] >= 3 else None

    assert await until(all_there)

    asked = len(server.asked)
    server.behaviour.is_undecided = False  # type: ignore[attr-defined]  # it is the crew
    second = await pursue_goal(**given, max_replans=0, on_escalation="skip")
    assert states(second) == {
        "CodeStructure": "kept",
        "InvoiceLessons": "done",
        "InvoiceRules": "kept",
        "ServiceDecision": "done",
        "StockRules": "done",
    }
    new = [each for each in server.asked[asked:] if "You judge what specialists found out" not in each.text]
    deciding = [each for each in new if "Your trade is decisions" in each.text]
    assert [is_looking(each) for each in deciding] == [False]
    on_stock = [each for each in new if "What holds for the stock" in each.text]
    assert [is_looking(each) for each in on_stock] == [False]
    others = [each for each in new if each not in deciding and each not in on_stock]
    assert [is_looking(each) for each in others] == [True, True, False]

    called = sorted((workspace / ".harmonic" / "called").iterdir())
    assert {"answer", "name", "version"} == set.union(*(set(json.loads(file.read_text())) for file in called))
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file for file in written if KEY.encode() in file.read_bytes()] == []


def test_embedded_specialists_do_the_work_where_they_are_asked_for(server: ModelServer) -> None:
    """The model is left to plan; tools for nobody are an error at once."""
    model, embedded = model_at(server), SpecialistKind.EMBEDDED
    before = current_agents()
    with specialists_of(model, SpecialistKind.MODEL, None):
        assert current_agents()["builder"].version != before["builder"].version
    for chosen, kind in ((model, embedded), (None, SpecialistKind.MODEL)):
        with specialists_of(chosen, kind, None):
            assert current_agents() is before
        with pytest.raises(OptionError, match="tool_servers"), specialists_of(chosen, kind, "servers.yaml"):
            pass
