"""Specialists with a model at a real server: what comes of its answers, and what when it gives none."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.model_server import Asked, ModelServer, Reply, model_server
from support.shop import answering, assigned, claim, has_looked, is_looking, made, model_at, shop

from prefect_harmonic.errors import AgentError, CandidateError, NotRecordedError
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.evidence import Claim, Evidence, Source
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.modelled.specialist import modelled, with_model
from prefect_harmonic.tasks.agents.modelled.trades import TRADES
from prefect_harmonic.tasks.agents.registry import Specialist

PAY = claim("A customer has 14 days to pay.", "docs/billing.md:4", "A customer has 14 days to pay.")
RULES = Artifact(id="InvoiceRules", description="What holds for invoices", produces_file="docs/rules.md")
BROKEN = Reply(status=500, error="the engine died")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project."""
    return shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    """One server for all tests."""
    with model_server(lambda _: BROKEN) as served:
        yield served


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    """The server, asked nothing yet."""
    running.asked.clear()
    return running


async def test_model_looks_with_tools_and_its_grounded_statements_are_added(server: ModelServer, project: Path) -> None:
    """What it saw counts, in claims, text and file; what it was shown reached it between marks."""
    server.behaviour = answering({"claims": [PAY]}, ("read_file", {"path": "docs/billing.md"}))
    plain = await DEFAULT_AGENTS["researcher"].call(assigned(RULES, project))
    evidence = await made(model_at(server), "researcher", RULES, project)
    assert [each.text for each in evidence.claims] == [*(each.text for each in plain.claims), PAY["text"]]
    assert "## Added by openai:m" in evidence.files[0].content
    assert evidence.data["model"] == "openai:m"
    assert evidence.data["model_tool_calls"] == 1
    assert [bool(each.tools) for each in server.asked] == [True, True, False]
    assert "DATA read_file" in server.asked[1].last
    assert "docs/billing.md:4: A customer has 14 days to pay." in server.asked[2].text


async def test_recorded_work_is_replayed_without_the_server_and_knows_neither_day_nor_place(
    server: ModelServer, project: Path, tmp_path: Path
) -> None:
    """The same evidence, from questions that are the same on another day and another machine."""
    folder = str(tmp_path / "record")
    server.behaviour = answering({"claims": [PAY]}, ("read_file", {"path": "docs/billing.md"}))
    recorded = await made(model_at(server, record=folder), "researcher", RULES, project)
    questions = "".join(file.read_text() for file in Path(folder).iterdir())
    assert str(project) not in questions
    assert "2026" not in questions
    server.asked.clear()
    elsewhere = shop(tmp_path / "elsewhere")
    assert recorded == await made(model_at(server, replay=folder), "researcher", RULES, elsewhere)
    assert server.asked == []
    with pytest.raises(NotRecordedError):
        await made(model_at(server, replay=folder), "researcher", Artifact(id="Other"), elsewhere)


async def test_statement_without_a_source_is_sent_back_once_and_then_dropped(
    server: ModelServer, project: Path
) -> None:
    """The model is told which of its statements does not count; the rest of the answer does."""
    invented = claim("Nobody ever pays.", "docs/paying.md:1", "Nobody ever pays.")
    server.behaviour = answering({"claims": [invented, PAY]}, ("search_documents", {"query": "customer pay days"}))
    evidence = await made(model_at(server), "researcher", RULES, project)
    assert PAY["text"] in [each.text for each in evidence.claims]
    assert invented["text"] not in evidence.model_dump_json()
    assert "'docs/paying.md:1' is no place that was shown" in server.asked[-1].last
    assert [bool(each.tools) for each in server.asked] == [True, True, False, False]


async def test_gap_that_a_shown_place_answers_is_closed(server: ModelServer, project: Path) -> None:
    """An artifact that was added to fill a gap is told to have closed it."""
    gap = Artifact(id="FillNight", description="Gap Fill: whom a page wakes at night during an outage")
    plain = await DEFAULT_AGENTS["researcher"].call(assigned(gap, project))
    assert plain.data["is_closed"] is False
    told = claim("A page at night goes to Maria.", "docs/billing.md:8", "Maria answers pages", closes=["G1"])
    server.behaviour = answering({"claims": [told]}, ("read_file", {"path": "docs/billing.md"}))
    evidence = await made(model_at(server), "researcher", gap, project)
    assert evidence.gaps == ()
    assert evidence.data["is_closed"] is True
    assert evidence.confidence > plain.confidence


async def test_code_analyzer_adds_risks_that_a_measured_place_shows(server: ModelServer, project: Path) -> None:
    """A risk without such a place is left out."""
    at, quote = "shop/orders.py:1", "shop.orders imports shop.stock"
    risk = {"title": "Moving orders alone breaks stock", "likelihood": "high", "impact": "extreme", "at": at}
    answer = {"risks": [{**risk, "quote": quote}, {**risk, "title": "The sky falls", "quote": "it falls down"}]}
    server.behaviour = answering(answer, ("dependants", {"module": "shop.stock"}))
    evidence = await made(model_at(server), "code-analyzer", Artifact(id="CodeStructure"), project)
    added = [each for each in evidence.risks if "Moving orders" in each.title]
    assert [(each.likelihood, each.impact) for each in added] == [("high", "medium")]
    assert "The sky falls" not in evidence.model_dump_json(exclude={"data"})


async def test_decision_gets_another_option_and_stays_as_it_is(server: ModelServer, project: Path) -> None:
    """An option that scores higher is weighed by the decision's own weights and told as a risk, not chosen."""
    artifact = Artifact(id="ChooseDatabase", description="Decide which database the billing service uses")
    plain = await DEFAULT_AGENTS["decision-log"].call(assigned(artifact, project))
    marks = dict.fromkeys(plain.decisions[0].weights, 100)
    option = {"name": "A ledger of invoices", "because": "Invoices are sent each month.", "at": "docs/billing.md:3"}
    quote = "Invoices are sent on the first day of each month"
    answer = {
        "options": [
            {**option, "quote": quote, "marks": marks},
            {**option, "name": "Half a ledger of invoices", "quote": quote, "marks": {}},
        ]
    }
    server.behaviour = answering(answer, ("search_documents", {"query": "invoices"}))
    evidence = await made(model_at(server), "decision-log", artifact, project)
    before, after = plain.decisions[0], evidence.decisions[0]
    assert after.chosen == before.chosen
    assert [each.name for each in after.options] == [*(each.name for each in before.options), "A ledger of invoices"]
    assert after.options[-1].score == pytest.approx(1, abs=0.001)
    assert any("scores higher" in each.title for each in evidence.risks)


async def test_learning_path_gets_lessons_that_something_calls_for(server: ModelServer, project: Path) -> None:
    """A lesson has a source like any statement."""
    artifact = Artifact(id="LearnBilling", description="What the team has to learn")
    lesson = {"title": "The billing service", "hours": 3, "why": "It sends invoices.", "at": "docs/billing.md:3"}
    answer = {
        "lessons": [
            {**lesson, "quote": "by the billing service"},
            {**lesson, "title": "Juggling", "why": "It is fun.", "quote": "juggling is fun"},
        ]
    }
    server.behaviour = answering(answer, ("read_file", {"path": "docs/billing.md"}))
    evidence = await made(model_at(server), "learning-path", artifact, project)
    assert evidence.data["added_lessons"] == ["The billing service"]
    assert evidence.claims[-1].text == "The billing service has to be learned (3 h)."


MODEL_FILE = Artifact(
    id="InvoiceModel",
    description="What an invoice is",
    contract="Fields number, total. Operations: pay(amount)",
    domain_type="model",
    produces_file="src/invoice.py",
)


async def skeleton() -> str:
    """The file that the embedded builder makes."""
    return (await DEFAULT_AGENTS["builder"].call(assigned(MODEL_FILE, None))).files[0].content


async def test_builder_s_file_is_the_model_s_if_it_passes_the_checks(server: ModelServer) -> None:
    """It compiles and has every promised name; what is left is counted, also where the model does not say it."""
    content = f"{await skeleton()}\n\ndef later():\n    raise NotImplementedError\n"
    server.behaviour = answering({"content": content, "left": ["rounding of totals"]})
    evidence = await made(model_at(server), "builder", MODEL_FILE, None)
    assert evidence.files[0].content == content
    assert "rounding of totals" in evidence.text.casefold()
    assert evidence.left_open >= 2
    assert evidence.data["tests_passed"] == 0


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("def broken(:\n", "src/invoice.py is not valid"),
        ("x = 1\n", "which others were promised"),
        ("", "content is empty"),
        ("x = '\0'\n", "content is no text"),
    ],
)
async def test_builder_s_file_that_fails_a_check_is_sent_back_once_and_then_not_taken(
    server: ModelServer, content: str, problem: str
) -> None:
    """The skeleton stands, and says why."""
    server.behaviour = answering({"content": content})
    evidence = await made(model_at(server), "builder", MODEL_FILE, None)
    assert evidence.files[0].content == await skeleton()
    assert problem in str(evidence.data["model_failure"])
    assert len(server.asked) == 2
    assert problem in server.asked[1].last


async def test_python_that_a_model_wrote_is_never_imported_by_a_later_builder(server: ModelServer) -> None:
    """A test that requires it is compiled and not run."""
    marker = "raise SystemExit('it ran')\n"
    server.behaviour = answering({"content": f"{await skeleton()}\n{marker}"})
    model = await made(model_at(server), "builder", MODEL_FILE, None)
    assert marker in model.files[0].content
    required = (Requirement(id="InvoiceModel"),)
    test = Artifact(id="InvoiceTest", domain_type="test", produces_file="tests/test_invoice.py", requires=required)
    tested = await DEFAULT_AGENTS["builder"].call(assigned(test, None, {"InvoiceModel": model}))
    assert "imported" not in tested.text
    assert "it ran" not in tested.model_dump_json()


async def test_embedded_specialist_does_the_work_where_the_model_fails_and_says_so(
    server: ModelServer, project: Path
) -> None:
    """With the reason, in text, file and figures."""
    server.behaviour = lambda _: BROKEN
    plain = await DEFAULT_AGENTS["researcher"].call(assigned(RULES, project))
    evidence = await made(model_at(server), "researcher", RULES, project)
    assert (plain.claims, plain.gaps, plain.confidence) == (evidence.claims, evidence.gaps, evidence.confidence)
    assert "openai:m: the model server answered 500: the engine died" in str(evidence.data["model_failure"])
    assert "## Made without a model" in evidence.files[0].content


async def test_second_model_is_asked_where_the_first_one_fails(server: ModelServer, project: Path) -> None:
    """And is named as the one who did it."""

    def behaviour(asked: Asked) -> Reply:
        looking = answering({"claims": [PAY]}, ("read_file", {"path": "docs/billing.md"}))
        return BROKEN if asked.body["model"] == "m" else looking(asked)

    server.behaviour = behaviour
    evidence = await made(model_at(server, fallback="openai:other"), "researcher", RULES, project)
    assert evidence.data["model"] == "openai:other"
    assert PAY["text"] in [each.text for each in evidence.claims]


async def test_without_a_fallback_the_artifact_fails(server: ModelServer, project: Path) -> None:
    """As the user asked for."""
    server.behaviour = lambda _: BROKEN
    with pytest.raises(AgentError, match="researcher could not make InvoiceRules: openai:m: the model server answered"):
        await made(model_at(server, fallback="none"), "researcher", RULES, project)


async def test_server_that_takes_no_tools_is_asked_without(server: ModelServer, project: Path) -> None:
    """What was handed over is shown to it in any case, and what was searched for in its place."""
    source = Source(path="docs/billing.md", line=4, quote="A customer has 14 days to pay.")
    given = Evidence(
        artifact="Rules",
        agent="researcher",
        summary="s",
        confidence=0.5,
        claims=(Claim(text="Customers have two weeks.", sources=(source,)),),
    )

    def behaviour(asked: Asked) -> Reply:
        if is_looking(asked):
            return Reply(status=400, error='"auto" tool choice requires --enable-auto-tool-choice')
        return Reply(content=json.dumps({"claims": [PAY]}))

    server.behaviour = behaviour
    evidence = await made(model_at(server), "researcher", RULES, project, inputs={"Rules": given})
    assert PAY["text"] in [each.text for each in evidence.claims]
    assert "DATA search_documents" in server.asked[-1].text
    assert "while looking: the server takes no tools" in str(evidence.data["model_dropped"])


async def test_calls_without_ids_and_with_arguments_that_are_no_text_are_carried_out(
    server: ModelServer, project: Path
) -> None:
    """Some servers leave it to the client to tell the calls of one answer apart."""
    reading = {"function": {"name": "read_file", "arguments": {"path": "docs/billing.md"}}}
    calls = [reading, *({"id": "same", "function": {"name": "list_files", "arguments": "{}"}} for _ in range(2))]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    called = Reply(raw=json.dumps({"choices": [{"message": message}]}).encode())
    done = Reply(content=json.dumps({"claims": [PAY]}))
    server.behaviour = lambda asked: called if is_looking(asked) and not has_looked(asked) else done
    evidence = await made(model_at(server), "researcher", RULES, project)
    assert PAY["text"] in [each.text for each in evidence.claims]
    assert evidence.data["model_tool_calls"] == len(calls)


async def test_vllm_is_asked_for_calls_of_tools_as_json(server: ModelServer, project: Path) -> None:
    """A server that was started without flags for tools calls them all the same: its schema lets it name no others."""

    def behaviour(asked: Asked) -> Reply:
        if is_looking(asked):
            return Reply(status=400, error='"auto" tool choice requires --enable-auto-tool-choice')
        choices = asked.body["response_format"]["json_schema"]["schema"].get("anyOf")
        if choices is None:
            return Reply(content=json.dumps({"claims": [PAY]}))
        assert "read_file" in [one["properties"]["call"]["const"] for one in choices[:-1]]
        call = {"call": "read_file", "arguments": {"path": "docs/billing.md"}}
        return Reply(content=json.dumps({"answer": "DONE"} if "RESULT of read_file" in asked.last else call))

    server.behaviour = behaviour
    evidence = await made(model_at(server, name="vllm:m"), "researcher", RULES, project)
    assert PAY["text"] in [each.text for each in evidence.claims]
    roles = [[message["role"] for message in asked.body["messages"]] for asked in server.asked]
    assert roles == [["system", "user"], ["system", "user", "assistant", "user"], ["system", "user"]]


async def test_model_that_never_stops_looking_is_stopped_and_answers(server: ModelServer, project: Path) -> None:
    """Requests and calls are bounded, and what was seen by then counts."""

    def behaviour(asked: Asked) -> Reply:
        if is_looking(asked):
            call = ("read_file", {"path": "docs/billing.md"})
            return Reply(calls=[call] * 5)
        return Reply(content=json.dumps({"claims": [PAY]}))

    server.behaviour = behaviour
    evidence = await made(model_at(server), "researcher", RULES, project)
    assert PAY["text"] in [each.text for each in evidence.claims]
    assert evidence.data["model_tool_calls"] == 16
    assert len(server.asked) <= 10
    assert "while looking: it was not done after 8 requests" in str(evidence.data["model_dropped"])


def _answered(content: str, asked: Asked) -> Reply:
    return Reply(content="DONE" if is_looking(asked) else content)


async def test_answer_of_any_other_shape_changes_nothing(server: ModelServer, project: Path) -> None:
    """No JSON, a list, keys of another trade, values of another type: the embedded evidence stands."""
    plain = await DEFAULT_AGENTS["researcher"].call(assigned(RULES, project))
    answers: Sequence[Any] = ("sorry", [1], {"claims": "many"}, {"content": "x", "files": [{"path": "/etc/x"}]})
    for answer in answers:
        content = answer if isinstance(answer, str) else json.dumps(answer)
        server.behaviour = partial(_answered, content)
        evidence = await made(model_at(server), "researcher", RULES, project)
        assert (plain.claims, plain.gaps, plain.agent) == (evidence.claims, evidence.gaps, evidence.agent)
        assert [file.path for file in evidence.files] == ["docs/rules.md"]


def test_specialists_of_the_user_s_own_stay_as_they_are(server: ModelServer) -> None:
    """Also under a name of ours; coordinators have no model either."""

    async def call(_: Any) -> Evidence:
        raise CandidateError("never called")

    own = Specialist(name="researcher", call=call), Specialist(name="surveyor", call=call)
    registry = DEFAULT_AGENTS.registering(*own)
    agents = with_model(registry, model_at(server))
    changed = {name for name in agents if agents[name] is not registry[name]}
    assert changed == TRADES.keys() - {"researcher"}


def test_version_tells_the_model_the_fallback_and_the_embedded_specialist_apart(server: ModelServer) -> None:
    """So that work which another one did is not taken for this one's."""
    first = model_at(server)
    models = [first, replace(first, label="openai:n"), model_at(server, fallback="openai:n")]
    own = DEFAULT_AGENTS["builder"]
    versions = [own.version, *(modelled(own, each).version for each in models)]
    assert len(set(versions)) == 4
    assert modelled(own, first).version == modelled(own, model_at(server)).version


async def test_no_key_of_the_model_stands_in_evidence(server: ModelServer, project: Path) -> None:
    """A server that repeats the key in its refusals and answers does not get it written down."""
    key = "sk-marked-specialist-41"

    def behaviour(asked: Asked) -> Reply:
        if is_looking(asked):
            return Reply(content=f"DONE {key}") if has_looked(asked) else Reply(calls=[("list_files", {"folder": key})])
        return Reply(status=400, error=f"bad key {key}")

    server.behaviour = behaviour
    evidence = await made(model_at(server, {"OPENAI_API_KEY": key}), "researcher", RULES, project)
    assert key not in evidence.model_dump_json()
    assert key not in json.dumps([each.body for each in server.asked])
    assert "bad key [key]" in str(evidence.data["model_failure"])
