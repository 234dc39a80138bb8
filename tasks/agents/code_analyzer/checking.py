"""What an artifact that is to be looked at after a change may say: never that the change is made.

Whether it was is told by the code: its digest against that of the earlier analyses of the same run.
"""

from dataclasses import dataclass

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence

DIGEST = "code_digest"
_UNCHANGED, _CHANGED = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Unshown:
    """What is missing for a change to be shown, and how sure a look after it can be at most.

    Attributes:
        gap: What is missing, in a sentence.
        most: The confidence at most.
        same_as: The artifact that has the same figures already; empty where something has changed, or none has any.
    """

    gap: str
    most: float
    same_as: str = ""


def earlier(assignment: Assignment, agent: str, key: str = DIGEST) -> tuple[Evidence, ...]:
    """What the agent found out about the code for the artifacts that this one rests on, with its digest under a key."""
    known = {**assignment.background, **assignment.inputs}
    return tuple(known[name] for name in sorted(known) if known[name].agent == agent and key in known[name].data)


def unshown(before: tuple[Evidence, ...], digest: str, key: str = DIGEST) -> Unshown:
    """What is missing for the change to be shown, whatever the figures are."""
    if not before:
        return Unshown(
            "the code was not looked at before in this run, so that no change of it can be shown", _UNCHANGED
        )
    if any(each.data[key] == digest for each in before):
        gap = f"nothing has been changed in the project by this run: its code is what it was for {before[0].artifact}, "
        return Unshown(gap + "so there is no change to verify", _UNCHANGED, before[0].artifact)
    gap = (
        "the code has changed since it was looked at first; whether what was asked for is there, its figures do not say"
    )
    return Unshown(gap, _CHANGED)
