"""A pipeline: stages in order, a gate after each.

A pipeline is a value that says which stage is next; being told what that stage found, it gives the pipeline after it.
It always ends: every way of going back or adding is counted.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.coordinators.gate import (
    GateDecision,
    GateLimits,
    GateVerdict,
    Tries,
    gate_decision,
)
from prefect_harmonic.planners.coordinators.handing_over import HandOver, handed_over
from prefect_harmonic.planners.evidence import Evidence, summarised


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: what it is called, what it is to find out, and who does it (chosen by its words if left out).

    `origin` is the position of the stage it was inserted for, among the stages that the pipeline began with; `attempt`
    counts from 1.
    """

    title: str
    content: str
    agent: str = ""
    origin: int | None = None
    attempt: int = 1

    @property
    def name(self) -> str:
        """Its title, with the attempt where it is not the first."""
        return self.title if self.attempt == 1 else f"{self.title} (attempt {self.attempt})"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stage that was done, what it found, and what the gate said."""

    stage: Stage
    evidence: Evidence
    decision: GateDecision


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages in order, those done so far with what they found.

    >>> pipeline = Pipeline.of([Stage("Gather", "Find the figures."), Stage("Rank", "Put them in order.")])
    >>> found = Evidence(artifact="Gather", agent="researcher", summary="Found.", confidence=0.8)
    >>> pipeline = pipeline.after(found)
    >>> pipeline.next.name, sorted(pipeline.inputs), pipeline.history[-1].decision.verdict.value
    ('Rank', ['Gather'], 'proceed')

    Attributes:
        left: The stages to come, the next one first.
        done: What holds: each stage that was passed, with its position among the first stages and its evidence.
        history: All that was done, in order, also what was done again later.
        mode: How much of earlier stages a stage is given.
        limits: What the gate asks for.
        stopped: Why it was escalated, if it was.
    """

    left: tuple[Stage, ...]
    first: tuple[Stage, ...]
    mode: HandOver = HandOver.FULL
    limits: GateLimits = field(default_factory=GateLimits)
    done: tuple[Passage, ...] = ()
    history: tuple[Passage, ...] = ()
    stopped: str = ""

    @classmethod
    def of(
        cls, stages: "list[Stage] | tuple[Stage, ...]", mode: HandOver = HandOver.FULL, limits: GateLimits | None = None
    ) -> "Pipeline":
        """A pipeline that has not begun.

        Raises:
            OptionError: There is no stage, or two have one title.
        """
        twice = sorted(title for title, count in Counter(stage.title for stage in stages).items() if count > 1)
        if twice or not stages:
            raise OptionError("stages", ", ".join(twice) or "none", "one or more stages, each with its own title")
        numbered = tuple(replace(stage, origin=None, attempt=1) for stage in stages)
        return cls(numbered, numbered, mode, limits or GateLimits())

    @property
    def next(self) -> Stage | None:
        """The stage to do now; none when the pipeline is over."""
        return self.left[0] if self.left and not self.stopped else None

    @property
    def inputs(self) -> dict[str, Evidence]:
        """What the next stage is given of those before it, and what it found before itself if it is done again."""
        given = handed_over(self.mode, [(passage.stage.title, passage.evidence) for passage in self.done])
        stage = self.next
        earlier = [each for each in self.history if stage is not None and each.stage.title == stage.title]
        return {**given, f"{earlier[-1].stage.title} before": _told_why(earlier[-1])} if earlier else given

    @property
    def not_reached(self) -> tuple[Stage, ...]:
        """The stages that were never passed."""
        return self.left

    def after(self, evidence: Evidence) -> "Pipeline":
        """The pipeline once its next stage has found this.

        Raises:
            OptionError: There is no next stage.
        """
        stage = self.next
        if stage is None:
            raise OptionError("stage", "none", "evidence only while a stage is left")
        decision = self._decided(stage, evidence)
        passage = Passage(stage, evidence, decision)
        told = replace(self, history=(*self.history, passage))
        follow = {
            GateVerdict.PROCEED: told._proceeding,
            GateVerdict.REPEAT: told._repeating,
            GateVerdict.INSERT: told._inserting,
            GateVerdict.ROLL_BACK: told._rolling_back,
            GateVerdict.ESCALATE: told._escalating,
        }
        return follow[decision.verdict](passage)

    def _decided(self, stage: Stage, evidence: Evidence) -> GateDecision:
        if stage.origin is not None:
            # An inserted stage is help, and gets none itself: that could go on for ever.
            return GateDecision(GateVerdict.PROCEED, "it was inserted, and what it found is handed on as it is")
        return gate_decision(evidence, [passage.evidence for passage in self.done], self.limits, self._tries(stage))

    def _tries(self, stage: Stage) -> Tries:
        own = [each.decision.verdict for each in self.history if each.stage.title == stage.title]
        every = Counter(each.decision.verdict for each in self.history)
        return Tries(own.count(GateVerdict.REPEAT), own.count(GateVerdict.INSERT), every[GateVerdict.ROLL_BACK])

    def _proceeding(self, passage: Passage) -> "Pipeline":
        return replace(self, done=(*self.done, passage), left=self.left[1:])

    def _repeating(self, passage: Passage) -> "Pipeline":
        return replace(self, left=(_again(passage.stage), *self.left[1:]))

    def _inserting(self, passage: Passage) -> "Pipeline":
        """What removes a blocker comes before the stage, which is done again; what closes an opening comes after it."""
        stage, about = passage.stage, passage.decision.about
        origin = next((at for at, each in enumerate(self.first) if each.title == stage.title), 0)
        content = f"{about}. It was found in the stage {stage.title!r}: {passage.decision.reason}."
        # Numbered, since a stage that is done again may ask for the same help again, and that is another stage.
        count = sum(each.decision.verdict is GateVerdict.INSERT for each in self.history)
        added = Stage(f"{about} ({count})" if count > 1 else about, content, origin=origin)
        if passage.evidence.blockers:
            return replace(self, left=(added, _again(stage), *self.left[1:]))
        return replace(self, done=(*self.done, passage), left=(added, *self.left[1:]))

    def _rolling_back(self, passage: Passage) -> "Pipeline":
        """The contradicted stage and all after it are done again; what was inserted is asked for anew if needed."""
        back_to = passage.decision.back_to or 0
        again = [each.stage for each in self.done[back_to:] if each.stage.origin is None]
        if self.done[back_to].stage.origin is not None:
            again = [self.done[back_to].stage, *again]
        first, *rest = again
        stages = tuple(_again(each) for each in (first, *rest, passage.stage))
        return replace(self, done=self.done[:back_to], left=(*stages, *self.left[1:]))

    def _escalating(self, passage: Passage) -> "Pipeline":
        return replace(self, stopped=f"{passage.stage.title!r}: {passage.decision.reason}")


def _again(stage: Stage) -> Stage:
    """The stage once more in the same words; what was wrong is among its inputs, and no part of the question."""
    return replace(stage, attempt=stage.attempt + 1)


def _told_why(passage: Passage) -> Evidence:
    """What a stage found before, with why that was not enough."""
    summary = summarised(f"Done before: {passage.decision.reason}.", passage.evidence.summary)
    return passage.evidence.model_copy(update={"summary": summary, "files": ()})
