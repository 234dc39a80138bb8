"""The whole analysis of one project, made once and shared by all artifacts of a plan that ask for it."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from prefect_harmonic.tasks.agents.code_analyzer.boundaries import Boundaries, boundaries
from prefect_harmonic.tasks.agents.code_analyzer.complexity import Complexity, complexity, is_measurable
from prefect_harmonic.tasks.agents.code_analyzer.coupling import Coupling, coupling
from prefect_harmonic.tasks.agents.code_analyzer.cycles import Cycle, components, cycles
from prefect_harmonic.tasks.agents.code_analyzer.graph import ImportGraph, import_graph
from prefect_harmonic.tasks.agents.code_analyzer.history import History, head, history
from prefect_harmonic.tasks.agents.code_analyzer.modules import Layout, is_test, laid_out
from prefect_harmonic.tasks.agents.code_analyzer.remembered import Remembered
from prefect_harmonic.tasks.agents.code_analyzer.survey import Survey, surveyed
from prefect_harmonic.tasks.project_files import content, content_digest, lines_of

_KEPT = 8
_MOST_OTHER_FILES = 2_000


@dataclass(frozen=True, slots=True)
class HotSpot:
    """A module that is both branchy and often changed.

    Attributes:
        module: Its key.
        path: Its file.
        complexity: Sum of the cyclomatic complexities of its functions.
        commits: Commits that changed it; 0 without history.
        fan_in: Modules that import it.
        lines: Source lines.
        score: Complexity times commits; the complexity alone without history.
    """

    module: str
    path: str
    complexity: int
    commits: int
    fan_in: int
    lines: int
    score: int


@dataclass(frozen=True)
class Analysis:
    """All that was measured of a project."""

    survey: Survey
    graph: ImportGraph
    cycles: tuple[Cycle, ...]
    coupling: Coupling
    boundaries: Boundaries
    complexity: Complexity
    history: History
    other_files: dict[str, int]
    """Number of files of other languages, by extension."""
    digest: str = ""
    """Changes with the name or content of any file that is read, and with the commit."""

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.survey.root

    @property
    def layout(self) -> Layout:
        """The project's modules."""
        return self.graph.layout

    @cached_property
    def running_cycles(self) -> tuple[tuple[str, ...], ...]:
        """The cycles that are left without imports for type checkers."""
        return components(self.graph.running_network)

    @cached_property
    def hot_spots(self) -> tuple[HotSpot, ...]:
        """Modules by complexity times churn, the hottest first; those without any branch or change are left out.

        Tests are long and change with what they test: they are hot only where there is nothing else.
        """
        spots = []
        own = tuple(module for module in self.layout.modules if not is_test(module.path))
        for module in own or self.layout.modules:
            branches = self.complexity.by_path.get(module.path, 0)
            commits = self.history.churn(module.path)
            score = branches * commits if self.history.commits else branches
            standing = self.coupling.standings[module.key]
            lines = self.complexity.lines.get(module.path, 0)
            spots.append(HotSpot(module.key, module.path, branches, commits, standing.fan_in, lines, score))
        return tuple(sorted((spot for spot in spots if spot.score), key=lambda spot: (-spot.score, spot.module)))

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Source files that are too large to be read. Those that are modules count without content."""
        return tuple(path for path in self.survey.large if path.endswith(".py") or is_measurable(path))

    @property
    def parsed_share(self) -> float:
        """Share of the modules that could be read as Python."""
        count = len(self.layout.modules)
        return 1 - len(self.graph.unparsed) / count if count else 0.0

    def quote(self, path: str, line: int) -> str:
        """A line of a file as it stands there, without the space around it."""
        try:
            text = content(self.root / path).decode("utf-8", errors="replace")
        except OSError:
            return ""
        lines = lines_of(text)
        return lines[line - 1].strip()[:200] if 0 < line <= len(lines) else ""


_known: Remembered[Analysis] = Remembered(_KEPT)


def analysis(root: Path) -> Analysis:
    """The analysis of a project as its files stand now.

    It is computed once however many threads ask at the same time, and again when a file or the commit has changed.
    Takes seconds for a large project and blocks: call it in a thread.
    """
    survey = surveyed(root)
    digest = _fingerprint(survey)
    return _known.value((str(survey.root), digest), lambda: _measured(survey, digest))


def _fingerprint(survey: Survey) -> str:
    """A digest that changes with the name or content of any file that is read, and with the commit."""
    digest = hashlib.sha256(head(survey.root).encode())
    for path in sorted(survey.files_under("")):
        if not path.endswith(".py") and not is_measurable(path):
            continue
        digest.update(f"{path}\0{content_digest(survey.root / path)}\0".encode())
    return digest.hexdigest()


def _measured(survey: Survey, digest: str) -> Analysis:
    layout = laid_out(survey)
    graph = import_graph(survey, layout)
    found = cycles(survey.root, graph)
    standing = coupling(graph)
    others = [path for path in survey.files_under("") if not path.endswith(".py") and is_measurable(path)]
    python = [module.path for module in layout.modules if not module.is_namespace]
    return Analysis(
        survey=survey,
        graph=graph,
        cycles=found,
        coupling=standing,
        boundaries=boundaries(graph, standing, [cycle.modules for cycle in found]),
        complexity=complexity(survey.root, python or sorted(others)[:_MOST_OTHER_FILES]),
        history=history(survey.root),
        other_files=dict(sorted(Counter(path.rpartition(".")[2].lower() for path in others).items())),
        digest=digest,
    )
