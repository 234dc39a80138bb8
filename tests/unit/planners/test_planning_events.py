"""What a planning tells those who listen to it."""

from collections import Counter

import pytest
from support.planning import GOAL, SHAPES, planner
from support.sources import ScriptedSource, answering

from prefect_harmonic.errors import CandidateError, OptionError
from prefect_harmonic.events import Event, EventName
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import CandidateRequest


async def test_events_come_in_order() -> None:
    """Started, each candidate generated before it is scored, all completed, refined, selected."""
    events: list[Event] = []

    async def improvement(_request: object) -> Plan | None:
        return None

    async def answer(request: CandidateRequest) -> Plan:
        if request.variation.index == 1:
            raise CandidateError("no")
        return SHAPES[3]

    source = ScriptedSource(answer, improvement)
    await planner(source, candidates=2, refinement_rounds=1, on_event=events.append).outcome(GOAL)
    names = [event.name for event in events]
    assert names[0] is EventName.PLANNING_STARTED
    assert names[-3:] == [EventName.CANDIDATES_COMPLETED, EventName.PLAN_REFINED, EventName.PLAN_SELECTED]
    by_subject = [(event.subject, event.name) for event in events[1:-3]]
    assert [name for subject, name in by_subject if subject == "candidate-0"] == [
        EventName.CANDIDATE_GENERATED,
        EventName.CANDIDATE_SCORED,
    ]
    assert [name for subject, name in by_subject if subject == "candidate-1"] == [EventName.CANDIDATE_FAILED]
    assert events[-1].subject == "candidate-0"
    assert events[-1].details["selected"] == "candidate-0"


async def test_events_of_several_candidates_keep_their_order() -> None:
    """No candidate is scored before it is generated, and all are settled before they are completed."""
    events: list[Event] = []
    await planner(answering(*SHAPES), on_event=events.append).outcome(GOAL)
    names = [event.name for event in events]
    settled = Counter(names[: names.index(EventName.CANDIDATES_COMPLETED)])
    assert settled == {
        EventName.PLANNING_STARTED: 1,
        EventName.CANDIDATE_GENERATED: 5,
        EventName.CANDIDATE_SCORED: 5,
    }


async def test_listener_that_raises_breaks_nothing() -> None:
    """It is a guest."""

    def listen(_event: Event) -> None:
        raise RuntimeError("no")

    quiet = await planner(answering(*SHAPES)).outcome(GOAL)
    loud = await planner(answering(*SHAPES), on_event=listen).outcome(GOAL)
    assert loud.to_document() == quiet.to_document()


def test_asynchronous_listener_is_refused() -> None:
    """It would hear nothing: what it gives is never awaited."""

    async def listen(_event: Event) -> None:
        raise AssertionError

    with pytest.raises(OptionError, match=r"on_event cannot be 'listen': give a plain function"):
        planner(answering(*SHAPES), on_event=listen)
