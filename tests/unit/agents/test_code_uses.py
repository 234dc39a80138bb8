"""What the code analyzer says about uses of a thing, and about a change that nobody has made."""

from datetime import date
from pathlib import Path

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.agents.code_analyzer.agent import analyze_code
from prefect_harmonic.tasks.agents.code_analyzer.modules import Module
from prefect_harmonic.tasks.agents.code_analyzer.starred import brought_by_stars
from prefect_harmonic.tasks.agents.code_analyzer.subject import subject_of, subjects_of

INVENTORY = Artifact(id="UseInventory", domain_type="analysis", produces_file="analysis/uses.md")
CHECK = Artifact(
    id="RemovalVerification",
    domain_type="verification",
    description="The code searched again: nothing left that uses it, nothing else lost",
    produces_file="analysis/removal.md",
)
REMOVE = "Remove the shop.legacy package"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package whose part is imported, named, quoted, written about, and looked like."""
    files = {
        "shop/__init__.py": "from shop.legacy import *\n",
        "shop/legacy/__init__.py": "def draw():\n    pass\n",
        "shop/cart.py": "import shop as s\nfrom . import legacy\n\nprint(s.legacy.draw())\n",
        "shop/other.py": "import shop.legacy_new\nmylegacy = 'shop.legacy.draw'\n",
        "tests/test_cart.py": "# shop.legacy is slow\nimport sys\nassert sys.version_info >= (3, 8)\n",
        "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.8"\n'
        'packages = ["shop.legacy"]\nx = "a>=3.80"\n',
        "README.md": "The folder shop/legacy goes.\n",
        ".gitignore": "hidden/\n",
        "hidden/a.py": "import shop.legacy\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "away.md").symlink_to("/etc/hosts")
    return tmp_path


async def _made(root: Path, artifact: Artifact, goal: str = REMOVE, *before: Evidence) -> Evidence:
    inputs = {each.artifact: each for each in before}
    asked = Assignment(artifact=artifact, goal=goal, project=str(root), background=inputs, today=date(2026, 1, 5))
    return await analyze_code(asked)


def _rows(found: Evidence) -> set[tuple[str, str]]:
    cells = [line.split(" | ") for line in found.text.partition("## Places")[2].splitlines() if line.startswith("| ")]
    return {(row[0].strip("| "), row[1]) for row in cells[2:]}


async def test_each_use_has_its_place_and_the_search_that_found_it(project: Path) -> None:
    """By syntax where there is any, through other names too; the like-named and the ignored are none."""
    found = await _made(project, INVENTORY)
    assert _rows(found) == {
        ("README.md:1", "text of settings and documents"),
        ("pyproject.toml:4", "text of settings and documents"),
        ("shop/__init__.py:1", "import statement"),
        ("shop/cart.py:2", "import statement"),
        ("shop/cart.py:4", "name or attribute path"),
        ("shop/other.py:2", "string literal"),
        ("tests/test_cart.py:1", "other text in Python code"),
    }
    assert "- shop/legacy/__init__.py" in found.text
    assert any("passed on in shop/__init__.py:1" in claim.text for claim in found.claims)
    assert (found.data["focus"], found.gaps) == ("uses", ())
    assert found.confidence > 0.7


async def test_version_is_found_by_the_ways_it_is_written(project: Path) -> None:
    """As a requirement and as a tuple, and not as a part of another number."""
    found = await _made(project, INVENTORY, "Deprecate Python 3.8")
    assert {place for place, _ in _rows(found)} == {"pyproject.toml:3", "tests/test_cart.py:3"}


@pytest.mark.parametrize(
    ("goal", "places"),
    [
        ("Migrate from SQLAlchemy 1.4 to 2.0", {"shop/db.py:2", "shop/db.py:4"}),
        ("Migrate shop from pendulum to the standard library", {"shop/db.py:3"}),
        ("Remove PyYAML", {"shop/read.py:1"}),
        ("Remove Row", {"shop/db.py:4", "shop/read.py:2"}),
        ("Remove Cart", {"shop/cart.py:1"}),
    ],
)
async def test_uses_are_those_of_the_name_in_the_code(tmp_path: Path, goal: str, places: set[str]) -> None:
    """A library is imported in small letters, of a move it is what is left, and a class is no variable."""
    files = {
        "shop/__init__.py": '"""The shop."""\n',
        "shop/db.py": "\nimport sqlalchemy as sa\nfrom pendulum import now\nclass Row(sa.Base): ...\n",
        "shop/read.py": "import yaml\nfrom shop.db import Row\nrow = yaml\n",
        "shop/cart.py": "# the Cart\ncart = 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = await _made(tmp_path, INVENTORY, goal)
    assert places <= {place for place, _ in _rows(found)}
    if goal.endswith("Cart"):
        assert "Cart is named in 1 place of 1 file." in found.text


async def test_what_is_not_found_is_a_gap_that_no_search_closes(project: Path) -> None:
    """Nothing found is told as such, with low confidence."""
    found = await _made(project, INVENTORY, "Remove the frobnicator")
    assert found.gaps == found.limits
    assert "no use of frobnicator was found in" in found.gaps[0]
    assert found.confidence <= 0.3
    assert "| import statement | none found |" in found.text


@pytest.mark.parametrize("goal", [REMOVE, "Split the cart"])
async def test_change_that_nobody_made_is_not_claimed(project: Path, goal: str) -> None:
    """An artifact to be looked at after a change is neutral, says that there was none, and is not sure of anything."""
    before = await _made(project, INVENTORY if goal == REMOVE else Artifact(id="PresentState"), goal)
    found = await _made(project, CHECK, goal, before)
    assert "nothing left" not in found.text
    assert "Nothing has been changed in the project by this run" in found.text
    assert found.confidence <= 0.3
    assert (found.claims, found.risks) == ((), ()), "what was found before is not found a second time"
    assert found.limits == found.gaps
    assert any("nothing has been changed" in gap for gap in found.gaps)
    assert any("still has it: shop.legacy is used in 7 places" in gap for gap in found.gaps) is (goal == REMOVE)


async def test_change_that_was_made_is_told_without_a_judgement(project: Path) -> None:
    """The code differs from what was looked at first: that it is what was asked for no figure shows."""
    before = await _made(project, INVENTORY)
    (project / "shop/cart.py").write_text("print(1)\n")
    found = await _made(project, CHECK, REMOVE, before)
    assert "the code has changed since it was looked at first" in found.gaps[0]
    assert "still has it: shop.legacy is used in 5 places" in found.gaps[0]
    assert found.confidence == 0.5
    for path in (path for path in project.rglob("*") if path.is_file() and path.name != ".gitignore"):
        path.unlink()
    (project / "shop/cart.py").write_text("print(1)\n")
    found = await _made(project, CHECK, REMOVE, before)
    assert len(found.gaps) == 1
    assert [claim.text for claim in found.claims] == ["No use of shop.legacy was found in 1 file by any search."]


@pytest.mark.parametrize(
    ("goal", "name"),
    [
        ("Replace requests by httpx in the client", "requests"),
        ("Migrate from flask to fastapi", "flask"),
        ("Remove the `Old_Thing` class", "Old_Thing"),
        ("Delete OrderService.", "OrderService"),
        ("Drop support for Python 3.8", "Python 3.8"),
        ("Deprecate the v1 login endpoint", "v1 login"),
        ("Drop the dependency on python-dateutil", "python-dateutil"),
        ("Remove it", None),
    ],
)
def test_subject_is_what_the_verb_is_about(goal: str, name: str | None) -> None:
    """Without the verb, the kind of thing, and what comes instead."""
    subject = subject_of(goal)
    assert (subject.text if subject else None) == name


async def test_names_that_a_star_brings_are_listed_as_what_they_can_be(project: Path) -> None:
    """Directly, from a module that has them by a star itself, and by attribute; not where the file has its own."""
    texts = {
        "shop/star.py": "from .legacy import *\n\ndraw()\nshow()\n",
        "shop/chain.py": "from shop import *\n\ndef wrap():\n    return draw\n",
        "shop/own.py": "from shop.legacy import *\n\ndef draw():\n    pass\n\ndraw()\n",
        "tests/test_all.py": "import shop\nfrom shop import draw as paint\n\nshop.draw()\nshop.cart.draw()\npaint()\n",
    }
    for name, text in texts.items():
        (project / name).write_text(text)
    found = await _made(project, INVENTORY)
    brought = {place for place, search in _rows(found) if search == "name that `import *` can bring"}
    assert brought == {"shop/star.py:3", "shop/chain.py:4"} | {f"tests/test_all.py:{line}" for line in (2, 4, 6)}
    assert any("5 places can use them so, without its name" in claim.text for claim in found.claims)


async def test_form_feed_ends_no_line(project: Path) -> None:
    """A use stands on the line that an editor shows, in code and in documents."""
    (project / "shop/cart.py").write_text('"""x"""\n\x0c\nfrom shop import legacy\nlegacy.draw()\n')
    (project / "README.md").write_text("A\x0cB\n\nThe folder shop.legacy goes.\n")
    found = await _made(project, INVENTORY)
    assert "| shop/cart.py:3 | import statement | `from shop import legacy` |" in found.text
    assert "| README.md:3 | text of settings and documents | `The folder shop.legacy goes.` |" in found.text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("try:\n    from fast import speed\nexcept ImportError:\n    speed = None\n", {"speed"}),
        ("import json\nimport os.path as where\nimport a.b\n", {"json", "where", "a"}),
        ("if True:\n    def draw(): ...\nelse:\n    class Draw: ...\n", {"draw", "Draw"}),
        (
            "for each in (): pass\nwith open('a') as file: pass\n(one, _two), three = x\n",
            {"each", "file", "one", "three"},
        ),
        ("def draw():\n    inner = 1\nclass A:\n    b = 2\n", {"draw", "A"}),
        ("__all__ = ['draw', '_sub']\nother = 1\n", {"draw", "_sub"}),
        ("__all__: list[str] = ['draw']\nother = 1\n", {"draw"}),
        ("__all__ = ['draw']\n__all__ += ['paint']\n__all__.extend(['show'])\nother = 1\n", {"draw", "paint", "show"}),
        ("from shop import base\n__all__ = base.__all__ + ['_draw']\nother = 1\n", {"base", "other", "_draw"}),
    ],
)
def test_star_brings_what_a_module_lets_go(tmp_path: Path, text: str, names: set[str]) -> None:
    """All that it binds at its top, in branches too, or what its `__all__` says, as far as that can be read."""
    (tmp_path / "legacy.py").write_text(text)
    module = Module("legacy.py", "legacy", "legacy.py", "", "legacy.py")
    brought = brought_by_stars(tmp_path, {"legacy.py": module}, {"legacy.py"})
    assert brought == {"legacy": names}


def test_odd_goals_are_read_as_plain_ones() -> None:
    """Blanks without end, and a version that is no number that Python reads."""
    blanks = " " * 20_000
    assert subjects_of(f"Migrate shop{blanks}from pendulum{blanks}to arrow") == subjects_of(
        "Migrate shop from pendulum to arrow"
    )
    assert [each.name for each in subjects_of(f"Upgrade Redis {'7' * 5_000}")] == ["Redis", "redis"]
