"""What an assignment says of its own parts: stages, angles, how they hand over."""

import re

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.handing_over import HandOver
from prefect_harmonic.planners.coordinators.pipeline import Stage
from prefect_harmonic.planners.coordinators.swarm import Angle
from prefect_harmonic.tasks.agents.wording import clipped

MOST_PARTS = 8
"""So many stages or angles at most; the rest is told in the last."""

_LONGEST_TITLE = 70
_STAGE = re.compile(r"(?:^|(?<=[.;\n\s]))stage\s+\d+\s*[:.)-]\s*", re.IGNORECASE)
_NUMBERED = re.compile(r"^\s*(?:[-*]|\(?\d+[.)])\s+", re.MULTILINE)
_CHAIN = re.compile(
    r"\s*(?:→|->|;\s*then\b|,\s*then\b|,\s*finally\b|\.\s*then\b|\.\s*finally\b)\s*,?\s*", re.IGNORECASE
)
_ANGLES = re.compile(r"\bangles?\s*:\s*(?P<list>[^\n.]+)", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:;|,\s*and\b|,|\band\b)\s*", re.IGNORECASE)
_HAND_OVER = re.compile(r"\bhand(?:ed)?[- ]?over\s*:?\s*(?P<mode>full|compressed|delta)\b", re.IGNORECASE)
_USUAL_STAGES = ("Gather what is known", "Check it against each other", "Conclude")
_USUAL_ANGLES = ("Benefits", "Costs", "Risks", "Constraints", "Experience of others")


def question_of(artifact: Artifact) -> str:
    """What an artifact asks, in its own words, without what it says of how it is to be asked."""
    told = [_HAND_OVER.sub("", _ANGLES.sub("", text)) for text in (artifact.description, artifact.contract)]
    return ". ".join(" ".join(text.split()).rstrip(" .") for text in told if text.strip(" .;\n")) or artifact.id


def hand_over_of(artifact: Artifact) -> HandOver:
    """How much stages hand on, as the artifact says ("hand-over: delta"); everything, where it says nothing."""
    found = _HAND_OVER.search(f"{artifact.description}\n{artifact.contract}")
    return HandOver(found["mode"].casefold()) if found else HandOver.FULL


def stages_of(assignment: Assignment) -> tuple[Stage, ...]:
    """The stages of a pipeline: as they are numbered, listed or chained; else to gather, check and conclude.

    >>> from datetime import date
    >>> told = Artifact(id="P", contract="Stage 1: Gather properties. Stage 2: Score and rank. REBCO tape")
    >>> [stage.title for stage in stages_of(Assignment(artifact=told, today=date(2026, 1, 1)))]
    ['Gather properties', 'Score and rank']
    """
    artifact = assignment.artifact
    asked = question_of(artifact)
    text = artifact.contract if artifact.contract.strip() else artifact.description
    parts = _parts(_HAND_OVER.sub("", text))
    if len(parts) < 2:
        return tuple(Stage(title, f"{title}. {asked}") for title in _USUAL_STAGES)
    titles = [_title(part) for part in parts]
    # A stage is told what it is all about, and not what the other stages are for.
    subject = artifact.description if artifact.contract.strip() else ""
    contents = [part if _rest(part) else f"{part.rstrip('.')}. {subject}".rstrip() for part in parts]
    return tuple(Stage(title, content) for title, content in _distinct(titles, contents))


def angles_of(assignment: Assignment) -> tuple[Angle, ...]:
    """The angles of a swarm: as the artifact lists them; else benefits, costs, risks, constraints and experience."""
    asked = question_of(assignment.artifact)
    found = _ANGLES.search(f"{assignment.artifact.description}\n{assignment.artifact.contract}")
    named = [item.strip(" .") for item in _LIST.split(found["list"])] if found else []
    listed = [part for part in _NUMBERED.split(assignment.artifact.contract)[1:] if part.strip()]
    titles = [each for each in (named or [_title(part) for part in listed]) if each]
    if len(titles) < 2:
        titles = list(_USUAL_ANGLES)
    return tuple(Angle(title, content) for title, content in _distinct(titles, [f"{each}: {asked}" for each in titles]))


def _parts(text: str) -> list[str]:
    for pattern in (_STAGE, _NUMBERED):
        parts = [part.strip() for part in pattern.split(text)[1:] if part.strip()]
        if len(parts) > 1:
            return parts
    return [part.strip() for part in _CHAIN.split(text) if part.strip()]


def _title(part: str) -> str:
    head = re.split(r"[.;:\n]", part.strip(), maxsplit=1)[0]
    return clipped(re.sub(r"^first,?\s+", "", head, flags=re.IGNORECASE), _LONGEST_TITLE)


def _rest(part: str) -> str:
    """What a part says after its title."""
    return part.strip()[len(_title(part)) :].strip(" .;:\n")


def _distinct(titles: list[str], contents: list[str]) -> list[tuple[str, str]]:
    """Titles with their contents, each title once, at most so many."""
    found: dict[str, str] = {}
    for title, content in zip(titles, contents, strict=True):
        if title in found or (len(found) == MOST_PARTS and title not in found):
            last = title if title in found else list(found)[-1]
            found[last] = f"{found[last]}\n{content}"
        else:
            found[title] = content
    return list(found.items())
