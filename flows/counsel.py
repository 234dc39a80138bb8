"""What a language model does for a run beside making plans and artifacts: it judges findings, plans and changes.

Owns that all of it goes on one account, and what a run does differently so that it can be recorded and played again.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from prefect_harmonic.errors import OptionError
from prefect_harmonic.flows.rules import PHASES_AT_ONCE
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.programme.judgement import PhaseJudge
from prefect_harmonic.planners.soundness import PlanJudge
from prefect_harmonic.planners.sources.embedded_remainder import EmbeddedRemainder
from prefect_harmonic.planners.sources.remainder import RemainderSource
from prefect_harmonic.planners.user_path import user_path
from prefect_harmonic.tasks.model_account import ModelAccount
from prefect_harmonic.tasks.recording import Recording
from prefect_harmonic.tasks.run_log import current_time
from prefect_harmonic.tasks.workspace import Workspace

JudgePlans = Annotated[bool, Field(title="Judge plans")]


class EvaluatorKind(StrEnum):
    """Who judges findings in a run that has a model."""

    MODEL = "model"
    RULES = "rules"


Evaluator = Annotated[EvaluatorKind, Field(title="Evaluator")]

BEGUN = "begun.json"
"""The file of a recording that says when the run began, so that a replay takes place on the same day."""


@dataclass(frozen=True, kw_only=True)
class Counsel:
    """Whom a run asks for judgement.

    Attributes:
        account: What the run asks of its model; nothing where it has none.
        judge: Judges findings after each phase, beside the rules.
        plan_judge: Judges candidates, beside their figures.
        remainder: Proposes changed plans.
    """

    account: ModelAccount | None = None
    judge: PhaseJudge | None = None
    plan_judge: PlanJudge | None = None
    remainder: RemainderSource = field(default_factory=EmbeddedRemainder)

    def write_into(self, workspace: Workspace) -> None:
        """Has what is asked of the model written into the books of a workspace from here on."""
        if self.account is not None:
            self.account.write_into(workspace)

    @contextmanager
    def kept_by(self, recording: Recording | None) -> Iterator[None]:
        """Has the account kept against a run's budget within."""
        if self.account is None:
            yield
            return
        with self.account.kept_by(recording):
            yield


def on_account(model: LanguageModel | None) -> tuple[LanguageModel | None, ModelAccount | None]:
    """A run's model with all that is asked of it on one account, and the account."""
    if model is None:
        return None, None
    # What follows loads pydantic-ai.
    from prefect_harmonic.planners.models.metered import metered

    account = ModelAccount(model.label)
    return metered(model, account), account


def counsel_of(
    model: LanguageModel | None,
    account: ModelAccount | None,
    *,
    judges_plans: bool,
    evaluator: EvaluatorKind = EvaluatorKind.MODEL,
) -> Counsel:
    """Whom a run with this model asks.

    Args:
        model: The run's model, if it has one.
        account: What it is asked on.
        judges_plans: Whether it judges candidates.
        evaluator: Whether it judges findings, or the rules do so alone.

    Raises:
        OptionError: Plans are to be judged, and there is no model.
    """
    if model is None:
        if judges_plans:
            raise OptionError("judge", "true", "a model as well, such as --model openai:NAME")
        return Counsel()
    from prefect_harmonic.planners.models.evaluator import ModelJudge
    from prefect_harmonic.planners.models.plan_judge import ModelPlanJudge
    from prefect_harmonic.planners.models.remainder import ModelRemainder

    return Counsel(
        account=account,
        judge=ModelJudge(model) if evaluator is EvaluatorKind.MODEL else None,
        plan_judge=ModelPlanJudge(model) if judges_plans else None,
        remainder=ModelRemainder(model, EmbeddedRemainder() if model.is_embedded_allowed else None),
    )


def phases_at_once(*, record: str | None, replay: str | None) -> int:
    """How many phases are carried out at the same time: one after the other in a run that is recorded or replayed.

    Of phases at the same time, what is known when one of them ends is a matter of luck, and so is what is asked then.
    """
    return 1 if record or replay else PHASES_AT_ONCE


def clock_of(*, record: str | None, replay: str | None) -> Callable[[], datetime]:
    """The clock of a run: a replay goes by the day on which the recorded run began.

    Raises:
        OptionError: The folder to record into cannot be written.
    """
    if record:
        _note_begin(user_path(record))
    begun = _noted_begin(user_path(replay)) if replay else None
    if begun is None:
        return current_time
    behind = current_time() - begun
    return lambda: current_time() - behind


def _note_begin(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BEGUN).write_text(json.dumps({"version": 1, "begun": current_time().isoformat()}) + "\n")
    except OSError as error:
        raise OptionError("record", str(folder), f"a folder that can be written ({error.strerror})") from None


def _noted_begin(folder: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads((folder / BEGUN).read_text(encoding="utf-8"))["begun"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
