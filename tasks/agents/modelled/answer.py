"""What a model answers as a specialist, and the schema that it is held to.

Everything may be left out, and what has another shape than asked for is told to the model once. Answers are data:
whether anything of one counts is decided by `claims` and by the trade.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models.schema import PERCENT, Schema, list_of, object_of, text_of

MOST: Mapping[str, int] = {"claims": 8, "open": 2, "risks": 4, "options": 2, "lessons": 6, "left": 12}
"""How many there may be of what."""


def _line(text: str) -> str:
    """The text on one line that steers no terminal."""
    return printable(" ".join(text.split()))


Said = Annotated[str, AfterValidator(_line)]
"""Words of a model that people read. Quotes are held against what was shown, and files are checked as such."""


class Sourced(BaseModel):
    """Something with a source."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: str = ""
    quote: str = ""


class StatedClaim(Sourced):
    """A statement."""

    text: Said = Field(min_length=1)
    closes: tuple[str, ...] = ()
    percent: float = Field(default=50, ge=0, le=100)


class StatedRisk(Sourced):
    """What may go wrong."""

    title: Said = Field(min_length=1)
    likelihood: str = "medium"
    impact: str = "medium"
    mitigation: Said = ""


class StatedOption(Sourced):
    """One more way in which a decision may go."""

    name: Said = Field(min_length=1)
    because: Said = ""
    marks: Mapping[str, float] = Field(default_factory=dict)


class StatedLesson(Sourced):
    """What has to be learned beside what is known."""

    title: Said = Field(min_length=1)
    hours: float = Field(default=2, gt=0, le=80)
    why: Said = ""
    exercise: Said = ""


class StatedAnswer(BaseModel):
    """All that a model answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    claims: tuple[StatedClaim, ...] = ()
    open: tuple[Said, ...] = ()
    risks: tuple[StatedRisk, ...] = ()
    options: tuple[StatedOption, ...] = ()
    lessons: tuple[StatedLesson, ...] = ()
    content: str = ""
    left: tuple[Said, ...] = ()
    percent: float = Field(default=50, ge=0, le=100)


def answer_schema(
    keys: Sequence[str], *, gaps: Sequence[str] = (), criteria: Sequence[str] = (), is_bounded: bool = False
) -> Schema:
    """The schema of an answer with some keys.

    Args:
        keys: Its keys, all of them required.
        gaps: Numbers of what is open, which statements may close.
        criteria: What options are marked by.
        is_bounded: Whether texts are held to a pattern, for servers that decode under the schema.
    """
    text = text_of(is_bounded=is_bounded)
    hours: Schema = {"type": "integer", "minimum": 1, "maximum": 80}
    level: Schema = {"type": "string", "enum": ["low", "medium", "high"]}
    sourced = {"at": text, "quote": text}
    claim: Schema = {"text": text, **sourced, "percent": PERCENT}
    if gaps:
        claim["closes"] = list_of({"type": "string", "enum": list(gaps)}, most=len(gaps))
    known: dict[str, Schema] = {
        "claims": object_of(claim, required=[name for name in claim if name != "closes"]),
        "open": text,
        "risks": object_of({"title": text, "likelihood": level, "impact": level, "mitigation": text, **sourced}),
        "options": object_of(
            {"name": text, "because": text, **sourced, "marks": object_of(dict.fromkeys(criteria, PERCENT))}
        ),
        "lessons": object_of({"title": text, "hours": hours, "why": text, "exercise": text, **sourced}),
        "left": text,
    }
    whole: dict[str, Schema] = {"content": {"type": "string"}, "percent": PERCENT}
    return object_of({name: whole.get(name) or list_of(known[name], most=MOST[name]) for name in keys})
