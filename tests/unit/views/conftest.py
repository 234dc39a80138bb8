"""Plans and evidence for the views: the contract's plan, random plans, and a migration as agents report it."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from prefect_harmonic.planners.evidence import (
    Claim,
    Contradiction,
    Decision,
    Evidence,
    Grade,
    ProducedFile,
    Risk,
    ScoredOption,
    Source,
)
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import plan_from_document
from prefect_harmonic.tasks.views.candidates import CandidateRow
from prefect_harmonic.tasks.views.report import ArtifactState, PhaseEvaluation, ReportInput

_MIGRATION = {
    "goal": "Migrate to microservices",
    "requirements": ["analyse", "boundaries", "no downtime"],
    "artifacts": [
        {"id": "CurrentStructure", "agent": "code-analyzer", "phase": "analyse", "covers": "analyse"},
        {"id": "ServicePatterns", "agent": "researcher", "phase": "analyse"},
        {
            "id": "ServiceBoundaries",
            "description": "Which parts become services.",
            "requires": ["CurrentStructure", "ServicePatterns"],
            "agent": "decision-log",
            "phase": "design",
            "covers": "boundaries",
        },
        {"id": "BillingContract", "requires": "ServiceBoundaries", "agent": "builder", "phase": "build"},
        {
            "id": "DataSplit",
            "requires": "ServiceBoundaries",
            "agent": "builder",
            "phase": "build",
            "estimated_hours": 5.0,
        },
        {"id": "Rollout", "requires": ["DataSplit", "BillingContract"], "agent": "builder", "phase": "build"},
    ],
}


@pytest.fixture
def rest_plan() -> ArtifactGraph:
    """A small plan with two phases and a requirement that nothing covers."""
    document = {
        "goal": "Build a REST API with auth",
        "requirements": ["REST API", "auth", "rate limiting"],
        "artifacts": [
            {"id": "UserProtocol", "description": "What a user is.", "phase": "design", "covers": "REST API"},
            {
                "id": "UserModel",
                "description": "Users as they are stored.",
                "contract": "Passwords only as hashes.",
                "requires": {"id": "UserProtocol", "because": "implements its fields"},
                "consumes": ["user fields"],
                "produces": ["user model"],
                "produces_file": "src/models/user.py",
                "agent": "builder",
                "estimated_hours": 3.0,
                "phase": "build",
                "covers": "auth",
            },
            {"id": "UserRoutes", "requires": ["UserModel", "UserProtocol"], "agent": "builder", "phase": "build"},
        ],
    }
    return ArtifactGraph(plan_from_document(document))


@pytest.fixture
def random_plan() -> Callable[[int, int], ArtifactGraph]:
    """Makes a plan of so many artifacts in up to nine waves, from a seed."""

    def plan(size: int, seed: int) -> ArtifactGraph:
        draw = random.Random(seed)
        artifacts: list[dict[str, Any]] = []
        for number in range(size):
            earlier = [artifact["id"] for artifact in artifacts[max(0, number - size // 4) : number]]
            required = draw.sample(earlier, min(len(earlier), draw.choice([0, 1, 1, 2, 3])))
            phase = f"phase {number * 5 // size}"
            artifacts.append({"id": f"Part{number:03d}", "requires": required, "phase": phase})
        return ArtifactGraph(plan_from_document({"goal": f"A plan of {size}", "artifacts": artifacts}))

    return plan


@pytest.fixture
def migration() -> ReportInput:
    """A migration to services: measured cycles, a contradiction, two decisions, one failure and what it blocked."""
    graph = ArtifactGraph(plan_from_document(_MIGRATION))
    cycle = Source(path="shop/billing/invoice.py", line=12, quote="from shop.orders import total", grade=Grade.MEASURED)
    rule = Source(
        path="docs/architecture.md", line=40, quote="Billing | orders share one table", grade=Grade.DOCUMENTED
    )
    slow = Claim(text="Deployments take 50 minutes", sources=(rule,), confidence=0.7)
    quick = Claim(
        text="Deployments take 5 minutes",
        sources=(Source(path="docs/runbook.md", line=3),),
        confidence=0.6,
    )
    evidence = (
        Evidence(
            artifact="CurrentStructure",
            agent="code-analyzer",
            summary="The project has 41 modules in 3 packages with two import cycles.",
            confidence=0.92,
            claims=(
                Claim(text="Billing and orders import each other.", sources=(cycle,), confidence=0.95),
                Claim(text="Nobody owns the ledger", confidence=0.9),
            ),
            gaps=("Nobody documented the nightly export",),
            data={
                "module_count": 41,
                "import_cycles": [
                    {
                        "modules": ["shop.billing.invoice", "shop.orders"],
                        "cheapest_cut": {"importer": "shop.orders", "imported": "shop.billing.invoice"},
                    }
                ],
                "hot_spots": [{"path": "shop/orders.py", "commits": 88, "complexity": 41, "score": 0.83}],
                "boundaries": [
                    {"name": "billing", "modules": ["shop.billing.invoice"], "cohesion": 0.81, "crossing_imports": 3},
                    {"name": "search", "modules": ["shop.search"], "cohesion": 0.9, "crossing_imports": 1},
                ],
            },
        ),
        Evidence(
            artifact="ServicePatterns",
            agent="researcher",
            summary="Two documents speak of deployments and do not agree.",
            confidence=0.7,
            claims=(slow, Claim(text="billing and orders import each other", sources=(rule,), confidence=0.6)),
            contradictions=(Contradiction(subject="deployment time", one=slow, other=quick),),
        ),
        Evidence(
            artifact="ServiceBoundaries",
            agent="decision-log",
            summary="Billing is separated first.",
            confidence=0.8,
            decisions=(
                Decision(
                    title="Which part becomes a service first?",
                    context="Two boundaries were proposed.",
                    options=(
                        ScoredOption(name="billing", marks={"coupling": 0.6, "value": 0.9}, score=0.78),
                        ScoredOption(
                            name="search", marks={"coupling": 0.9, "value": 0.4}, score=0.6, because="no need"
                        ),
                    ),
                    weights={"coupling": 0.4, "value": 0.6},
                    chosen="billing",
                    rationale="It changes most.",
                    sensitivity="search wins if coupling weighs more than 0.63",
                    consequences=("The ledger needs an owner.",),
                    review_date="2026-12-01",
                    file="decisions/0001-first-service.md",
                ),
            ),
            risks=(
                Risk(title="Double bookings", likelihood="medium", impact="high", mitigation="Reconcile nightly"),
                Risk(title="Slow search", likelihood="low", impact="low", mitigation="Cache"),
            ),
        ),
        Evidence(
            artifact="BillingContract",
            agent="builder",
            summary="A skeleton of the contract is written.",
            confidence=0.85,
            claims=(
                Claim(
                    text="contracts/billing.md is a skeleton of 30 lines.",
                    sources=(Source(path="contracts/billing.md", grade=Grade.MEASURED),),
                    confidence=1.0,
                ),
            ),
            data={"left": ["what `refund` answers"], "left_count": 1},
            files=(ProducedFile(path="contracts/billing.md", content="# Billing\n"),),
        ),
    )
    return ReportInput(
        graph=graph,
        evidence={found.artifact: found for found in evidence},
        states={
            "CurrentStructure": ArtifactState("kept"),
            "ServicePatterns": ArtifactState("done"),
            "ServiceBoundaries": ArtifactState("done"),
            "BillingContract": ArtifactState("done"),
            "DataSplit": ArtifactState("failed", "AgentError: the schema names no primary key"),
            "Rollout": ArtifactState("blocked", "waited for DataSplit, which failed"),
        },
        evaluations=(
            PhaseEvaluation(phase="analyse", iteration=1, confidence=0.6, gaps=("x",), outcome="continue"),
            PhaseEvaluation(phase="analyse", iteration=2, confidence=0.81, outcome="converged", rationale="all met"),
            PhaseEvaluation(
                phase="build",
                iteration=3,
                confidence=0.5,
                gaps=("Nobody documented the nightly export",),
                contradictions=("deployment time",),
                outcome="exhausted",
                rationale="Not enough yet: confidence 0.50 is under 0.70, 1 contradiction is more than 0.",
            ),
        ),
        expected_hours=dict.fromkeys(graph.order, 3.0),
        actual_seconds={"ServicePatterns": 75.0, "ServiceBoundaries": 0.4, "BillingContract": 2.5, "DataSplit": 1.0},
        expected_makespan_hours=12.5,
        run_seconds=78.9,
        candidates=(
            CandidateRow(
                id="candidate-0", style="minimal", is_selected=True, coverage=0.67, expected_makespan_hours=12.5
            ),
            CandidateRow(id="candidate-1", style="thorough", status="failed", reason="cut off | truncated"),
        ),
        reason="candidate-0 is the only valid one",
        produced_files=("report.md", "plan.json", "contracts/billing.md", "decisions/0001-first-service.md"),
    )
