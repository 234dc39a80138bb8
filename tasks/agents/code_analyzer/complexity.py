"""How long and how branchy functions are, as lizard counts them (cyclomatic complexity, source lines)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import lizard

from prefect_harmonic.tasks.project_files import content

BRANCHY = 12
"""Complexity from which a function counts as branchy. lizard counts conditions in expressions too."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function with its size."""

    name: str
    path: str
    line: int
    length: int
    complexity: int
    parameters: int


@dataclass(frozen=True)
class Complexity:
    """The functions of a project.

    Attributes:
        functions: All of them, by path and line.
        by_path: Sum of the complexities of a file's functions.
        lines: Source lines without blanks and comments, by path.
        failed: Paths that lizard could not read.
    """

    functions: tuple[Function, ...]
    by_path: dict[str, int]
    lines: dict[str, int]
    failed: tuple[str, ...]

    @property
    def most_complex(self) -> tuple[Function, ...]:
        """Functions, the most complex first."""
        return tuple(sorted(self.functions, key=lambda each: (-each.complexity, -each.length, each.path, each.line)))

    @property
    def longest(self) -> tuple[Function, ...]:
        """Functions, the longest first."""
        return tuple(sorted(self.functions, key=lambda each: (-each.length, -each.complexity, each.path, each.line)))


def is_measurable(path: str) -> bool:
    """Whether lizard knows the language of a file."""
    return lizard.get_reader_for(path) is not None


def complexity(root: Path, paths: Iterable[str]) -> Complexity:
    """The functions of the given files. A file that lizard cannot read is named and does not stop the others."""
    functions: list[Function] = []
    by_path, lines, failed = {}, {}, []
    for path in sorted(paths):
        try:
            source = content(root / path).decode("utf-8", errors="replace")
            result = lizard.analyze_file.analyze_source_code(path, source)
        except Exception:  # lizard raises whatever its readers run into
            failed.append(path)
            continue
        found = [
            Function(each.name, path, each.start_line, each.length, each.cyclomatic_complexity, each.parameter_count)
            for each in result.function_list
        ]
        functions += found
        by_path[path] = sum(function.complexity for function in found)
        lines[path] = result.nloc
    ordered = sorted(functions, key=lambda each: (each.path, each.line, each.name))
    return Complexity(tuple(ordered), by_path, lines, tuple(failed))
