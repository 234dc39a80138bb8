"""Text of others shows as it is, and does nothing."""

import html
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.tasks.views.escaping import (
    html_text,
    markdown_code,
    markdown_link,
    markdown_text,
    mermaid_text,
    shortened,
    visible,
    xml_text,
)

TEXT = st.text(alphabet=st.characters(codec=None), max_size=60)


@given(TEXT)
def test_html_text_holds_no_markup_and_reads_back(text: str) -> None:
    """No character of markup survives as itself, and unescaping gives the visible text."""
    escaped = html_text(text)
    assert not set(escaped) & set("<>\"'")
    assert html.unescape(escaped) == visible(text)


@given(TEXT)
def test_xml_text_can_stand_in_any_document(text: str) -> None:
    """Whatever the text holds, a document with it parses and gives it back."""
    element = ET.Element("a")
    element.text = xml_text(text)
    assert (ET.fromstring(ET.tostring(element)).text or "") == xml_text(text)


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\ufeff", "\ud800", "\U000e0041"])
def test_visible_writes_out_what_hides_or_reorders(character: str) -> None:
    """A character that could not be seen is shown by its number."""
    assert visible(f"a{character}b") == f"a\\u{ord(character):04x}b"


def test_visible_leaves_languages_alone() -> None:
    """Letters of any script, emoji joiners and tabs stay as they are."""
    text = "naïve \u05e9\u05dc\u05d5\u05dd 日本 👩\u200d🔧\t"
    assert visible(text) == text


@given(TEXT)
def test_markdown_text_is_one_line_with_every_bar_and_bracket_escaped(text: str) -> None:
    """Outside code spans nothing is left that could open a tag, a link, a cell or a block."""
    escaped = markdown_text(text)
    bare = re.sub(r"\\.", "", re.sub(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)", "", escaped))
    assert len(escaped.splitlines()) <= 1
    assert not set(bare) & set("<[]|*`$~")
    assert not re.match(r"[#>+=-]|\d+[.)]", escaped)


def test_markdown_text_keeps_identifiers_readable() -> None:
    """An underscore inside a word starts nothing in Markdown and needs no backslash."""
    assert markdown_text("reads DATABASE_URL, _not_ this") == r"reads DATABASE_URL, \_not\_ this"


@given(TEXT)
def test_markdown_code_closes_with_the_fence_it_opened(text: str) -> None:
    """No run of backticks inside is as long as the fence."""
    code = markdown_code(text)
    fence = re.match("`*", code)
    assert fence is not None
    inside = code[len(fence[0]) : len(code) - len(fence[0])] if code else ""
    assert fence[0] not in re.findall("`+", inside) or not code


@given(TEXT)
def test_markdown_link_stays_beside_the_document(text: str) -> None:
    """The target names no scheme and no host."""
    target = re.search(r"\]\(([^()]*)\)$", markdown_link("x", text))
    assert target is not None
    assert re.fullmatch(r"[\w.%~/-]*", target[1], re.ASCII)
    assert not target[1].startswith("/")


@given(TEXT)
def test_mermaid_text_ends_no_label(text: str) -> None:
    """Quotes, brackets, braces, percent signs and backticks only occur as numbers."""
    assert not set(mermaid_text(text)) & set("\"'[]{}()<>%`|&\n")


@given(st.text(max_size=200), st.integers(min_value=3, max_value=50))
def test_shortened_fits(text: str, limit: int) -> None:
    """The result is never longer than the limit."""
    assert len(shortened(text, limit)) <= limit
