"""Plans for tests: short ways to write them by hand, and hypothesis strategies that draw them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.variance import Variation

EDGES = Mapping[str, str]
"""Ids of artifacts with the ids that each requires, separated by spaces."""


def named(name: str, requires: str | Iterable[str | Requirement] = (), **fields: object) -> Artifact:
    """An artifact as a plan file would give it; what it requires may stand in one text, separated by spaces."""
    edges = requires.split() if isinstance(requires, str) else list(requires)
    return Artifact.model_validate({"id": name, "requires": edges, **fields})


def artifacts_of(edges: EDGES) -> tuple[Artifact, ...]:
    """Artifacts with these ids and requirements: `{"B": "A", "A": ""}`."""
    return tuple(named(name, required) for name, required in edges.items())


def graph_of(edges: EDGES) -> ArtifactGraph:
    """A graph of these ids and requirements."""
    return ArtifactGraph(artifacts_of(edges))


def plan_of(edges: EDGES, requirements: Iterable[str] = ()) -> Plan:
    """A plan of these ids and requirements, valid or not."""
    return Plan(artifacts=artifacts_of(edges), requirements=tuple(requirements))


def explained(name: str, *required: str) -> Artifact:
    """An artifact that says why it requires each of the others, so that the gate has no remark on its edges."""
    return named(name, [Requirement(id=other, because="needs it") for other in required])


@lru_cache
def chain_of(length: int) -> ArtifactGraph:
    """So many artifacts, each requiring the one before."""
    names = [f"n{place:05}" for place in range(length)]
    return ArtifactGraph(named(name, names[place - 1 : place] if place else ()) for place, name in enumerate(names))


@lru_cache
def grid_of(layers: int, width: int) -> ArtifactGraph:
    """Layers of artifacts, each artifact requiring the three nearest in the layer before."""
    rows = [[f"l{layer:03}w{place:03}" for place in range(width)] for layer in range(layers)]
    return ArtifactGraph(
        named(name, rows[layer - 1][max(0, place - 1) : place + 2] if layer else ())
        for layer, row in enumerate(rows)
        for place, name in enumerate(row)
    )


def without_edge(plan: Plan, dependent: str, required: str) -> Plan:
    """The plan with one requirement dropped."""
    return plan.with_artifacts(
        one.requiring(*(edge for edge in one.requires if (one.id, edge.id) != (dependent, required)))
        for one in plan.artifacts
    )


def variation(index: int = 0) -> Variation:
    """The plain variation of one candidate."""
    return Variation(index=index)


@st.composite
def edge_sets(draw: st.DrawFn, most: int = 9) -> dict[str, tuple[str, ...]]:
    """Requirements of up to so many artifacts without a cycle; the ids' order says nothing of the order of work."""
    count = draw(st.integers(1, most))
    names = draw(st.permutations([f"N{number}" for number in range(count)]))
    return {
        name: tuple(sorted(draw(st.sets(st.sampled_from(names[:place]), max_size=4)))) if place else ()
        for place, name in enumerate(names)
    }


@st.composite
def graphs(draw: st.DrawFn, most: int = 9, files: int = 0) -> ArtifactGraph:
    """Graphs of up to so many artifacts, which may write up to so many files, several of them the same one."""
    paths = st.none() | st.sampled_from([f"out/file{number}.txt" for number in range(files)]) if files else st.none()
    return ArtifactGraph(
        named(name, required, produces_file=draw(paths)) for name, required in draw(edge_sets(most)).items()
    )


@st.composite
def declared_plans(draw: st.DrawFn, most: int = 8) -> Plan:
    """Plans in which every artifact says what it consumes of each that it requires, and each edge is a true one."""
    edges = draw(edge_sets(most))
    return Plan(
        goal="Draw a plan",
        artifacts=tuple(
            named(
                name,
                required,
                consumes=[f"product of {other}" for other in required],
                produces=[f"product of {name}"],
            )
            for name, required in edges.items()
        ),
    )


def durations_for(graph: ArtifactGraph) -> st.SearchStrategy[dict[str, float]]:
    """Hours for each artifact, in quarters so that sums are exact."""
    quarters = st.integers(0, 40).map(lambda number: number / 4)
    return st.fixed_dictionaries(dict.fromkeys(graph.artifacts, quarters))
