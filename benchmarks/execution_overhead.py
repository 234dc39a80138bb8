"""What `execute_plan` costs an artifact, beside the same graph written by hand with Prefect.

The artifacts do nothing, so that all that is measured is overhead: of Prefect on both sides, of finding out what may
start, of the books that a run can be resumed from, and of the events. By hand means what a user would write: one
`submit` an artifact with `wait_for`, then waiting for all of them; once with asynchronous and once with synchronous
tasks. Each is a flow run of its own on the same server, with as many workers. The time is that of the flow's body:
starting and ending a run cost the same on all sides, and a synchronous flow a second more.
"""

import asyncio
import gc
import tempfile
from collections.abc import Callable
from statistics import median
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING, Any

from benchmarks.figure import Figure, Remark, Saying, at_most
from benchmarks.layered import layered_plan
from benchmarks.prefect_server import completed_task_runs, local_server
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture

MAX_PARALLEL = 4
AGENT = "idler"
SETTLING_SECONDS = 120
"""How long at most the server may take to work off one run's events before the next run is timed."""

Seconds = Callable[[ArtifactGraph], float]


def measured(*, quick: bool) -> Saying:
    """Milliseconds an artifact on each side, and our share of theirs, for each size."""
    yield Remark(f"{MAX_PARALLEL} workers on every side; medians of the times of the flows' bodies")
    with local_server():
        for size in (30,) if quick else (100, 500):
            yield from _compared(size, repetitions=1 if quick else 3)


def _compared(size: int, repetitions: int) -> Saying:
    graph = layered_plan(size, agent=AGENT)
    rivals = {"ours": ours, "async tasks by hand": asynchronous_by_hand, "sync tasks by hand": synchronous_by_hand}
    taken: dict[str, list[float]] = {name: [] for name in rivals}
    for turn in range(repetitions):
        for name in sorted(rivals, key=lambda name: (list(rivals).index(name) + turn) % len(rivals)):
            before = completed_task_runs()
            gc.collect()
            taken[name].append(rivals[name](graph) * 1000 / size)
            _let_server_settle(before + size)
    medians = {name: median(times) for name, times in taken.items()}
    for name, milliseconds in medians.items():
        yield Figure(f"{size} artifacts: {name}, each", milliseconds, "ms", digits=1)
    for name in list(rivals)[1:]:
        yield Figure(f"{size} artifacts: ours over {name}", medians["ours"] / medians[name], "", at_most(1), 2)


def _let_server_settle(expected: int) -> None:
    """Waits until the server knows of everything that was run, which it works off in the background."""
    deadline = monotonic() + SETTLING_SECONDS
    while completed_task_runs() < expected and monotonic() < deadline:
        sleep(0.5)


async def idle(assignment: Assignment) -> Evidence:
    """The specialist that does nothing."""
    return Evidence(artifact=assignment.artifact.id, agent=AGENT, summary="Nothing was done.", confidence=1)


def ours(graph: ArtifactGraph) -> float:
    """Seconds that the body of `execute_plan` takes, in a new workspace.

    Without what starting a flow run costs, which both sides pay alike.
    """
    from prefect import flow

    from prefect_harmonic.flows.execution import Execution, opened_production
    from prefect_harmonic.tasks.agents.current import using_agents
    from prefect_harmonic.tasks.agents.registry import Specialist
    from prefect_harmonic.tasks.workspace import Workspace

    @flow(name="benchmark-execution", persist_result=False)
    async def executed(workspace: str) -> float:
        started = perf_counter()
        execution = Execution(opened_production(graph, Workspace.opened(workspace)), MAX_PARALLEL)
        await execution.carry_out(graph.artifacts)
        seconds = perf_counter() - started
        if not all(one.is_finished for one in execution.outcome.artifacts.values()):
            raise RuntimeError("not every artifact was made")
        return seconds

    with tempfile.TemporaryDirectory() as workspace, using_agents(Specialist(name=AGENT, call=idle)):
        return asyncio.run(executed(workspace))


def _runner() -> Any:  # Prefect types its thread runner as no task runner
    from prefect.task_runners import ThreadPoolTaskRunner

    return ThreadPoolTaskRunner(max_workers=MAX_PARALLEL)


def asynchronous_by_hand(graph: ArtifactGraph) -> float:
    """Seconds that the graph takes as asynchronous tasks, submitted in an asynchronous flow."""
    from prefect import flow, task

    @task(name="idle-async", task_run_name="{name}", persist_result=False)
    async def idled(name: str) -> str:
        return name

    @flow(name="by-hand-async", task_runner=_runner(), persist_result=False)
    async def by_hand() -> float:
        started = perf_counter()
        futures: dict[str, PrefectFuture[Any]] = {}
        for name in graph.order:
            futures[name] = idled.submit(
                name, return_state=False, wait_for=[futures[one] for one in graph.requirements_of(name)]
            )
        for future in futures.values():
            future.result()
        return perf_counter() - started

    return asyncio.run(by_hand())


def synchronous_by_hand(graph: ArtifactGraph) -> float:
    """Seconds that the graph takes as synchronous tasks, submitted in a synchronous flow."""
    from prefect import flow, task

    @task(name="idle-sync", task_run_name="{name}", persist_result=False)
    def idled(name: str) -> str:
        return name

    @flow(name="by-hand-sync", task_runner=_runner(), persist_result=False)
    def by_hand() -> float:
        started = perf_counter()
        futures: dict[str, PrefectFuture[Any]] = {}
        for name in graph.order:
            futures[name] = idled.submit(
                name, return_state=False, wait_for=[futures[one] for one in graph.requirements_of(name)]
            )
        for future in futures.values():
            future.result()
        return perf_counter() - started

    return by_hand()
