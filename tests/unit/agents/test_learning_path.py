"""A curriculum is in an order that can be learned, and each topic says what asks for it."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from prefect_harmonic.errors import MethodLibraryError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Claim, Decision, Evidence, Source
from prefect_harmonic.tasks.agents.catalogue import parsed_catalogue
from prefect_harmonic.tasks.agents.learning_path.agent import teach
from prefect_harmonic.tasks.agents.learning_path.curriculum import curriculum_for
from prefect_harmonic.tasks.agents.learning_path.topics import TopicCatalogue, topic_catalogue

TODAY = datetime.date(2026, 11, 22)


def asked(name: str, contract: str = "", goal: str = "", **inputs: Evidence) -> Assignment:
    """A curriculum that is to be made."""
    return Assignment(artifact=Artifact(id=name, contract=contract), goal=goal, inputs=inputs, today=TODAY)


def finding(text: str, path: str = "shop/orders.py") -> Evidence:
    """Evidence with one claim about a file."""
    claim = Claim(text=text, sources=(Source(path=path, line=7, quote=text),), confidence=0.9)
    return Evidence(artifact="Analysis", agent="x", summary="", confidence=0.9, claims=(claim,))


@given(st.lists(st.sampled_from([topic.aliases[0] for topic in topic_catalogue().topics]), max_size=8))
def test_every_topic_comes_after_what_it_needs(aliases: list[str]) -> None:
    """In whatever is asked for, each topic's prerequisites stand in an earlier stage, and nothing stands twice."""
    curriculum = curriculum_for(asked("Training", contract=". ".join(aliases)), topic_catalogue())
    stage_of = {lesson.topic.id: at for at, stage in enumerate(curriculum.stages) for lesson in stage}
    assert len(stage_of) == len(curriculum.lessons)
    for lesson in curriculum.lessons:
        assert all(stage_of[need] < stage_of[lesson.topic.id] for need in lesson.topic.needs)


async def test_topic_names_the_finding_that_asks_for_it_and_its_file() -> None:
    """What code analysis found becomes a topic with its source, and its exercise is in that file."""
    evidence = await teach(asked("Training", Analysis=finding("There are 4 import cycles.")))
    assert "- Why: shop/orders.py:7: “There are 4 import cycles.”." in evidence.text
    assert "- Exercise in `shop/orders.py`: Open an import cycle and keep it open." in evidence.text


async def test_decision_asks_for_what_it_chose() -> None:
    """A decision for GraphQL subscriptions brings GraphQL and WebSockets before them."""
    decided = Decision(title="Transport: GraphQL subscriptions", chosen="x", file="decisions/0001-x.md")
    evidence = Evidence(artifact="D", agent="x", summary="", confidence=0.8, decisions=(decided,))
    topics = (await teach(asked("Training", D=evidence))).data["topics"]
    assert isinstance(topics, list)
    assert {"graphql", "websockets", "graphql-subscriptions"} <= {str(topic) for topic in topics}
    assert topics[-1] == "graphql-subscriptions"


async def test_settlement_between_two_statements_asks_nobody_to_learn_anything() -> None:
    """That a document was wrong about the busiest day is no reason for load tests; nor has a topic a file by chance."""
    settled = Decision(title="Which statement holds: busiest day", chosen="x", file="decisions/0001-x.md")
    decided = Decision(title="Boundaries: Modules within one deployable", chosen="x", file="decisions/0002-x.md")
    hot: dict[str, JsonValue] = {"hot_spots": [{"path": "shop/orders.py"}]}
    evidence = Evidence(artifact="D", agent="x", summary="", confidence=0.8, decisions=(settled, decided), data=hot)
    taught = await teach(asked("Training", D=evidence))
    assert isinstance(topics := taught.data["topics"], list)
    assert "modular-monolith" in topics
    assert "load-testing" not in topics
    assert "Exercise" not in taught.text
    assert "Needs: Dependencies and import cycles." in taught.text


async def test_duration_in_the_contract_is_kept_and_what_it_leaves_out_is_named() -> None:
    """Two weeks are forty hours; what does not fit is a gap, not forgotten."""
    evidence = await teach(asked("Training", "kubernetes, kafka, microservices and sagas in 2 weeks"))
    hours = evidence.data["hours"]
    assert isinstance(hours, float)
    assert 0 < hours <= 40
    assert any("40 hours leave no room for" in gap for gap in evidence.gaps)


async def test_nothing_is_taught_where_nothing_fits() -> None:
    """Two hours have no room for Kubernetes and what it needs: an empty curriculum that says so."""
    evidence = await teach(asked("Training", "kubernetes in 2 hours"))
    assert (evidence.data["topics"], evidence.gaps) == ([], ("2 hours leave no room for: Kubernetes",))


async def test_unknown_subject_is_a_gap() -> None:
    """What the catalogue has no topic for is named, and nothing is made up for it."""
    evidence = await teach(asked("LearnBasketWeaving", "testing first"))
    assert "the catalogue has no topic for: basket weaving" in evidence.gaps
    nothing = await teach(asked("LearnBasketWeaving"))
    assert (nothing.data["topics"], nothing.confidence) == ([], 0.1)


async def test_prerequisite_says_what_needs_it() -> None:
    """A topic that nothing asks for is there because another needs it."""
    evidence = await teach(asked("Training", "oauth2"))
    assert "needs it" in evidence.text
    assert [claim.text.split(" has ")[0] for claim in evidence.claims] == ["OAuth 2 and OpenID Connect"]


async def test_the_rest_of_something_is_no_rest_interface() -> None:
    """Only what is called an interface is one: nobody learns REST because a sentence speaks of the rest."""
    assert "REST" not in (await teach(asked("Training", "The rest of the team rests on two people."))).text
    assert "REST" in (await teach(asked("Training", "Clients use the REST API."))).text


def test_packaged_topics_are_enough_and_in_no_ring() -> None:
    """The catalogue loads, which checks its prerequisites, and covers the fields that plans touch."""
    known = topic_catalogue().by_id
    assert len(known) >= 60
    assert {"messaging", "theming", "material-selection", "governance", "file-upload", "oauth"} <= set(known)


@pytest.mark.parametrize(
    ("needs", "problem"), [("[b]", "needs b, which is no topic"), ("[a]", "need each other in a ring")]
)
def test_wrong_topics_are_refused_with_file_and_problem(needs: str, problem: str) -> None:
    """An unknown prerequisite and a ring are told when the catalogue is read."""
    text = f"topics:\n  - {{id: a, title: A, hours: 1, needs: {needs}, after: x, aliases: [a]}}\n"
    with pytest.raises(MethodLibraryError, match=problem):
        parsed_catalogue(text, "topics.yaml", TopicCatalogue)


def test_wrong_field_is_told_with_its_line() -> None:
    """Hours that are no number are told with the line on which they stand."""
    text = "topics:\n  - id: a\n    title: A\n    hours: many\n    after: x\n    aliases: [a]\n"
    with pytest.raises(MethodLibraryError) as caught:
        parsed_catalogue(text, "topics.yaml", TopicCatalogue)
    assert (caught.value.line, caught.value.field) == (4, "topics.0.hours")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=300), st.text(max_size=200), st.text(min_size=1, max_size=200))
async def test_summary_has_the_agreed_length(name: str, contract: str, goal: str, claim: str) -> None:
    """Whatever is to be learned, the summary has 500 to 1,000 characters."""
    evidence = await teach(asked(name, contract, goal, Analysis=finding(claim)))
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]
