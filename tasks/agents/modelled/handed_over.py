"""Tools that show what was made before: the findings of required artifacts, and their files."""

from collections.abc import Iterator

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence, Grade
from prefect_harmonic.tasks.agents.modelled.observation import Line, Observation
from prefect_harmonic.tasks.project_files import lines_of

_MOST_CLAIMS = 30


class HandedOver:
    """Shows the evidence of what one artifact requires, and of what that requires.

    Args:
        assignment: The artifact, with that evidence.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._evidence = {**assignment.background, **assignment.inputs}
        self._files = {file.path: file.content for each in self._evidence.values() for file in each.files}

    async def read_findings(self, artifact: str) -> Observation:
        """Shows what was found out for an artifact that this one rests on, with its sources.

        Args:
            artifact: Id of the artifact.
        """
        evidence = self._evidence.get(artifact.strip())
        if evidence is None:
            return Observation(note=f"Nothing of {artifact[:100]!r} was handed over; there is: {self._names()}.")
        return findings_of(artifact.strip(), evidence)

    async def read_made_file(self, path: str) -> Observation:
        """Shows a file that was made for an artifact that this one rests on.

        Args:
            path: Its path in the workspace.
        """
        content = self._files.get(path.strip().removeprefix("./"))
        if content is None:
            there = ", ".join(sorted(self._files)) or "none"
            return Observation(note=f"No file {path[:200]!r} was handed over; there is: {there}.")
        lines = (Line(path=path.strip(), number=at, text=text) for at, text in enumerate(lines_of(content), start=1))
        return Observation(lines=tuple(lines))

    def _names(self) -> str:
        return ", ".join(sorted(self._evidence)) or "none"


def findings_of(artifact: str, evidence: Evidence) -> Observation:
    """The findings of one artifact as lines, each followed by the place where it was found."""
    return Observation(lines=tuple(_lines(artifact, evidence)), grade=Grade.DERIVED)


def _lines(artifact: str, evidence: Evidence) -> Iterator[Line]:
    for claim in evidence.claims[:_MOST_CLAIMS]:
        yield Line(path=artifact, text=claim.text)
        for source in claim.sources[:1]:
            if source.quote and source.path != artifact:
                yield Line(path=source.path, number=source.line, text=source.quote)
    for decision in evidence.decisions:
        yield Line(path=artifact, text=f"decided: {decision.title}; chosen: {decision.chosen}")
    for gap in evidence.gaps:
        yield Line(path=artifact, text=f"open: {gap}")
