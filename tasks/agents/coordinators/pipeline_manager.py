"""The pipeline manager: stages in order, each told what it needs of those before, a gate after each."""

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.coordinator import Coordinator
from prefect_harmonic.planners.coordinators.gate import GateVerdict
from prefect_harmonic.planners.coordinators.pipeline import Passage, Pipeline
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.words import spaced
from prefect_harmonic.tasks.agents.coordinators.delegation import delegated
from prefect_harmonic.tasks.agents.coordinators.reading import hand_over_of, stages_of
from prefect_harmonic.tasks.agents.merging import LONGEST_TOLD, Bringing, merged
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.wording import clipped, counted, sentence, table

_METHOD = (
    "The pipeline manager does no research itself: each stage was done by an agent of its own, in this order.",
    "After each stage a gate looked at confidence, gaps, blockers and contradictions, and its verdicts are listed.",
    "A stage that was done again was told why, and what it found then replaces what it had found before.",
    "Every claim is one of a stage and has that stage's sources; none was added or reworded on the way up.",
    "Gaps that a stage could live with were handed on as open, and are told here as open where nothing closed them.",
    "The full text of each stage that stands is below, under its own title.",
)


async def manage_pipeline(assignment: Assignment) -> Evidence:
    """The stages of an assignment, one after another, and what came of them together."""
    pipeline = Pipeline.of(stages_of(assignment), hand_over_of(assignment.artifact))
    while (stage := pipeline.next) is not None:
        # What the pipeline itself was given is for its first stages; what they made of it is for the others.
        inputs = {**({} if pipeline.done else assignment.inputs), **pipeline.inputs}
        pipeline = pipeline.after(await delegated(assignment, stage.title, stage.content, stage.agent, inputs))
    return _brought_together(assignment, pipeline)


PIPELINE_MANAGER = Specialist(
    name=Coordinator.PIPELINE_MANAGER.value, call=manage_pipeline, version="1", is_reading_project=True
)


def _brought_together(assignment: Assignment, pipeline: Pipeline) -> Evidence:
    stands = [passage.evidence for passage in pipeline.done]
    last = pipeline.history[-1]
    if pipeline.stopped and not last.evidence.blockers:
        stands.append(last.evidence)  # it was not enough to go on with, and is still what there is
    unreached = [f"the stage {stage.title!r} was not reached" for stage in pipeline.not_reached[1:]]
    stopped = [f"the pipeline stopped at {pipeline.stopped}"] if pipeline.stopped else []
    gaps = [*stopped, *unreached, *(gap for each in stands for gap in each.gaps)]
    return merged(
        assignment,
        Coordinator.PIPELINE_MANAGER.value,
        stands,
        Bringing(
            told=_told(assignment, pipeline),
            method=_METHOD,
            lines=["## What the gate said", "", table(["stage", "verdict", "why"], map(_row, pipeline.history))],
            gaps=tuple(dict.fromkeys(gaps)),
            confidence=_confidence(pipeline, stands),
            # Only a blocker means that the thing is not there; too little confidence is for the evaluation to judge.
            blockers=last.evidence.blockers if pipeline.stopped else (),
            data={
                "stages_count": len(pipeline.first),
                "passages_count": len(pipeline.history),
                "verdicts": [passage.decision.verdict.value for passage in pipeline.history],
                "hand_over": pipeline.mode.value,
            },
        ),
    )


def _row(passage: Passage) -> list[str]:
    return [passage.stage.name, passage.decision.verdict.value, passage.decision.reason]


def _confidence(pipeline: Pipeline, stands: list[Evidence]) -> float:
    """A chain is as sure as its weakest stage; what was not reached is not sure at all."""
    weakest = min((evidence.confidence for evidence in stands), default=0.0)
    reached = 1 - len(pipeline.not_reached) / (len(pipeline.not_reached) + len(pipeline.done))
    return round(weakest * reached, 3)


def _told(assignment: Assignment, pipeline: Pipeline) -> list[str]:
    names = ", ".join(clipped(stage.title, 60) for stage in pipeline.first)
    others = [each for each in pipeline.history if each.decision.verdict is not GateVerdict.PROCEED]
    told = [f"On {clipped(spaced(assignment.artifact.id), 80)}, in stages: {names}."]
    if pipeline.stopped:
        told.append(sentence(f"It stopped at {pipeline.stopped}"))
    told += [clipped(passage.evidence.summary, LONGEST_TOLD) for passage in pipeline.done[::-1]]
    if others and not pipeline.stopped:
        told.insert(1, f"The gate intervened {counted(len(others), 'time')}.")
    return told
