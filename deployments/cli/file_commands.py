"""`harmonic lint`, `score` and `show`: what can be said of one plan file."""

import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from prefect_harmonic.deployments.cli.console import print_json, speaking
from prefect_harmonic.deployments.cli.options import (
    Shown,
    limit_options,
    option,
    project_option,
    shown_options,
    workers_option,
)
from prefect_harmonic.deployments.cli.output_file import write_output
from prefect_harmonic.errors import UnreadablePlanError
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.candidate import Yardstick
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.gate import Code, Finding, coverage, passed
from prefect_harmonic.planners.gate import lint as linted
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.plan import Plan, plan_from_json
from prefect_harmonic.planners.scheduling import critical_path, expected_schedule
from prefect_harmonic.tasks.agents.names import installed_agent_names

_MOST_OF_A_CODE = 100
"""Findings of one code that are listed unless all are asked for."""


def read_plan(file: str) -> Plan:
    """The plan in a file, or on stdin for `-`.

    Raises:
        UnreadablePlanError: There is no such file, or it holds no plan.
    """
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UnreadablePlanError(file, reason.lower()) from None
    return plan_from_json(content, file)


def provided_by(project: str | None) -> frozenset[str]:
    """What a project provides to be consumed; nothing without one. Raises `ProjectNotFoundError`."""
    if project is None:
        return frozenset()
    from prefect_harmonic.tasks.project import project_context

    return project_context(project).provides


@click.command()
@click.argument("file")
@project_option
@limit_options
@shown_options
def lint(file: str, project: str | None, limits: ArtifactLimits, shown: Shown) -> int:
    """List what the gate finds in the plan FILE, one finding a line."""
    plan = read_plan(file)
    findings = linted(plan, limits=limits, agents=installed_agent_names(), provided=provided_by(project))
    if shown.json:
        print_json({"findings": [finding.to_document() for finding in findings]})
    elif not shown.quiet:
        _print_findings(findings, every=shown.verbose)
    return int(any(finding.is_error for finding in findings))


def _print_findings(findings: Sequence[Finding], *, every: bool) -> None:
    """One finding a line; of a code that is found hundreds of times the first ones, and on stderr how many are left."""
    shown: Counter[Code] = Counter()
    left: Counter[Code] = Counter()
    for finding in findings:
        if every or shown[finding.code] < _MOST_OF_A_CODE:
            shown[finding.code] += 1
            click.echo(str(finding))
        else:
            left[finding.code] += 1
    for code, number in sorted(left.items()):
        click.echo(f"harmonic: {number:,} more of {code.value}; --verbose or --json lists them all", err=True)


@click.command()
@click.argument("file")
@project_option
@limit_options
@workers_option
@shown_options
def score(file: str, project: str | None, limits: ArtifactLimits, workers: int, shown: Shown) -> None:
    """Print metrics and expected makespan of the plan FILE."""
    plan = read_plan(file)
    yardstick = Yardstick(limits=limits, provided=provided_by(project), workers=workers)
    graph = passed(plan, limits=limits, agents=installed_agent_names(), provided=yardstick.provided)
    durations = EffortModel().durations(graph)
    document = {
        "metrics": metrics_of(graph).model_dump(mode="json"),
        "coverage": coverage(plan.artifacts, plan.requirements),
        "expected_makespan_hours": expected_schedule(graph, durations, workers).makespan,
        "critical_path": list(critical_path(graph, durations)),
    }
    if shown.json:
        print_json(document)
        return
    from prefect_harmonic.deployments.cli.tables import print_metrics

    print_metrics(speaking(shown), document)


@click.command()
@click.argument("file")
@option("--out", metavar="PAGE.html", help="Where to write the page; beside the plan if left out.")
@option(
    "--against",
    metavar="OTHER",
    help="Another plan file; draw what FILE changes. Where a run has carried out OTHER, what it made counts as made.",
)
@project_option
@limit_options
@workers_option
@shown_options
def show(
    file: str,
    out: str | None,
    against: str | None,
    project: str | None,
    limits: ArtifactLimits,
    workers: int,
    shown: Shown,
) -> None:
    """Draw the plan FILE as one self-contained page, on wish with what it changes against another plan."""
    if file == against == "-":
        raise click.UsageError("only one of the two plans can come from stdin; give the other one as a file")
    gate = partial(passed, limits=limits, agents=installed_agent_names(), provided=provided_by(project))
    graph = gate(read_plan(file))
    before = gate(read_plan(against)) if against else None
    page = _page_beside(file, out, against)
    from prefect_harmonic.tasks.synthesis import difference_rows, page_of_difference, page_of_plan
    from prefect_harmonic.tasks.views.changes import changes_words, difference_table

    made = made_beside(against, before) if against and before else frozenset()
    text = (
        page_of_difference(graph, before, workers=workers, made=made)
        if before
        else page_of_plan(graph, workers=workers)
    )
    write_output(page, text)
    changes = difference_rows(graph, before, made) if before else ()
    if shown.json:
        print_json({"page": str(page)} | ({"changes": difference_table(changes)} if before else {}))
    if before:
        speaking(shown).print(f"{changes_words(changes)}.", markup=False)
    speaking(shown).print(f"Open {page} in a browser.", markup=False)


def made_beside(file: str, graph: ArtifactGraph) -> frozenset[str]:
    """Artifacts of a plan that a run has made, where the plan is the one that lies in a run's workspace."""
    from prefect_harmonic.tasks.ledger import Ledger
    from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

    path = Path(file)
    if file == "-" or path.name != "plan.json" or not (path.parent / LEDGER_FOLDER).is_dir():
        return frozenset()
    made = {entry.evidence.artifact for entry in Ledger(Workspace(path.parent.resolve())).entries()}
    return frozenset(made & graph.artifacts.keys())


def _page_beside(file: str, out: str | None, against: str | None) -> Path:
    """Where the page goes; never over a plan."""
    page = Path(out) if out else Path("plan.html" if file == "-" else file).with_suffix(".html")
    if out is None and page.exists() and (page.parent / ".harmonic").is_dir():
        raise click.UsageError(f"{page} is the page of a run, which shows more; name another file with --out")
    for plan in (file, against):
        if plan not in (None, "-") and page.exists() and page.samefile(str(plan)):
            raise click.UsageError(f"{page} is the plan itself; name another file for the page with --out")
    return page
