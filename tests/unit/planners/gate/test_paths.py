"""P007: where artifacts may write. A path comes from a model or a file, and is judged for every system at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import named

from prefect_harmonic.planners.gate import Code, lint
from prefect_harmonic.planners.gate.files import normalised, path_problem
from prefect_harmonic.planners.plan import Plan

GOOD_PATHS = [
    "app.py",
    "src/models/user.py",
    "src/./app.py",
    "src/models/../app.py",
    "src//app.py",
    "docs/report.md",
    "a/plan.json",
    ".gitignore",
    ".github/workflows/ci.yaml",
    ".env.example",
    "git/hooks",
    "console/con_man.py",
    "aux_files/x",
    "com10.txt",
    "docs/Über uns.md",
    "src/日本語.md",
    "...hidden",
    "a~b/c",
    "x" * 255,
]

BAD_PATHS = {
    "empty": "",
    "only spaces": "   ",
    "this folder": ".",
    "back to this folder": "src/..",
    "folder": "src/",
    "folder by its dot": "src/.",
    "folder by its dots": "src/models/..",
    "absolute": "/etc/passwd",
    "absolute twice": "//etc/passwd",
    "home": "~/x",
    "another's home": "~root/x",
    "drive": "C:/x",
    "drive, relative": "c:x",
    "drive, backslash": "C:\\x",
    "UNC": "\\\\server\\share\\x",
    "UNC with slashes": "//server/share/x",
    "backslash": "src\\x.py",
    "backslash up": "..\\x",
    "up": "../x",
    "up in the middle": "src/../../x",
    "up after detour": "a/b/../../../x",
    "only up": "..",
    "up with a space, which Windows drops": ".. /x",
    "up with spaces further on": "src/.. /.. /x",
    "three dots, which Windows drops": "src/.../x",
    "git": ".git/config",
    "git below": "src/.git/hooks/pre-commit",
    "git itself": ".git",
    "git upper": ".GIT/config",
    "git mixed": ".Git/config",
    "git with a dot": ".git./config",
    "git with spaces": ".git  /config",
    "git with dots and spaces": ".git. . /config",
    "git by its stream": ".git::$INDEX_ALLOCATION/config",
    "git by its short name": "GIT~1/config",
    "git with a joiner that macOS drops": ".g\u200cit/config",
    "git with a mark that macOS drops": "\ufeff.git/config",
    "git after detour": "src/../.git/config",
    "hg": ".hg/hgrc",
    "svn": ".svn/entries",
    "own ledger": ".harmonic/ledger.json",
    "own ledger upper": ".Harmonic/x",
    "report": "report.md",
    "report in another case": "Report.MD",
    "report with a dot": "report.md.",
    "report by detour": "x/../report.md",
    "report by dot": "./report.md",
    "report as a folder": "report.md/x.txt",
    "the result of another goal": "earlier/01-reach-it/report.md",
    "plan": "plan.json",
    "page": "plan.html",
    "graph": "knowledge.graphml",
    "picture": "knowledge.svg",
    "events": "events.jsonl",
    "newline": "a\nb",
    "null": "a\x00b",
    "escape": "a\x1b[31mb",
    "delete": "a\x7fb",
    "control from the upper range": "a\x9bb",
    "line separator": "a\u2028b",
    "tab": "a\tb",
    "device": "con",
    "device upper": "CON",
    "device with ending": "nul.txt",
    "device with space before its ending": "nul .txt",
    "device with dot": "aux.",
    "device below": "src/prn/x.py",
    "port": "COM1",
    "printer": "lpt9.log",
    "stream": "notes.txt:hidden",
    "long part": "x" * 256,
    "long part in bytes": "é" * 128,
    "long path": "/".join(["abcdefg"] * 130),
}


@pytest.mark.parametrize("path", GOOD_PATHS)
def test_ordinary_paths_may_be_written(path: str) -> None:
    """Names that only look like reserved ones are fine."""
    assert path_problem(path) is None


@pytest.mark.parametrize("path", BAD_PATHS.values(), ids=BAD_PATHS)
def test_hostile_paths_are_refused(path: str) -> None:
    """Each way out of the workspace, into reserved places, or into trouble on some system."""
    findings = lint(Plan(artifacts=(named("A", produces_file=path),)))
    assert [(finding.code, finding.artifact) for finding in findings] == [(Code.UNSAFE_FILE, "A")]


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b", ".git", "report.md", " ", ".. "]), max_size=6).map("/".join))
def test_a_path_that_passes_stays_inside(path: str) -> None:
    """Whatever is put together of the dangerous parts: what passes lies in the workspace and in no reserved place."""
    if path_problem(path) is None:
        parts = normalised(path).split("/")
        assert not {"", ".", "..", ".git"} & {part.strip() for part in parts}
        assert parts[0] != "report.md"


@given(st.text(max_size=30))
def test_any_text_is_judged(path: str) -> None:
    """No text breaks the judge, and what passes has no way up."""
    if path_problem(path) is None:
        assert ".." not in normalised(path).split("/")


def test_file_that_is_a_folder_for_another_is_refused() -> None:
    """Both cannot be; the one that is in the way is told."""
    clash = Plan(artifacts=(named("File", produces_file="src/app"), named("Below", produces_file="src/app/main.py")))
    assert [finding.artifact for finding in lint(clash) if finding.code is Code.UNSAFE_FILE] == ["File"]


def test_folder_clash_is_found_through_other_spellings() -> None:
    """A detour in the path does not hide the clash."""
    clash = Plan(
        artifacts=(named("File", produces_file="./src/x/../app"), named("Below", produces_file="src/app/m.py"))
    )
    assert [finding.artifact for finding in lint(clash) if finding.code is Code.UNSAFE_FILE] == ["File"]


def test_neighbours_in_one_folder_do_not_clash() -> None:
    """A name that is only the beginning of another one is no folder of it."""
    plan = Plan(artifacts=(named("One", produces_file="src/app"), named("Other", produces_file="src/app.py")))
    assert [finding for finding in lint(plan) if finding.code is Code.UNSAFE_FILE] == []


def test_endless_path_is_refused_in_bearable_memory() -> None:
    """A path of very many parts is one finding; nothing is done for each of its parts' prefixes."""
    findings = lint(Plan(artifacts=(named("A", produces_file="a/" * 200_000 + "x"),)))
    assert [finding.code for finding in findings] == [Code.UNSAFE_FILE]
    assert len(findings[0].message) < 500


def test_all_hostile_paths_are_told() -> None:
    """Not only the first."""
    plan = Plan(
        artifacts=tuple(named(f"A{n}", produces_file=path) for n, path in enumerate(["../x", "/x", "ok", ".git"]))
    )
    told = [finding.artifact for finding in lint(plan) if finding.code is Code.UNSAFE_FILE]
    assert told == ["A0", "A1", "A3"]
