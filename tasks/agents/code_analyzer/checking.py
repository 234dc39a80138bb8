"""What an artifact that is to be looked at after a change may say: never that the change is made.

Whether it was is told by the code: its digest against that of the earlier analyses of the same run.
"""

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence

DIGEST = "code_digest"
AT_MOST_UNCHANGED, AT_MOST_CHANGED = 0.3, 0.5


def earlier(assignment: Assignment, agent: str) -> tuple[Evidence, ...]:
    """What the agent found out about the code for the artifacts that this one rests on."""
    known = {**assignment.background, **assignment.inputs}
    return tuple(known[name] for name in sorted(known) if known[name].agent == agent and DIGEST in known[name].data)


def change_gap(before: tuple[Evidence, ...], digest: str) -> str:
    """What is missing for the change to be shown, whatever the figures are."""
    if not before:
        return "the code was not looked at before in this run, so that no change of it can be shown"
    if any(each.data[DIGEST] == digest for each in before):
        return (
            f"nothing has been changed in the project by this run: its code is what it was for {before[0].artifact}, "
            "so there is no change to verify"
        )
    return (
        "the code has changed since it was looked at first; whether what was asked for is there, its figures do not say"
    )


def at_most(gap: str) -> float:
    """How sure a look after a change can be at most."""
    return AT_MOST_CHANGED if gap.startswith("the code has changed") else AT_MOST_UNCHANGED
