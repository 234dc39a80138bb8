"""P009: values outside what is allowed."""

import math
import re
from collections.abc import Collection, Iterable, Iterator

from prefect_harmonic.planners.artifact import Artifact, Effort, Priority
from prefect_harmonic.planners.gate.finding import Code, Finding

_ID = re.compile(r"\w[\w.:+-]*")
_KIND = re.compile(r"\w[\w .:+-]*")
_VOCABULARIES = tuple(
    (name, tuple(one.value for one in allowed)) for name, allowed in (("effort", Effort), ("priority", Priority))
)
_LONGEST_ID, _LONGEST_TEXT, _MOST_HOURS = 128, 20_000, 100_000.0


def field_findings(artifacts: Iterable[Artifact], agents: Collection[str] | None) -> Iterator[Finding]:
    """What an artifact says that nothing can be made of.

    Args:
        artifacts: The artifacts of a plan, valid or not.
        agents: Names that `agent` may have; any name will do if left out.
    """
    for artifact in artifacts:
        for message in _problems(artifact, agents):
            yield Finding(Code.FIELD_NOT_ALLOWED, artifact.id or None, message)


def id_problem(name: str) -> str | None:
    """Why an artifact may not be called so, or nothing if it may.

    >>> id_problem("UserModel"), id_problem("User Model")
    (None, "'User Model' must be up to 128 letters, digits and . _ : + - without spaces")
    """
    if len(name) <= _LONGEST_ID and _ID.fullmatch(name):
        return None
    return f"{name[:40]!r} must be up to {_LONGEST_ID} letters, digits and . _ : + - without spaces"


def kind_problem(name: str) -> str | None:
    """Why no kind or phase may be called so, or nothing if one may.

    >>> kind_problem("data model"), kind_problem("a;b")
    (None, "'a;b' must be a short name of letters, digits, spaces and . _ : + -")
    """
    if len(name) <= _LONGEST_ID and _KIND.fullmatch(name):
        return None
    return f"{name[:40]!r} must be a short name of letters, digits, spaces and . _ : + -"


def _problems(artifact: Artifact, agents: Collection[str] | None) -> Iterator[str]:
    if problem := id_problem(artifact.id):
        yield f"id {problem}"
    yield from _vocabulary_problems(artifact)
    if agents is not None and artifact.agent is not None and artifact.agent not in agents:
        yield f"agent {artifact.agent!r} is none of {', '.join(sorted(agents))}"
    hours = artifact.estimated_hours
    if hours is not None and not (math.isfinite(hours) and 0 <= hours <= _MOST_HOURS):
        yield f"estimated_hours {hours} must be from 0 to {_MOST_HOURS:g}"
    for name in ("domain_type", "phase"):
        value = getattr(artifact, name)
        if value is not None and (problem := kind_problem(value)):
            yield f"{name} {problem}"
    if any(len(text) > _LONGEST_TEXT for text in (artifact.description, artifact.contract)):
        yield f"description and contract may have {_LONGEST_TEXT} characters each"


def _vocabulary_problems(artifact: Artifact) -> Iterator[str]:
    for name, allowed in _VOCABULARIES:
        value = getattr(artifact, name)
        if value not in allowed:
            yield f"{name} {value!r} is none of {', '.join(allowed)}"
