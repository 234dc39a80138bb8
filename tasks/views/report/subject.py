"""What a report is about: the plan, what was found, what became of it, and how it was judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.words import stems_of
from prefect_harmonic.tasks.agents.code_owners import NOBODY, CodeOwners
from prefect_harmonic.tasks.views.budget import BudgetRow
from prefect_harmonic.tasks.views.candidates import CandidateRow
from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation
from prefect_harmonic.tasks.views.model_use import ModelUseRow
from prefect_harmonic.tasks.views.question import QuestionRow
from prefect_harmonic.tasks.views.replanning import ReplanningRow

FINISHED = frozenset({"done", "kept"})
SKELETON = "skeleton"
"""What an artifact is called that is there with parts left to be filled in."""


@dataclass(frozen=True, slots=True)
class ArtifactState:
    """What became of an artifact, and why if it is not done."""

    state: str
    reason: str = ""


def _same(one: str, other: str) -> bool:
    """Whether two openings are one: the same stems, as in an evaluation."""
    return (stems_of(one) or one) == (stems_of(other) or other)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """Everything that the report says comes out of this.

    Attributes:
        graph: The plan as it was executed.
        evidence: What was found, by artifact.
        states: What became of each artifact.
        evaluations: Evaluations in the order in which they were made.
        expected_hours: Estimated working hours, by artifact.
        is_learned: Whether they come from what earlier runs took.
        actual_seconds: Seconds the run really spent, by artifact.
        expected_makespan_hours: Of the whole plan.
        run_seconds: Of the whole run.
        foretold: How long the run was foretold to take by earlier ones, in words.
        candidates: The candidates the plan was chosen from.
        reason: Why it won.
        produced_files: Paths in the workspace, relative to the report.
        replannings: Each change of the plan while it was carried out, in order.
        questions: What was put to a person, in order.
        budget: What was spent, and what may be.
        model_use: What was taken of the language model, by purpose.
        ending: How the run ended: `converged`, `plateaued`, `exhausted`, `stopped`, `waiting`, `budget`, …; empty
            where nobody says.
        ending_reason: Why, in a sentence.
        owners: Who answers for which files of the project, as its CODEOWNERS file says.
    """

    graph: ArtifactGraph
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    states: Mapping[str, ArtifactState] = field(default_factory=dict)
    evaluations: tuple[PhaseEvaluation, ...] = ()
    expected_hours: Mapping[str, float] = field(default_factory=dict)
    is_learned: bool = False
    actual_seconds: Mapping[str, float] = field(default_factory=dict)
    expected_makespan_hours: float | None = None
    run_seconds: float | None = None
    foretold: str = ""
    candidates: tuple[CandidateRow, ...] = ()
    reason: str = ""
    produced_files: tuple[str, ...] = ()
    replannings: tuple[ReplanningRow, ...] = ()
    questions: tuple[QuestionRow, ...] = ()
    budget: tuple[BudgetRow, ...] = ()
    model_use: tuple[ModelUseRow, ...] = ()
    ending: str = ""
    ending_reason: str = ""
    owners: CodeOwners = NOBODY

    @property
    def found(self) -> tuple[Evidence, ...]:
        """The evidence of artifacts of this plan, each after what it rests on."""
        return tuple(self.evidence[name] for name in self.graph.order if name in self.evidence)

    @property
    def unfinished_files(self) -> tuple[Evidence, ...]:
        """The evidence of artifacts that are there as skeletons, with parts left to be filled in."""
        return tuple(found for found in self.found if found.left_open)

    def closed_by(self, text: str) -> str:
        """The artifact that closed a gap or settled a contradiction of these words; empty if none did."""
        rows = (one for row in self.replannings for one in row.closings if one.is_closed)
        return next((one.artifact for one in rows if _same(one.text, text)), "")

    def state(self, artifact: str) -> str:
        """What became of an artifact; `waiting` if nothing is known."""
        known = self.states.get(artifact)
        return known.state if known else "waiting"

    def shown_state(self, artifact: str) -> str:
        """What a reader is told became of an artifact: one that is there only in outline is not called done."""
        state, found = self.state(artifact), self.evidence.get(artifact)
        return SKELETON if found is not None and found.left_open and state in FINISHED else state

    def reason_for(self, artifact: str) -> str:
        """Why an artifact is in its state; empty if nothing was said."""
        known = self.states.get(artifact)
        return known.reason if known else ""
