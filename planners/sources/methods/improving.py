"""A plan made better without losing any of it.

Each step holds one reader on the longest chain to the contract of what it waits for. That is sound because the contract
is in the plan and the maker keeps to it; the real result is brought in where the plan comes together. No other
dependency is touched.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.scheduling import critical_path, expected_schedule
from prefect_harmonic.planners.sources.methods.decomposition import FINAL_KINDS

MOST_STEPS = 12


def improved(
    plan: Plan, contracts: Mapping[str, str], finals: Collection[str], limits: ArtifactLimits, workers: int
) -> Plan | None:
    """The plan with shorter chains, or nothing if no contract in it helps.

    Args:
        plan: A plan that passes the gate.
        contracts: Templates of results with the template of the contract that stands in for each.
        finals: Ids of artifacts that always wait for real results.
        limits: How large the plan may be.
        workers: For how many at once it is to be quick.
    """
    graph = best = ArtifactGraph(plan)
    for _ in range(MOST_STEPS):
        trials = [trial for trial in _trials(graph, contracts, finals) if trial.depth <= limits.max_depth]
        better = min(trials, key=lambda trial: _figure(trial, workers), default=None)
        if better is None or _figure(better, workers) >= _figure(graph, workers):
            break
        graph = better
    return None if graph is best else graph.plan


def _figure(graph: ArtifactGraph, workers: int) -> tuple[float, float, int]:
    durations = EffortModel().durations(graph)
    chain = sum(durations[name] for name in critical_path(graph, durations))
    return expected_schedule(graph, durations, workers).makespan, chain, graph.depth


def _trials(graph: ArtifactGraph, contracts: Mapping[str, str], finals: Collection[str]) -> Iterator[ArtifactGraph]:
    """The plan with one edge of its longest chain moved from a result to its contract, for each edge it can be."""
    chain = critical_path(graph, EffortModel().durations(graph))
    for required, reader in pairwise(chain):
        trial = _held_to_contract(graph, graph.artifacts[required], graph.artifacts[reader], contracts, finals)
        if trial is not None:
            yield trial


def _held_to_contract(
    graph: ArtifactGraph, maker: Artifact, reader: Artifact, contracts: Mapping[str, str], finals: Collection[str]
) -> ArtifactGraph | None:
    edge = next(edge for edge in reader.requires if edge.id == maker.id)
    things = set(reader.consumes) & set(maker.produces)
    if reader.id in finals or _is_about_the_real_thing(reader) or not things or not _only_reads(edge, things):
        return None
    instead = {thing: _contract_for(thing, contracts, graph, maker.id) for thing in sorted(things)}
    found = {thing: contract for thing, contract in instead.items() if contract is not None}
    if len(found) < len(things):
        return None
    end = graph.roots[0] if len(graph.roots) == 1 else None
    if end is None or end == reader.id:
        return None
    consumes = (set(reader.consumes) - things) | {name for _, name in found.values()}
    edges = [each for each in reader.requires if each.id != maker.id]
    edges += [Requirement(id=owner, because=f"reads the {name}") for owner, name in found.values()]
    changed = dict(graph.artifacts)
    changed[reader.id] = reader.model_copy(update={"consumes": tuple(sorted(consumes))}).requiring(*edges)
    changed[end] = _bringing_in(changed[end], maker, things)
    return _without_redundancy(_with_reading_restored(graph, graph.with_artifacts(changed.values())))


def _is_about_the_real_thing(reader: Artifact) -> bool:
    """Whether a contract would not do: tests and reviews judge what was made, not what was promised."""
    return reader.domain_type in FINAL_KINDS or reader.agent not in {None, "builder"}


def _only_reads(edge: Requirement, things: set[str]) -> bool:
    """Whether the reason of an edge is reading these things and nothing else."""
    reasons = set((edge.because or "").split("; "))
    return reasons <= {f"reads the {thing}" for thing in things}


def _contract_for(thing: str, contracts: Mapping[str, str], graph: ArtifactGraph, maker: str) -> tuple[str, str] | None:
    """Who makes the contract of a result, and its name; only one that the maker itself keeps to counts."""
    for template, contract in contracts.items():
        match = _pattern(template).fullmatch(thing)
        if match is None:
            continue
        subject = match.groupdict().get("subject") or ""
        name = contract.replace("{subject}", subject)
        for artifact in graph.artifacts.values():
            if name in artifact.produces and graph.is_before(artifact.id, maker):
                return artifact.id, name
    return None


def _pattern(template: str) -> "re.Pattern[str]":
    return re.compile(re.escape(template).replace(r"\{subject\}", "(?P<subject>.+)", 1))


def _with_reading_restored(before: ArtifactGraph, after: ArtifactGraph) -> ArtifactGraph:
    """The changed graph with an edge for whatever somebody read by way of the edge that is gone.

    The makers stood before their readers already, so that no ring can come of it.
    """
    makers: dict[str, list[str]] = {}
    for name, artifact in after.artifacts.items():
        for thing in artifact.produces:
            makers.setdefault(thing, []).append(name)
    restored = []
    for name, artifact in after.artifacts.items():
        lost = [
            Requirement(id=maker, because=f"reads the {thing}")
            for thing in artifact.consumes
            for maker in makers.get(thing, [])
            if before.is_before(maker, name) and not after.is_before(maker, name)
        ]
        restored.append(artifact.requiring(*artifact.requires, *lost))
    return after.with_artifacts(restored)


def _bringing_in(end: Artifact, maker: Artifact, things: set[str]) -> Artifact:
    """The last artifact, which brings together what was made apart."""
    names = ", ".join(sorted(things))
    edge = Requirement(id=maker.id, because=f"brings in the {names}")
    consumes = tuple(sorted({*end.consumes, *things}))
    return end.model_copy(update={"consumes": consumes}).requiring(*end.requires, edge)


def _without_redundancy(graph: ArtifactGraph) -> ArtifactGraph:
    redundant = set(graph.redundant_requirements)
    return graph.with_artifacts(
        artifact.requiring(*(edge for edge in artifact.requires if (edge.id, artifact.id) not in redundant))
        for artifact in graph.artifacts.values()
    )
