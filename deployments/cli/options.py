"""The options that commands share. Each has an environment variable of its own name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from math import isnan
from typing import Any, ParamSpec, TypeVar

import click

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.options import MAX_WORKERS, HoursFrom, PlanningOptions
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.variance import MAX_CANDIDATES, VarianceStrategy

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Command = Callable[..., Any]
Decorator = Callable[[Command], Command]


class NumberRange(click.FloatRange):
    """Numbers within bounds. What is called `nan` is none, although no bound is crossed by it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number that a text stands for."""
        number: float = super().convert(value, param, ctx)
        if isnan(number):
            self.fail(f"{value!r} is no number.", param, ctx)
        return number


def option(*names: str, **settings: Any) -> Decorator:  # click's own settings
    """An option of click's with its environment variable `HARMONIC_…`, shown in the help."""
    spelled = next(name for name in names if name.startswith("--")).split("/")[0]
    variable = "HARMONIC_" + spelled.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_envvar=True, **{"show_default": True, **settings})


@dataclass(frozen=True, slots=True)
class Shown:
    """How much is said, and to whom."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False


_SHOWN: Sequence[Decorator] = (
    option("--json", is_flag=True, help="One JSON document on stdout; everything else goes to stderr."),
    option("--quiet", "-q", is_flag=True, help="Say nothing but errors."),
    option("--verbose", "-v", is_flag=True, help="Say more."),
)

_LIMITS: Sequence[Decorator] = (
    option("--max-artifacts", type=click.IntRange(min=1), default=50, help="Artifacts in a plan at most."),
    option("--max-depth", type=click.IntRange(min=1), default=10, help="Artifacts on one chain at most."),
)

_WORKERS = option("--workers", type=click.IntRange(1, MAX_WORKERS), default=4, help="The parallelism to plan for.")
_PROJECT = option("--project", metavar="DIR", help="Folder of the code that the goal is about.")

_PLANNING: Sequence[Decorator] = (
    option(
        "--candidates", "-n", type=click.IntRange(1, MAX_CANDIDATES), default=5, help="Plans to generate and compare."
    ),
    option(
        "--variance",
        type=click.Choice([strategy.value for strategy in VarianceStrategy]),
        default=VarianceStrategy.PROMPTING.value,
        help="What is varied between the candidates.",
    ),
    option("--refine", type=click.IntRange(0, 10), default=1, help="Attempts to make the winner better."),
    option("--harmonic/--no-harmonic", default=True, help="Compare several candidates, or make do with one."),
    option(
        "--scorer",
        type=click.Choice([scorer.value for scorer in Scorer]),
        default=Scorer.EXPECTED_MAKESPAN.value,
        help="By what valid candidates are ranked.",
    ),
    option(
        "--hours",
        type=click.Choice([source.value for source in HoursFrom]),
        default=HoursFrom.HISTORY.value,
        help="Hours of artifacts: what earlier ones took, where known (history), or by effort alone (default).",
    ),
    option(
        "--reuse/--no-reuse",
        "reuse_plans",
        default=True,
        help="Offer a plan that served a similar goal as a candidate.",
    ),
    option("--seed", type=int, default=0, help="Seed for whatever is drawn at random."),
    option("--methods", metavar="DIR", help="Folder with planning methods of your own (YAML)."),
    option("--model", metavar="NAME", help="Language model: openai:NAME, vllm:NAME, vllm-local:FOLDER; or none."),
    option("--base-url", metavar="URL", help="Address of the model's server."),
    option("--fallback-model", metavar="NAME", help="Another model, or 'embedded', where the first one fails."),
    option("--record", metavar="DIR", help="Keep every exchange with the model in this folder."),
    option("--replay", metavar="DIR", help="Take the model's answers from this folder, without any model."),
    option("--judge", is_flag=True, help="Have the model say how sound each valid candidate is, beside the figures."),
)


def decorated(command: Command, decorators: Sequence[Decorator]) -> Command:
    """A command with decorators applied so that they are listed in their order."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def shown_options(command: Command) -> Command:
    """Adds `--json`, `--quiet` and `--verbose`, given to the command as `shown`."""

    @wraps(command)
    def with_shown(*args: Any, json: bool, quiet: bool, verbose: bool, **others: Any) -> Any:
        return command(*args, shown=Shown(json, quiet, verbose), **others)

    return decorated(with_shown, _SHOWN)


def limit_options(command: Command) -> Command:
    """Adds `--max-artifacts` and `--max-depth`, given to the command as `limits`."""

    @wraps(command)
    def with_limits(*args: Any, max_artifacts: int, max_depth: int, **others: Any) -> Any:
        return command(*args, limits=ArtifactLimits(max_artifacts=max_artifacts, max_depth=max_depth), **others)

    return decorated(with_limits, _LIMITS)


def project_option(command: Command) -> Command:
    """Adds `--project`."""
    return _PROJECT(command)


def workers_option(command: Command) -> Command:
    """Adds `--workers`."""
    return _WORKERS(command)


@dataclass(frozen=True, slots=True)
class PlanningChoice:
    """What was said about planning on the command line."""

    options: PlanningOptions
    methods: str | None = None
    model: str | None = None
    base_url: str | None = None
    fallback_model: str | None = None
    record: str | None = None
    replay: str | None = None
    judge: bool = False


def planning_options(command: Command) -> Command:
    """Adds everything that says how to plan, given to the command as `planning`."""

    @wraps(command)
    def with_planning(
        *args: Any,
        candidates: int,
        variance: str,
        refine: int,
        harmonic: bool,
        scorer: str,
        hours: str,
        reuse_plans: bool,
        seed: int,
        methods: str | None,
        model: str | None,
        base_url: str | None,
        fallback_model: str | None,
        record: str | None,
        replay: str | None,
        judge: bool,
        workers: int,
        limits: ArtifactLimits,
        **others: Any,
    ) -> Any:
        options = PlanningOptions(
            candidates=candidates,
            variance=VarianceStrategy(variance),
            refinement_rounds=refine,
            scorer=Scorer(scorer),
            workers=workers,
            limits=limits,
            harmonic=harmonic,
            seed=seed,
            hours=HoursFrom(hours),
            reuse_plans=reuse_plans,
        )
        choice = PlanningChoice(options, methods, model, base_url, fallback_model, record, replay, judge)
        return command(*args, planning=choice, **others)

    return limit_options(workers_option(decorated(with_planning, _PLANNING)))
