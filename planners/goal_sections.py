"""The sections of a goal of several lines: which of them ask for something, and which bar, bound or tell something.

Owns the headings people write over such lists ("Must not:", "Constraints:", "Background: …"). What stands under one is
no order: a list of what must not happen, read as wishes, would be the opposite of the goal.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from prefect_harmonic.planners.constraints import is_constraint


class Standing(StrEnum):
    """What a line of a goal is there for."""

    ASKED = "asked"
    BARRED = "must not"
    EXCLUDED = "not in scope:"
    GIVEN = "given:"
    PROOF = "done when"
    QUESTION = "answers"
    TOLD = "told"


_MOST_WORDS = 7
_HEADINGS = {
    Standing.BARRED: (
        r"(?:it\s+|we\s+)?(?:must|should|shall|may|do|does|will|wo|can|ca)\s*(?:not|n['\u2019]t|never)\b(?!\s+have\b).*",
        r"never",
    ),
    Standing.EXCLUDED: (
        r"(?:out|not\s+(?:part|in|within))\s*(?:of\s+)?(?:the\s+)?scope|out-of-scope|non[- ]?goals?|anti[- ]?goals?",
        r"exclu\w+|avoid|no[- ]gos?|forbidden|not\s+wanted",
        r"(?:wo|do)n['\u2019]t\s+have|(?:must|should|will)\s+not\s+have",
    ),
    Standing.GIVEN: (
        r"(?:hard\s+|soft\s+|known\s+|boundary\s+)?(?:constraints?|limits?|limitations|conditions|restrictions)",
        r"assumptions?|given|budget|team|timing|time|deadlines?|resources|environment|(?:technology\s+|tech\s+)?stack",
    ),
    Standing.PROOF: (
        r"(?:acceptance|success|exit)\s+(?:criteria|criterion|tests?)|definition\s+of\s+done|done|dod",
        r"(?:it\s+is\s+|we\s+are\s+)?(?:done|finished|accepted)\s+(?:when|if)",
    ),
    Standing.QUESTION: (r"(?:open\s+)?questions?\b.*|(?:what\s+)?we\s+(?:do\s+not|don['\u2019]t)\s+know|unknowns?",),
    Standing.TOLD: (
        r"background|context|motivation|why|history|status|today|introduction|about(?:\s+us)?|problem(?:\s+statement)?",
        r"(?:the\s+)?(?:current\s+|present\s+)?(?:state|situation)|notes?|links?|references?|see\s+also",
    ),
    Standing.ASKED: (
        r"(?:must|should|could|nice[- ]to|good[- ]to)(?:[- ]haves?)?|(?:non-)?(?:functional\s+)?requirements?",
        r"features?|goals?|scope|in\s+scope|tasks?|to-?dos?|wishes|deliverables?|steps?|optional(?:ly)?|later|details?",
        r"(?:what\s+)?we\s+(?:want|need|would\s+like)|it\s+(?:must|should|shall|needs?\s+to|has\s+to)",
    ),
}
_STANDINGS = {
    standing: re.compile(rf"(?:(?:the|our|my|some)\s+)?(?:{'|'.join(patterns)})", re.IGNORECASE)
    for standing, patterns in _HEADINGS.items()
}
_HEADING = re.compile(
    r"\s*(?:#{1,6}\s+(?P<marked>[^:]+?)\s*:?|(?:\*\*|__)?(?P<plain>[^:*_]+?)(?:\*\*|__)?\s*:(?:\*\*|__)?)\s*"
)
_CONTINUED = re.compile(r"^.{40,}[^\s.!?:;]$")
_PROOF = re.compile(r"\s*(?:(?:it|this|that)\s+is\s+|we\s+are\s+)?(?:done|finished|accepted)\s+when\b", re.IGNORECASE)
_LABEL = re.compile(r"\s*(?P<label>[A-Za-z][A-Za-z' \u2019-]{1,40}?)\s*:\s+(?P<text>\S.*)")
_ITEM = re.compile(r"\s*(?:[-*\u2022\u2023\u2013]|\(?\d{1,3}[.)]|\(?[a-z][)])\s+")


def lines_with_standing(goal: str) -> Iterator[tuple[str, Standing]]:
    r"""The lines of a goal with what each is there for; headings of lists are left out, wrapped lines are joined.

    >>> list(lines_with_standing("Add search\nMust not:\n- change URLs"))
    [('Add search', <Standing.ASKED: 'asked'>), ('- change URLs', <Standing.BARRED: 'must not'>)]
    """
    standing, is_list = Standing.ASKED, False
    for at, line in enumerate(_unwrapped(goal)):
        if not line.strip():
            standing = standing if is_list else Standing.ASKED
            continue
        is_item = _ITEM.match(line) is not None
        heading = None if is_item or not at else _heading(line)
        label = None if is_item or not at or heading is not None else _label(line)
        if heading is not None:
            standing, is_list = heading, True
        elif label is not None:
            standing, is_list = label[0], False
            yield label[1], standing
        else:
            if is_list and not is_item:
                standing, is_list = Standing.ASKED, False
            yield line, standing


def asked_in(goal: str) -> str:
    r"""The lines of a goal that ask for something; the goal itself where it has one line, or none of them asks.

    >>> asked_in("Add search\nMust not:\n- change URLs")
    'Add search'
    """
    if "\n" not in goal.strip():
        return goal
    asked = [line for line, standing in lines_with_standing(goal) if standing is Standing.ASKED]
    return "\n".join(asked) or goal


def _unwrapped(goal: str) -> list[str]:
    """The lines of a goal, a long one together with what goes on in small letters below it."""
    lines: list[str] = []
    for line in goal.splitlines():
        is_continued = bool(lines) and _CONTINUED.search(lines[-1]) is not None
        if is_continued and line.lstrip()[:1].islower() and not _ITEM.match(line):
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines.append(line.rstrip())
    return lines


def _heading(line: str) -> Standing | None:
    """What a list under a heading is for; nothing where the line is no heading, or one with a wish of its own."""
    match = _HEADING.fullmatch(line)
    text = (match["marked"] or match["plain"]) if match is not None else ""
    return _standing(text) if text and len(text.split()) <= _MOST_WORDS else None


def _label(line: str) -> tuple[Standing, str] | None:
    """What a line is for that says so itself ("Background: we publish …"), and the rest of it."""
    if _PROOF.match(line):
        return Standing.PROOF, line
    match = _LABEL.fullmatch(line)
    standing = _standing(match["label"]) if match is not None else None
    return None if match is None or standing is None else (standing, match["text"])


def _standing(heading: str) -> Standing | None:
    return next((standing for standing, words in _STANDINGS.items() if words.fullmatch(heading.strip())), None)


def with_standing(item: str, standing: Standing) -> str:
    """An item of a goal in words that say what it is there for; empty for what is only told.

    >>> with_standing("change URLs", Standing.BARRED), with_standing("three servers", Standing.GIVEN)
    ('must not change URLs', 'given: three servers')
    """
    if standing is Standing.ASKED or is_constraint(item):
        return item
    if standing is Standing.TOLD:
        return ""
    return f"{standing} “{item.rstrip('?')}?”" if standing is Standing.QUESTION else f"{standing} {item}"
