"""Where the words of a goal stand in the code: what a change of something that is there begins with."""

from datetime import date
from pathlib import Path

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.tasks.agents.builder.documents import document
from prefect_harmonic.tasks.agents.code_analyzer.agent import analyze_code
from prefect_harmonic.tasks.agents.code_analyzer.analysis import analysis
from prefect_harmonic.tasks.agents.code_analyzer.places import Places, places_of, words_of_goal

FILES = {
    "shop/__init__.py": "",
    "shop/orders.py": '"""Orders."""\n\n\nclass Order:\n    def cancel(self, reason):\n        """Ends an order."""\n',
    "shop/transport.py": "class Transport:\n    def __init__(self, retries=0):\n        self.retries = retries\n",
    "shop/client.py": "from shop.transport import Transport\n\nMAX_WAIT = 3\n\n\nclass Client:\n    pass\n",
    "shop/settings.py": "try:\n    import fast\nexcept ImportError:\n    STRIPE_KEY = 'sk-live-9a8b7c'\n",
    "shop/broken.py": "def retry(:\n",
    "tests/test_transport.py": "from shop.transport import Transport\n\n\ndef test_retries():\n    Transport(1)\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small shop, with one file that is no Python."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def found_in(project: Path, goal: str) -> Places:
    """The places of a goal."""
    known = analysis(project)
    return places_of(known.root, known.layout, goal)


def names(places: Places) -> list[str]:
    """What was found, best first."""
    return [f"{one.definition.path}:{one.definition.line} {one.definition.name}" for one in places.found]


def test_place_is_found_by_the_name_of_a_parameter(project: Path) -> None:
    """Where retries are taken already is the first thing to know before they are added."""
    places = found_in(project, "Add retries with exponential backoff to the client")
    assert {"shop/transport.py:2 Transport.__init__", "shop/client.py:6 Client"} <= set(names(places))
    assert places.absent == ("exponential", "backoff")


def test_definition_with_more_of_the_words_comes_first(project: Path) -> None:
    """A method of the class that the goal names, called as the goal calls it."""
    assert names(found_in(project, "Let customers cancel an order"))[0] == "shop/orders.py:5 Order.cancel"


def test_two_words_lead_rather_than_one_that_is_rare(tmp_path: Path) -> None:
    """A fault is looked for where its words meet; that it is one says nothing of the place."""
    (tmp_path / "web").mkdir()
    named = ("header", "headers_of", "header_names", "redirect", "is_redirect", "follow_redirects", "redirect_headers")
    text = "".join(f"def {name}():\n    pass\n" for name in (*named, "port"))
    (tmp_path / "web" / "client.py").write_text(text, "utf-8")
    places = found_in(tmp_path, "Fix the bug that redirects lose a header when the port changes")
    assert names(places)[0] == "web/client.py:13 redirect_headers"
    assert places.absent == ()


def test_tests_are_no_places_and_are_told_of_each(project: Path) -> None:
    """Of a constructor the name of its class is looked for."""
    places = found_in(project, "Add retries")
    assert names(places) == ["shop/transport.py:2 Transport.__init__"]
    assert places.found[0].tests == ("tests/test_transport.py",)


def test_words_that_say_nothing_find_nothing(project: Path) -> None:
    """Neither verbs nor words that stand in any goal."""
    assert words_of_goal("Improve the code") == words_of_goal("") == {}
    assert found_in(project, "Improve the code").found == ()


def test_places_are_the_same_whatever_the_order_of_words(project: Path) -> None:
    """What is found depends on the words and not on where in the goal they stand."""
    one, other = (found_in(project, goal) for goal in ("Add retries to the client", "Give the client retries"))
    assert names(one) == names(other)


async def test_artifact_about_what_the_goal_concerns_begins_with_the_places(project: Path) -> None:
    """Its first claims name them with file and line; another side of the code has none of them."""
    about = Artifact(id="PresentStructure", description="The modules that retries concern", produces_file="a.md")
    asked = Assignment(artifact=about, goal="Add retries", project=str(project), today=date(2026, 1, 1))
    evidence = await analyze_code(asked)
    assert str(evidence.claims[0].sources[0]) == "shop/transport.py:2"
    assert evidence.claims[0].sources[0].quote == "def __init__(self, retries=0):"
    assert "| `shop/transport.py:2` |" in evidence.text
    change = asked.model_copy(update={"artifact": Artifact(id="ChangeSteps"), "background": {about.id: evidence}})
    assert "| `shop/transport.py:2` | `Transport.__init__` | retries |" in document(change)
    other = await analyze_code(asked.model_copy(update={"artifact": Artifact(id="DependencyMap")}))
    assert "goal's words" not in other.text


async def test_goal_of_which_the_code_has_no_word_is_told_to_be_new(project: Path) -> None:
    """That is an answer and no gap: what is asked for is not there yet."""
    about = Artifact(id="PresentStructure", description="The modules that it concerns", produces_file="a.md")
    asked = Assignment(artifact=about, goal="Add dark mode", project=str(project), today=date(2026, 1, 1))
    evidence = await analyze_code(asked)
    assert "what is asked for is new here" in evidence.text
    assert not any("dark" in gap for gap in evidence.gaps)


async def test_secret_that_a_constant_holds_is_not_quoted(project: Path) -> None:
    """The place is told, wherever in the module it is defined, and what it is set to is not."""
    about = Artifact(id="PresentStructure", description="The modules that it concerns", produces_file="a.md")
    asked = Assignment(artifact=about, goal="Rotate the Stripe key", project=str(project), today=date(2026, 1, 1))
    evidence = await analyze_code(asked)
    assert str(evidence.claims[0].sources[0]) == "shop/settings.py:4"
    assert "sk-live" not in evidence.model_dump_json()


async def test_project_without_python_is_not_told_that_a_thing_is_new(tmp_path: Path) -> None:
    """Nothing was read, so that nothing is known of what is there."""
    (tmp_path / "app.js").write_text("function cancel() {}\n", "utf-8")
    about = Artifact(id="PresentStructure", description="The modules that it concerns", produces_file="a.md")
    asked = Assignment(artifact=about, goal="Let users cancel", project=str(tmp_path), today=date(2026, 1, 1))
    evidence = await analyze_code(asked)
    assert "is new here" not in evidence.text
