"""`python -m benchmarks.vllm.in_process`: the same measurements with the engine in this process (`vllm-local:`).

Run by a Python that has vLLM. Without a model, one of random weights is made on the spot, as for the server.

    .venv-vllm/bin/python -m benchmarks.vllm.in_process                 # on the processor, with the tiny model
    python -m benchmarks.vllm.in_process --shape 8b                     # on a GPU, the size of a model in use
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.figure import Figure, Said
from benchmarks.random_model import SHAPES, make_model
from benchmarks.vllm.measures import Measured, bounded, from_the_cache, right_plans, side_by_side
from prefect_harmonic.deployments.vllm.probe import Probe
from prefect_harmonic.planners.models.choice import ModelChoice
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.models.engine.hosts import close_all, host_for
from prefect_harmonic.planners.sources.source import CandidateSource

_BOUNDS = {"HARMONIC_MODEL_PAUSE": "0", "HARMONIC_MODEL_RETRIES": "0", "HARMONIC_MODEL_TIMEOUT": "900"}


class MeasuredInProcess(Measured):
    """An engine in this process, and how it is asked.

    Args:
        model: A model's folder or name.
        files: Files of the project that every question describes.
        most: Artifacts in a plan at most.
        settings: Variables of the engine, beside those that are set.
    """

    def __init__(self, model: str, files: int, most: int, settings: dict[str, str]) -> None:
        super().__init__(Probe("http://127.0.0.1", model), files, most)
        self.environment = {**os.environ, **_BOUNDS, **settings}
        self.name = f"vllm-local:{model}"

    def source(self, record: str | None = None, tokens: int | None = None) -> CandidateSource:
        """A source of candidates whose usage begins at nothing; the engine is the same."""
        return source_for(self.name, environment=self.environment | bounded(tokens), record=record)

    async def start(self) -> float:
        """Seconds until the engine answers."""
        engine = ModelChoice.read(self.name, None, self.environment).engine
        assert engine is not None
        begun = perf_counter()
        await host_for(engine).ready()
        return perf_counter() - begun


def main(arguments: Sequence[str]) -> None:
    """Measures, and prints a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vllm.in_process", description="Nothing is asserted.")
    parser.add_argument("--model", help="folder or hub name of a model; one of random weights if left out")
    parser.add_argument("--shape", choices=SHAPES, default="tiny", help="size of the model of random weights")
    parser.add_argument("--files", type=int, default=200, help="files that every question lists")
    parser.add_argument("--artifacts", type=int, default=12, help="artifacts in a plan at most")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--plans", type=int, default=50)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        shape = SHAPES[options.shape]
        model = options.model or str(make_model(Path(folder) / options.shape, shape))
        is_made_up = options.model is None and not shape.is_weighted
        settings = {"HARMONIC_VLLM_LOAD_FORMAT": "dummy"} if is_made_up else {}
        measured = MeasuredInProcess(model, options.files, options.artifacts, settings)
        load = f"{os.getloadavg()[0]:.1f}"
        said = asyncio.run(_all(measured, options.repeats, options.plans))
        close_all()
    print(f"{_device()}; in process; {options.model or options.shape}; load {load}\n")
    print("| | measured | target |\n|---|---|---|")
    for each in said:
        if isinstance(each, Figure):
            print(f"| {each.name} | {each.shown} | {f'{each.target} {each.verdict}' if each.target else ''} |")
        else:
            print(f"\n{each.text}")


async def _all(measured: MeasuredInProcess, repeats: int, plans: int) -> list[Said]:
    said: list[Said] = [Figure("start of the engine", await measured.start(), "s", digits=1)]
    said += await side_by_side(measured, repeats)
    said += await from_the_cache(measured, repeats)
    return said + await right_plans(measured, plans)


def _device() -> str:
    from vllm.platforms import current_platform

    return f"{os.cpu_count()} cores" if current_platform.is_cpu() else str(current_platform.get_device_name())


if __name__ == "__main__":
    main(sys.argv[1:])
