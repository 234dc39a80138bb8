"""What one artifact asks of the code: the uses of a thing, or a side of the whole, and where the goal's words stand."""

from dataclasses import dataclass

from pydantic import JsonValue

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim
from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis
from prefect_harmonic.tasks.agents.code_analyzer.checking import earlier
from prefect_harmonic.tasks.agents.code_analyzer.findings import claims, confidence, gaps, unseen
from prefect_harmonic.tasks.agents.code_analyzer.focus import (
    beyond,
    focus_of,
    is_about_goal,
    is_about_uses,
    is_check,
    is_outside,
)
from prefect_harmonic.tasks.agents.code_analyzer.placement import placement_claims, placement_text, places_data
from prefect_harmonic.tasks.agents.code_analyzer.places import Places, places_of
from prefect_harmonic.tasks.agents.code_analyzer.report import report
from prefect_harmonic.tasks.agents.code_analyzer.subject import subjects_named, subjects_of
from prefect_harmonic.tasks.agents.code_analyzer.usage import (
    USES,
    still_there,
    usage_claims,
    usage_confidence,
    usage_gaps,
    usage_text,
)
from prefect_harmonic.tasks.agents.code_analyzer.uses import Uses, likeliest
from prefect_harmonic.tasks.agents.options.asked import asked_options
from prefect_harmonic.tasks.agents.wording import sentence

_PARTLY = 0.5
_NOTHING = 0.1
_UNUSED = 0.7
"""How sure it is that something is used nowhere, after every search for it by its name."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is told of the code for one artifact, without a heading.

    Attributes:
        focus: The side of the code that was looked at.
        text: The report.
        claims: What was found, the most important first.
        gaps: What could not be read.
        confidence: How sure it is.
        limits: What was asked for and cannot be found out here.
        remaining: What is left of a thing that was to be gone.
        uses: In how many places something is used, if that was asked.
        option: The option among several that was looked for, if it was one.
        places: Where the words of the goal stand, if that was asked.
    """

    focus: str
    text: str
    claims: tuple[Claim, ...]
    gaps: tuple[str, ...]
    confidence: float
    limits: tuple[str, ...] = ()
    remaining: str = ""
    uses: int | None = None
    option: str = ""
    places: tuple[JsonValue, ...] = ()


def look_at(assignment: Assignment, found: Analysis, agent: str) -> Look:
    """The uses of what the goal is about where these are asked for, now or before a change; else a side of the code."""
    artifact = assignment.artifact
    asked = asked_options(assignment)
    is_use = asked is not None and not asked.is_comparing and is_about_uses(artifact)
    if asked is not None and is_use and (subjects := subjects_named(asked.options[0])):
        return _option_look(asked.options[0], likeliest(found.root, found.layout, subjects))
    is_again = is_check(artifact) and any(each.data.get("focus") == USES for each in earlier(assignment, agent))
    if not is_use and (is_again or is_about_uses(artifact)) and (subjects := subjects_of(assignment.goal)):
        return _uses_look(artifact, likeliest(found.root, found.layout, subjects))
    focus = focus_of(artifact)
    unanswered = beyond(artifact)
    if not unanswered and is_about_uses(artifact):
        unanswered = "The goal names nothing that its uses could be searched for"
    sure = confidence(found, focus)
    places = _places(assignment, found)
    limit = f"**{sentence(unanswered)}**" if unanswered else ""
    where = placement_text(found, places) if places else ""
    if is_outside(unanswered):
        return Look(focus.value, f"{limit}\n", claims=(), gaps=(), confidence=_NOTHING, limits=(unanswered,))
    return Look(
        focus=focus.value,
        text="\n\n".join(filter(None, [limit, where, report(found, focus)])),
        claims=(*(placement_claims(found, places) if places else ()), *claims(found, focus)),
        gaps=gaps(found),
        confidence=min(sure, _PARTLY) if unanswered else sure,
        limits=((unanswered,) if unanswered else ()) + unseen(found, focus),
        places=places_data(places) if places else (),
    )


def _places(assignment: Assignment, found: Analysis) -> Places | None:
    """Where the words of the goal stand in the code, if the artifact asks which code the goal is about."""
    if is_check(assignment.artifact) or not is_about_goal(assignment.artifact):
        return None
    return places_of(found.root, found.layout, assignment.goal)


def _uses_look(artifact: Artifact, uses: Uses) -> Look:
    remaining = f"the project still has it: {still_there(uses)}" if is_check(artifact) and not uses.is_gone else ""
    return Look(
        focus=USES,
        text=usage_text(uses),
        claims=usage_claims(uses),
        gaps=(),
        confidence=usage_confidence(uses),
        limits=usage_gaps(uses, is_to_be_gone=is_check(artifact)),
        remaining=remaining,
        uses=uses.in_code if uses.is_in_code else None,
    )


def _option_look(option: str, uses: Uses) -> Look:
    """The uses of an option among which is chosen: that there is none is a finding, and no gap."""
    return Look(
        focus=USES,
        text=usage_text(uses),
        claims=usage_claims(uses),
        gaps=(),
        confidence=_UNUSED if uses.is_gone else usage_confidence(uses),
        limits=usage_gaps(uses, is_to_be_gone=True),
        uses=uses.in_code,
        option=option,
    )
