"""What a run that pursues something was asked for, and what it begins with because of that."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prefect_harmonic.flows.asking import OnEscalation, default_way
from prefect_harmonic.flows.beginning import Beginning
from prefect_harmonic.flows.context import context_provider
from prefect_harmonic.flows.counsel import Counsel, EvaluatorKind, clock_of, counsel_of, on_account, phases_at_once
from prefect_harmonic.flows.plan_execution import accepted
from prefect_harmonic.flows.planning_request import PlanningRequest
from prefect_harmonic.flows.predecessor import running_in
from prefect_harmonic.flows.rules import Rules
from prefect_harmonic.flows.specialists import SpecialistKind, specialists_of
from prefect_harmonic.planners.budget import BudgetLimits
from prefect_harmonic.planners.goal import checked_goal
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.deciding import ReplanLimits
from prefect_harmonic.planners.programme.evaluation import Criteria
from prefect_harmonic.tasks.logs import bridge_to_runs
from prefect_harmonic.tasks.model_account import ModelAccount
from prefect_harmonic.tasks.pursuit_state import pursuit_key
from prefect_harmonic.tasks.recording import check_knowledge_address
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class PursuitRequest(PlanningRequest):
    """The parameters of a run that pursues something; the flow's docstring says what each means."""

    workspace: str
    plan: Plan | None
    tree_depth: int
    max_parallel: int | None
    retries: int
    timeout_seconds: float | None
    criteria: Criteria
    max_replans: int
    on_escalation: OnEscalation | None
    answer_within: float
    approve_changes: bool
    budget: BudgetLimits | None
    specialists: SpecialistKind
    evaluator: EvaluatorKind
    tool_servers: str | None

    @property
    def rules(self) -> Rules:
        """What the pursuit goes by."""
        return Rules(
            options=self.options,
            criteria=self.criteria,
            replans=ReplanLimits(max_replans=self.max_replans),
            way=self.on_escalation or default_way(),
            patience_seconds=self.answer_within,
            approves=self.approve_changes,
            phases_at_once=phases_at_once(record=self.record, replay=self.replay),
        )

    def counsel(self, model: LanguageModel | None, account: ModelAccount | None) -> Counsel:
        """Whom the pursuit asks. Raises as `counsel_of` does."""
        return counsel_of(model, account, judges_plans=self.judge, evaluator=self.evaluator)

    @asynccontextmanager
    async def begun(self, *parts: object) -> AsyncIterator[Beginning]:
        """What the pursuit begins with. Its workspace is leased within, and its specialists are the run's.

        Args:
            parts: What the state in the workspace must belong to, beside the goal and the plan.

        Raises:
            InputError: A parameter cannot be used.
            InvalidPlanError: The gate refuses the plan that was given.
        """
        bridge_to_runs()
        check_knowledge_address()
        model, account = on_account(self.language_model())
        counsel = self.counsel(model, account)
        source, rules = self.source(model), self.rules
        context = context_provider(self.project, self.workspace)
        goal, plan = self.goal, self.plan
        if plan is None:
            goal = checked_goal(goal)
        else:
            plan = plan if plan.goal else plan.model_copy(update={"goal": goal})
            accepted(plan, rules.options.limits, await context())
        workspace = Workspace.opened(self.workspace)
        with workspace.leased(), specialists_of(model, self.specialists, self.tool_servers):
            clock = clock_of(record=self.record, replay=self.replay)
            async with running_in(workspace):
                yield Beginning(
                    goal=goal,
                    plan=plan,
                    source=source,
                    rules=rules,
                    context=context,
                    workspace=workspace,
                    log=RunLog(workspace.root / "events.jsonl", clock=clock),
                    key=pursuit_key(goal, plan, parts),
                    max_parallel=self.max_parallel,
                    retries=self.retries,
                    timeout_seconds=self.timeout_seconds,
                    budget=self.budget,
                    tree_depth=self.tree_depth,
                    counsel=counsel,
                )
