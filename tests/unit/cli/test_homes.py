"""Folders that begin with `~`, which a shell leaves alone within an option and a form never reads."""

from pathlib import Path

import pytest

from prefect_harmonic.deployments.cli.main import exit_code
from prefect_harmonic.errors import UnknownHomeError
from prefect_harmonic.planners.models.recording import Recording
from prefect_harmonic.planners.user_path import user_path
from prefect_harmonic.tasks.knowledge_address import default_place
from prefect_harmonic.tasks.workspace import Workspace

NOBODYS = "~no-such-user/folder"
WITH_A_MODEL = ("plan", "Build an API", "--model", "openai:m", "--base-url", "http://127.0.0.1:1/v1")


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", NOBODYS),
        ("resume", NOBODYS),
        ("serve", "--workspace", NOBODYS),
        ("plan", "Build an API", "--project", NOBODYS),
        ("plan", "Build an API", "--methods", NOBODYS),
        ("plan", "Build an API", "--model", f"vllm-local:{NOBODYS}"),
        (*WITH_A_MODEL, "--record", NOBODYS),
        (*WITH_A_MODEL, "--replay", NOBODYS),
        ("vllm", "serve", NOBODYS),
        ("vllm", "install", "--cpu", "--into", NOBODYS),
    ],
)
def test_home_of_nobody_is_bad_usage(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """One line says which path it is."""
    assert exit_code(arguments) == 2
    assert f"{NOBODYS!r} begins with a home folder that is not known here" in capsys.readouterr().err


def test_home_is_that_of_the_user_wherever_a_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a folder called `~` would be made in the present one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_path("~/notes") == Recording("~/notes").folder == tmp_path / "notes"
    assert Workspace.opened("~/out").root == tmp_path / "out"
    with pytest.raises(UnknownHomeError):
        Workspace.opened(NOBODYS)


def test_place_of_the_knowledge_base_is_told_where_nobody_has_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user is a bare number."""

    def expanded(path: Path) -> Path:
        if path.parts[:1] == ("~",):
            raise RuntimeError("Could not determine home directory.")
        return path

    monkeypatch.setattr(Path, "expanduser", expanded)
    assert default_place({"PREFECT_HOME": "/srv/prefect"}) == "/srv/prefect/harmonic.db"
