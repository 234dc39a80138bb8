"""How alike plans are in structure, and which candidates came out nearly like an earlier one."""

from hypothesis import given
from support.candidates import candidate_of
from support.plans import chain_of, graph_of, graphs, named

from prefect_harmonic.planners.candidate import failed_candidate
from prefect_harmonic.planners.diversity import NEARLY_IDENTICAL, similarity, structure, unique_structures
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.likeness import near_copies, nearest
from prefect_harmonic.planners.variance import Variation


def renamed(graph: ArtifactGraph) -> ArtifactGraph:
    """The same structure under other names, in another alphabetical order."""
    names = {name: f"Z{len(graph) - place}" for place, name in enumerate(graph.artifacts)}
    return ArtifactGraph(
        named(names[name], [names[required] for required in graph.requirements_of(name)], domain_type=one.domain_type)
        for name, one in graph.artifacts.items()
    )


@given(graphs())
def test_plan_under_other_names_is_the_same_structure(graph: ArtifactGraph) -> None:
    """What artifacts are called does not matter."""
    assert similarity(graph, renamed(graph)) == 1.0
    assert unique_structures([structure(graph), structure(renamed(graph))]) == 1


@given(graphs(), graphs())
def test_similarity_is_symmetric_and_a_share(one: ArtifactGraph, other: ArtifactGraph) -> None:
    """From 0 to 1, either way round, and 1 exactly for one structure."""
    alike = similarity(one, other)
    assert 0 <= alike <= 1
    assert alike == similarity(other, one)
    assert (alike == 1) == (unique_structures([structure(one), structure(other)]) == 1)


def test_kinds_of_artifacts_count() -> None:
    """A service is no document, though it hangs at the same place."""
    service, document = (
        ArtifactGraph([named("A", domain_type="service")]),
        ArtifactGraph([named("A", domain_type="doc")]),
    )
    assert similarity(service, document) == 0.0


def test_chain_and_star_are_unlike() -> None:
    """The same artifacts, hanging together otherwise."""
    chain, star = graph_of({"A": "", "B": "A", "C": "B", "D": "C"}), graph_of({"A": "", "B": "A", "C": "A", "D": "A"})
    assert similarity(chain, star) < NEARLY_IDENTICAL


def test_later_copy_is_told_with_the_earlier_one() -> None:
    """Each copy once, against the first of its kind; broken candidates are nobody's copy."""
    chain, pair = chain_of(3), graph_of({"A": "", "B": ""})
    candidates = [
        candidate_of(chain, 0),
        failed_candidate(Variation(index=1), "no"),
        candidate_of(pair, 2),
        candidate_of(renamed(chain), 3),
        candidate_of(pair, 4),
        candidate_of(chain, 5),
    ]
    told = [(copy.id, other, alike) for copy, other, alike in near_copies(candidates)]
    assert told == [
        ("candidate-3", "candidate-0", 1.0),
        ("candidate-4", "candidate-2", 1.0),
        ("candidate-5", "candidate-0", 1.0),
    ]


def test_candidate_alone_is_like_nobody() -> None:
    """There is no other."""
    only = candidate_of(chain_of(2))
    assert nearest(only, [only]) == (0.0, "")
