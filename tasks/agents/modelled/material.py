"""What a model is given to start from: the artifact, and what the embedded specialist found for it, numbered.

No dates and no absolute paths stand in it, so that the same work asks the same questions on another day and machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models.wording import as_data
from prefect_harmonic.planners.words import spaced
from prefect_harmonic.tasks.agents.wording import clipped

_MOST_FINDINGS = 30
_LONGEST = 300
_LONGEST_FILE = 20_000
_MOST_SEARCHED = 4


@dataclass(frozen=True)
class Material:
    """The artifact with what was found for it.

    Attributes:
        assignment: The artifact.
        given: What the embedded specialist found.
    """

    assignment: Assignment
    given: Evidence

    @cached_property
    def findings(self) -> Mapping[str, Claim]:
        """Its claims by number."""
        return {f"F{at}": claim for at, claim in enumerate(self.given.claims[:_MOST_FINDINGS], start=1)}

    @cached_property
    def gaps(self) -> Mapping[str, str]:
        """What it left open, by number."""
        return {f"G{at}": gap for at, gap in enumerate(self.given.gaps, start=1)}

    @property
    def subjects(self) -> tuple[str, ...]:
        """What one would search for: what is open, and what the artifact is about."""
        artifact = self.assignment.artifact
        return (*tuple(self.gaps.values())[:_MOST_SEARCHED], f"{spaced(artifact.id)} {artifact.description}")

    def told(self) -> str:
        """All of it as a model is told it."""
        artifact = self.assignment.artifact
        lines = [
            f"id: {artifact.id}",
            f"description: {artifact.description}",
            f"contract: {artifact.contract}",
            *([f"file: {artifact.produces_file}"] if artifact.produces_file else []),
            *(f"requires: {edge.id}{f' ({edge.because})' if edge.because else ''}" for edge in artifact.requires),
        ]
        parts = [
            "The goal of the plan:\n" + as_data("the goal", self.assignment.goal),
            "Your artifact:\n" + as_data("the artifact", "\n".join(map(printable, lines))),
            "What was found for it:\n" + as_data("the findings", "\n".join(self._found()) or "nothing"),
        ]
        return "\n\n".join(parts)

    def _found(self) -> list[str]:
        lines = [f"{number}: {_line(claim)}" for number, claim in self.findings.items()]
        lines += [f"{number} is open: {printable(clipped(gap, _LONGEST))}" for number, gap in self.gaps.items()]
        return lines

    def file(self) -> str:
        """The file that was made for it, as data; nothing if there is none."""
        path = self.assignment.artifact.produces_file
        content = next((file.content for file in self.given.files if file.path == path), "")
        return as_data("the skeleton", content[:_LONGEST_FILE]) if content else ""


def _line(claim: Claim) -> str:
    place = ", ".join(str(source) for source in claim.sources[:2])
    return printable(f"{clipped(claim.text, _LONGEST)} ({place or 'no source'})")
