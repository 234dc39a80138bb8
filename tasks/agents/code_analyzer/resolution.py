"""How the import cycles of a project fall apart: which imports go, in which order, and what is left after each.

The imports come from the cycles themselves (the cheapest set for a small cycle; for a large one those that run
backwards in an order that leaves few, after Eades, Lin and Smyth). Each removal is carried out on the import graph, so
that what is left is counted and not estimated.
"""

import re
from dataclasses import dataclass

import networkx as nx

from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis
from prefect_harmonic.tasks.agents.code_analyzer.cycles import Cut, components
from prefect_harmonic.tasks.agents.wording import table

_MOST_COUNTED = 300
_MOST_SHOWN = 60
_ABOUT_CYCLES = re.compile(
    r"\b(?:cycl\w+|cycles?|circular\w*|import each other|dependency resolution|resolution strategy|feedback arcs?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Removal:
    """One import that goes, and what is left once it and all before it are gone.

    Attributes:
        cut: The import with its cost.
        cycles: Number of cycles left; none if there are too many removals to count after each.
        modules: Number of modules left in cycles.
    """

    cut: Cut
    cycles: int | None
    modules: int | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """All removals in order.

    Attributes:
        removals: The imports that go.
        imports: Number of imports among modules of one cycle, from which they were chosen.
        cost: What the removals cost together.
        is_exact: Whether no cheaper set exists.
        is_whole: Whether no cycle is left after the last of them.
    """

    removals: tuple[Removal, ...]
    imports: int
    cost: float
    is_exact: bool
    is_whole: bool


def is_about_cycles(text: str) -> bool:
    """Whether a text asks how dependencies that run in circles are to be resolved.

    >>> is_about_cycles("how to resolve 47 circular dependencies"), is_about_cycles("who owns the orders")
    (True, False)
    """
    return bool(_ABOUT_CYCLES.search(text))


def resolution(found: Analysis) -> Resolution:
    """The removals that open all cycles, those of the cycle that is cheapest for its modules first."""
    order = sorted(found.cycles, key=lambda each: (_cost(each.cuts) / len(each.modules), each.modules))
    cuts = [cut for cycle in order for cut in cycle.cuts]
    network: nx.DiGraph[str] = nx.DiGraph(
        (edge.importer, edge.imported) for cycle in found.cycles for edge in cycle.edges
    )
    removals = []
    for cut in cuts:
        network.remove_edge(cut.edge.importer, cut.edge.imported)
        left = components(network) if len(cuts) <= _MOST_COUNTED else None
        removals.append(
            Removal(
                cut,
                len(left) if left is not None else None,
                sum(map(len, left)) if left is not None else None,
            )
        )
    return Resolution(
        tuple(removals),
        sum(len(cycle.edges) for cycle in found.cycles),
        _cost(cuts),
        all(cycle.is_exact for cycle in found.cycles),
        nx.is_directed_acyclic_graph(network),
    )


def resolution_text(found: Analysis, resolved: Resolution) -> str:
    """The removals as a table, with file and line, cost and what is left."""
    rows = [
        (
            str(number),
            f"{each.cut.edge.importer} → {each.cut.edge.imported}",
            _place(found, each.cut),
            f"{each.cut.cost:g}",
            _counted(each.cycles),
            _counted(each.modules),
        )
        for number, each in enumerate(resolved.removals[:_MOST_SHOWN], start=1)
    ]
    if not rows:
        return "## Resolution strategy\n\nThere is no import cycle, so nothing has to be removed."
    best = "No cheaper set exists." if resolved.is_exact else "It is a good set; a cheaper one may exist."
    intro = (
        f"Of {resolved.imports} imports within cycles, {len(resolved.removals)} go. {best} Cost counts imported names "
        "and their uses; imports in functions count half, imports for type checkers hardly. What is left was counted "
        "on the graph after each removal."
    )
    header = ("#", "remove", "where", "cost", "cycles left", "modules left in cycles")
    more = len(resolved.removals) - len(rows)
    rest = f"\n\nAnd {more} more." if more else ""
    return f"## Resolution strategy\n\n{intro}\n\n{table(header, rows)}{rest}"


def _cost(cuts: "list[Cut] | tuple[Cut, ...]") -> float:
    return round(sum(cut.cost for cut in cuts), 1)


def _counted(number: int | None) -> str:
    return "" if number is None else str(number)


def _place(found: Analysis, cut: Cut) -> str:
    path = found.layout.by_key[cut.edge.importer].path
    return f"{path}:{', '.join(map(str, cut.edge.lines))}" if cut.edge.lines else path
