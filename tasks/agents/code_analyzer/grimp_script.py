"""Runs grimp in a process of its own and prints the import graph as JSON.

Standard input: `[["name", "/folder"], ...]`. This file is started by its path with `python -I`: it imports grimp and
nothing else, and nothing of the project can be found by an import, because no folder of it is on the path. grimp is
given the folders by a finder of our own instead of `importlib.util.find_spec`, which would give the installed package
where the project is a copy of one, and which imports the parents of dotted names. No cache is written.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import grimp
from grimp.application.config import settings
from grimp.application.ports.packagefinder import AbstractPackageFinder


class _GivenFolders(AbstractPackageFinder):
    """Says where a package lies because it was told, not because it was found."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self.folders = folders

    def determine_package_directories(self, package_name: str, file_system: Any) -> set[str]:
        return {self.folders[package_name]}


def main() -> None:
    """Builds the graph of the given packages and prints modules and edges, sorted."""
    packages = dict(json.load(sys.stdin))
    settings.configure(PACKAGE_FINDER=_GivenFolders(packages))
    graph = grimp.build_graph(*sorted(packages), cache_dir=None)
    modules = sorted(graph.modules)
    edges = [
        [importer, imported]
        for importer in modules
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if importer != imported
    ]
    json.dump({"modules": modules, "edges": edges}, sys.stdout)


if __name__ == "__main__":
    main()
