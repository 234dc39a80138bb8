"""What a tool shows: lines with their places, which claims may then name as their sources."""

import re

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.evidence import Grade
from prefect_harmonic.planners.gate.finding import printable

MOST_CHARACTERS = 6_000
"""Of what one call shows to a model."""

LONGEST_LINE = 400
_SPACE = re.compile(r"[\t\xa0\u2000-\u200a\u202f\u3000]")


class Line(BaseModel):
    """One line that was shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(description="File relative to the project, id of an artifact, or server and tool.")
    number: int | None = Field(default=None, ge=1, description="Its number in the file; nothing where lines have none.")
    text: str

    @property
    def place(self) -> str:
        """Where it stands, as claims name it."""
        return self.path if self.number is None else f"{self.path}:{self.number}"


class Observation(BaseModel):
    """What one call of a tool shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lines: tuple[Line, ...] = ()
    note: str = Field(default="", description="What is to be said beside the lines, in our own words.")
    grade: Grade = Field(default=Grade.DOCUMENTED, description="How far the lines carry a claim.")
    is_source: bool = Field(default=True, description="Whether claims may rest on it; a list of names says nothing.")

    def bounded(self) -> "Observation":
        """As much of it as a model is shown, with a note where that is not all."""
        kept: list[Line] = []
        length = 0
        for line in self.lines:
            text = line.text if len(line.text) <= LONGEST_LINE else f"{line.text[:LONGEST_LINE]}…"
            length += len(line.place) + len(text) + 2
            if length > MOST_CHARACTERS:
                note = f"{self.note} {len(self.lines) - len(kept)} more lines are not shown.".strip()
                return self.model_copy(update={"lines": tuple(kept), "note": note})
            kept.append(line.model_copy(update={"text": text}))
        return self.model_copy(update={"lines": tuple(kept)})

    def told(self) -> str:
        """It as text: every line behind its place, nothing that could be taken for a line of its own.

        Tabs and blanks of other kinds are shown as blanks: escapes of them would be quoted, and stand nowhere.
        """
        lines = [f"{printable(line.place)}: {printable(_SPACE.sub(' ', line.text))}" for line in self.lines]
        return "\n".join([*([self.note] if self.note else []), *lines]) or "Nothing was found."
