"""The analysis as JSON: the file `code.json`, and the figures that dependents compute with."""

import json
from typing import TypeAlias

from pydantic import JsonValue

from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis
from prefect_harmonic.tasks.agents.code_analyzer.boundaries import Proposal, Role
from prefect_harmonic.tasks.agents.code_analyzer.complexity import BRANCHY, Function
from prefect_harmonic.tasks.agents.code_analyzer.cycles import Cut, Cycle

Document: TypeAlias = dict[str, JsonValue]

_SHOWN = 20
_MOST_NAMES = 40


def document(found: Analysis) -> Document:
    """Everything that was measured, as plain JSON values in one order."""
    return {
        **figures(found),
        "graph_by": {
            "tool": found.graph.origin,
            "why_not_grimp": found.graph.reason,
            "differences": list(found.graph.difference),
        },
        "packages": [
            {
                "name": package.name,
                "path": package.path or ".",
                "kind": package.kind,
                "modules": _count(found, package.name, package.base),
            }
            for package in found.layout.packages
        ],
        "module_list": [_module(found, module.key) for module in found.layout.modules],
        "edge_list": [
            {
                "importer": edge.importer,
                "imported": edge.imported,
                "lines": list(edge.lines),
                "deferred": edge.is_deferred,
                "typing": edge.is_typing,
            }
            for _, edge in sorted(found.graph.edges.items())
        ],
        "layer_list": [list(layer) for layer in found.coupling.layers],
        "cycles": [_cycle(found, cycle) for cycle in found.cycles],
        "most_complex_functions": [_function(each) for each in found.complexity.most_complex[:_SHOWN]],
        "longest_functions": [_function(each) for each in found.complexity.longest[:_SHOWN]],
        "boundaries": _boundaries(found),
        "changed_together": [
            {"files": [one, other], "commits": count}
            for (one, other), count in _most(found.history.together)
            if count > 1
        ],
        "apart": list(found.layout.apart),
        "not_counted": list(found.layout.stray),
        "unparsed": [{"file": path, "problem": problem} for path, problem in found.graph.unparsed],
        "too_large": list(found.unread),
        "not_followed": list(found.survey.unfollowed),
    }


def as_text(found: Analysis) -> str:
    """The text of `code.json`, the same for the same project."""
    return json.dumps(document(found), indent=1, ensure_ascii=False) + "\n"


def figures(found: Analysis) -> Document:
    """The figures that other artifacts reckon with."""
    branchy = [each for each in found.complexity.functions if each.complexity > BRANCHY]
    return {
        "modules": len(found.layout.modules),
        "edges": len(found.graph.edges),
        "lines": sum(found.complexity.lines.values()),
        "import_cycles": [list(cycle.modules) for cycle in found.cycles],
        "import_cycle_count": len(found.cycles),
        "import_cycles_without_typing": [list(component) for component in found.running_cycles],
        "modules_in_cycles": sum(len(cycle.modules) for cycle in found.cycles),
        "largest_cycle": max((len(cycle.modules) for cycle in found.cycles), default=0),
        "imports_to_cut": sum(len(_running_cuts(cycle)) for cycle in found.cycles),
        "layers": len(found.coupling.layers),
        "deferred_imports": sum(edge.is_deferred and not edge.is_typing for edge in found.graph.edges.values()),
        "functions": len(found.complexity.functions),
        "branchy_functions": len(branchy),
        "hot_spots": [
            {
                "module": spot.module,
                "path": spot.path,
                "complexity": spot.complexity,
                "commits": spot.commits,
                "fan_in": spot.fan_in,
                "score": spot.score,
            }
            for spot in found.hot_spots[:_SHOWN]
        ],
        "groups": [
            {"from": importer, "to": imported, "imports": count}
            for (importer, imported), count in found.coupling.between.items()
        ],
        "services": [
            {
                "name": each.name,
                "groups": list(each.groups),
                "modules": len(each.modules),
                "module_names": list(each.modules[:_MOST_NAMES]),
                "cohesion": each.cohesion,
                "outgoing": len(each.outgoing),
                "incoming": len(each.incoming),
                "cycles": each.cycles,
            }
            for each in found.boundaries.proposals
        ],
        "outside_services": [
            {"role": role.value, "modules": len(names), "module_names": names[:_MOST_NAMES]}
            for role, names in _outside(found)
        ],
        "crossing_imports": len(found.boundaries.crossing),
        "shared_groups": list(found.boundaries.shared_groups),
        "orchestrating": list(found.boundaries.orchestrating),
        "hubs": [hub.module for hub in found.boundaries.hubs[:_SHOWN]],
        "cheapest_cuts": [_cut_in_short(found, cycle, cut) for cycle in found.cycles for cut in _running_cuts(cycle)][
            :_SHOWN
        ],
        "modularity": found.boundaries.modularity,
        "commits": found.history.commits,
        "unparsed_files": len(found.graph.unparsed),
        "python_files_apart": len(found.layout.apart),
        "other_languages": dict(found.other_files),
    }


def _outside(found: Analysis) -> list[tuple[Role, list[JsonValue]]]:
    """The modules that belong to no candidate service, by what they are."""
    names: dict[Role, list[JsonValue]] = {role: [] for role in Role}
    for key, role in found.boundaries.outside if found.boundaries.proposals else ():
        names[role].append(key)
    return [(role, modules) for role, modules in names.items() if modules]


def _most(together: dict[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    return sorted(together.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]


def _count(found: Analysis, top: str, base: str) -> int:
    return sum(1 for module in found.layout.modules if module.top == top and module.base == base)


def _module(found: Analysis, key: str) -> Document:
    module, standing = found.layout.by_key[key], found.coupling.standings[key]
    churn = found.history.by_path.get(module.path)
    return {
        "name": key,
        "path": module.path,
        "group": standing.group,
        "layer": standing.layer,
        "fan_in": standing.fan_in,
        "fan_out": standing.fan_out,
        "instability": standing.instability,
        "lines": found.complexity.lines.get(module.path, 0),
        "complexity": found.complexity.by_path.get(module.path, 0),
        "commits": churn.commits if churn else 0,
        "authors": churn.authors if churn else 0,
    }


def _cycle(found: Analysis, cycle: Cycle) -> Document:
    return {
        "modules": list(cycle.modules),
        "ring": list(cycle.ring),
        "imports": len(cycle.edges),
        "runs_without_typing": cycle.is_running,
        "kept_open_by_deferred_imports": cycle.is_deferred,
        "cheapest": _cut(found, cycle.cheapest),
        "cuts": [_cut(found, cut) for cut in cycle.cuts],
        "cuts_are_cheapest": cycle.is_exact,
    }


def _cut(found: Analysis, cut: Cut) -> Document:
    path = found.layout.by_key[cut.edge.importer].path
    return {
        "importer": cut.edge.importer,
        "imported": cut.edge.imported,
        "cost": cut.cost,
        "uses": cut.uses,
        "deferred": cut.edge.is_deferred,
        "typing": cut.edge.is_typing,
        "statements": [{"file": path, "line": line, "quote": found.quote(path, line)} for line in cut.edge.lines],
    }


def _running_cuts(cycle: Cycle) -> tuple[Cut, ...]:
    """What is to be cut so that no cycle is left when the program runs: imports for types alone make none."""
    return tuple(cut for cut in cycle.cuts if cycle.is_running and not cut.edge.is_typing)


def _cut_in_short(found: Analysis, cycle: Cycle, cut: Cut) -> JsonValue:
    return {
        "importer": cut.edge.importer,
        "imported": cut.edge.imported,
        "place": _first_place(found, cut),
        "modules_in_cycle": len(cycle.modules),
        "cost": cut.cost,
    }


def _first_place(found: Analysis, cut: Cut) -> str:
    path = found.layout.by_key[cut.edge.importer].path
    return f"{path}:{cut.edge.lines[0]}" if cut.edge.lines else path


def _function(each: Function) -> Document:
    return {
        "name": each.name,
        "path": each.path,
        "line": each.line,
        "length": each.length,
        "complexity": each.complexity,
    }


def _boundaries(found: Analysis) -> Document:
    drawn = found.boundaries
    return {
        "proposals": [_proposal(found, each) for each in drawn.proposals],
        "shared_groups": list(drawn.shared_groups),
        "shared_modules": [{"module": key, "used_by_proposals": users} for key, users in drawn.shared],
        "orchestrating": list(drawn.orchestrating),
        "outside": [{"module": key, "why": role.value} for key, role in drawn.outside],
        "misfits": [
            {
                "module": each.module,
                "in": each.own,
                "fits": each.other,
                "links_in": each.links_own,
                "links_fits": each.links_other,
            }
            for each in drawn.misfits
        ],
        "hubs": [
            {"module": each.module, "fan_in": each.fan_in, "fan_out": each.fan_out, "groups": each.groups}
            for each in drawn.hubs
        ],
        "modularity": drawn.modularity,
    }


def _proposal(found: Analysis, each: Proposal) -> Document:
    return {
        "name": each.name,
        "groups": list(each.groups),
        "modules": list(each.modules),
        "cohesion": each.cohesion,
        "internal_imports": each.internal,
        "outgoing": [_crossing(found, pair) for pair in each.outgoing],
        "incoming": [_crossing(found, pair) for pair in each.incoming],
        "shared_modules": list(each.shared),
        "cycles_to_open": each.cycles,
    }


def _crossing(found: Analysis, pair: tuple[str, str]) -> Document:
    edge = found.graph.edges[pair]
    path = found.layout.by_key[edge.importer].path
    return {"importer": edge.importer, "imported": edge.imported, "file": path, "lines": list(edge.lines)}
