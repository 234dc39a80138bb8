"""What a goal is about as far as the structure of the code goes: what is noticed there is not always to be done for it.

Whoever wants services, boundaries or fewer cycles has to cut and to divide; whoever drops an old Python has not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from prefect_harmonic.planners.words import stems_of
from prefect_harmonic.tasks.agents.code_analyzer.usage import USES
from prefect_harmonic.tasks.views.report.measurements import (
    BOUNDARIES,
    CYCLES,
    HOT_SPOTS,
    boundaries_of,
    cycles_of,
    entries,
)
from prefect_harmonic.tasks.views.report.subject import ReportInput

_STRUCTURE = stems_of("boundary cycle decouple microservice modularise")


@dataclass(frozen=True, slots=True)
class Aim:
    """How much of what is noticed in the code a goal needs.

    Attributes:
        is_structure: Whether the plan asks for boundaries, or for cycles to be seen to, or a decision chose some.
        words: Stems of the goal.
        package: The package that all modules lie in; its name in a goal names none of them.
        measured: Artifacts for which code was measured.
        searched: Those of them that say where something is used, which was asked for the goal.
    """

    is_structure: bool
    words: frozenset[str]
    package: str
    measured: frozenset[str]
    searched: frozenset[str] = frozenset()

    def needs(self, modules: Iterable[str]) -> bool:
        """Whether something about some modules is to be done for the goal: it names one of them, or is of structure."""
        return self.is_structure or any(self._names(part) for name in modules for part in name.split("."))

    def _names(self, part: str) -> bool:
        stems = stems_of(part.replace("_", " "))
        return part != self.package and bool(stems) and stems <= self.words


def aim_of(subject: ReportInput) -> Aim:
    """What the goal of a run is about, by the goal, the plan as it was chosen, and the decisions."""
    # What closes a gap or follows from a surprise speaks of what was found, not of what is wanted.
    added = {one.artifact for row in subject.replannings for one in row.closings}
    asked = [f"{one.id} {one.description or ''}" for one in subject.graph.artifacts.values() if one.id not in added]
    chosen = [decision.title for found in subject.found for decision in found.decisions if decision.chosen]
    modules = [each.modules for each in cycles_of(subject)] + [each.modules for each in boundaries_of(subject)]
    packages = {name.split(".")[0] for names in modules for name in names}
    return Aim(
        is_structure=any(stems_of(text) & _STRUCTURE for text in (subject.graph.goal, *asked, *chosen)),
        words=stems_of(subject.graph.goal),
        package=packages.pop() if len(packages) == 1 else "",
        measured=frozenset(artifact for artifact, _ in entries(subject, (*CYCLES, *HOT_SPOTS, *BOUNDARIES))),
        searched=frozenset(found.artifact for found in subject.found if found.data.get("focus") == USES),
    )
