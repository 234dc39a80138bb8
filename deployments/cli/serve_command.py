"""`harmonic serve`: placeholder until deployments/serve.py lands."""

import click


@click.command()
def serve() -> None:
    """Serve."""
