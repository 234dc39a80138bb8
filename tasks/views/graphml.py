"""All that is known after a run as one graph: what was asked, what was made, what was found, and on what it rests.

Every node has a `kind` and a `label`, every edge a `kind`. Ids are made of the kind and the name, so that an artifact
and a requirement of one name stay two nodes.
"""

from collections.abc import Mapping
from io import BytesIO

import networkx as nx

from prefect_harmonic.planners.evidence import Claim, Decision, Evidence, Risk
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.escaping import xml_text

GOAL = "goal"


def knowledge_graph(
    graph: ArtifactGraph, evidence: Mapping[str, Evidence], states: Mapping[str, str] | None = None
) -> "nx.DiGraph[str]":
    """Goal, requirements, artifacts, files, claims, sources, decisions, options and risks, joined by typed edges.

    | edge | from | to |
    |---|---|---|
    | `asks_for` | goal | requirement |
    | `covers` | artifact | requirement |
    | `enables` | artifact | artifact that requires it |
    | `writes` | artifact | file |
    | `found` | artifact | claim |
    | `rests_on` | claim | source |
    | `contradicts` | claim | claim |
    | `decided` | artifact | decision |
    | `considered`, `chose` | decision | option |
    | `raised` | artifact | risk |
    """
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_node(GOAL, kind="goal", label=_clean(graph.goal or "goal"))
    for item in graph.requirements:
        _join(network, GOAL, _node(network, "requirement", item), "asks_for")
    _add_plan(network, graph, states or {})
    for name in sorted(evidence):
        if name in graph:
            _add_evidence(network, evidence[name], _id("artifact", name))
    return network


def graphml(graph: ArtifactGraph, evidence: Mapping[str, Evidence], states: Mapping[str, str] | None = None) -> str:
    """The knowledge graph as a GraphML document, the same text for the same knowledge."""
    buffer = BytesIO()
    nx.write_graphml_xml(knowledge_graph(graph, evidence, states), buffer, encoding="utf-8", prettyprint=True)
    return buffer.getvalue().decode("utf-8") + "\n"


def _add_plan(network: "nx.DiGraph[str]", graph: ArtifactGraph, states: Mapping[str, str]) -> None:
    """The artifacts with what they cover and write, and the edges between them."""
    waves = {name: wave for wave, names in enumerate(graph.waves, 1) for name in names}
    for name, artifact in graph.artifacts.items():
        fields = {
            "description": artifact.description,
            "contract": artifact.contract,
            "agent": artifact.agent or "",
            "phase": artifact.phase or "",
            "effort": artifact.effort,
            "state": states.get(name, ""),
        }
        node = _node(network, "artifact", name, **fields)
        network.nodes[node]["wave"] = waves[name]
        for item in artifact.covers:
            _join(network, node, _node(network, "requirement", item), "covers")
        if artifact.produces_file:
            _join(network, node, _node(network, "file", artifact.produces_file), "writes")
    for name, artifact in graph.artifacts.items():
        for edge in artifact.requires:
            _join(network, _id("artifact", edge.id), _id("artifact", name), "enables", because=edge.because or "")


def _add_evidence(network: "nx.DiGraph[str]", found: Evidence, artifact: str) -> None:
    """What one specialist found out, hung on its artifact."""
    network.nodes[artifact]["confidence"] = found.confidence
    for claim in found.claims:
        _join(network, artifact, _add_claim(network, claim), "found")
    for contradiction in found.contradictions:
        one, other = _add_claim(network, contradiction.one), _add_claim(network, contradiction.other)
        _join(network, artifact, one, "found")
        _join(network, artifact, other, "found")
        _join(network, one, other, "contradicts", because=contradiction.subject)
    for decision in found.decisions:
        _join(network, artifact, _add_decision(network, decision), "decided")
    for risk in found.risks:
        _join(network, artifact, _add_risk(network, risk), "raised")
    for file in found.files:
        _join(network, artifact, _node(network, "file", file.path), "writes")


def _add_claim(network: "nx.DiGraph[str]", claim: Claim) -> str:
    """One statement with its sources; the same statement found twice is one node, as sure as the surer finding."""
    node = _node(network, "claim", claim.text)
    network.nodes[node]["confidence"] = max(claim.confidence, network.nodes[node].get("confidence", 0.0))
    for source in claim.sources:
        place = _node(network, "source", str(source), path=source.path)
        _join(network, node, place, "rests_on", quote=source.quote, grade=source.grade.value)
    return node


def _add_decision(network: "nx.DiGraph[str]", decision: Decision) -> str:
    node = _node(network, "decision", decision.title, rationale=decision.rationale, review_date=decision.review_date)
    for option in decision.options:
        kind = "chose" if option.name == decision.chosen else "considered"
        _join(network, node, _node(network, "option", f"{decision.title}: {option.name}"), kind, score=option.score)
    return node


def _add_risk(network: "nx.DiGraph[str]", risk: Risk) -> str:
    return _node(
        network,
        "risk",
        risk.title,
        likelihood=risk.likelihood,
        impact=risk.impact,
        mitigation=risk.mitigation,
    )


def _id(kind: str, name: str) -> str:
    return _clean(f"{kind}:{name}")


def _node(network: "nx.DiGraph[str]", kind: str, label: str, **fields: str) -> str:
    """The id of a node, added if it is not there; what it says is added to what is known of it."""
    name = _id(kind, label)
    network.add_node(name, kind=kind, label=_clean(label))
    network.nodes[name].update({field: _clean(text) for field, text in fields.items() if text})
    return name


def _join(network: "nx.DiGraph[str]", one: str, other: str, kind: str, **fields: str | float) -> None:
    """An edge of a kind. A stronger edge that is there already (chose over considered) is not weakened."""
    cleaned = {field: _clean(value) if isinstance(value, str) else value for field, value in fields.items()}
    known = network.get_edge_data(one, other)
    if known is None or known["kind"] == kind:
        network.add_edge(one, other, kind=kind, **{field: value for field, value in cleaned.items() if value != ""})


def _clean(text: str) -> str:
    """Text that survives XML: no forbidden character, and white space that a parser would change made plain."""
    return xml_text(text)
