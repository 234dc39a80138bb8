"""A knowledge graph that other programs can read."""

from io import BytesIO

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Claim, Evidence, Source
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.graphml import graphml, knowledge_graph
from prefect_harmonic.tasks.views.report import ReportInput


def test_graphml_loads_back_as_it_was(migration: ReportInput) -> None:
    """Nodes, edges and all that they say survive writing and reading."""
    states = {name: state.state for name, state in migration.states.items()}
    expected = knowledge_graph(migration.graph, migration.evidence, states)
    actual = nx.read_graphml(BytesIO(graphml(migration.graph, migration.evidence, states).encode()))
    assert sorted(expected.nodes(data=True)) == sorted(actual.nodes(data=True))
    assert {(one, other): data for one, other, data in expected.edges(data=True)} == {
        (one, other): data for one, other, data in actual.edges(data=True)
    }


def test_knowledge_graph_joins_goal_findings_and_sources(migration: ReportInput) -> None:
    """From the goal one comes to requirements, from artifacts to claims, sources, decisions, risks."""
    network = knowledge_graph(migration.graph, migration.evidence)
    edges = {
        (network.nodes[a]["kind"], data["kind"], network.nodes[b]["kind"]) for a, b, data in network.edges(data=True)
    }
    assert edges >= {
        ("goal", "asks_for", "requirement"),
        ("artifact", "covers", "requirement"),
        ("artifact", "enables", "artifact"),
        ("artifact", "found", "claim"),
        ("claim", "rests_on", "source"),
        ("claim", "contradicts", "claim"),
        ("artifact", "decided", "decision"),
        ("decision", "chose", "option"),
        ("decision", "considered", "option"),
        ("artifact", "raised", "risk"),
        ("artifact", "writes", "file"),
    }
    assert set(migration.graph.order) == {
        data["label"] for _, data in network.nodes(data=True) if data["kind"] == "artifact"
    }


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_graphml_holds_any_text(name: str, text: str) -> None:
    """Characters that XML cannot hold are stripped; the document always parses."""
    graph = ArtifactGraph([Artifact(id=name)], goal=text, requirements=[text])
    claim = Claim(text=text, sources=(Source(path=text, quote=text),))
    evidence = {name: Evidence(artifact=name, agent=text, summary=text, confidence=0.5, claims=(claim,))}
    network = nx.read_graphml(BytesIO(graphml(graph, evidence, {name: text}).encode()))
    assert len(network) == len(knowledge_graph(graph, evidence))


def test_knowledge_graph_takes_the_surer_of_equal_claims() -> None:
    """One statement found twice is one node with both sources and the higher confidence."""
    graph = ArtifactGraph([Artifact(id="a"), Artifact(id="b")])
    evidence = {
        name: Evidence(
            artifact=name,
            agent="researcher",
            summary="s",
            confidence=0.5,
            claims=(Claim(text="same", sources=(Source(path=name),), confidence=confidence),),
        )
        for name, confidence in (("a", 0.9), ("b", 0.4))
    }
    network = knowledge_graph(graph, evidence)
    assert network.nodes["claim:same"]["confidence"] == 0.9
    assert set(network.successors("claim:same")) == {"source:a", "source:b"}
