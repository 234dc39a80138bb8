"""Where a pursuit stands between two steps: what is done, what failed, what is open, and what may still close it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.closable import is_closable
from prefect_harmonic.planners.programme.closing import Closing, beyond_closing, closed_by, filling, to_close
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation, EvaluationOutcome
from prefect_harmonic.planners.programme.gaps import doubts, openings
from prefect_harmonic.planners.programme.opening import Opening
from prefect_harmonic.planners.programme.surprises import NewDependency, complexities, new_dependencies


@dataclass(frozen=True)
class Standing:
    """A pursuit at one moment.

    Attributes:
        graph: The plan as it is.
        evidence: What was found out, by artifact that is done.
        failed: Artifacts that failed, each with why.
        closings: What earlier changes of the plan added.
        criteria: What findings must reach.
        has_project: Whether there is a project whose files can be searched.
        below: What is open in the parts that artifacts fell into, at any depth.
    """

    graph: ArtifactGraph
    evidence: Mapping[str, Evidence]
    failed: Mapping[str, str]
    closings: Sequence[Closing] = ()
    criteria: Criteria = field(default_factory=Criteria)
    has_project: bool = True
    below: Sequence[Opening] = ()

    @cached_property
    def closed(self) -> frozenset[str]:
        """Keys of the openings that are closed."""
        return closed_by(self.closings, self.evidence, self.failed)

    @cached_property
    def open(self) -> tuple[Opening, ...]:
        """Everything that is open, most pressing kind first."""
        found = openings(self.evidence, self.failed, self.closed, filling=filling(self.closings))
        surprising = complexities(self.evidence, self.graph, frozenset(self.evidence), self.closed)
        return (*found, *(one for one in surprising if one.key not in {opening.key for opening in found}))

    @cached_property
    def dependencies(self) -> tuple[NewDependency, ...]:
        """Orders that came to light and the plan leaves out; what was made too early is made again."""
        return new_dependencies(self.evidence, self.failed, self.graph)

    @cached_property
    def beyond(self) -> tuple[Opening, ...]:
        """What was tried to be closed and is still open: for a person."""
        return beyond_closing(self.open, self.closings, self.evidence, self.failed)

    def pending(self, evaluation: Evaluation) -> tuple[Opening, ...]:
        """What is open, has no closing artifact yet and can be closed by one.

        What an artifact does not say itself counts only where the criteria are not met: what is open in its parts,
        which tells where to look, and without that the mere doubt.
        """
        pending = self._closable(self.open)
        if pending or evaluation.outcome is EvaluationOutcome.CONVERGED:
            return pending
        told = {opening.key for opening in self.open}
        deeper = [one for one in self.below if one.key not in self.closed | told]
        divided = {origin for one in deeper for origin in one.origins}
        unsure = doubts(self.evidence, self.criteria.min_confidence, self.closed, filling=filling(self.closings))
        return self._closable((*deeper, *(one for one in unsure if not divided.issuperset(one.origins))))

    def _closable(self, found: Sequence[Opening]) -> tuple[Opening, ...]:
        return tuple(
            opening
            for opening in to_close(found, self.closings)
            if is_closable(opening, self.evidence, has_project=self.has_project)
        )
