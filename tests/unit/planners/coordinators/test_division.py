"""When a piece of research falls into parts. Source: second design document, "Recursive Agent Spawning"."""

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.coordinators.division import MOST_PARTS, parts_of
from prefect_harmonic.planners.sources.methods.library import MethodLibrary

COMPARED = "Compare REBCO tape with Bi-2212 wire for the field coils"
LISTED = "REBCO manufacturing, Bi-2212 cost trajectory, and compare the HTS candidates"


def titles(description: str, *, depth: int = 2, max_depth: int = 5, remaining: int = 40) -> list[str]:
    """The parts that a description falls into, each with who does it where that is no researcher."""
    artifact = Artifact(id="HtsMagnets", description=description, contract="Each with source and year")
    parts = parts_of(artifact, depth=depth, max_depth=max_depth, remaining=remaining)
    return [part.title if part.agent == "researcher" else f"{part.title} ({part.agent})" for part in parts]


def test_things_to_compare_are_researched_apart_and_compared_by_a_pipeline() -> None:
    """Two things, and one that waits for both."""
    assert titles(COMPARED) == [
        "REBCO tape",
        "Bi-2212 wire for the field coils",
        "Compare REBCO tape and Bi-2212 wire for the field coils (pipeline-manager)",
    ]


def test_listed_questions_are_parts_and_one_that_compares_is_a_pipeline() -> None:
    """The example of the design document."""
    assert titles(LISTED) == [
        "REBCO manufacturing",
        "Bi-2212 cost trajectory",
        "compare the HTS candidates (pipeline-manager)",
    ]


@pytest.mark.parametrize(
    "description",
    [
        "",
        "Neutron shielding",
        "What is known about brokers and how others run them",  # two, and they belong together
        "Money, people, places and dates that are there to be used",  # no item stands alone
        "What the sources hold: fields, volumes, gaps, delays",
        "Tape cost, tape length and tape strength",  # one subject in three words
        "Materials that keep neutrons from the coils: tungsten carbide, borides, hydrides, water-cooled steel",
    ],
)
def test_one_piece_stays_one_piece(description: str) -> None:
    """A list of aspects is no list of questions."""
    assert titles(description) == []


def test_budget_and_depth_bound_the_parts() -> None:
    """No leaf takes more than half of what is left, none divides at the limit, and none leaves a pipeline there."""
    assert titles(COMPARED, remaining=6) != []
    assert titles(COMPARED, remaining=5) == []
    assert titles(COMPARED, depth=5) == []
    assert titles(COMPARED, depth=3, max_depth=4) == ["REBCO tape", "Bi-2212 wire for the field coils"]


def test_the_deeper_a_leaf_the_more_it_must_hold() -> None:
    """Two things are enough down to depth 3, three are needed at 4."""
    three = "Sensor choice, pump layout and valve control"
    assert [bool(titles(COMPARED, depth=depth, max_depth=9)) for depth in (2, 3, 4)] == [True, True, False]
    assert [bool(titles(three, depth=depth, max_depth=9)) for depth in (3, 4, 5)] == [True, True, False]


def test_of_the_packaged_research_only_what_compares_or_lists_questions_is_divided() -> None:
    """A run grows parts where there are questions apart, and nowhere else."""
    divided = set()
    for method in MethodLibrary.packaged().methods:
        for piece in method.pieces:
            artifact = Artifact(id=piece.artifact, description=piece.description, contract=piece.contract)
            parts = parts_of(artifact, depth=2, max_depth=5, remaining=50)
            assert len(parts) <= MOST_PARTS
            if parts and "Research" in piece.artifact:
                divided.add(piece.artifact)
    graphql = {"QueryCostResearch", "QueryPatternResearch", "TransportResearch"}
    assert divided == {"MagnetResearch", "KnownIssueResearch"} | graphql


@pytest.mark.parametrize(
    ("description", "parts"),
    [
        (
            "WebSocket, server-sent events and long polling compared for these clients",
            ["WebSocket", "server-sent events", "long polling"],
        ),
        ("Batching and caching, compared by measurement", ["Batching", "caching"]),
        ("The transports compared", []),
    ],
)
def test_list_that_is_compared_is_divided_into_its_things(description: str, parts: list[str]) -> None:
    """With a pipeline that compares them at the end; one thing alone is not compared with anything."""
    artifact = Artifact(id="Transports", description=description)
    found = parts_of(artifact, depth=2, max_depth=5, remaining=40)
    assert [part.title for part in found if not part.is_last] == parts
    assert [part.agent for part in found if part.is_last] == (["pipeline-manager"] if parts else [])


def test_what_is_said_of_all_items_of_a_list_is_no_item() -> None:
    """It would keep the list from being divided."""
    artifact = Artifact(
        id="Api", description="Schema design, resolver patterns and paging limits, with what others found"
    )
    found = parts_of(artifact, depth=2, max_depth=5, remaining=40)
    assert [part.title for part in found] == ["Schema design", "resolver patterns", "paging limits"]
