"""CODEOWNERS files say who answers for a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.tasks.agents.code_owners import NOBODY, code_owners


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*", "a/b.py", True),
        ("*.py", "a/b.py", True),
        ("*.py", "b.pyc", False),
        ("/docs/", "docs/a/b.md", True),
        ("/docs/", "src/docs/b.md", False),
        ("docs/", "src/docs/b.md", True),
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/deep/a.md", False),
        ("docs/*", "src/docs/a.md", False),
        ("apps/**/tests", "apps/a/b/tests/x.py", True),
        ("**/logs", "a/b/logs/x", True),
        ("/*.md", "docs/a.md", False),
        ("/*", "a.md", True),
        ("/*", "docs/a.md", False),
        ("a?c", "abc", True),
        ("shop/orders", "shop/orders_old/x.py", False),
    ],
)
def test_pattern_fits_as_in_the_documentation_of_hosts(pattern: str, path: str, fits: bool) -> None:
    """Anchors, stars and folders mean what GitHub says they mean."""
    assert code_owners(f"{pattern} @team").of(path) == (("@team",) if fits else ())


def test_last_rule_that_fits_counts() -> None:
    """A later rule takes over, and one without owners takes away."""
    owners = code_owners("# who\n* @all\n[Section]\n/shop/ @shop # the shop\n/shop/legal/\n")
    assert owners.of("x.py") == ("@all",)
    assert owners.of("shop/a.py") == ("@shop",)
    assert owners.of("shop/legal/a.py") == ()
    assert owners.of_all(["shop/a.py", "x.py", "shop/b.py"]) == ("@shop", "@all")


def test_nobody_answers_without_a_file() -> None:
    """No file, no owner."""
    assert NOBODY.of("a.py") == ()


@given(st.text(alphabet="ab*?/#[! \n@", max_size=60), st.text(alphabet="ab/", max_size=20))
def test_any_text_is_read(text: str, path: str) -> None:
    """No file that a repository holds makes it fail."""
    assert isinstance(code_owners(text).of(path), tuple)
