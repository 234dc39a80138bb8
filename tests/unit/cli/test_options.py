"""Options of all commands, as the contract promises them."""

from pathlib import Path

import click
import pytest

from prefect_harmonic.deployments.cli.main import exit_code, harmonic
from prefect_harmonic.deployments.cli.serve_command import FLOW_PARAMETERS, FOLDERS, serve
from prefect_harmonic.flows import pursue_goal


def test_every_option_has_an_environment_variable_of_its_own_name() -> None:
    """`--max-depth` is `HARMONIC_MAX_DEPTH` wherever it occurs; those of a group have its name before theirs."""
    named = {}
    for name, command in harmonic.commands.items():
        for one in command.params:
            if isinstance(one, click.Option) and one.envvar is not None:
                (spelled,) = (each for each in one.opts if each.startswith("--"))
                named[f"{name} {spelled}"] = one.envvar == f"HARMONIC_{spelled[2:].replace('-', '_').upper()}"
    assert [where for where, is_so in named.items() if not is_so] == []
    assert "run --plan" in named


def test_options_of_serving_that_a_run_has_too_fill_in_its_form() -> None:
    """One that is taken and not handed on would hold for no run, without a word."""
    offered = {option.name for option in serve.params}
    handed_on = {*FLOW_PARAMETERS, *FOLDERS, "goal", "project", "workspace"}
    assert offered & pursue_goal.parameters.properties.keys() == handed_on


def test_model_that_cannot_be_is_told_before_a_plan_of_ones_own_is_carried_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No server of Prefect's is started for it."""

    def carried_out_in_vain(*_: object, **__: object) -> None:
        raise AssertionError("carried out with a model that cannot be")

    monkeypatch.setattr("prefect_harmonic.deployments.cli.run_command.pursue", carried_out_in_vain)
    (tmp_path / "plan.json").write_text('{"artifacts": [{"id": "Notes"}]}')
    assert exit_code(["run", "--plan", f"{tmp_path}/plan.json", "--model", "nobody:thing"]) == 2
    assert "model cannot be 'nobody:thing'" in capsys.readouterr().err
