"""A goal becomes the best of N plans, and the plan becomes a live, durable, replannable Prefect flow.

Prefect imports this module in servers, workers and block look-ups (entry point `prefect.collections`), so it
stays light: nothing is imported here that is not in the standard library.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("prefect-harmonic")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
