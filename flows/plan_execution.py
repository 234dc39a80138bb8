"""Carrying out a whole plan as a flow run."""

from typing import Any

from prefect_harmonic.events import EventName
from prefect_harmonic.flows.context import context_provider
from prefect_harmonic.flows.execution import Execution, opened_production
from prefect_harmonic.flows.failing import of_unmade, outcome_flow
from prefect_harmonic.flows.model_parameters import FallbackModel, RecordFolder, ReplayFolder
from prefect_harmonic.flows.naming import named
from prefect_harmonic.flows.parameters import (
    MaxArtifacts,
    MaxDepth,
    MaxParallel,
    Model,
    ModelUrl,
    PlanDocument,
    ProjectFolder,
    Retries,
    Timeout,
    WorkspaceFolder,
)
from prefect_harmonic.flows.predecessor import running_in
from prefect_harmonic.flows.specialists import SpecialistKind, ToolServersFile, specialists_of
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.gate import passed
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.models.choosing import model_for
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.tasks.agents.current import current_agents
from prefect_harmonic.tasks.workspace import Workspace


def accepted(plan: Plan, limits: ArtifactLimits, context: ProjectContext) -> ArtifactGraph:
    """A plan that was given as a graph, if the gate lets it pass. Raises `InvalidPlanError`."""
    return passed(plan, limits=limits, agents=frozenset(current_agents()), provided=context.provides)


@outcome_flow(name="execute-plan", flow_run_name=named("carry out"))
async def execute_plan(
    plan: PlanDocument,
    workspace: WorkspaceFolder = "harmonic-out",
    project: ProjectFolder = None,
    max_parallel: MaxParallel = 4,
    retries: Retries = 1,
    timeout_seconds: Timeout = None,
    max_artifacts: MaxArtifacts = 50,
    max_depth: MaxDepth = 10,
    model: Model = None,
    base_url: ModelUrl = None,
    fallback_model: FallbackModel = None,
    record: RecordFolder = None,
    replay: ReplayFolder = None,
    tool_servers: ToolServersFile = None,
) -> dict[str, Any]:
    """Carries out a plan: one task run an artifact, each as soon as what it requires is done.

    Args:
        plan: A plan to carry out as it is: the JSON of a plan file.
        workspace: Folder that takes what is made, on the machine that runs this. Give each goal its own: the same goal
            in the same folder repeats nothing that is done, and only one run at a time may use it.
        project: Folder of the code that the goal is about, on the machine that runs this. It is only read.
        max_parallel: How many artifacts are made at the same time at most.
        retries: How often a failed artifact is tried again, where that may help.
        timeout_seconds: How many seconds one artifact may take. No limit if left out.
        max_artifacts: A plan with more artifacts is refused.
        max_depth: A plan with a longer chain of artifacts is refused.
        model: The language model that specialists ask, such as openai:NAME, vllm:NAME or vllm-local:FOLDER. Left empty,
            they need none. Its key is taken from the environment of the run.
        base_url: Address of the model's server, if it speaks the protocol of OpenAI's chat completions.
        fallback_model: Another model for what the first one fails to give; specialists without a model do what none
            gives, unless this is "none".
        record: Folder in which every exchange with the model is kept.
        replay: Folder with such exchanges, from which all answers are taken without any model.
        tool_servers: File (YAML) that names MCP servers with further tools, and which tools of each may be called.

    Returns:
        Where every artifact ended, as plain JSON: `{"complete": …, "artifacts": {id: {"state": …}}, …}`. It is returned
        also where artifacts were not made; the flow run is then shown as failed, and the caller decides what follows.

    Raises:
        InvalidPlanError: The gate refuses the plan; nothing was started.
        InputError: The workspace, the project or an agent of the plan cannot be used.
    """
    context = await context_provider(project, workspace)()
    graph = accepted(plan, ArtifactLimits(max_artifacts=max_artifacts, max_depth=max_depth), context)
    chosen = model_for(model, base_url, record=record, replay=replay, fallback=fallback_model)
    opened = Workspace.opened(workspace)
    with opened.leased(), specialists_of(chosen, SpecialistKind.MODEL, tool_servers):
        production = opened_production(graph, opened, context)
        execution = Execution(production, max_parallel, retries, timeout_seconds)
        production.log.tell(EventName.RUN_STARTED, graph.goal, artifacts=len(graph))
        async with running_in(opened):
            await execution.carry_out(graph.artifacts)
        production.log.tell(EventName.RUN_COMPLETED, graph.goal, **execution.outcome.counts)
    return of_unmade(execution.outcome.to_document())
