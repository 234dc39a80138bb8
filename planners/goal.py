"""A goal as a person words it, and what it asks for item by item.

Owns reading natural-language goals by their own words: connectors, lists and quotations. Knows no plans and no models.
"""

import re
import unicodedata

from prefect_harmonic.errors import GoalError
from prefect_harmonic.planners.words import phrase_of, words_of

MAX_GOAL_LENGTH = 20_000
"""Characters of a goal at most: two or three pages, more than a goal and less than a document pasted by mistake."""

MAX_REQUIREMENT_LENGTH = 160
"""Characters of one requirement at most; a longer one is cut at a word."""

_VERBS = frozenset(
    re.findall(
        r"\w+",
        "build create implement develop add make write design set setup introduce provide deliver produce migrate move "
        "convert port switch transition resolve fix solve investigate mitigate handle evaluate assess compare choose "
        "select research analyse analyze study explore review audit refactor restructure modernize modernise upgrade "
        "update improve optimize optimise speed reduce document prepare organize organise plan launch hire run train "
        "deploy extend enable integrate support allow rewrite replace automate establish ship construct clean pay "
        "execute carry conduct perform do get give start",
    )
)
_AFTER_VERB = frozenset({"up", "out", "down", "off", "to", "for", "on", "from"})
_OPENERS = re.compile(
    r"^(?:please|kindly|help (?:me|us)(?: to)?|"
    r"let['\u2019]?s|(?:i|we) (?:want|need|would like|have|must|should|plan)(?: to)?|"
    r"(?:i|we)['\u2019]d like(?: to)?|the goal is(?: to)?|our goal is(?: to)?|goal\s*:|can you|could you)\s+",
    re.IGNORECASE,
)
_ARTICLES = frozenset(re.findall(r"\w+", "a an the our my your their its some new complete simple basic full"))
_CONNECTOR = re.compile(
    r"\s*(?:,\s*)?(?<![^\W_])(?:"
    r"together with|along with|in addition to|as well as|complete with|with support for|"
    r"with|without(?=\s)|including|includes?|"
    r"that (?:can|should|must|will|is able to|supports?|has|have|lets? (?:\w+ )?|allows? (?:\w+ to )?)|"
    r"which (?:can|should|must|will|supports?|has|have)|where users can|so that users can|"
    r"supporting|supports|featuring|offering|providing|having|using|based on|plus|"
    r"over(?=\s+(?:the\s+next\s+)?(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|several|a)\s+"
    r"(?:\w+\s+)?(?:days?|weeks?|months?|quarters?|years?|sprints?))|"
    r"within(?=\s+(?:\d+|one|two|three|four|five|six|twelve|a)\s+(?:days?|weeks?|months?|quarters?|years?|sprints?))"
    r")(?![^\W_])\s*:?\s*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*(?:[,;]\s*(?:and|&|plus|then)?|(?<![^\W_])and(?![^\W_])|\s&\s|\s\+\s)\s*", re.IGNORECASE)
_TOGETHER = re.compile(
    r"\b(drag|research|terms|pros|health|read|find|copy|search|black|questions?|trial|command|store)\s+and\s+"
    r"(drop|development|conditions|cons|safety|write|replace|paste|white|answers?|error|control|forward)\b",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*\u2022\u2023\u2013]|\(?\d{1,3}[.)]|\(?[a-z][)])\s+(?:\[[ xX]\]\s*)?(.+)$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_QUOTED = re.compile(r"\"([^\"\n]{2,})\"|“([^”\n]{2,})”|«([^»\n]{2,})»|`([^`\n]{2,})`|(?<!\w)'([^'\n]{2,})'(?!\w)")
_MARK, _AND = "\ue000", "\ue001"


def checked_goal(goal: str) -> str:
    r"""The goal without control characters and surrounding blanks.

    >>> checked_goal("  Build a\x00 CLI ")
    'Build a CLI'

    Raises:
        GoalError: It is blank, has no word in it, or is too long to be a goal.
    """
    if len(goal) > MAX_GOAL_LENGTH:
        raise GoalError(f"has {len(goal):,} characters and may have {MAX_GOAL_LENGTH:,}")
    kept = "".join(
        letter
        for letter in goal.replace("\r\n", "\n").replace("\r", "\n")
        if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}
    ).strip()
    if not kept:
        raise GoalError("is empty")
    if not words_of(kept):
        raise GoalError(f"{kept[:40]!r} has no words")
    return kept


def requirements_of(goal: str) -> tuple[str, ...]:
    """What a goal asks for, item by item, in its own words and in its own order.

    >>> requirements_of("Build a REST API with auth and database")
    ('REST API', 'auth', 'database')
    >>> requirements_of("Migrate to microservices")
    ('microservices',)

    Raises:
        GoalError: See `checked_goal`.
    """
    goal = checked_goal(goal)
    quotations: list[str] = []
    marked = _QUOTED.sub(lambda match: _put_aside(match, quotations), goal)
    items = [item for line in marked.splitlines() for item in _items_of_line(line)]
    texts = [_put_back(item, quotations) for item in items]
    return _distinct([text for text in texts if words_of(text)]) or (_shortened(" ".join(goal.split())),)


def _put_aside(match: "re.Match[str]", quotations: list[str]) -> str:
    """A mark in place of a quotation, so that nothing within it is taken for a connector."""
    quotations.append(next(group for group in match.groups() if group is not None))
    return f"{_MARK}{len(quotations) - 1}{_MARK}"


def _put_back(item: str, quotations: list[str]) -> str:
    return re.sub(f"{_MARK}(\\d+){_MARK}", lambda match: quotations[int(match[1])], item)


def _items_of_line(line: str) -> list[str]:
    bullet = _BULLET.match(line)
    if bullet is not None:
        return [_without_opening(bullet[1].rstrip(" .;,"), is_head=False)]
    return [item for sentence in _SENTENCE.split(line) for item in _items_of_sentence(sentence)]


def _items_of_sentence(sentence: str) -> list[str]:
    """The head of a sentence and what its connectors add, each split at commas and "and"."""
    head, *rest = _CONNECTOR.split(sentence.strip(" .!?:"))
    parts = [_without_opening(part, is_head=True) for part in _listed(_without_verb_pair(head))]
    parts += [_without_opening(part, is_head=False) for segment in rest for part in _listed(segment)]
    return [part for part in parts if part]


def _without_verb_pair(head: str) -> str:
    """'Design and implement a cache' asks for the cache; the two verbs are no list."""
    words = _OPENERS.sub("", head.strip()).split()
    while len(words) > 3 and words[1].casefold() == "and" and {words[0].casefold(), words[2].casefold()} <= _VERBS:
        words = words[2:]
    return " ".join(words)


def _listed(segment: str) -> list[str]:
    kept = _TOGETHER.sub(rf"\1{_AND}\2", segment)
    return [part.replace(_AND, " and ") for part in _SEPARATOR.split(kept)]


def _without_opening(part: str, *, is_head: bool) -> str:
    """The phrase without politeness, leading verb and articles."""
    words = _OPENERS.sub("", part.strip(" .!?:,;")).split()
    if is_head and len(words) > 1 and words[0].casefold() in _VERBS:
        words = words[1:]
        while len(words) > 1 and words[0].casefold() in _AFTER_VERB:
            words = words[1:]
    while len(words) > 1 and words[0].casefold() in _ARTICLES:
        words = words[1:]
    return " ".join(words)


def _distinct(texts: list[str]) -> tuple[str, ...]:
    seen: set[tuple[str, ...]] = set()
    kept = []
    for text in texts:
        key = phrase_of(text)
        if key not in seen:
            seen.add(key)
            kept.append(_shortened(text))
    return tuple(dict.fromkeys(kept))


def _shortened(text: str) -> str:
    if len(text) <= MAX_REQUIREMENT_LENGTH:
        return text
    return text[: MAX_REQUIREMENT_LENGTH - 1].rsplit(" ", 1)[0] + "…"
