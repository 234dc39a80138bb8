"""The picture of what is known is whole, readable, the same every time, and harmless."""

from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.evidence import Claim, Contradiction, Decision, Evidence, Source
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.knowledge_layout import HEIGHT, WIDTH, laid_out
from prefect_harmonic.tasks.views.knowledge_nodes import MOST_SOURCES, knowledge_nodes, knowledge_ties
from prefect_harmonic.tasks.views.knowledge_picture import knowledge_svg
from prefect_harmonic.tasks.views.report import ReportInput

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\"' onload=x \u202e & <!--"


def found(artifact: str, *paths: str, **fields: object) -> Evidence:
    """Evidence with one claim for each source."""
    claims = tuple(Claim(text=f"{artifact} {path}", sources=(Source(path=path),)) for path in paths)
    base = {"artifact": artifact, "agent": "x", "summary": "s", "confidence": 0.5, "claims": claims}
    return Evidence.model_validate({**base, **fields})


def programme(size: int) -> ArtifactGraph:
    """A plan of six phases, each artifact on two earlier ones."""
    artifacts = [
        Artifact(
            id=f"Part{number}",
            phase=f"phase {number * 6 // size}",
            requires=tuple(
                Requirement(id=f"Part{earlier}") for earlier in {number // 2, number // 3} if earlier < number
            ),
        )
        for number in range(size)
    ]
    return ArtifactGraph(artifacts, goal="A programme")


def test_picture_shows_phases_artifacts_sources_and_decisions(migration: ReportInput) -> None:
    """Everything that the picture is about stands in it by name, and the contradiction between two documents."""
    picture = ElementTree.fromstring(knowledge_svg(migration.graph, migration.evidence, {"DataSplit": "failed"}))
    text = " ".join(picture.itertext())
    for part in ("Sources", "analyse", "design", "build", "Decisions", "CurrentStructure", "invoice.py", "billing"):
        assert part in text
    assert "architecture.md and runbook.md contradict each other" in text
    assert "failed" in text


def test_what_a_run_made_itself_is_no_source(migration: ReportInput) -> None:
    """A claim that rests on the artifact's own file or another artifact adds no source."""
    nodes = knowledge_nodes(migration.graph, migration.evidence, {})
    assert {node.id for node in nodes if node.kind == "source"} == {
        "source:shop/billing/invoice.py",
        "source:docs/architecture.md",
        "source:docs/runbook.md",
    }


def test_many_sources_are_drawn_as_one_beyond_those_that_carry_most() -> None:
    """A picture of hundreds of files shows the most telling ones and counts the rest."""
    graph = ArtifactGraph([Artifact(id="A")])
    evidence = {"A": found("A", "main.md", "main.md", *(f"f{number}.md" for number in range(100)))}
    labels = [node.label for node in knowledge_nodes(graph, evidence, {}) if node.kind == "source"]
    assert len(labels) == MOST_SOURCES + 1
    assert labels[-1] == f"{101 - MOST_SOURCES} further sources"
    assert "main.md" in labels


@pytest.mark.parametrize("size", [1, 13, 60])
def test_nothing_lies_on_anything_else(size: int) -> None:
    """No two boxes overlap, each lies in the picture, and 60 artifacts are not wider than two screens."""
    graph = programme(size)
    evidence = {name: found(name, "a.md", f"{name[-1]}.md") for name in graph.order}
    layout = laid_out(knowledge_nodes(graph, evidence, {}), knowledge_ties(graph, evidence))
    assert set(graph.order) == {
        name.removeprefix("artifact:") for name in layout.places if name.startswith("artifact:")
    }
    for (x, y), (other_x, other_y) in combinations(layout.places.values(), 2):
        assert abs(x - other_x) >= WIDTH or abs(y - other_y) >= HEIGHT
    assert all(0 <= x <= layout.width - WIDTH and 0 <= y <= layout.height - HEIGHT for x, y in layout.places.values())
    assert layout.width < 3200


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_picture_is_well_formed_for_any_text(name: str, text: str) -> None:
    """Whatever artifacts, sources and decisions are called, the document parses."""
    decision = Decision(title=text, chosen=text, rationale=text)
    evidence = {name: found(name, text, decisions=(decision,))}
    graph = ArtifactGraph([Artifact(id=name, phase=text)], goal=text)
    assert ElementTree.fromstring(knowledge_svg(graph, evidence, {name: text})).tag == f"{SVG}svg"


def test_hostile_text_adds_no_element_and_no_attribute() -> None:
    """What a repository says stands as text: the picture has the same shape as one of harmless names."""

    def shape(text: str) -> list[tuple[str, list[str]]]:
        one, other = (Claim(text=f"{side}{text}", sources=(Source(path=f"{side}{text}"),)) for side in "ab")
        evidence = {
            text: found(
                text,
                contradictions=(Contradiction(subject=text, one=one, other=other),),
                decisions=(Decision(title=text, chosen=f"to {text}", rationale=text),),
                claims=(one, other),
            )
        }
        graph = ArtifactGraph([Artifact(id=text, phase=text, agent=text, description=text)], goal=text)
        picture = knowledge_svg(graph, evidence, {text: text})
        assert "\u202e" not in picture
        return [(element.tag, sorted(element.attrib)) for element in ElementTree.fromstring(picture).iter()]

    assert shape(HOSTILE) == shape("x")
    assert f"{SVG}script" not in {tag for tag, _ in shape(HOSTILE)}


def test_picture_asks_nothing_of_a_network(migration: ReportInput) -> None:
    """It names no address but that of its own kind of document."""
    picture = knowledge_svg(migration.graph, migration.evidence)
    assert picture.count("http") == picture.count('xmlns="http://www.w3.org/2000/svg"')
    assert picture == knowledge_svg(migration.graph, dict(sorted(migration.evidence.items(), reverse=True)))
