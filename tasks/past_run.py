"""Keeping a pursuit that has ended for later planning to learn from."""

from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.planners.experience.past_run import PastRun
from prefect_harmonic.planners.experience.reuse import without_closings
from prefect_harmonic.tasks.experience import project_identity
from prefect_harmonic.tasks.pursuit_state import PursuitState
from prefect_harmonic.tasks.recording import Recording
from prefect_harmonic.tasks.run_outcome import RunOutcome


async def keep_past_run(
    recording: Recording,
    state: PursuitState,
    outcome: RunOutcome,
    *,
    project: str | None,
    workers: int,
    seconds: float | None,
) -> None:
    """Keeps a pursuit, if all of its artifacts were made. What cannot be written is said and not tried again.

    Args:
        recording: The recording of the pursuit.
        state: What was decided, and how it ended.
        outcome: Where its artifacts ended.
        project: Folder of the project that it was about.
        workers: How many artifacts were made at once.
        seconds: How long it took; none where it was not begun in this run.
    """
    if not outcome.is_complete or not outcome.artifacts:
        return
    is_in_one_go = not state.questions and all(
        one.state is not ArtifactState.KEPT for one in outcome.artifacts.values()
    )
    run = PastRun(
        id=recording.record.root,
        project=project_identity(project),
        model=str(state.parameters.get("model") or ""),
        outcome=state.outcome,
        ended_at=recording.log.clock(),
        workers=workers,
        seconds=seconds if is_in_one_go and seconds else None,
        is_declared=state.is_declared,
        planned=state.first_plan,
        proven=without_closings(state.plan, [closing.artifact for closing in state.closings]),
    )
    await recording.note(lambda _: recording.kb.keep_run(run))
