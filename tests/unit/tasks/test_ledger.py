"""What an artifact's key is made of."""

import pytest
from support.plans import named

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.tasks.ledger import KEYED_FIELDS, UNKEYED_FIELDS, artifact_key

BASE = {
    "agent": "builder",
    "agent_version": "1",
    "goal": "Build it",
    "requirements": ("auth",),
    "seed": 0,
    "project": "p",
    "inputs": {"Required": ("key", "output")},
}


def test_every_field_of_an_artifact_is_in_its_key_or_left_out_for_a_reason() -> None:
    """A field that is added has to be thought about."""
    assert set(Artifact.model_fields) == KEYED_FIELDS | set(UNKEYED_FIELDS)
    assert not KEYED_FIELDS & set(UNKEYED_FIELDS)
    assert all(UNKEYED_FIELDS.values())


@pytest.mark.parametrize(
    "changed",
    [
        {"agent": "researcher"},
        {"agent_version": "2"},
        {"goal": "Build something else"},
        {"requirements": ("auth", "search")},
        {"seed": 1},
        {"project": "q"},
        {"inputs": {"Required": ("key", "another output")}},
        {"inputs": {"Required": ("another key", "output")}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_key_changes_with_everything_a_specialist_is_told(changed: dict[str, object]) -> None:
    """Whatever may change what is made has a part in the key."""
    artifact = named("App", "Required")

    assert artifact_key(artifact, **{**BASE, **changed}) != artifact_key(artifact, **BASE)  # type: ignore[arg-type]  # a table of keywords


def test_key_stays_with_estimates_and_reasons() -> None:
    """When and why it is made changes nothing about what is made."""
    plain, estimated = named("App", "Required"), named("App", "Required", effort="high", phase="late", priority="low")

    assert artifact_key(plain, **BASE) == artifact_key(estimated, **BASE)  # type: ignore[arg-type]  # a table of keywords
