"""How specialists put things: summaries of the right length, Markdown that no content can break, readable lists."""

import re
from collections.abc import Iterable, Sequence

from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, summarised

_LONGEST_SENTENCE = 330
_LONGEST_TITLE = 100


def summary_of(findings: Iterable[str], method: Sequence[str]) -> str:
    """A summary of 500 to 1,000 characters: what was found, then as much of how it was found as is needed.

    Args:
        findings: Sentences about this artifact, the most important first. Long ones are cut at a word.
        method: Sentences that hold for every result of the agent: how it works and what it cannot know. Together at
            least 500 characters, so that a finding of one word still gives a whole summary.
    """
    sentences = [clipped(finding, _LONGEST_SENTENCE) for finding in findings]
    summary = summarised(*sentences)
    for sentence in method:
        if len(summary) >= SUMMARY_LENGTH[0]:
            break
        summary = summarised(summary, sentence)
    return summary


def clipped(text: str, length: int) -> str:
    """The text on one line, cut at a word if it is longer.

    >>> clipped("one two  three", 9)
    'one two…'
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = line[: length - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,;:.") + "…"


def sentence(text: str) -> str:
    """The text as a sentence with a full stop.

    >>> sentence("it is done")
    'It is done.'
    """
    line = " ".join(text.split())
    if line.split(" ", 1)[0].isalpha():  # paths and names stay as they are written
        line = line[:1].upper() + line[1:]
    return line if not line or line[-1] in ".!?…" else f"{line}."


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a sentence, the rest counted.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], most=1)
    ('a, b and c', 'a and 2 more')
    """
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "none"


def with_article(noun: str) -> str:
    """A noun with its indefinite article, by its first letter.

    >>> with_article("agreement"), with_article("runbook"), with_article("unit test"), with_article("user guide")
    ('an agreement', 'a runbook', 'a unit test', 'a user guide')
    """
    sounds_like_you = noun.lower().startswith(("uni", "use", "uti", "eu"))
    return f"{'an' if noun[:1].lower() in tuple('aeiou') and not sounds_like_you else 'a'} {noun}"


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "gap"), counted(2, "query"), counted(3, "weakness")
    ('1 gap', '2 queries', '3 weaknesses')
    """
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("ss"):
        return f"{number:,} {noun}es"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{number:,} {noun}s"


def title_of(text: str) -> str:
    r"""A text as a Markdown heading's content: one line, no markup characters at its start.

    >>> title_of("# sly\n# heading")
    'sly # heading'
    """
    return clipped(re.sub(r"^[\s#>*`|-]+", "", text), _LONGEST_TITLE) or "Untitled"


def cell(text: str) -> str:
    r"""A text as the content of a Markdown table's cell.

    >>> cell("a|b")
    'a\\|b'
    """
    return " ".join(text.split()).replace("|", "\\|")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell(each) if each != '---' else each for each in line)} |" for line in lines)
