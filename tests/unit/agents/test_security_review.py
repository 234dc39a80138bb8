"""A review of security names what is weak, where, and what to do; and says what it did not look at."""

import datetime
import json
from pathlib import Path

import pytest
from support.weak_project import FILES, PLANTED, SECRET, written

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.agents.code_analyzer.agent import analyze_code
from prefect_harmonic.tasks.agents.code_analyzer.security import scanning
from prefect_harmonic.tasks.agents.code_analyzer.security.judging import showable
from prefect_harmonic.tasks.agents.code_analyzer.security.pins import Pin, known_weaknesses, mended_by, pins_in
from prefect_harmonic.tasks.agents.code_analyzer.security.review import Review, security_review
from prefect_harmonic.tasks.agents.code_analyzer.security.rules import rule_catalogue
from prefect_harmonic.tasks.agents.code_analyzer.security.settings import open_settings
from prefect_harmonic.tasks.agents.code_analyzer.security.texts import secrets_in, secrets_in_code
from prefect_harmonic.tasks.agents.decision_log.agent import decide
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.agents.weaknesses import WEAKNESSES, weaknesses_in
from prefect_harmonic.tasks.views.report.actions import actions_of
from prefect_harmonic.tasks.views.report.risks import registered_risks
from prefect_harmonic.tasks.views.report.subject import ReportInput

TODAY = datetime.date(2026, 11, 22)
PAGES = {
    "inputs": "InputReview",
    "access": "AccessReview",
    "settings": "ConfigurationReview",
    "dependencies": "DependencyReview",
}


def asked(name: str, project: Path | None, **known: dict[str, Evidence]) -> Assignment:
    """An artifact of a security plan that is to be made."""
    artifact = Artifact(id=name, produces=("code weaknesses",), produces_file=f"analysis/{name.lower()}.md")
    return Assignment(artifact=artifact, project=str(project) if project else None, today=TODAY, **known)


@pytest.fixture(scope="module")
async def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Evidence]:
    """What the analyzer tells on each page of a security plan for the planted project."""
    root = written(tmp_path_factory.mktemp("weak"), FILES)
    return {page: await analyze_code(asked(name, root)) for page, name in PAGES.items()}


@pytest.mark.parametrize("page", PAGES)
def test_each_page_tells_the_weaknesses_of_its_own_side(pages: dict[str, Evidence], page: str) -> None:
    """All nine are found, each on one page, with file, line and kind, as a claim and as a risk."""
    found = weaknesses_in({page: pages[page]})
    assert {one.place: one.cwe for one in found if one.harm.value == "high"} == PLANTED[page]
    sources = {str(source) for claim in pages[page].claims for source in claim.sources}
    assert sources >= PLANTED[page].keys()
    for place in PLANTED[page]:
        assert place in pages[page].text
        assert any(place in risk.title for risk in pages[page].risks)


def test_what_no_page_looks_at_is_one_gap(pages: dict[str, Evidence]) -> None:
    """It counts once however many pages there are, and no search is sent for it."""
    gaps = {gap for evidence in pages.values() for gap in evidence.gaps}
    assert len(gaps) == 1
    assert "dependencies" in gaps.pop()
    assert all(evidence.limits == evidence.gaps for evidence in pages.values())


def test_secrets_are_told_and_never_repeated(pages: dict[str, Evidence]) -> None:
    """A report is read by more people, and by models, than a secret may be."""
    told = json.dumps([evidence.model_dump(mode="json") for evidence in pages.values()])
    assert "DATABASE_PASSWORD" in told
    assert SECRET not in told


async def test_decision_and_report_are_about_the_real_weaknesses(pages: dict[str, Evidence]) -> None:
    """The record ranks all of them with a day for each; the register and the action plan begin with them."""
    inputs = {PAGES[page]: evidence for page, evidence in pages.items()}
    artifact = Artifact(id="RiskDecision", produces=("ranked weaknesses",), produces_file="decisions/0001-risks.md")
    decision = await decide(Assignment(artifact=artifact, inputs=inputs, today=TODAY))
    rows = [line for line in decision.text.splitlines() if "| CWE-" in line]
    assert [place for places in PLANTED.values() for place in places if not any(place in row for row in rows)] == []
    assert "harm high by 2026-11-29" in decision.text
    assert decision.data["status"] == "accepted"
    assert decision.decisions[0].consequences[0].startswith("Mended first: ")
    graph = ArtifactGraph([Artifact(id=name) for name in inputs], goal="Review the security of this code base")
    subject = ReportInput(graph=graph, evidence=inputs)
    heaviest = registered_risks(subject)[:9]
    assert not [place for places in PLANTED.values() for place in places if not any(place in r.title for r in heaviest)]
    assert all(action.text.startswith("Mend ") for action in actions_of(subject)[:9])


async def test_nothing_found_says_how_much_was_looked_at(tmp_path: Path) -> None:
    """That nothing is found proves nothing, and the page says so."""
    evidence = await analyze_code(asked("SecurityReview", written(tmp_path, {"app/__init__.py": "ANSWER = 42\n"})))
    assert "nothing was found in 1 Python file" in evidence.claims[0].text
    assert "does not prove" in evidence.claims[0].text
    assert evidence.data[WEAKNESSES] == []
    assert evidence.risks == ()


def test_project_cannot_silence_the_review(tmp_path: Path) -> None:
    """Its configuration is not heeded, and a comment moves a finding to a list of its own."""
    root = written(
        tmp_path,
        {
            ".bandit": "[bandit]\nskips = B602\n",
            "pyproject.toml": '[tool.bandit]\nskips = ["B602", "B307"]\n',
            "app.py": (
                "import subprocess\nsubprocess.run(input(), shell=True)  # nosec\n"
                "subprocess.run(input(), shell=True)\nsubprocess.run(input(), shell=True)  # noqa: S602\n"
            ),
        },
    )
    review = security_review(root)
    assert [one.line for one in review.weaknesses] == [3]
    assert [(one.line, one.marked) for one in review.marked] == [(2, "nosec"), (4, "noqa: S602")]


def test_nothing_of_the_project_is_imported(tmp_path: Path) -> None:
    """Not even modules that are called like bandit's own, or like those that Python starts with."""
    marker = tmp_path / "ran"
    trap = f"open({str(marker)!r}, 'w').close()\n"
    names = ("bandit", "stevedore", "json", "sitecustomize", "setup", "conftest")
    review = security_review(written(tmp_path, {f"{name}.py": trap for name in names}))
    assert len(review.python) == len(names) - 1
    assert not marker.exists()


def test_what_is_likely_harmless_is_counted_and_not_told(tmp_path: Path) -> None:
    """Digests without a password, names that look like secrets, dice, tests: noise that hides what matters."""
    root = written(
        tmp_path,
        {
            "app.py": (
                "import hashlib, random\nPASSWORD_FIELD = 'password'\ntoken_kind = 'bearer'\n"
                "key = hashlib.md5(page.encode()).hexdigest()\nwait = random.random()\n"
                "assert page\nsql = 'SELECT ' + columns\n"
            ),
            "tests/test_app.py": "PASSWORD = 'hunter2-for-tests'\n",
        },
    )
    review = security_review(root)
    assert review.weaknesses == ()
    assert {one.rule for one, _ in review.doubted} >= {"B324", "B311"}
    assert review.tests == 1


def test_file_that_is_no_python_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    """A file left out without a word would count as clean."""
    review = security_review(written(tmp_path, {"bad.py": "def (:\n", "good.py": "value = eval(request.body)\n"}))
    assert [path for path, _ in review.unread] == ["bad.py"]
    assert [(one.place, one.harm.value) for one in review.weaknesses] == [("good.py:1", "high")]


def test_what_was_found_before_bandit_ended_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that takes too long costs the files after it, and not those before; those are named."""
    hit = {"rule": "B307", "line": 1, "lines": [1], "severity": "HIGH", "confidence": "HIGH", "text": ""}
    line = json.dumps({"file": 0, "skipped": "", "found": [hit]})
    script = tmp_path / "script.py"
    script.write_text(f'print({line!r})\nprint(\'{{"file": 1, "sk\')\nraise SystemExit(3)\n')
    monkeypatch.setattr(scanning, "_BANDIT", script)
    scan = scanning.scanned(tmp_path, ["a.py", "b.py"], ["B307"])
    assert [path for path, _ in scan.hits] == ["a.py"]
    assert scan.unread == (("b.py", "bandit ended with code 3"),)


async def test_bandit_that_does_not_start_leaves_a_gap_and_no_clean_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that nobody looked at are named, and the evidence is hardly sure of anything."""
    monkeypatch.setattr(scanning, "_BANDIT", tmp_path / "missing.py")
    evidence = await analyze_code(asked("InputReview", written(tmp_path / "project", {"app.py": "eval(text)\n"})))
    assert "app.py (bandit ended with code 2)" in evidence.gaps[1]
    assert evidence.confidence <= 0.3


def test_every_rule_of_bandit_is_one_that_bandit_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule under a wrong name would never find anything."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    from bandit.core.extension_loader import MANAGER  # late: it looks through all that is installed

    named = {rule.id for rule in rule_catalogue().values() if rule.is_bandits}
    assert named <= {*MANAGER.plugins_by_id, *MANAGER.blacklist_by_id}


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("DB_PASSWORD=tiger2-in-the-tank", ["secret-in-file"]),
        ("password: ${DB_PASSWORD}", []),
        ("SECRET_KEY=q7%n2$w*k{4z!m", ["secret-in-file"]),
        ("token_url: https://example.org/token", []),
        ('"password": "Passwort",', []),
        ("url = postgres://app:tiger2@db.intern/orders", ["secret-in-address"]),
        ("url = postgres://app:tiger2@localhost/orders", []),
        ("url = redis://:tiger2@cache.intern", ["secret-in-address"]),
        ("url = redis://app:ti/ger9@cache.intern", ["secret-in-address"]),
        ("url = https://ghp_1234567890abcdef:x-oauth-basic@github.com", ["secret-in-address"]),
        ("url = http://node:8080/users2/@me", []),
        ("url = http://node:{port}/v2/@me", []),
        ("url = ssh://github.com:org2/repo@v1", []),
        ("url = ssh://forge:org/repo@v1", []),
        ("image = docker://name:tag7@sha256:0123456789abcdef", []),
        ("-----BEGIN RSA PRIVATE KEY-----", ["private-key"]),
        ('"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIJ' + 3_300 * "x" + '",', ["private-key"]),
    ],
)
def test_secrets_in_files_of_settings(text: str, rules: list[str]) -> None:
    """What looks like a secret is one; names, addresses and what is filled in later are none."""
    assert [each.rule for each in secrets_in(text) if not each.doubt] == rules


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://ghp_1234567890abcdef:x-oauth-basic@github.com/org", "https://…@github.com"),
        ("redis://app:ti@ger9@cache.intern", "redis://…@cache.intern"),
    ],
)
def test_nothing_before_the_host_of_an_address_is_shown(address: str, shown: str) -> None:
    """A token can stand where the user does, and a password can hold what ends one."""
    assert [each.shown for each in secrets_in(f"url = {address}")] == [shown]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("get('http://:tiger9x@h/', verify=False)", "get('http://…@h/', verify=False)"),
        ("get('redis://app:ti/ger9@h')", "get('redis://…@h')"),
        ("get('https://tiger9x@h/')", "get('https://…@h/')"),
        ("get(url, headers={'X-Key': 'tiger9'})", "get(url, headers={'…': '…'})"),
        ("get(url, headers={'X-Id': 'AIzaSy123'})", "get(url, headers={'…': '…'})"),
        ("client(aws_access_key_id='AKIAIOSFODNN7')", "client(aws_access_key_id='…')"),
        ("client('9f8a7c6b5d4e3f2a1b0c')", "client('…')"),
        ("    AKIAIOSFODNN7 is ours", "    … is ours"),
        ("run(f'SELECT {name} WHERE key = {key}')", "run(f'SELECT {name} WHERE key = {key}')"),
        ("get('https://h/v1/orders', verify=False)", "get('https://h/v1/orders', verify=False)"),
    ],
)
def test_lines_are_shown_without_what_may_be_a_secret(line: str, shown: str) -> None:
    """Bandit points at a line for another reason, and a key or a password stands on it too."""
    assert showable(line) == shown


def test_private_key_in_code_is_found_however_long_it_is() -> None:
    """One of 4096 bits is longer than the texts that are searched for addresses."""
    source = f'KEY = """-----BEGIN PRIVATE KEY-----\n{3_300 * "x"}\n"""\n'
    assert [each.rule for each in secrets_in_code(syntax_tree(source))] == ["private-key"]


@pytest.mark.parametrize(
    ("path", "source", "rules"),
    [
        ("app/settings.py", "ALLOWED_HOSTS = ['*']\nSESSION_COOKIE_SECURE = False\n", ["any-host", "open-cookie"]),
        ("app/config.py", "app.config['DEBUG'] = True\n", ["debug-on"]),
        ("app/config.py", "class Development:\n    DEBUG = True\n", []),
        ("app/settings/local.py", "DEBUG = True\n", []),
        ("app/settings.py", "DEBUG = os.environ.get('DEBUG') == '1'\n", []),
    ],
)
def test_settings_that_open_a_program(path: str, source: str, rules: list[str]) -> None:
    """Settings for development and tests may be open; those of the program itself may not."""
    assert [each.rule for each in open_settings(path, syntax_tree(source)) if not each.doubt] == rules


@pytest.mark.parametrize(
    ("library", "version", "to"),
    [
        ("requests", "2.19.1", "2.32.4"),
        ("requests", "2.32.4", None),
        ("django", "3.2.12", "4.2.15"),
        ("flask", "2.2.4", "2.2.5"),
        ("flask", "2.2.5", None),
        ("urllib3", "1.26.16", "1.26.17"),
        ("urllib3", "2.0.7", None),
        ("pyyaml", "5.4", None),
        ("jinja2", "3.1.6rc1", None),
        ("django", "3.²", None),
        pytest.param("django", "3." + 5_000 * "1", None, id="django-of-5000-digits"),
    ],
)
def test_published_weaknesses_hold_for_releases_before_they_were_mended(
    library: str, version: str, to: str | None
) -> None:
    """A line of releases that got the mending is affected up to it only; another form of version is not compared."""
    pin = Pin(library, version, "requirements.txt", 1)
    known = known_weaknesses(pin)
    assert (mended_by(known, pin) if known else None) == to


@pytest.mark.parametrize(
    ("path", "text", "pins"),
    [
        (
            "requirements/prod.txt",
            "# all\nPyYAML == 5.3  # old\n-r base.txt\nflask\n",
            [("pyyaml", "5.3"), ("flask", "")],
        ),
        ("pyproject.toml", 'dependencies = ["requests[socks]==2.19.1", "flask>=2"]\n', [("requests", "2.19.1")]),
        ("uv.lock", '[[package]]\nname = "Jinja2"\nversion = "3.0.0"\n', [("jinja2", "3.0.0")]),
    ],
)
def test_libraries_are_read_where_projects_name_them(path: str, text: str, pins: list[tuple[str, str]]) -> None:
    """Lists of requirements, declarations and locks."""
    assert [(pin.library, pin.version) for pin in pins_in(path, text)] == pins


def test_reviews_of_the_same_files_are_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In another folder, without what was remembered of the first."""
    one, other = (security_review(written(tmp_path_factory.mktemp("twin"), FILES)) for _ in range(2))
    assert isinstance(one, Review)
    assert one is not other
    assert one == other
