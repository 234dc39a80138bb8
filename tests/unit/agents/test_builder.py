"""What the builder makes is valid whatever words go in, fits together, and says what is left."""

import ast
import datetime
import json
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Claim, Evidence, ProducedFile, Risk, Source
from prefect_harmonic.tasks.agents.builder.agent import build
from prefect_harmonic.tasks.agents.builder.check import imported
from prefect_harmonic.tasks.agents.builder.plain_files import plain_content
from prefect_harmonic.tasks.agents.builder.python_kinds import Order, kind_of, skeleton_of
from prefect_harmonic.tasks.agents.builder.python_tests import contract_tests
from prefect_harmonic.tasks.agents.builder.python_text import module_text
from prefect_harmonic.tasks.agents.builder.requirements import required_modules

TODAY = datetime.date(2026, 11, 22)
KINDS = ("protocol", "model", "service", "repository", "config", "api", "migration", "test", "module", None)
PATHS = ("a.json", "a.yaml", "a.toml", "a.sql", "a.md", "Dockerfile", "a.graphql", "a.ts")
NASTY = st.one_of(
    st.text(max_size=120),
    st.sampled_from(
        [
            '"""',
            "ends with \\",
            'quote " and \\',
            "{braces} {0} {x!r}",
            "create x(self, def, class, *)",
            "fields: class, def, is_ok, 2nd, é and naïve",
            "creates Protocol, lists datetime, deletes respond",
            "with str, object, dataclass and Decimal",
            "x(\u2028\x00\ud800)",
        ]
    ),
)


def artifact_of(**fields: object) -> Artifact:
    """An artifact as a plan file would give it."""
    return Artifact.model_validate(fields)


def assignment(
    artifact: Artifact, inputs: dict[str, Evidence] | None = None, **more: dict[str, Evidence]
) -> Assignment:
    """What the builder is asked."""
    background = more.get("background", {})
    return Assignment(
        artifact=artifact, goal="Build a REST API with auth", today=TODAY, inputs=inputs or {}, background=background
    )


async def made(*artifacts: Artifact) -> dict[str, Evidence]:
    """The evidence of artifacts that are made in this order, each with what it requires."""
    done: dict[str, Evidence] = {}
    for artifact in artifacts:
        inputs = {required: done[required] for required in artifact.required_ids}
        background = {name: evidence for name, evidence in done.items() if name not in inputs}
        done[artifact.id] = await build(assignment(artifact, inputs=inputs, background=background))
    return done


PROTOCOL = artifact_of(
    id="UserProtocol",
    contract="create_user(email, password); find users by email; delete users",
    produces_file="src/protocols/user.py",
)
MODEL = artifact_of(
    id="UserModel",
    contract="fields: id, email and created at",
    produces_file="src/models/user.py",
    requires="UserProtocol",
)
SERVICE = artifact_of(
    id="UserService",
    contract="registers users, verifies passwords",
    produces_file="src/services/user.py",
    requires=["UserModel", "UserProtocol"],
)
API = artifact_of(id="UserApi", contract="register users", produces_file="src/api/user.py", requires="UserService")
MIGRATION = artifact_of(id="AddUsers", contract="columns: id, order", produces_file="migrations/0001-users.py")
STORE = artifact_of(id="UserRepository", produces_file="src/store.py", requires="UserModel")
CONFIG = artifact_of(id="AppConfig", contract="settings: url and port", produces_file="src/config.py")
TESTS = artifact_of(
    id="UserTests",
    produces_file="tests/test_user.py",
    requires=["UserApi", "UserService", "UserModel", "AddUsers", "UserRepository", "AppConfig"],
)


async def test_chain_of_python_artifacts_imports_each_other_and_passes_its_tests() -> None:
    """Every file of a whole plan is imported beside the ones it requires, and the tests among them pass."""
    done = await made(PROTOCOL, MODEL, SERVICE, API, MIGRATION, STORE, CONFIG, TESTS)
    assert [gap for evidence in done.values() for gap in evidence.gaps] == []
    assert all(evidence.data["is_checked"] for evidence in done.values())
    assert done["UserTests"].data["tests_passed"] == 8
    assert "from src.models.user import UserModel" in done["UserService"].files[0].content


async def test_generated_tests_fail_once_a_promise_is_taken_back() -> None:
    """A test that cannot fail is worse than none: removing a field makes the generated test fail."""
    done = await made(PROTOCOL, MODEL, artifact_of(id="T", produces_file="tests/test_t.py", requires="UserModel"))
    broken = ProducedFile(
        path="src/models/user.py", content=done["UserModel"].files[0].content.replace("    email: str\n", "")
    )
    tests = done["T"].files[0]
    beside = {broken.path: broken.content, "src/protocols/user.py": done["UserProtocol"].files[0].content}
    checked = await imported(tests.path, tests.content, beside, is_test=True)
    assert "AssertionError" in checked.problem


async def test_runbook_is_made_of_cuts_owners_constraints_and_open_questions() -> None:
    """Steps name imports with place, check, team and way back; what must hold and what is open stand before.

    What was answered since is open no more, and what was measured of the code is no sign to stop at.
    """
    source = Source(path="docs/limits.md", line=4)
    claims = (
        Claim(text="Changes must be reversible within 15 minutes.", sources=(source,), confidence=0.9),
        Claim(text="team: Desk; cares for: orders, api", sources=(source,), confidence=0.7),
    )
    data: dict[str, JsonValue] = {
        "cheapest_cuts": [{"importer": "shop.orders", "imported": "shop.rates", "place": "shop/orders.py:7"}],
        "services": [{"name": "orders", "groups": ["shop.orders"], "outgoing": 2}],
    }
    found = Evidence(
        artifact="Map", agent="x", summary="", confidence=0.9, claims=claims, gaps=("who owns rates",), data=data
    )
    artifact = Artifact(id="MoveRunbook", domain_type="runbook", produces_file="runbooks/move.md")
    evidence = await build(Assignment(artifact=artifact, inputs={"Map": found}, today=TODAY))
    text = evidence.files[0].content
    assert "1. [ ] Remove the import `shop.orders` → `shop.rates` at `shop/orders.py:7`." in text
    assert "   - Owner: Desk. Way back: Revert this one change." in text
    assert "2. [ ] Close the boundary of orders (`shop.orders`)" in text
    assert "- Changes must be reversible within 15 minutes. (`docs/limits.md:4`)" in text
    assert "- [ ] Settled: Who owns rates." in text
    answer = Evidence(
        artifact="Fill", agent="x", summary="", confidence=0.9, data={"is_closed": True, "asked": "who owns rates"}
    )
    risk = Risk(title="Changes to shop.orders", likelihood="high", impact="high")
    measured = found.model_copy(update={"risks": (risk,), "data": {**data, "modules": 3}})
    later = await build(Assignment(artifact=artifact, inputs={"Map": measured, "Fill": answer}, today=TODAY))
    assert "Who owns rates" not in later.files[0].content
    assert "No risk was handed over." in later.files[0].content


async def test_risk_and_question_that_several_tell_are_told_once_with_all_of_them() -> None:
    """Four looks at the same code find the same risk; who reads the document wants it once."""
    risk = Risk(title="Changes to shop.report", likelihood="medium", impact="high", mitigation="Pin it with tests.")
    known = {
        name: Evidence(
            artifact=name, agent="x", summary="", confidence=0.9, risks=(risk,), gaps=("nobody knows the load",)
        )
        for name in ("AccessReview", "InputReview")
    }
    evidence = await build(assignment(artifact_of(id="Mendings", produces_file="docs/mendings.md"), known))
    text = evidence.files[0].content
    assert "| Changes to shop.report | medium | high | Pin it with tests. | AccessReview, InputReview |" in text
    assert text.count("Changes to shop.report") == 1
    assert "- Nobody knows the load. _(from `AccessReview`, `InputReview`)_" in text


def test_service_implements_the_protocol_about_the_same_subject() -> None:
    """UserService is a UserProtocol; OrderService is given one."""
    protocol = Evidence(
        artifact="UserProtocol",
        agent="builder",
        summary="",
        confidence=0.6,
        files=(
            ProducedFile(
                path="ports/user.py",
                content="from typing import Protocol\nclass UserProtocol(Protocol):\n    def find(self) -> str: ...\n",
            ),
        ),
    )
    modules = required_modules({"UserProtocol": protocol})
    own = skeleton_of(Order(artifact_of(id="UserService", requires="UserProtocol"), modules)).body[0]
    foreign = skeleton_of(Order(artifact_of(id="OrderService", requires="UserProtocol"), modules)).body[0]
    assert own.startswith("class UserService(UserProtocol):")
    assert "user_protocol: UserProtocol" in foreign


@settings(max_examples=150, deadline=None)
@given(NASTY, NASTY, NASTY, st.sampled_from(KINDS))
def test_any_words_give_python_that_compiles(name: str, description: str, contract: str, kind: str | None) -> None:
    """No id, description or contract gives source that does not compile and keep its one docstring."""
    artifact = artifact_of(id=name, description=description, contract=contract, domain_type=kind)
    order = Order(artifact)
    skeleton = contract_tests(order) if kind_of(artifact) == "test" else skeleton_of(order)
    source = module_text(description, skeleton)
    tree = ast.parse(source)
    compile(source, "artifact.py", "exec")
    assert ast.get_docstring(tree)


@settings(max_examples=60, deadline=None)
@given(NASTY, NASTY, st.sampled_from(PATHS))
def test_any_words_give_valid_files_of_other_kinds(description: str, contract: str, path: str) -> None:
    """JSON, YAML and TOML read back whatever the contract says, and every file can be written as UTF-8."""
    artifact = artifact_of(id="Thing", description=description, contract=contract, produces_file=path)
    content = plain_content(assignment(artifact), path)
    readers: dict[str, Callable[[str], Any]] = {"a.json": json.loads, "a.yaml": yaml.safe_load, "a.toml": tomllib.loads}
    assert content.encode("utf-8")
    if path in readers:
        assert readers[path](content)["name"] == "Thing"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), NASTY, st.sampled_from([None, "a.md", "a.json", "../x.py", "/etc/x.py", ""]))
async def test_summary_has_the_agreed_length(name: str, contract: str, path: str | None) -> None:
    """Whatever it is asked for, the summary has 500 to 1,000 characters."""
    evidence = await build(assignment(artifact_of(id=name, contract=contract, produces_file=path)))
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]


@pytest.mark.parametrize("path", ["/etc/passwd.py", "../x.py", "a/../../x.md", "C:\\x.py", ""])
async def test_path_outside_the_workspace_blocks(path: str) -> None:
    """A path that climbs out gives a blocker and no file."""
    evidence = await build(assignment(artifact_of(id="A", produces_file=path)))
    assert evidence.blockers
    assert evidence.files == ()


async def test_code_of_other_agents_is_never_run(tmp_path: Path) -> None:
    """A Python file that another agent wrote is compiled beside, not executed."""
    witness = tmp_path / "ran"
    foreign = Evidence(
        artifact="X",
        agent="model",
        summary="",
        confidence=0.5,
        files=(ProducedFile(path="x.py", content=f"open({str(witness)!r}, 'w')\nclass X:\n    pass\n"),),
    )
    made_of = artifact_of(id="YService", contract="reads x", produces_file="y.py", requires="X")
    evidence = await build(assignment(made_of, inputs={"X": foreign}))
    assert "from x import X" in evidence.files[0].content
    assert not witness.exists()
    assert evidence.confidence == 0.5


async def test_test_without_anything_to_test_says_so() -> None:
    """Tests of nothing are a list of what is missing, each skipped until it is written; what is absent is a gap."""
    asked = artifact_of(id="T", contract="Passes today; fails later", produces_file="tests/test_t.py", requires="Model")
    evidence = await build(assignment(asked))
    module = ast.parse(evidence.files[0].content)
    tests = [one.name for one in module.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")]
    assert tests == ["test_passes_today", "test_fails_later"]
    assert 'raise unittest.SkipTest("to be written: Passes today")' in evidence.files[0].content
    assert not [gap for gap in evidence.gaps if "SkipTest" in gap]
    assert "Model is required and nothing of it was handed over" in evidence.gaps
    assert "nothing that this artifact requires is a Python file" in evidence.text


async def test_second_writer_of_a_file_keeps_what_the_first_wrote() -> None:
    """Two artifacts that write one file: the later one adds to it."""
    first = artifact_of(id="OneModel", contract="fields: a and b", produces_file="app.py")
    second = artifact_of(id="TwoModel", contract="fields: c and d", produces_file="app.py", requires="OneModel")
    content = (await made(first, second))["TwoModel"].files[0].content
    assert "class OneModel" in content
    assert "class TwoModel" in content


async def test_existing_file_of_the_project_is_named(tmp_path: Path) -> None:
    """A skeleton made beside a file that the project already has says so."""
    (tmp_path / "app.py").write_text("")
    given = Assignment(artifact=artifact_of(id="A", produces_file="app.py"), project=str(tmp_path), today=TODAY)
    assert "the project already has app.py" in " ".join((await build(given)).gaps)


@pytest.mark.parametrize("name", ["page.sh", "bin/it's `odd` $(name).sh"])
async def test_script_fails_and_says_so_until_it_is_written(tmp_path: Path, name: str) -> None:
    """A skeleton that exits with 0 would be taken for a script that did its work."""
    evidence = await build(assignment(artifact_of(id="Page", contract="Pages the one on call", produces_file=name)))
    script = tmp_path / "script.sh"
    script.write_text(evidence.files[0].content, encoding="utf-8")
    ran = subprocess.run(["/bin/sh", script], check=False, capture_output=True)  # noqa: ASYNC221 - takes no time
    asked = subprocess.run(["/bin/sh", script, "--help"], check=False, capture_output=True)  # noqa: ASYNC221 - as above
    assert (ran.returncode, asked.returncode) == (1, 0)
    assert b"not written yet" in ran.stderr
    assert asked.stdout.startswith(b"usage: ")
    assert "\nset -eu\n" in evidence.files[0].content


@pytest.mark.parametrize(
    ("contract", "header"),
    [
        ("columns: team, person and phone", "team,person,phone"),
        ("Lists each team with its phone", "team,phone"),
        ("", "id"),
    ],
)
async def test_table_has_one_header_row(contract: str, header: str) -> None:
    """The columns are the contract's fields or nouns, never Markdown."""
    evidence = await build(assignment(Artifact(id="Id", contract=contract, produces_file="oncall/teams.csv")))
    assert f"{header}\n" == evidence.files[0].content


@pytest.mark.parametrize("path", ["a.sh", "a.csv", "a.md", "a.ts", "a.json", "cache.py", None])
@pytest.mark.parametrize("contract", ["Never grows beyond its bound", ""])
async def test_every_skeleton_counts_what_is_left(path: str | None, contract: str) -> None:
    """A run can tell a skeleton from a finished file by a number."""
    evidence = await build(assignment(Artifact(id="CacheStore", contract=contract, produces_file=path)))
    left = evidence.data["left_count"]
    assert isinstance(left, int)
    assert left >= 1


@pytest.mark.parametrize("kind", KINDS)
async def test_docstrings_ask_and_do_not_assert(kind: str | None) -> None:
    """What the contract promises is not claimed of a skeleton."""
    promise = "Stores entries; never grows beyond its bound"
    made = Artifact(id="Cache", description="A cache", contract=promise, domain_type=kind, produces_file="src/cache.py")
    evidence = await build(assignment(made))
    tree = ast.parse(evidence.files[0].content)
    told = [ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    asked = [text for text in told if text and "beyond its bound" in " ".join(text.split())]
    assert all("The contract asks: " in text or "To do: " in text for text in asked)
    if kind in {"protocol", "service", "repository", "model", "config"}:
        assert asked
