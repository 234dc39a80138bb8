"""`harmonic plan`: candidates, the choice and the plan, without starting anything."""

import asyncio
from dataclasses import replace
from pathlib import Path

import click
from rich.markup import escape

from prefect_harmonic.deployments.cli.console import print_json, speaking
from prefect_harmonic.deployments.cli.options import (
    PlanningChoice,
    Shown,
    option,
    planning_options,
    project_option,
    shown_options,
)
from prefect_harmonic.deployments.cli.output_file import check_output, write_output
from prefect_harmonic.deployments.cli.tables import print_candidates, print_plan
from prefect_harmonic.deployments.cli.usage_table import print_usage
from prefect_harmonic.deployments.cli.waiting import Waiting, showing
from prefect_harmonic.errors import OptionError
from prefect_harmonic.events import EventCallback
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.models.choosing import model_for, source_from
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.specialist_wording import SPECIALIST_PURPOSES
from prefect_harmonic.planners.models.wording import PURPOSES, prompt
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.soundness import PlanJudge
from prefect_harmonic.planners.sources.source import CandidateSource
from prefect_harmonic.tasks.agents.names import installed_agent_names
from prefect_harmonic.tasks.experience import Looking, read_experience


@click.command()
@click.argument("goal")
@option("--output", "-o", metavar="FILE", help="Write the plan to this file; to stdout for '-'.")
@click.option(
    "--show-prompts",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, is_wanted: show_prompts(context) if is_wanted else None,
    help="Show what a language model is told, and end.",
)
@project_option
@planning_options
@shown_options
def plan(goal: str, output: str | None, project: str | None, planning: PlanningChoice, shown: Shown) -> None:
    """Make plans for GOAL, choose the best, and say why."""
    is_piped = output == "-"
    if is_piped and shown.json:
        raise click.UsageError("give --json or --output -, not both: each is all that is on stdout")
    if output is not None and not is_piped:
        check_output(output)
    outcome = planned_here(goal, planning, project, is_quiet=shown.quiet)
    if output is not None and not is_piped:
        write_output(Path(output), outcome.graph.plan.to_json())
    if shown.json or is_piped:
        print_json(outcome.graph.plan.to_document() if is_piped else outcome.to_document())
        shown = replace(shown, json=True)  # what is for people goes to stderr
    console = speaking(shown)
    console.print(f"[bold]Goal:[/] {escape(outcome.goal)}")
    print_candidates(console, outcome.summary())
    print_usage(console, outcome.usage)
    if not shown.json:
        print_plan(console, outcome.graph, planning.options.workers, outcome.effort)
    if output is not None and not is_piped:
        console.print(f"Written to {escape(output)}; carry it out with: harmonic run --plan {escape(output)}")


def show_prompts(context: click.Context) -> None:
    """Prints every prompt as it stands in its file, with the places that are filled in, and ends the command."""
    for purpose in (*PURPOSES, *SPECIALIST_PURPOSES):
        click.echo(f"===== {purpose} =====\n{prompt(purpose)}\n")
    context.exit()


def planned_here(goal: str, planning: PlanningChoice, project: str | None, *, is_quiet: bool) -> PlanningOutcome:
    """Plans in this process, without Prefect. Where a model is waited for, that is shown."""
    agents = installed_agent_names()
    model = chosen_model(planning)
    source = source_from(model, methods=planning.methods, agents=agents, fallback=planning.fallback_model)
    judge, options = judge_of_plans(model) if planning.judge else None, planning.options
    if planning.record or planning.replay:
        options = options.unlearned()
    context = None
    if project is not None:
        from prefect_harmonic.tasks.project import project_context

        context = project_context(project)

    async def planned(on_event: EventCallback | None = None) -> PlanningOutcome:
        experience = await read_experience(Looking.by(options, model=planning.model, project=project))
        planner = HarmonicPlanner.with_options(
            options, source=source, agents=agents, experience=experience, judge=judge, on_event=on_event
        )
        return await planner.outcome(goal, context)

    if model is None:
        return asyncio.run(planned())
    with showing(Waiting(model.label, options.effective().candidates), is_quiet=is_quiet) as waiting:
        return asyncio.run(planned(waiting))


def chosen_source(planning: PlanningChoice, agents: frozenset[str]) -> CandidateSource:
    """What proposes plans, as the options say. Raises `InputError` where they cannot be used."""
    model = chosen_model(planning)
    if planning.judge:
        judge_of_plans(model)
    return source_from(model, methods=planning.methods, agents=agents, fallback=planning.fallback_model)


def chosen_model(planning: PlanningChoice) -> LanguageModel | None:
    """The model that the options name, if they name one. Raises `InputError` where they cannot be used."""
    return model_for(
        planning.model,
        planning.base_url,
        record=planning.record,
        replay=planning.replay,
        fallback=planning.fallback_model,
    )


def judge_of_plans(model: LanguageModel | None) -> PlanJudge:
    """Who judges candidates. Raises `OptionError` where there is no model to do it."""
    if model is None:
        raise OptionError("judge", "true", "a model as well, such as --model openai:NAME")
    from prefect_harmonic.planners.models.plan_judge import ModelPlanJudge

    return ModelPlanJudge(model)
