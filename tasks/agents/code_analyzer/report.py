"""The analysis as a Markdown report, the part that was asked for first."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis
from prefect_harmonic.tasks.agents.code_analyzer.boundaries import Role
from prefect_harmonic.tasks.agents.code_analyzer.complexity import Function
from prefect_harmonic.tasks.agents.code_analyzer.findings import gaps, largest_packages, most_changed, notes
from prefect_harmonic.tasks.agents.code_analyzer.focus import Focus
from prefect_harmonic.tasks.agents.wording import counted, listed, table

_ROWS = 15
_GROUP_ROWS = 20
_FEW = 3
_ABOUT_CYCLES = (
    "A cycle is a set of modules that reach each other by imports. The cost of a cut is the number of imported names "
    "and of their uses; imports in functions count half, imports for type checkers hardly."
)
_ABOUT_SERVICES = (
    "Drawn along the imports only: they do not show which data, teams or rhythms of change belong together. Cohesion "
    "is internal imports by internal and crossing ones, shared modules aside; `in` counts imports by groups in front."
)


def report(found: Analysis, focus: Focus) -> str:
    """The figures in tables, with file and line, without a heading. Ends in a newline."""
    parts = [*(section(found) for section in _SECTIONS[focus]), _limits(found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _overall(found: Analysis) -> str:
    lines = sum(found.complexity.lines.values())
    share = f"{found.parsed_share:.0%}"
    rows = [
        ("Modules", str(len(found.layout.modules))),
        ("Packages", listed(largest_packages(found), most=8)),
        ("Imports among modules", str(len(found.graph.edges))),
        ("Import cycles", str(len(found.cycles))),
        ("Import cycles without imports for type checkers", str(len(found.running_cycles))),
        ("Layers", str(len(found.coupling.layers))),
        ("Source lines", f"{lines:,}"),
        ("Functions", f"{len(found.complexity.functions):,}"),
        ("Commits read", f"{found.history.commits:,}"),
        ("Read as Python", share),
    ]
    return "## Figures\n\n" + table(("figure", "value"), rows)


def _cycles(found: Analysis) -> str:
    if not found.cycles:
        return "## Import cycles\n\nThere are none."
    parts = [
        "## Import cycles",
        _ABOUT_CYCLES,
    ]
    for number, cycle in enumerate(found.cycles, start=1):
        kind = "" if cycle.is_running else " It vanishes without imports for type checkers."
        kind += " Imports in functions keep it importable." if cycle.is_deferred and cycle.is_running else ""
        best = "" if cycle.is_exact else " (a good set; a cheaper one may exist)"
        parts.append(f"### Cycle {number}: {len(cycle.modules)} modules")
        parts.append(
            f"{listed([f'`{key}`' for key in cycle.modules], most=30)}, with {len(cycle.edges)} imports. "
            f"Shortest ring: {' → '.join(cycle.ring)}.{kind} To open it{best}, cut:"
        )
        rows = [
            (
                f"{cut.edge.importer} → {cut.edge.imported}",
                _where(found, cut.edge.importer, cut.edge.lines),
                f"{cut.cost:g}",
                "type checkers" if cut.edge.is_typing else "deferred" if cut.edge.is_deferred else "module level",
            )
            for cut in cycle.cuts[:_ROWS]
        ]
        parts.append(table(("import", "where", "cost", "kind"), rows))
    return "\n\n".join(parts)


def _where(found: Analysis, key: str, lines: tuple[int, ...]) -> str:
    path = found.layout.by_key[key].path
    return f"{path}:{', '.join(map(str, lines))}" if lines else path


def _groups(found: Analysis) -> str:
    groups = found.coupling.groups
    size = {group: sum(each.group == group for each in found.coupling.standings.values()) for group in groups}
    between = found.coupling.between
    rows = []
    for group in groups:
        inner = between.get((group, group), 0)
        out = {b: count for (a, b), count in between.items() if a == group != b}
        into = {a: count for (a, b), count in between.items() if b == group != a}
        most = sorted(out, key=lambda name: (-out[name], name))[:4]
        names = ", ".join(f"{name} ({out[name]})" for name in most)
        rows.append((group, str(size[group]), str(inner), str(sum(out.values())), str(sum(into.values())), names))
    rows.sort(key=lambda row: (-int(row[3]) - int(row[4]), row[0]))
    header = ("group", "modules", "inner imports", "out", "in", "imports most")
    return "## Coupling between groups\n\n" + table(header, rows[:40])


def _layers(found: Analysis) -> str:
    rows = [(str(level), str(len(keys)), listed(keys, most=8)) for level, keys in enumerate(found.coupling.layers)]
    return "## Layers\n\nLayer 0 imports nothing of the project; modules of one cycle share a layer.\n\n" + table(
        ("layer", "modules", "which"), rows
    )


def _modules(found: Analysis) -> str:
    standings = found.coupling.standings
    order = sorted(standings, key=lambda key: (-standings[key].fan_in - standings[key].fan_out, key))[:_ROWS]
    rows = [
        (
            key,
            str(standings[key].fan_in),
            str(standings[key].fan_out),
            f"{standings[key].instability:.2f}",
            str(standings[key].layer),
        )
        for key in order
    ]
    header = ("module", "fan-in", "fan-out", "instability", "layer")
    return "## Modules with most imports\n\n" + table(header, rows) if rows else ""


def _hot_spots(found: Analysis) -> str:
    rows = [
        (spot.module, str(spot.complexity), str(spot.commits), str(spot.fan_in), str(spot.lines), str(spot.score))
        for spot in found.hot_spots[:_ROWS]
    ]
    often = any(spot.commits > 1 for spot in found.hot_spots)
    why_not = "no file of them was changed twice" if found.history.commits else "there is no history"
    how = "complexity times commits" if often else f"complexity alone, since {why_not}"
    header = ("module", "complexity", "commits", "fan-in", "lines", "score")
    return f"## Hot spots\n\nRanked by {how}.\n\n" + table(header, rows) if rows else ""


def _functions(found: Analysis) -> str:
    if not found.complexity.functions:
        return ""
    return (
        f"## Functions\n\nMost complex:\n\n{_function_table(found.complexity.most_complex)}\n\n"
        f"Longest:\n\n{_function_table(found.complexity.longest)}"
    )


def _function_table(functions: tuple[Function, ...]) -> str:
    rows = [(each.name, f"{each.path}:{each.line}", str(each.complexity), str(each.length)) for each in functions[:10]]
    return table(("function", "where", "complexity", "lines"), rows)


def _boundaries(found: Analysis) -> str:
    drawn = found.boundaries
    if not drawn.proposals:
        return ""
    rows = [
        (
            each.name,
            listed(each.groups, most=8),
            str(len(each.modules)),
            f"{each.cohesion:.2f}",
            str(len(each.outgoing)),
            str(len(each.incoming)),
            str(each.cycles),
        )
        for each in drawn.proposals
    ]
    parts = [
        "## Candidate services",
        f"{_ABOUT_SERVICES} Modularity {drawn.modularity:.2f}.",
        table(("candidate", "groups", "modules", "cohesion", "out", "in", "cycles to open"), rows),
        f"Shared by all, to become a library: {listed(drawn.shared_groups, most=8)}.",
        f"In front of all, calling most of them: {listed(drawn.orchestrating, most=8)}.",
        _outside(found),
        _crossings(found),
    ]
    if drawn.hubs:
        hubs = [(hub.module, str(hub.fan_in), str(hub.fan_out), str(hub.groups)) for hub in drawn.hubs[:_ROWS]]
        parts += ["To divide first:", table(("module", "imported by", "imports", "groups tied"), hubs)]
    if drawn.misfits:
        nearer = [
            (each.module, f"{each.own} ({each.links_own})", f"{each.other} ({each.links_other})")
            for each in drawn.misfits[:_ROWS]
        ]
        parts += ["Nearer to another group than to their own:", table(("module", "own", "nearer to"), nearer)]
    return "\n\n".join(part for part in parts if part)


def _outside(found: Analysis) -> str:
    """Which modules belong to no candidate, so that none is left out without a word."""
    outside = found.boundaries.outside
    told = [
        f"{listed([key for key, its in outside if its is role], most=12)} ({role.value})"
        for role in Role
        if any(its is role for _, its in outside)
    ]
    number = f"{len(outside)} of {counted(len(found.layout.modules), 'module')}"
    return f"In no candidate are {number}: {'; '.join(told)}." if told else ""


def _crossings(found: Analysis) -> str:
    """Imports that would cross, by the groups between which they do; each of them stands in the JSON file."""
    standings = found.coupling.standings
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for importer, imported in found.boundaries.crossing:
        pairs[standings[importer].group, standings[imported].group].append((importer, imported))
    ranked = sorted(pairs.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = [
        (f"{one} → {other}", str(len(edges)), _few_places(found, edges)) for (one, other), edges in ranked[:_GROUP_ROWS]
    ]
    if not rows:
        return ""
    count = len(found.boundaries.crossing)
    more = f"\n\nAnd {counted(len(ranked) - _GROUP_ROWS, 'further pair')}." if len(ranked) > _GROUP_ROWS else ""
    note = "Each with its lines under `boundaries` in `code.json`."
    return f"Imports that would cross ({count}):\n\n{table(('groups', 'imports', 'such as'), rows)}{more}\n\n{note}"


def _few_places(found: Analysis, edges: Sequence[tuple[str, str]]) -> str:
    shown = "; ".join(_where(found, one, found.graph.edges[one, other].lines[:1]) for one, other in edges[:_FEW])
    return f"{shown}; and {len(edges) - _FEW} more" if len(edges) > _FEW else shown


def _history(found: Analysis) -> str:
    past = found.history
    if not past.commits:
        return ""
    order = most_changed(found)[:_ROWS]
    rows = [
        (
            path,
            str(past.by_path[path].commits),
            str(past.by_path[path].authors),
            str(past.by_path[path].lines),
            past.by_path[path].last,
        )
        for path in order
    ]
    pairs = sorted(past.together.items(), key=lambda item: (-item[1], item[0]))
    often = [(one, other, str(count)) for (one, other), count in pairs if count > 1][:_ROWS]
    text = "## Changes\n\n" + table(("file", "commits", "authors", "lines changed", "last"), rows)
    return text + ("\n\nChanged together:\n\n" + table(("file", "with", "commits"), often) if often else "")


def _limits(found: Analysis) -> str:
    lines = [*gaps(found), *notes(found), "Nothing of the project was imported or run."]
    return "## Limits\n\n" + "\n".join(f"- {' '.join(line.split())}" for line in lines)


_Section = Callable[[Analysis], str]
_SECTIONS: dict[Focus, tuple[_Section, ...]] = {
    Focus.DEPENDENCIES: (_overall, _cycles, _groups, _layers, _modules),
    Focus.DEBT: (_overall, _hot_spots, _functions, _cycles, _history),
    Focus.STRUCTURE: (_overall, _groups, _layers, _modules, _functions),
    Focus.BOUNDARIES: (_overall, _boundaries, _groups, _cycles),
    Focus.HISTORY: (_overall, _history, _hot_spots),
    Focus.OVERALL: (_overall, _cycles, _groups, _layers, _modules, _hot_spots, _functions, _boundaries, _history),
}
