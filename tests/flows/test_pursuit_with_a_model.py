"""A whole pursuit with a model: judged, replanned, recorded, played again without a server, and no key anywhere."""

import json
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.settings import PREFECT_HOME
from support.model_server import Asked, ModelServer, Reply, model_server
from support.outcomes import server_folder
from support.shop import claim, has_looked, is_looking, shop

from prefect_harmonic.errors import NotRecordedError
from prefect_harmonic.flows import advance_program, pursue_goal
from prefect_harmonic.flows.asking import OnEscalation
from prefect_harmonic.flows.counsel import BEGUN

KEY = "sk-MARKED-0c91-in-a-pursuit"
GOAL = "Decide how the shop bills its customers"
PAY = claim("A customer has 14 days to pay.", "docs/billing.md:4", "A customer has 14 days to pay.")
PARTS: list[dict[str, Any]] = [
    {"id": "BillingRules", "description": "What holds for invoices", "agent": "researcher", "covers": [GOAL]},
    {"id": "Choice", "requires": ["BillingRules"], "agent": "decision-log", "description": "Way to bill"},
]
GAP = {"artifact": "BillingRules", "missing": "Who answers pages at night on call"}
DOUBT = {"artifact": "BillingRules", "percent": 40, "because": "One document only"}


class Model:
    """Plans, finds out, judges and changes plans, and fails in two ways that repeat the key."""

    def __init__(self) -> None:
        self.purposes: list[str] = []

    def __call__(self, asked: Asked) -> Reply:
        """Its reply, by what it is asked for."""
        said = asked.text
        if is_looking(asked):
            calls = [("read_file", {"path": "docs/billing.md"})]
            return self._for("look", Reply(content="DONE") if has_looked(asked) else Reply(calls=calls))
        if "You judge whether a plan makes sense" in said:
            remarks = [{"artifact": "Choice", "remark": "Nothing tries it out"}]
            return self._for("judge", _answer({"percent": 60, "remarks": remarks}))
        if "You judge what specialists found out" in said:
            is_first = "ARTIFACT BillingRules" in said
            judged = {"verdicts": [DOUBT] if is_first else [], "gaps": [GAP] if is_first else []}
            return self._for("evaluate", _answer({**judged, "contradictions": []}))
        if "STILL TO BE MADE" in said:
            return self._for("replan", _answer({"artifacts": [{"id": name} for name in _closings_in(said)]}))
        if "You plan software" in said:
            return self._for("plan", self._plan(asked.body["seed"]))
        return self._for("find out", _answer({"claims": [PAY]}))

    def _plan(self, seed: int) -> Reply:
        refusals = {1: Reply(status=401, error=f"wrong key {KEY}"), 2: Reply(status=500, error=f"died for {KEY}")}
        return refusals.get(seed, _answer({"artifacts": PARTS}))

    def _for(self, purpose: str, reply: Reply) -> Reply:
        self.purposes.append(purpose)
        return reply


def _answer(document: Mapping[str, Any]) -> Reply:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return Reply(content=json.dumps(document), usage={**usage, "prompt_tokens_details": {"cached_tokens": 80}})


def _closings_in(said: str) -> list[str]:
    """The ids of the artifacts that are to close what is open, as the prompt names them."""
    return [line.split()[1] for line in said.splitlines() if " closes this " in line]


async def pursued(folder: Path, project: Path, **options: Any) -> dict[str, Any]:
    """A run in a workspace of its own."""
    outcome: dict[str, Any] = await pursue_goal(
        GOAL,
        project=str(project),
        workspace=str(folder),
        candidates=3,
        refine=0,
        model="openai:m",
        on_escalation="skip",
        retries=0,
        max_replans=1,
        **options,
    )
    return outcome


_OF_THE_TIME = {"started", "finished", "seconds", "timings_ms", "prediction", "experience", "report", "programme"}


def told(value: Any) -> Any:
    """All of an outcome that depends neither on the time nor on the place."""
    if isinstance(value, dict):
        return {name: told(each) for name, each in value.items() if name not in {*_OF_THE_TIME, "workspace", "text"}}
    return [told(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A marked key, and no pauses between attempts."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("HARMONIC_MODEL_PAUSE", "0")


async def test_a_pursuit_is_judged_and_replanned_by_the_model_and_plays_again_without_it(
    tmp_path: Path,
    environment: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    client: PrefectClient,
) -> None:
    """With the server gone, no key and another workspace and knowledge base; the first unknown question ends it."""
    for name in ("prefect_harmonic", "pydantic_ai", "openai", "httpx2", "httpcore2"):
        caplog.set_level(logging.DEBUG, logger=name)
    project, record = shop(tmp_path / "shop"), tmp_path / "record"
    model = Model()
    with model_server(model) as server:
        live = await pursued(
            tmp_path / "live",
            project,
            base_url=server.url,
            record=str(record),
            judge=True,
            budget={"calls": 500, "money": 1, "prices": {"per_input_token": "0.00001"}},
        )
        assert {each.headers["authorization"] for each in server.asked} == {f"Bearer {KEY}"}
        check_live(live, model, server)

    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("HARMONIC_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    again = await pursued(tmp_path / "again", project, replay=str(record), judge=True)
    assert told(again) == told(live)

    for file in record.glob("*.json"):
        if "You judge what specialists found out" in file.read_text(encoding="utf-8"):
            file.unlink()
    with pytest.raises(NotRecordedError, match="holds no answer to the question that ends with"):
        await pursued(tmp_path / "third", project, replay=str(record), judge=True)

    shutil.rmtree(project)
    written = [file for folder in (tmp_path, PREFECT_HOME.value(), server_folder()) for file in folder.rglob("*")]
    contents = {str(file): file.read_bytes() for file in written if file.is_file()}
    assert any(b"judge-phase" in content for name, content in contents.items() if ".db" in name)
    assert [name for name, content in contents.items() if KEY.encode() in content] == []
    assert KEY not in await told_by_the_api(client)
    assert KEY not in caplog.text + "".join(capfd.readouterr()) + str([live, again])


def check_live(live: dict[str, Any], model: Model, server: ModelServer) -> None:
    """What the run came to while there was a model."""
    statuses = {one["id"]: (one["status"], one.get("soundness")) for one in live["planning"]["candidates"]}
    assert [status for status, _ in statuses.values()] == ["valid", "failed", "failed"]
    assert statuses["candidate-0"][1]["remarks"] == ["Choice: Nothing tries it out"]
    assert "[key]" in live["planning"]["candidates"][1]["reason"]

    first = live["evaluations"][0]
    assert GAP["missing"] in first["gaps"], live["artifacts"]
    assert "1 gap and 0 contradictions added" in live["judgements"][0]
    (change, *_) = live["replannings"]
    assert {one["note"] for one in change["candidates"]} == {""}
    closings = [one["artifact"] for one in change["closings"]]
    assert live["artifacts"][closings[0]]["state"] == "done"

    account = live["model"]
    assert account["model"] == "openai:m"
    assert {"plan", "judge", "evaluate", "replan", "researcher", "decision-log"} <= account["purposes"].keys()
    assert account["purposes"]["plan"]["requests"] == model.purposes.count("plan")
    assert account["total"]["requests"] == len(server.asked) == len(model.purposes)
    assert account["purposes"]["evaluate"]["cache_hit_rate"] == 0.8


async def told_by_the_api(client: PrefectClient) -> str:
    """Everything that Prefect's server says about all runs."""
    # The runs bring their latest states with them; all others were searched for in the database.
    texts = [
        (await client.request("POST", "/flow_runs/filter", json={})).text,
        (await client.request("POST", "/task_runs/filter", json={})).text,
        (await client.request("POST", "/logs/filter", json={})).text,
        (await client.request("POST", "/artifacts/filter", json={})).text,
        (await client.request("POST", "/events/filter", json={"limit": 50})).text,
    ]
    assert all(len(text) > 100 for text in texts)
    return "\n".join(texts)


async def test_a_spent_budget_ends_the_run_in_order(tmp_path: Path, environment: None) -> None:
    """The plan is there, what was made is there, and the rest says why it is not."""
    project = shop(tmp_path / "shop")
    with model_server(Model()) as server:
        run = await pursued(tmp_path / "out", project, base_url=server.url, budget={"calls": 6})
        asked = len(server.asked)
    assert run["outcome"] == "stopped"
    assert not run["complete"]
    states = {name: one["state"] for name, one in run["artifacts"].items()}
    assert "blocked" in states.values()
    assert "budget" in str(run["artifacts"])
    assert asked <= 6
    assert (tmp_path / "out" / "report.md").exists()


async def test_a_programme_is_judged_by_the_model_too(tmp_path: Path, environment: None) -> None:
    """Its findings are judged, its account is told, and its recording knows the day on which it began."""
    with model_server(Model()) as server:
        run = await advance_program(
            GOAL,
            project=str(shop(tmp_path / "shop")),
            workspace=str(tmp_path / "out"),
            candidates=1,
            refine=0,
            retries=0,
            max_replans=0,
            model="openai:m",
            base_url=server.url,
            record=str(tmp_path / "record"),
            on_escalation=OnEscalation.SKIP,
        )
        assert "1 gap and 0 contradictions added" in run["judgements"][0]
        assert run["model"]["total"]["requests"] == len(server.asked)
    assert (tmp_path / "record" / BEGUN).is_file()
