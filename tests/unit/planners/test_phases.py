"""Groups of work that are evaluated together, in an order in which they can be done."""

from hypothesis import given
from hypothesis import strategies as st
from support.plans import chain_of, edge_sets, graph_of, named

from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.phases import UNNAMED_PHASE, Phase, phases_of


@st.composite
def phased_graphs(draw: st.DrawFn) -> ArtifactGraph:
    """Graphs in which some artifacts name one of a few phases."""
    names = st.none() | st.sampled_from(["ask", "build", "check"])
    return ArtifactGraph(named(name, required, phase=draw(names)) for name, required in draw(edge_sets()).items())


def test_plan_without_phases_has_one() -> None:
    """All of it, evaluated once."""
    assert phases_of(graph_of({"B": "A", "A": ""})) == (Phase(UNNAMED_PHASE, ("A", "B")),)


def test_phases_come_in_the_order_of_their_requirements() -> None:
    """Whatever they are called, with those that must be over before."""
    graph = ArtifactGraph([named("A", phase="zoo"), named("B", "A", phase="act"), named("C", "A B", phase="mix")])
    assert phases_of(graph) == (
        Phase("zoo", ("A",)),
        Phase("act", ("B",), after=("zoo",)),
        Phase("mix", ("C",), after=("act", "zoo")),
    )


def test_mixed_phases_are_one() -> None:
    """Each requires the other, so neither can be over before the other begins."""
    graph = ArtifactGraph(
        [
            named("A", phase="ask"),
            named("B", "A", phase="build"),
            named("C", "B", phase="ask"),
            named("D", "C", phase="ship"),
        ]
    )
    assert phases_of(graph) == (
        Phase("ask + build", ("A", "B", "C")),
        Phase("ship", ("D",), after=("ask + build",)),
    )


def test_artifact_without_a_phase_joins_the_last_one_that_it_requires() -> None:
    """It cannot be done before that one."""
    graph = ArtifactGraph([named("A", phase="ask"), named("B", "A", phase="build"), named("C", "A B")])
    assert [(phase.name, phase.artifacts) for phase in phases_of(graph)] == [("ask", ("A",)), ("build", ("B", "C"))]


def test_artifact_without_a_phase_and_requirements_joins_the_first_that_requires_it() -> None:
    """It is done for that one."""
    graph = ArtifactGraph([named("A"), named("B", "A", phase="ask"), named("C", "A B", phase="build")])
    assert [(phase.name, phase.artifacts) for phase in phases_of(graph)] == [("ask", ("A", "B")), ("build", ("C",))]


@given(phased_graphs())
def test_phases_hold_every_artifact_once_and_keep_every_order(graph: ArtifactGraph) -> None:
    """What an artifact requires is in its own phase before it, or in a phase that comes before and is named."""
    phases = phases_of(graph)
    assert sorted(name for phase in phases for name in phase.artifacts) == list(graph.artifacts)
    home = {name: number for number, phase in enumerate(phases) for name in phase.artifacts}
    numbers = {phase.name: number for number, phase in enumerate(phases)}
    assert len(numbers) == len(phases)
    for number, phase in enumerate(phases):
        assert all(numbers[before] < number for before in phase.after)
        for place, name in enumerate(phase.artifacts):
            for required in graph.requirements_of(name):
                if home[required] == number:
                    assert phase.artifacts.index(required) < place
                else:
                    assert phases[home[required]].name in phase.after


@given(phased_graphs())
def test_artifacts_that_name_one_phase_are_in_one(graph: ArtifactGraph) -> None:
    """And its name is part of the phase's."""
    for phase in phases_of(graph):
        named_phases = {graph.artifacts[name].phase for name in phase.artifacts} - {None}
        assert named_phases <= set(phase.name.split(" + "))


def test_long_chain_has_phases_too() -> None:
    """Thousands of artifacts of which only the last names its phase."""
    chain = chain_of(5_000)
    last = chain.order[-1]
    graph = chain.with_artifacts(
        one.model_copy(update={"phase": "end"}) if one.id == last else one for one in chain.plan.artifacts
    )
    assert [(phase.name, len(phase.artifacts)) for phase in phases_of(graph)] == [("end", 5_000)]
