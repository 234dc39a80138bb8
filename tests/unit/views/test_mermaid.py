"""Diagrams whose labels cannot be read as syntax."""

import re
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.mermaid import plan_markdown, plan_mermaid

LINE = re.compile(
    r"```(mermaid)?|flowchart LR|\s*subgraph g\d+\[\"[^\"]*\"\]|\s*end|\s*n\d+\[\"[^\"\[\]]*\"\]|\s*n\d+ --> n\d+"
)


def test_mermaid_puts_phases_into_subgraphs(rest_plan: ArtifactGraph) -> None:
    """Each phase is a subgraph with its artifacts, and every edge is drawn."""
    diagram = plan_mermaid(rest_plan)
    assert 'subgraph g0["design"]' in diagram
    assert 'n1["UserModel"]' in diagram
    assert diagram.count("-->") == rest_plan.network.number_of_edges()


@given(st.lists(st.text(min_size=1, max_size=15), min_size=1, max_size=5, unique=True), st.text(max_size=15))
def test_mermaid_has_only_lines_of_its_own_syntax(names: list[str], phase: str) -> None:
    """Whatever names hold, no line is anything but a node, an edge or a subgraph."""
    artifacts = [
        Artifact(id=name, phase=phase, requires=tuple(Requirement(id=earlier) for earlier in names[:place]))
        for place, name in enumerate(names)
    ]
    for line in plan_mermaid(ArtifactGraph(artifacts)).split("\n"):
        assert LINE.fullmatch(line), line


def test_mermaid_becomes_a_list_when_it_could_not_be_read(random_plan: Callable[[int, int], ArtifactGraph]) -> None:
    """Past sixty artifacts there is no diagram, and still every artifact."""
    graph = random_plan(61, 1)
    assert "```" not in plan_mermaid(graph)
    assert all(f"`{name}`" in plan_mermaid(graph) for name in graph.order)
    assert "```mermaid" in plan_mermaid(random_plan(60, 1))


def test_plan_markdown_has_the_diagram_and_the_list(rest_plan: ArtifactGraph) -> None:
    """Below the diagram every artifact stands with what it comes after."""
    text = plan_markdown(rest_plan, reason="It is the shortest")
    assert "```mermaid" in text
    assert "- `UserRoutes` (builder; medium effort; after UserModel, UserProtocol)" in text
    assert "It is the shortest" in text
