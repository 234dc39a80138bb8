"""What is said of a run in one line."""

from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.tasks.run_outcome import ArtifactOutcome, RunOutcome


def test_headline_says_that_skeletons_are_skeletons() -> None:
    """What its maker left open is not passed off as finished work."""
    done = ArtifactOutcome(state=ArtifactState.DONE)

    outcome = RunOutcome(artifacts={"A": done, "B": done.model_copy(update={"left_open": 3})})

    told = "all 2 artifacts are there: 1 done, 1 skeleton with parts left to be written"
    assert outcome.headline() == told


def test_headline_counts_what_was_not_made() -> None:
    """Failed and blocked artifacts stand in the first words."""
    states = {"A": ArtifactState.DONE, "B": ArtifactState.FAILED, "C": ArtifactState.BLOCKED}

    outcome = RunOutcome(artifacts={name: ArtifactOutcome(state=state) for name, state in states.items()})

    assert outcome.headline() == "2 of 3 artifacts were not made: 1 blocked, 1 done, 1 failed"
    assert not outcome.to_document()["complete"]


def test_headline_says_what_was_made_without_the_model() -> None:
    """What the embedded specialist made in its place is not passed off as the model's."""
    done = ArtifactOutcome(state=ArtifactState.DONE)
    alone = done.model_copy(update={"model_failure": "the model server answered 500"})

    outcome = RunOutcome(artifacts={"A": done, "B": alone, "C": alone})

    told = "all 3 artifacts are there: 3 done; 2 without the model (the model server answered 500)"
    assert outcome.headline() == told
