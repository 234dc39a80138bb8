"""What the figures say about an artifact: claims with their places in the code, risks, gaps and how sure it all is."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from prefect_harmonic.planners.evidence import Claim, Grade, Risk, Source
from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis, HotSpot
from prefect_harmonic.tasks.agents.code_analyzer.complexity import BRANCHY
from prefect_harmonic.tasks.agents.code_analyzer.cycles import Cycle
from prefect_harmonic.tasks.agents.code_analyzer.focus import Focus
from prefect_harmonic.tasks.agents.code_analyzer.modules import is_test
from prefect_harmonic.tasks.agents.wording import counted, listed
from prefect_harmonic.tasks.project_files import MAX_FILE_BYTES

PINNED = "Pin its behaviour with tests before it is changed."
"""What is to be done about a hot spot, and so before anything else that changes it."""

_EACH = 6
_FEW = 5
_TELLING_COMMITS = 20
"""With fewer, what was changed most often says little of what will be."""
_LARGE_CYCLE = 5
_CLEAR = 0.3  # Newman and Girvan: networks with a strong community structure lie above


def claims(found: Analysis, focus: Focus) -> tuple[Claim, ...]:
    """Statements about the side of the code that was asked for, the most important first."""
    if not found.layout.modules:
        return ()
    return tuple(claim for part in _PARTS[focus] for claim in part(found))


def _claim(found: Analysis, text: str, *places: tuple[str, int], limit: float = 0.99) -> Claim:
    sources = [
        Source(path=path, line=line, quote=found.quote(path, line), grade=Grade.MEASURED)
        for path, line in dict.fromkeys(places)
    ]
    return Claim(text=text, sources=tuple(sources), confidence=round(min(limit, max(0.2, found.parsed_share)), 2))


def _size(found: Analysis) -> Iterator[Claim]:
    layout = found.layout
    names = listed(largest_packages(found))
    agreed = found.graph.origin == "grimp" and not found.graph.difference
    how = "grimp and a reading of the syntax trees agree on all of them" if agreed else "read from the syntax trees"
    first = next((module for module in layout.modules if not module.is_namespace), layout.modules[0])
    yield _claim(
        found,
        f"The project has {counted(len(layout.modules), 'module')} in {counted(len(layout.packages), 'package')} "
        f"({names}) with {counted(len(found.graph.edges), 'import')} among them; {how}.",
        (first.path, 1),
    )
    layers = found.coupling.layers
    top = layout.by_key[layers[-1][0]]
    text = (
        f"The import graph has {counted(len(layers), 'layer')} once cycles are taken as one; {top.name} is at the top."
    )
    yield _claim(found, text, (top.path, 1))


def _all_cycles(found: Analysis) -> Iterator[Claim]:
    if not found.cycles:
        first = found.layout.modules[0]
        yield _claim(found, "No module imports itself through others: there is no import cycle.", (first.path, 1))
        return
    sizes = sorted((len(cycle.modules) for cycle in found.cycles), reverse=True)
    left = len(found.running_cycles)
    yield _claim(
        found,
        f"There {'is' if len(sizes) == 1 else 'are'} {counted(len(sizes), 'import cycle')} {_extent(sizes)}; "
        f"without imports for type checkers there "
        f"{'is' if left == 1 else 'are'} {left}.",
        *[_place(found, cycle) for cycle in found.cycles[:_EACH]],
    )
    for cycle in sorted(found.cycles, key=lambda each: (-len(each.modules), each.modules))[:_EACH]:
        yield _claim(found, _cycle_text(cycle), *_cut_places(found, cycle))


def _extent(sizes: Sequence[int]) -> str:
    """How large cycles are: each for a few of them, the largest and the sum for many."""
    if len(sizes) <= _FEW:
        return f"with {listed([str(size) for size in sizes])} modules"
    return f"with {sum(sizes)} modules in all, the largest with {max(sizes)}"


def _cycle_text(cycle: Cycle) -> str:
    cuts = [f"{cut.edge.importer} → {cut.edge.imported}" for cut in cycle.cuts]
    least = "the cheapest cut found is" if not cycle.is_exact else "the cheapest cut is"
    return (
        f"{listed(cycle.modules, most=6)} form one import cycle with {counted(len(cycle.edges), 'import')}; "
        f"{least} {counted(len(cuts), 'import')}: {listed(cuts, most=3)}."
    )


def _place(found: Analysis, cycle: Cycle) -> tuple[str, int]:
    edge = cycle.cheapest.edge
    return found.layout.by_key[edge.importer].path, edge.lines[0] if edge.lines else 1


def _cut_places(found: Analysis, cycle: Cycle) -> list[tuple[str, int]]:
    edges = [cut.edge for cut in cycle.cuts[:_EACH]]
    return [(found.layout.by_key[edge.importer].path, line) for edge in edges for line in edge.lines[:2]]


def _between_groups(found: Analysis) -> Iterator[Claim]:
    shared = found.boundaries.shared_groups
    tests = {found.coupling.standings[each.key].group for each in found.layout.modules if is_test(each.path)}
    pairs = [
        (count, a, b)
        for (a, b), count in found.coupling.between.items()
        if a != b and b not in shared and a not in tests
    ]
    for count, importer, imported in sorted(pairs, key=lambda each: (-each[0], each[1:]))[:3]:
        places = [
            (found.layout.by_key[a].path, edge.lines[0])
            for (a, b), edge in found.graph.edges.items()
            if (found.coupling.standings[a].group, found.coupling.standings[b].group) == (importer, imported)
            and edge.lines
        ]
        yield _claim(found, f"{importer} imports {imported} {counted(count, 'time')}.", *places[:2])


def _hot_spots(found: Analysis) -> Iterator[Claim]:
    for spot in found.hot_spots[:3]:
        changed = f", changed by {counted(spot.commits, 'commit')}" if spot.commits > 1 else ""
        yield _claim(
            found,
            f"{spot.module} is a hot spot: complexity {spot.complexity} in {spot.lines} lines{changed}, imported by "
            f"{counted(spot.fan_in, 'module')}.",
            (spot.path, 1),
        )


def _functions(found: Analysis) -> Iterator[Claim]:
    functions = found.complexity.functions
    branchy = [each for each in functions if each.complexity > BRANCHY]
    if functions:
        yield _claim(
            found,
            f"{len(branchy)} of {counted(len(functions), 'function')} have a cyclomatic complexity above {BRANCHY}.",
            *[(each.path, each.line) for each in found.complexity.most_complex[:3]],
        )
    for each in found.complexity.most_complex[:3]:
        text = f"{each.name} has a cyclomatic complexity of {each.complexity} in {counted(each.length, 'line')}."
        yield _claim(found, text, (each.path, each.line))


def _services(found: Analysis) -> Iterator[Claim]:
    drawn = found.boundaries
    if drawn.proposals:
        clear = "a clear" if drawn.modularity >= _CLEAR else "no clear"
        first = found.layout.by_key[drawn.proposals[0].modules[0]]
        yield _claim(
            found,
            f"The imports show {clear} seam between {counted(len(drawn.proposals), 'candidate service')} (modularity "
            f"{drawn.modularity:.2f}); {counted(len(drawn.crossing), 'import')} would cross from one to another; "
            f"{counted(len(drawn.outside), 'module')} of {len(found.layout.modules)} "
            f"{'belongs' if len(drawn.outside) == 1 else 'belong'} to none of them.",
            (first.path, 1),
            limit=0.8,
        )
    for each in drawn.proposals[:_EACH]:
        places = [
            (found.layout.by_key[pair[0]].path, found.graph.edges[pair].lines[0])
            for pair in each.outgoing[:2]
            if found.graph.edges[pair].lines
        ] or [(found.layout.by_key[each.modules[0]].path, 1)]
        yield _claim(
            found,
            f"{listed(each.groups, most=6)} could be one service ({each.name}): cohesion {each.cohesion:.2f}, "
            f"{counted(len(each.outgoing), 'import')} out, {len(each.incoming)} in, {counted(each.cycles, 'cycle')} "
            "to open first.",
            *places,
            limit=0.7,
        )
    for hub in drawn.hubs[:2]:
        yield _claim(
            found,
            f"{hub.module} ties {counted(hub.groups, 'group')} together (imported by {hub.fan_in}, imports "
            f"{hub.fan_out}, shared modules aside) and has to be divided before a split.",
            (found.layout.by_key[hub.module].path, 1),
        )
    for misfit in drawn.misfits[:3]:
        yield _claim(
            found,
            f"{misfit.module} has {misfit.links_other} imports in common with {misfit.other} and {misfit.links_own} "
            f"with its own {misfit.own}.",
            (found.layout.by_key[misfit.module].path, 1),
        )


def _changes(found: Analysis) -> Iterator[Claim]:
    past = found.history
    if not past.commits:
        return
    often = most_changed(found)[:3]
    names = listed([f"{path} ({past.by_path[path].commits})" for path in often])
    read = f"{counted(past.commits, 'commit')} {'was' if past.commits == 1 else 'were'} read"
    limit = 0.99 if past.commits >= _TELLING_COMMITS else 0.6
    yield _claim(found, f"{read}; changed most often: {names}.", *[(path, 1) for path in often], limit=limit)


def most_changed(found: Analysis) -> tuple[str, ...]:
    """Files of modules that were changed, those with most commits first."""
    past = found.history.by_path
    changed = [module.path for module in found.layout.modules if module.path in past]
    return tuple(sorted(changed, key=lambda path: (-past[path].commits, -past[path].lines, path)))


def largest_packages(found: Analysis) -> list[str]:
    """Names of the top-level packages, those with most modules first."""
    size = Counter(module.top for module in found.layout.modules)
    return sorted(size, key=lambda name: (-size[name], name))


_Part = Callable[[Analysis], Iterator[Claim]]
_PARTS: dict[Focus, tuple[_Part, ...]] = {
    Focus.DEPENDENCIES: (_all_cycles, _size, _between_groups),
    Focus.DEBT: (_hot_spots, _functions, _all_cycles, _changes),
    Focus.STRUCTURE: (_size, _between_groups, _all_cycles, _functions),
    Focus.BOUNDARIES: (_services, _all_cycles, _size),
    Focus.HISTORY: (_changes, _hot_spots, _size),
    Focus.OVERALL: (_size, _all_cycles, _hot_spots, _functions, _services, _changes),
}


def risks(found: Analysis) -> tuple[Risk, ...]:
    """What of the code makes work on it likely to go wrong."""
    largest = sorted(found.running_cycles, key=lambda each: (-len(each), each))[:2]
    return (
        *(_cycle_risk(found, modules) for modules in largest),
        *(
            Risk(
                title=f"{hub.module} is between {hub.groups} parts of the code",
                likelihood="high",
                impact="high",
                evidence=f"Imported by {hub.fan_in} modules, imports {hub.fan_out}, shared modules aside.",
                mitigation="Divide it by use case before any of these parts is moved.",
            )
            for hub in found.boundaries.hubs[:1]
        ),
        *(
            Risk(
                title=f"Changes to {spot.module}",
                likelihood="high" if spot.commits > 1 else "medium",
                impact="high" if spot.fan_in > _LARGE_CYCLE else "medium",
                evidence=f"Complexity {spot.complexity}{_commits(found, spot)}, imported by "
                f"{counted(spot.fan_in, 'module')}.",
                mitigation=PINNED,
            )
            for spot in found.hot_spots[:1]
        ),
    )


def _commits(found: Analysis, spot: HotSpot) -> str:
    """How often a hot spot was changed, where that tells it from other files."""
    if not found.history.commits:
        return ", no history"
    return f", {counted(spot.commits, 'commit')}" if spot.commits > 1 else ""


def _cycle_risk(found: Analysis, modules: tuple[str, ...]) -> Risk:
    """The risk of a cycle as it is when the program runs: imports for type checkers neither make nor open one."""
    cycle = next(each for each in found.cycles if set(modules) <= set(each.modules))
    edges = [edge for edge in cycle.edges if not edge.is_typing and {edge.importer, edge.imported} <= set(modules)]
    cuts = [cut.edge for cut in cycle.cuts if cut.edge in edges]
    around = cycle.cheapest.edge if cycle.cheapest.edge in edges else cuts[0]
    degree = "high" if len(modules) >= _LARGE_CYCLE else "medium"
    return Risk(
        title=f"Import cycle of {len(modules)} modules around {around.importer}",
        likelihood=degree,
        impact=degree,
        evidence=f"{listed(modules, most=6)} reach each other by {len(edges)} imports.",
        mitigation=f"Cut {listed([f'{edge.importer} → {edge.imported}' for edge in cuts], most=3)}.",
    )


def gaps(found: Analysis) -> tuple[str, ...]:
    """What could not be found out for this side of the code."""
    missing = []
    if not found.layout.modules:
        others = listed([f"{count} .{name}" for name, count in found.other_files.items()])
        missing.append(f"There is no Python code to analyse ({others} of other languages, measured for size only).")
    if unparsed := [(path, problem) for path, problem in found.graph.unparsed if path not in found.unread]:
        files = listed([f"{path} ({problem})" for path, problem in unparsed], most=3)
        missing.append(f"{counted(len(unparsed), 'file')} could not be read as Python: {files}.")
    if found.unread:
        files = listed(found.unread, most=3)
        missing.append(f"{counted(len(found.unread), 'file')} above {MAX_FILE_BYTES:,} bytes not read: {files}.")
    if found.survey.is_truncated:
        missing.append("The project has more files than are read; what lies beyond is missing.")
    return tuple(missing)


def unseen(found: Analysis, focus: Focus) -> tuple[str, ...]:
    """What this side of the code would have shown and no search brings back."""
    if not found.history.problem or focus not in (Focus.DEBT, Focus.HISTORY):
        return ()
    return (f"No git history: {found.history.problem}. Hot spots are ranked by complexity alone.",)


def notes(found: Analysis) -> tuple[str, ...]:
    """What was left out on purpose or seen by the way, for the report."""
    layout = found.layout
    apart = counted(len(layout.apart), "Python file")
    stray = counted(len(layout.stray), "Python file")
    others = listed([f"{count} .{name}" for name, count in found.other_files.items()], most=8)
    said = [
        (layout.apart, f"{apart} beside the packages (tests, examples, scripts) not counted."),
        (layout.stray, f"{stray} in folders without `__init__.py` not counted."),
        (layout.passed, f"Folders without `__init__.py` that are imported from nevertheless: {listed(layout.passed)}."),
        (layout.implicit, f"Folders without `__init__.py` that count: {listed(layout.implicit)}."),
        (found.survey.unfollowed, f"Links not followed: {listed(found.survey.unfollowed)}."),
        (found.complexity.failed, f"Complexity not measured in {listed(found.complexity.failed)}."),
        (found.history.problem, f"No git history: {found.history.problem}."),
        (found.history.is_cut, f"Only the newest {found.history.commits:,} commits were read."),
        (found.graph.reason, f"grimp was not asked: {found.graph.reason}."),
        (found.graph.difference, f"grimp decided where it differed: {listed(found.graph.difference)}."),
        (layout.modules and found.other_files, f"Files of other languages, not analysed: {others}."),
    ]
    return tuple(text for holds, text in said if holds)


def confidence(found: Analysis, focus: Focus) -> float:
    """How sure the whole is: how much could be read, and whether two readings agree."""
    if not found.layout.modules:
        return 0.2
    sure = 0.95 if found.graph.origin == "grimp" and not found.graph.difference else 0.9
    if focus is Focus.BOUNDARIES:
        sure -= 0.1  # imports do not show which data and which people belong together
    if found.history.problem and focus in (Focus.DEBT, Focus.HISTORY):
        sure -= 0.15 if focus is Focus.DEBT else 0.5
    if found.survey.is_truncated:
        sure -= 0.2
    return round(max(0.2, sure * found.parsed_share), 2)
