"""The command `harmonic`."""

from prefect_harmonic.deployments.cli.main import main

__all__ = ["main"]
