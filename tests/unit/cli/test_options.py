"""Options of all commands, as the contract promises them."""

import click

from prefect_harmonic.deployments.cli.main import harmonic
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
