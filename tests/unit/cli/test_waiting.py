"""What is shown while a model is waited for."""

from prefect_harmonic.deployments.cli.waiting import Waiting
from prefect_harmonic.events import Event, EventName


def test_whoever_waits_is_told_for_whom_how_far_and_how_long() -> None:
    """A candidate that is asked for again is not counted twice; then the winner is asked about once more."""
    times = iter((0.0, 3.0, 70.0, 80.0))
    waiting = Waiting("openai:\x1b[2J", 2, clock=lambda: next(times))
    told = [waiting.__rich__().plain]
    for subject in ("candidate-0", "candidate-0"):
        waiting(Event(name=EventName.CANDIDATE_SCORED, subject=subject))
    told.append(waiting.__rich__().plain)
    waiting(Event(name=EventName.CANDIDATE_FAILED, subject="candidate-1"))
    told.append(waiting.__rich__().plain)
    assert [one.partition("asking ")[2] for one in told] == [
        "openai:\\x1b[2J: 0 of 2 candidates, 3 s",
        "openai:\\x1b[2J: 1 of 2 candidates, 70 s",
        "openai:\\x1b[2J: 2 candidates, and the winner once more, 80 s",
    ]
