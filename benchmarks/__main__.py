"""`python -m benchmarks [NAME …] [--quick]`: runs benchmarks and prints what they measured.

The exit status says only whether a benchmark broke down, never whether a target was met: a figure taken on a busy
machine is for people to judge.
"""

import argparse
import importlib
import os
import platform
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from time import perf_counter

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure, Said, Saying

BENCHMARKS = {
    "planning_overhead": "five candidates beside one, with a model that answers after half a second",
    "execution_overhead": "artifacts that do nothing, beside the same graph written by hand with Prefect",
    "makespan": "our schedule on real graphs, beside the shortest that is possible",
    "correlation": "what ranks alternatives for the same work, beside the time they really take",
    "foretelling": "the time of a run foretold from earlier runs, beside the time it really takes",
    "scale": "the gate and the metrics on 10,000 artifacts",
    "embedded": "the planner that needs no model",
    "single_shot": "one plan asked for once, beside the best of several after refinement",
    "reuse": "for which goals a plan that served before is offered, and for which wrongly",
    "evaluators": "planted contradictions and gaps: what is found of them, and what is taken for one",
    "documents_asked": "questions asked of documents that the researcher has never seen",
    "padding": "a plan with work added that nobody asked for, beside the plan without it",
    "missing_dependency": "a plan with a dependency left out, beside the whole one",
    "replanning": "what one changed finding costs in a plan of 200 artifacts",
}
"""The benchmarks, each a module of this package, and what each one compares."""

console = Console()


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmarks that are named, or all of them, and gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure; nothing is asserted.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and smaller inputs")
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.names) - set(BENCHMARKS)):
        parser.error(f"there is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    # The log lines of hundreds of task runs would bury the tables. They still go to the server, as for any user.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    console.print(circumstances())
    broken = [name for name in chosen.names or BENCHMARKS if not _is_run(name, quick=chosen.quick)]
    if broken:
        console.print(f"[bold red]Broken down: {', '.join(broken)}[/]")
    return int(bool(broken))


def circumstances() -> str:
    """Under which circumstances the figures are taken."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"Python {platform.python_version()}, Prefect {version('prefect')}, {platform.system()}, "
        f"{os.cpu_count()} cores{load}"
    )


def _is_run(name: str, *, quick: bool) -> bool:
    """Runs one benchmark and prints its table, and says whether it got to its end."""
    started = perf_counter()
    said: list[Said] = []
    is_whole = True
    try:
        saying: Saying = importlib.import_module(f"benchmarks.{name}").measured(quick=quick)
        said.extend(saying)
    except Exception:  # one broken benchmark must not cost the figures of the others
        traceback.print_exc()
        is_whole = False
    _print(name, said, perf_counter() - started)
    return is_whole


def _print(name: str, said: Sequence[Said], seconds: float) -> None:
    table = Table(title=f"{name}: {BENCHMARKS[name]}", title_justify="left", caption=f"{seconds:.0f} s in all")
    table.add_column("measured")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("target", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for figure in said:
        if isinstance(figure, Figure):
            table.add_row(figure.name, figure.shown, str(figure.target or ""), figure.verdict)
    if table.row_count:
        console.print(table)
    for remark in said:
        if not isinstance(remark, Figure):
            console.print(f"{name}: {remark.text}", markup=False, highlight=False, soft_wrap=True)
    console.print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
