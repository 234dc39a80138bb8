"""Each artifact gets one specialist, with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.agent_choice import chosen_agent
from prefect_harmonic.planners.artifact import Artifact

TEAM = {
    "builder": frozenset({"model", "service", "protocol"}),
    "researcher": frozenset({"research"}),
    "decision-log": frozenset({"decision", "choice"}),
}


@pytest.mark.parametrize(
    ("artifact", "agent"),
    [
        (Artifact(id="X", agent="someone-else"), "someone-else"),
        (Artifact(id="ResearchX", domain_type="service"), "builder"),
        (Artifact(id="ResearchServiceBoundaries"), "researcher"),
        (Artifact(id="X", description="Decision between two brokers"), "decision-log"),
        (Artifact(id="X", produces_file="decisions/0001-broker.md"), "decision-log"),
        (Artifact(id="X", phase="research"), "researcher"),
        (Artifact(id="X"), "builder"),
    ],
)
def test_agent_follows_from_kind_then_words_then_phase(artifact: Artifact, agent: str) -> None:
    """A named agent wins, then the kind, then what the words say first, then the phase; making is the default."""
    assert chosen_agent(artifact, TEAM).agent == agent


def test_choice_without_specialists_is_an_error() -> None:
    """There is nobody to choose."""
    with pytest.raises(OptionError):
        chosen_agent(Artifact(id="X"), {})


@given(st.text(max_size=40), st.text(max_size=80), st.none() | st.text(max_size=20))
def test_every_artifact_gets_a_known_agent_and_a_reason(name: str, description: str, kind: str | None) -> None:
    """Whatever an artifact says, one of the specialists is chosen and the reason is given."""
    choice = chosen_agent(Artifact(id=name, description=description, domain_type=kind), TEAM)
    assert choice.agent in TEAM
    assert choice.because
