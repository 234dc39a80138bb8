"""The small pieces that all sections of the report are made of: tables, lists, sources, lengths of time."""

import re
from collections.abc import Iterable, Sequence

from prefect_harmonic.planners.evidence import Claim, Grade, Source
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line, shortened

_BARE_BAR = re.compile(r"(?<!\\)\|")
_EMPHASIS = re.compile(r"\*\*")
_QUOTE_LENGTH = 140

GRADE_WORDS = {
    Grade.MEASURED: "measured",
    Grade.DOCUMENTED: "documented",
    Grade.DERIVED: "derived",
    Grade.ASSUMED: "assumed, not confirmed in the project",
}

NO_SOURCE = "no source: to be confirmed"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """A Markdown table of cells that are Markdown already; empty if there is no row.

    >>> print(table(["A", "n"], [["x", "1"]], right=frozenset({1})))
    | A | n |
    |---|---:|
    | x | 1 |
    """
    body = [f"| {' | '.join(_BARE_BAR.sub(_escaped_bar, cell) for cell in row)} |" for row in rows]
    if not body:
        return ""
    rule = "|" + "|".join("---:" if place in right else "---" for place in range(len(heads))) + "|"
    return "\n".join([f"| {' | '.join(heads)} |", rule, *body])


def _escaped_bar(_: re.Match[str]) -> str:
    return "\\|"


def section(heading: str, *parts: str) -> str:
    """A section with its heading; empty if there is nothing in it."""
    shown = [part for part in parts if part]
    return "\n\n".join([f"## {heading}", *shown]) if shown else ""


def items(texts: Iterable[str]) -> str:
    """A list of texts that are Markdown already."""
    return "\n".join(f"- {text}" for text in texts)


def source_words(source: Source) -> str:
    """A source with its line, and the words that stand there."""
    quote = f" “{markdown_text(shortened(source.quote, _QUOTE_LENGTH))}”" if source.quote.strip() else ""
    return f"{markdown_code(str(source))}{quote}"


def sources_words(claim: Claim, most: int = 3) -> str:
    """What a claim rests on; said plainly if that is nothing."""
    if not claim.sources:
        return NO_SOURCE
    shown = "; ".join(_source_beside(claim, source) for source in claim.sources[:most])
    more = len(claim.sources) - most
    return f"{shown}; and {more} more" if more > 0 else shown


def _source_beside(claim: Claim, source: Source) -> str:
    """A source beside its claim: the words that stand there only where the claim is put in others."""
    quoted = _EMPHASIS.sub("", one_line(source.quote))
    return markdown_code(str(source)) if quoted.startswith(one_line(claim.text).rstrip(".…")) else source_words(source)


def sentence(text: str) -> str:
    """The text as a Markdown sentence with a full stop.

    >>> sentence("it is so")
    'it is so.'
    """
    line = one_line(text)
    return markdown_text(line if line.endswith((".", "!", "?", "…", ":")) else f"{line}.") if line else ""
