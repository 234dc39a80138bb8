"""What the code analyzer hands back for an artifact."""

import asyncio
import json
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from prefect_harmonic.errors import AgentError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Evidence, Grade
from prefect_harmonic.planners.json_reading import records_in
from prefect_harmonic.tasks.agents.code_analyzer import analysis as shared
from prefect_harmonic.tasks.agents.code_analyzer.agent import CODE_ANALYZER, CODE_FILE, analyze_code
from prefect_harmonic.tasks.agents.code_analyzer.focus import Focus, focus_of
from prefect_harmonic.tasks.agents.code_analyzer.history import history

EXAMPLE = Path(__file__).parents[3] / "examples" / "monolith"


def _asked(root: Path | None, **artifact: str) -> Assignment:
    made = Artifact.model_validate({"id": "CodeAnalysis", **artifact})
    return Assignment(artifact=made, project=None if root is None else str(root), today=date(2026, 1, 5))


async def _found(root: Path | None, **artifact: str) -> Evidence:
    return await analyze_code(_asked(root, **artifact))


def _git(root: Path, *arguments: str) -> None:
    environment = {"HOME": str(root), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *arguments], cwd=root, env=environment, check=True, capture_output=True)


def _sign(root: Path) -> None:
    """Gives the last commit a signature, so that showing signatures has something to check."""
    commit = subprocess.run(["git", "cat-file", "commit", "HEAD"], cwd=root, check=True, capture_output=True).stdout
    head, _, message = commit.partition(b"\n\n")
    block = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n aGVsbG8=\n -----END PGP SIGNATURE-----"
    signed = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=root, input=head + b"\n" + block + b"\n\n" + message, check=True, capture_output=True,
    ).stdout  # fmt: skip
    _git(root, "reset", "-q", "--soft", signed.decode().strip())


async def test_evidence_of_the_example_is_whole() -> None:
    """Summary in bounds, claims with measured places that stand in the files, and figures to reckon with."""
    found = await _found(EXAMPLE)
    assert SUMMARY_LENGTH[0] <= len(found.summary) <= SUMMARY_LENGTH[1]
    assert found.claims
    for claim in found.claims:
        assert claim.sources
        for source in claim.sources:
            assert source.grade is Grade.MEASURED
            assert source.line is not None
            text = (EXAMPLE / source.path).read_text(encoding="utf-8").splitlines()[source.line - 1]
            assert source.quote in text
    assert found.data["modules"] == 58
    assert found.data["import_cycle_count"] == 6
    assert found.gaps == ()
    assert found.confidence > 0.9
    assert found.risks


async def test_risk_of_a_cycle_is_of_what_runs(tmp_path: Path) -> None:
    """Imports for type checkers make a cycle neither larger nor a risk, and removing them lessens none."""
    typed = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from web import c\n"
    files = {"__init__": "", "a": f"from web import b\n{typed}", "b": "from web import a\n", "c": "from web import a\n"}
    (tmp_path / "web").mkdir()
    for name, text in files.items():
        (tmp_path / "web" / f"{name}.py").write_text(text, encoding="utf-8")
    found = await _found(tmp_path)
    risk = next(one for one in found.risks if one.title.startswith("Import cycle"))
    assert risk.title.startswith("Import cycle of 2 modules around ")
    assert "web.c" not in f"{risk.evidence} {risk.mitigation}"


async def test_code_file_holds_modules_and_cycles() -> None:
    """The produced file has the two figures under their names, cycles sorted."""
    found = await _found(EXAMPLE)
    [file] = found.files
    code = json.loads(file.content)
    assert file.path == CODE_FILE
    assert code["modules"] == len(code["module_list"]) == 58
    assert code["import_cycles"] == sorted(sorted(cycle) for cycle in code["import_cycles"])
    assert found.data["imports_to_cut"] == 7  # one of the eight is for types alone
    assert "nordvale.reporting.exports" not in {cut["importer"] for cut in records_in(found.data["cheapest_cuts"])}
    cut = code["cycles"][1]["cheapest"]
    assert cut["statements"] == [
        {"file": "nordvale/billing/ledger.py", "line": 39, "quote": "from nordvale.billing import payments"}
    ]


async def test_files_follow_what_the_artifact_produces() -> None:
    """JSON goes to the named JSON file; a Markdown report is written beside the usual one."""
    as_json = await _found(EXAMPLE, produces_file="out/graph.json")
    as_report = await _found(EXAMPLE, produces_file="out/debt.md")
    assert [file.path for file in as_json.files] == ["out/graph.json"]
    assert [file.path for file in as_report.files] == [CODE_FILE, "out/debt.md"]
    assert as_report.files[1].content == as_report.text
    assert as_json.files[0].content == as_report.files[0].content


@pytest.mark.parametrize(
    ("artifact", "focus"),
    [
        ("DependencyMap", Focus.DEPENDENCIES),
        ("TechnicalDebt", Focus.DEBT),
        ("MonolithStructure", Focus.STRUCTURE),
        ("ServiceBoundaries", Focus.BOUNDARIES),
        ("ChangeHistory", Focus.HISTORY),
        ("CurrentState", Focus.OVERALL),
    ],
)
async def test_evidence_is_about_what_the_artifact_asks_for(artifact: str, focus: Focus) -> None:
    """Artifacts of one plan get different evidence from one analysis."""
    assert focus_of(Artifact(id=artifact)) is focus
    found = await _found(EXAMPLE, id=artifact)
    assert found.data["focus"] == focus.value
    assert found.claims


async def test_different_artifacts_share_one_analysis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked at the same time the analysis is made once; a changed file makes it anew."""
    (tmp_path / "only.py").write_text("x = 1\n")
    made: list[Path] = []

    def counting(root: Path) -> object:
        made.append(root)
        return history(root)

    monkeypatch.setattr("prefect_harmonic.tasks.agents.code_analyzer.analysis.history", counting)
    await asyncio.gather(*(_found(tmp_path, id=name) for name in ("A", "B", "C", "D")))
    assert len(made) == 1
    (tmp_path / "only.py").write_text("x = 1\ny = 22\n")
    await _found(tmp_path)
    assert len(made) == 2


async def test_no_project_is_a_gap_and_no_analysis() -> None:
    """Without a project there is low confidence, one gap, and only the file the artifact needs."""
    bare, with_report = await _found(None), await _found(None, produces_file="a.md")
    assert (bare.files, len(bare.gaps)) == ((), 1)
    assert bare.confidence < 0.3
    assert [file.path for file in with_report.files] == ["a.md"]
    assert SUMMARY_LENGTH[0] <= len(bare.summary)


async def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    """A project that is not there is not the same as one without code."""
    with pytest.raises(AgentError, match="is not there"):
        await _found(tmp_path / "nowhere")


async def test_empty_project_is_a_gap(tmp_path: Path) -> None:
    """Nothing to analyse gives low confidence, and says so."""
    found = await _found(tmp_path)
    assert found.confidence < 0.3
    assert "no Python code" in found.gaps[0]
    assert json.loads(found.files[0].content)["modules"] == 0


async def test_other_languages_are_measured_for_size(tmp_path: Path) -> None:
    """Code that is not Python has its functions measured, and the gap is named."""
    (tmp_path / "main.go").write_text("package main\nfunc main() {\n  if true {\n  }\n}\n")
    found = await _found(tmp_path)
    assert found.data["functions"] == 1
    assert "1 .go" in found.gaps[0]


async def test_unreadable_files_lower_the_confidence(tmp_path: Path) -> None:
    """Half of the files unread is half as sure, and a gap."""
    (tmp_path / "good.py").write_text("")
    (tmp_path / "bad.py").write_text("def :")
    found = await _found(tmp_path)
    assert found.confidence < 0.5
    assert "bad.py" in found.gaps[0]


async def test_history_ranks_hot_spots(tmp_path: Path) -> None:
    """What changes often comes before what is merely complex; a subfolder has its own history."""
    project = tmp_path / "sub"
    project.mkdir()
    _git(tmp_path, "init", "-q")
    (tmp_path / "beside.py").write_text("")
    (project / "calm.py").write_text("def f(a):\n    if a and a:\n        return 1\n    return 0\n")
    for number in range(3):
        (project / "busy.py").write_text(f"def f():\n    return {number}\n\n\ndef g():\n    return 1\n")
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-q", "-m", str(number))
    found = shared.analysis(project)
    assert [(spot.module, spot.commits) for spot in found.hot_spots] == [("busy", 3), ("calm", 1)]
    assert found.history.commits == 3
    assert set(found.history.by_path) == {"busy.py", "calm.py"}


def test_reading_history_runs_nothing_the_repository_names(tmp_path: Path) -> None:
    """File monitor, pager, external diff, text conversion, hooks and signature checks stay unused."""
    mark = tmp_path / "ran"
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\necho x >> {mark}\n")
    evil.chmod(0o755)
    root = tmp_path / "repo"
    root.mkdir()
    _git(root, "init", "-q")
    (root / ".gitattributes").write_text("*.py diff=evil filter=evil\n")
    (root / "a.py").write_text("x = 1\n")
    _git(root, "add", ".")
    _git(root, "commit", "-q", "-m", "one")
    _sign(root)
    settings = {
        "core.fsmonitor": evil, "core.pager": evil, "pager.log": evil, "diff.external": evil,
        "diff.evil.textconv": evil,
        "diff.evil.command": evil, "filter.evil.clean": evil, "filter.evil.smudge": evil, "gpg.program": evil,
        "log.showSignature": "true", "core.hooksPath": tmp_path, "core.sshCommand": evil, "credential.helper": evil,
    }  # fmt: skip
    for name, value in settings.items():
        _git(root, "config", name, str(value))
    mark.unlink(missing_ok=True)
    assert history(root).commits == 1
    assert not mark.exists()
    _git(root, "log", "--format=%H", "--ext-diff", "--textconv", "--patch")
    assert len(mark.read_text().splitlines()) > 1, "the traps do not work, so that nothing was tested"


def test_folder_without_git_has_no_history(tmp_path: Path) -> None:
    """The reason is told; no history is a gap only for what rests on it."""
    (tmp_path / "a.py").write_text("x = 1\n")
    assert history(tmp_path).problem == "it is not under git"


async def test_missing_history_is_a_gap_for_debt_alone(tmp_path: Path) -> None:
    """The structure of the code does not need a history."""
    (tmp_path / "a.py").write_text("def f():\n    return 1\n")
    debt, structure = await _found(tmp_path, id="TechnicalDebt"), await _found(tmp_path, id="ModuleStructure")
    assert (len(debt.gaps), debt.limits) == (1, debt.gaps), "no search brings a history"
    assert structure.gaps == ()
    assert debt.confidence < structure.confidence


async def test_what_static_analysis_cannot_show_is_a_gap() -> None:
    """Asked for behaviour at run time, the evidence says that it does not answer that."""
    slow = await _found(EXAMPLE, id="BottleneckAnalysis")
    assert "run time" in slow.gaps[0]
    assert slow.confidence == 0.5
    assert (slow.limits, slow.gaps[0] in slow.text) == (slow.gaps, True), "nobody searches for it, and its page says so"
    scores = await _found(EXAMPLE, id="CandidateScoring", produces_file="analysis/scoring.md")
    assert (scores.claims, scores.risks, "modules" in scores.data) == ((), (), False), "of what is not in the code"
    assert [file.path for file in scores.files] == ["analysis/scoring.md"]


def test_specialist_is_declared() -> None:
    """The registry knows the agent, and that it depends on the project's files."""
    assert CODE_ANALYZER.name == "code-analyzer"
    assert CODE_ANALYZER.is_reading_project


async def test_every_module_belongs_to_a_service_or_is_said_not_to() -> None:
    """Proposals and what is in none of them add up to the whole project."""
    found = await _found(EXAMPLE, description="Candidate service boundaries")
    services, outside = found.data["services"], found.data["outside_services"]
    assert isinstance(services, list)
    assert isinstance(outside, list)
    assert sum(each["modules"] for each in (*services, *outside)) == found.data["modules"]  # type: ignore[index,call-overload,misc]  # records of figures
    assert "belong to none of them" in " ".join(claim.text for claim in found.claims)
    assert all(claim.sources for claim in found.claims), "also of a service that imports no other"
