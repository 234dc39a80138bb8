"""`harmonic vllm`: vLLM in an environment of its own, and as a server that planning talks to."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import click
from pydantic import SecretStr
from rich.console import Console

from prefect_harmonic.deployments.cli.console import print_json, speaking
from prefect_harmonic.deployments.cli.options import Decorator, NumberRange, Shown, shown_options
from prefect_harmonic.deployments.vllm.environment import VllmEnvironment, environment_with_vllm, own_folder
from prefect_harmonic.deployments.vllm.launch import Launch
from prefect_harmonic.deployments.vllm.server import VllmServer, started
from prefect_harmonic.planners.models.choice import KEY_VARIABLES, VLLM, key_in
from prefect_harmonic.planners.user_path import user_path


def vllm_option(*names: str, **settings: Any) -> Decorator:  # click's own settings
    """An option with its environment variable `HARMONIC_VLLM_…`."""
    variable = "HARMONIC_VLLM_" + max(names, key=len).removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_envvar=True, **{"show_default": True, **settings})


@click.group()
def vllm() -> None:
    """Serve a language model of your own with vLLM, for `--model vllm:NAME`."""


@vllm.command()
@vllm_option("--cpu", is_flag=True, help="The build for the processor, rather than for NVIDIA's GPUs.")
@vllm_option("--into", metavar="DIR", help="Folder of the environment; the one that `serve` looks in if left out.")
@vllm_option("--with-python", metavar="PATH", help="Python 3.11, 3.12 or 3.13 to make it with; this one if left out.")
@vllm_option("--force", is_flag=True, help="Make it anew if it is there already.")
@shown_options
def install(cpu: bool, into: str | None, with_python: str | None, force: bool, shown: Shown) -> None:
    """Install vLLM into an environment of its own. It is large: 2 GB for the processor, 10 GB for GPUs."""
    from prefect_harmonic.deployments.vllm.installation import Installation, has_nvidia_driver, installed

    console = speaking(shown)
    folder = user_path(into).absolute() if into else own_folder(os.environ)
    if not cpu and not has_nvidia_driver():
        console.print("There is no NVIDIA driver on this machine; --cpu installs the build for the processor.")
    wanted = Installation.into(folder, is_cpu=cpu, python=with_python, environment=os.environ)
    found = installed(
        wanted, os.environ, is_anew=force, say=lambda text: console.print(text, markup=False, soft_wrap=True)
    )
    named = f" --python {folder}" if into else ""
    console.print(
        f"vLLM {found.version} is installed. Next: harmonic vllm serve MODEL{named}", markup=False, soft_wrap=True
    )
    if shown.json:
        print_json({"python": str(found.python), "version": found.version, "cpu": found.is_cpu})


@vllm.command()
@click.argument("model", metavar="MODEL")
@click.argument("extra", nargs=-1, metavar="[-- VLLM_ARGUMENTS]")
@vllm_option("--python", metavar="PATH", help="A Python that has vLLM; the environment of `install` if left out.")
@vllm_option("--name", metavar="NAME", help="What clients call the model; its folder's or its own name if left out.")
@vllm_option("--host", default="127.0.0.1", help="Address to listen at.")
@vllm_option("--port", type=click.IntRange(1, 65535), default=8000, help="Port to listen at.")
@vllm_option(
    "--max-model-len", type=click.IntRange(min=64), help="Tokens of a question with its answer; 16384 where possible."
)
@vllm_option(
    "--gpu-memory-utilization",
    type=NumberRange(0, 1, min_open=True),
    help="Share of the GPU's memory to take; vLLM's own choice if left out.",
)
@vllm_option("--wait", type=NumberRange(min=1), default=1800.0, help="Seconds that it may take to start.")
@vllm_option("--log", metavar="FILE", help="File for what vLLM says; one for each port if left out.")
@shown_options
def serve(model: str, extra: tuple[str, ...], python: str | None, wait: float, log: str | None, **others: Any) -> None:
    """Serve MODEL, a folder or a name on the Hugging Face hub, until Ctrl-C.

    Starts vLLM with what planning wants of it, waits until it has really answered, and says how to plan with it.
    What stands after -- goes to vLLM. With VLLM_API_KEY (or HARMONIC_API_KEY) set, clients have to show that key.
    """
    shown: Shown = others.pop("shown")
    key = key_in(os.environ, KEY_VARIABLES[VLLM])
    launch = Launch.of(model, extra=extra, api_key=SecretStr(key) if key else None, **others)
    environment = environment_with_vllm(python, os.environ)
    console = speaking(shown)
    file = user_path(log).absolute() if log else _usual_log(launch.port)
    pause = _Following(file) if shown.verbose else time.sleep
    with (
        suppress(KeyboardInterrupt),
        _stopped_by_sigterm(),
        started(launch, environment, file, os.environ) as server,
    ):
        _say_started(console, server, environment)
        server.wait_until_answering(wait, pause=pause)
        _say_ready(console, server, shown)
        server.wait_until_ended(pause=pause)
    console.print("Stopped.")


def _usual_log(port: int) -> Path:
    given = os.environ.get("XDG_STATE_HOME")
    home = Path(given) if given and Path(given).is_absolute() else Path.home() / ".local" / "state"
    return home / "prefect-harmonic" / f"vllm-{port}.log"


def _say_started(console: Console, server: VllmServer, environment: VllmEnvironment) -> None:
    launch, build = server.launch, " on the processor" if environment.is_cpu else ""
    console.print(
        f"Starting vLLM {environment.version}{build} with {launch.model}; log: {server.log}",
        markup=False,
        soft_wrap=True,
    )
    if launch.is_open:
        console.print(
            f"Whoever reaches {launch.host} can use it: set VLLM_API_KEY to ask for a key.",
            markup=False,
            soft_wrap=True,
        )


def _say_ready(console: Console, server: VllmServer, shown: Shown) -> None:
    launch = server.launch
    model, address = f"vllm:{launch.name}", launch.base_url
    if shown.json:
        print_json({"model": model, "base_url": address, "pid": server.process.pid, "log": str(server.log)})
    console.print(
        f'Ready. Plan with: harmonic plan "…" --model {model} --base-url {address}', markup=False, soft_wrap=True
    )
    console.print("Stop with Ctrl-C.")


class _Following:
    """Sleeps, and shows on stderr what was written to a log meanwhile."""

    def __init__(self, log: Path) -> None:
        self._log, self._place = log, 0

    def __call__(self, seconds: float) -> None:
        time.sleep(seconds)
        with self._log.open("rb") as file:
            file.seek(self._place)
            click.echo(file.read(), err=True, nl=False)
            self._place = file.tell()


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Has SIGTERM end the block as Ctrl-C does, so that the server is stopped on the way out."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Once is enough; what follows must not interrupt the stopping.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
