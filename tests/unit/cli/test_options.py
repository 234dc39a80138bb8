"""Options of all commands, as the contract promises them."""

import click

from prefect_harmonic.deployments.cli.main import harmonic


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
