"""What a specialist found out: claims with their sources, and what it could not find.

Owns the shape in which results travel: upward as summaries, sideways to dependents, into evaluation and the report.
Knows nothing of who found it out or how.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

SUMMARY_LENGTH = (500, 1000)
"""Least and most characters of a summary that is passed upward (second design document, best practice 4)."""


class Grade(StrEnum):
    """How far a source carries a claim."""

    MEASURED = "measured"  # computed from the thing itself, such as an import graph
    DOCUMENTED = "documented"  # stands in a document of the project or the knowledge base
    DERIVED = "derived"  # concluded from other evidence
    ASSUMED = "assumed"  # a general rule that nothing in the project confirms


class Source(BaseModel):
    """Where a claim comes from: a file, a line, the words that stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(description="File relative to the project or workspace, or the id of an artifact.")
    line: int | None = Field(default=None, ge=1, description="First line of the quotation, counted from 1.")
    quote: str = Field(default="", description="The words themselves, as they stand there.")
    grade: Grade = Field(default=Grade.DOCUMENTED, description="How far the source carries the claim.")

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


class Claim(BaseModel):
    """One statement, as sure as its sources make it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, description="The statement, one sentence.")
    sources: tuple[Source, ...] = Field(default=(), description="What it rests on; a claim without any is weak.")
    confidence: float = Field(default=0.5, ge=0, le=1, description="How sure it is.")


class Contradiction(BaseModel):
    """Two statements about one subject that cannot both hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str
    one: Claim
    other: Claim

    def __str__(self) -> str:
        return f"{self.subject}: {self.one.text!r} against {self.other.text!r}"


class ScoredOption(BaseModel):
    """One way a decision could go, with a mark from 0 to 1 for each criterion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    marks: dict[str, float] = Field(default_factory=dict, description="Mark for each criterion, 0 to 1.")
    score: float = Field(default=0, description="Weighted mean of the marks, 0 to 1.")
    because: str = Field(default="", description="What speaks for and against it.")


class Decision(BaseModel):
    """A choice that was made, with what it was made from and when to look at it again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    context: str = ""
    options: tuple[ScoredOption, ...] = ()
    weights: dict[str, float] = Field(default_factory=dict, description="Weight of each criterion; they sum to 1.")
    chosen: str = ""
    rationale: str = ""
    sensitivity: str = Field(default="", description="What would have to change for another option to win.")
    consequences: tuple[str, ...] = ()
    review_date: str = Field(default="", description="ISO date on which to look at it again.")
    file: str | None = Field(default=None, description="The record in the workspace, if one was written.")

    @property
    def subject(self) -> str:
        """What was decided on: the title without the choice, where it ends in that.

        >>> Decision(title="Transport: WebSocket", chosen="WebSocket").subject
        'Transport'
        """
        return self.title.removesuffix(f": {self.chosen}") if self.chosen else self.title


class Risk(BaseModel):
    """Something that may go wrong, how likely and how bad, and what to do about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    likelihood: str = Field(description="low, medium or high.")
    impact: str = Field(description="low, medium or high.")
    evidence: str = ""
    mitigation: str = ""


class ProducedFile(BaseModel):
    """A file that an artifact consists of. The executor writes it; agents only say what it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(description="Path relative to the workspace.")
    content: str


def _with_one_content_each(files: tuple[ProducedFile, ...]) -> tuple[ProducedFile, ...]:
    """The files, if no two have the same path.

    Of the field and not of the model, whose checks run again wherever evidence is passed on: in each assignment, for
    all that was made before.
    """
    if len(files) != len({file.path for file in files}):
        raise ValueError("two produced files have the same path")
    return files


class Evidence(BaseModel):
    """All that one specialist found out for one artifact.

    Source: semantics, "Plan tree, knowledge base" (results passed upward) and "Evaluation and replanning".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    artifact: str = Field(description="Id of the artifact it was found out for.")
    agent: str = Field(description="Name of the specialist.")
    summary: str = Field(max_length=SUMMARY_LENGTH[1], description="The findings in 500 to 1,000 characters.")
    confidence: float = Field(ge=0, le=1, description="How sure the specialist is of the whole.")
    claims: tuple[Claim, ...] = ()
    gaps: tuple[str, ...] = Field(default=(), description="What was asked for and not found.")
    contradictions: tuple[Contradiction, ...] = ()
    blockers: tuple[str, ...] = Field(default=(), description="What keeps the artifact from being done.")
    decisions: tuple[Decision, ...] = ()
    risks: tuple[Risk, ...] = ()
    text: str = Field(default="", description="The full text, in Markdown.")
    data: dict[str, JsonValue] = Field(default_factory=dict, description="Figures that dependents compute with.")
    files: Annotated[tuple[ProducedFile, ...], AfterValidator(_with_one_content_each)] = Field(
        default=(), description="What it consists of on disk."
    )

    @property
    def left_open(self) -> int:
        """How many parts its maker left to be written; a thing with such parts is a skeleton."""
        count = self.data.get("left_count")
        return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 0

    @property
    def limits(self) -> tuple[str, ...]:
        """Those of its gaps that no search can close, such as a change that nobody has made yet."""
        told = self.data.get("limits")
        return tuple(gap for gap in self.gaps if gap in told) if isinstance(told, list) else ()


def summarised(*sentences: str) -> str:
    """As many whole sentences, in order, as fit into a summary of at most 1,000 characters.

    Agents give the most important sentence first and enough of them to reach 500 characters. A first sentence that
    is too long by itself is cut at a word.

    >>> summarised("One thing.", " Another. ", "")
    'One thing. Another.'
    """
    limit = SUMMARY_LENGTH[1]
    summary = ""
    for sentence in (" ".join(sentence.split()) for sentence in sentences):
        longer = f"{summary} {sentence}".strip()
        if len(longer) <= limit:
            summary = longer
        elif not summary:
            return sentence[: limit - 1].rsplit(" ", 1)[0] + "…"
    return summary
