"""`python -m benchmarks.vllm`: a real vLLM server, started for this or running already, and what planning takes of it.

Without a model, one with random weights is made on the spot (`--shape`): what it says means nothing, but how long it
takes, what the cache holds and whether answers keep to their schema is real. The table names the device.

    make bench-vllm                                           # on the processor, with the tiny model
    python -m benchmarks.vllm --shape 8b --python VENV        # on a GPU, the size of a model in use
    python -m benchmarks.vllm --model Qwen/Qwen3-8B --python VENV
    python -m benchmarks.vllm --base-url http://gpu-box:8000/v1 --model NAME --device 'NVIDIA H100'
"""

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from benchmarks.figure import Figure, Said
from benchmarks.random_model import SHAPES
from benchmarks.vllm.measures import Measured, after_cancelling, from_the_cache, right_plans, side_by_side
from prefect_harmonic.deployments.vllm.environment import VllmEnvironment, environment_with_vllm
from prefect_harmonic.deployments.vllm.launch import Launch
from prefect_harmonic.deployments.vllm.probe import Probe
from prefect_harmonic.deployments.vllm.server import started

ROOT = Path(__file__).parents[2]
_ASK_DEVICE = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"


def main(arguments: Sequence[str]) -> int:
    """Measures, and prints a table in Markdown."""
    options = _read(arguments)
    with ExitStack() as running:
        probe, heading = _server(options, running)
        measured = Measured(probe, options.files, options.artifacts)
        said = asyncio.run(_all(measured, options.repeats, options.plans))
    table = "\n".join(_table(heading, said)) + "\n"
    print(table)
    if options.out:
        Path(options.out).write_text(table, encoding="utf-8")
    return 0


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vllm", description="Measure; nothing is asserted.")
    parser.add_argument("--model", help="folder or hub name of a model; one of random weights if left out")
    parser.add_argument("--shape", choices=SHAPES, default="tiny", help="size of the model of random weights")
    parser.add_argument("--python", help="a Python that has vLLM, or its environment's folder")
    parser.add_argument("--base-url", help="a server that is running already")
    parser.add_argument("--device", help="what the server runs on; asked of its Python if left out")
    parser.add_argument("--port", type=int, default=8377)
    parser.add_argument("--files", type=int, default=200, help="files that every question lists")
    parser.add_argument("--artifacts", type=int, default=12, help="artifacts in a plan at most")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--plans", type=int, default=50)
    parser.add_argument("--out", help="file for the table")
    parser.add_argument("extra", nargs="*", help="arguments for vLLM, after --")
    options = parser.parse_args(arguments)
    if options.base_url and not options.model:
        parser.error("--base-url needs --model, the name that the server has for it")
    return options


def _server(options: argparse.Namespace, running: ExitStack) -> tuple[Probe, list[str]]:
    """The server, answering, and what is said of it."""
    load = f"{os.getloadavg()[0]:.1f}"
    if options.base_url:
        key = os.environ.get("VLLM_API_KEY")
        probe = Probe(options.base_url, options.model, key)
        return probe, [f"{options.device or urlsplit(options.base_url).hostname}; {options.model}; load {load} here"]
    environment = environment_with_vllm(options.python, os.environ)
    folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
    model, extra = options.model, tuple(options.extra)
    if model is None:
        model = str(folder / options.shape)
        # With the tokenizer's packages, which are where vLLM is.
        made = [str(environment.python), "-m", "benchmarks.random_model", model, options.shape]
        subprocess.run(made, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}"})
        extra = (*(() if SHAPES[options.shape].is_weighted else ("--load-format", "dummy")), *extra)
    launch = Launch.of(model, port=options.port, extra=extra)
    start = perf_counter()
    server = running.enter_context(started(launch, environment, folder / "vllm.log", os.environ))
    server.wait_until_answering(1800)
    ready = perf_counter() - start
    name = options.model or f"a Llama of random weights, shape {options.shape}"
    told = f"{options.device or _device(environment)}; vLLM {environment.version}; {name}; load {load} before"
    return server.probe, [told, f"From start to the first answer: {ready:.1f} s"]


def _device(environment: VllmEnvironment) -> str:
    """The name of the GPU, or else of the processor."""
    asked = subprocess.run(
        [str(environment.python), "-c", _ASK_DEVICE], capture_output=True, text=True, check=False, timeout=120
    )
    if asked.stdout.strip() and not environment.is_cpu:
        return asked.stdout.strip()
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{named[0] if named else platform.machine()}, {os.cpu_count()} cores, no GPU"


async def _all(server: Measured, repeats: int, plans: int) -> list[Said]:
    said = await side_by_side(server, repeats)
    said += await from_the_cache(server, repeats)
    said += await after_cancelling(server, repeats)
    return said + await right_plans(server, plans)


def _table(heading: Sequence[str], said: Sequence[Said]) -> Iterator[str]:
    yield "  \n".join(heading)
    yield ""
    yield "| | measured | target |"
    yield "|---|---|---|"
    for each in said:
        if isinstance(each, Figure):
            yield f"| {each.name} | {each.shown} | {f'{each.target} {each.verdict}' if each.target else ''} |"
    for each in said:
        if not isinstance(each, Figure):
            yield f"\n{each.text}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
