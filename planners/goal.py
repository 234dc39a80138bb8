"""A goal as a person words it, and what it asks for item by item.

Owns reading natural-language goals by their own words: connectors, lists and quotations. Knows no plans and no models.
"""

import re
import unicodedata
from collections.abc import Iterable

from prefect_harmonic.errors import GoalError
from prefect_harmonic.planners.choice import choice_in
from prefect_harmonic.planners.constraints import constraint_start, goes_on, is_constraint
from prefect_harmonic.planners.goal_sections import Standing, lines_with_standing, with_standing
from prefect_harmonic.planners.words import STOP_WORDS, phrase_of, words_of

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
        "execute carry conduct perform do get give start cut remove delete drop retire decommission decide",
    )
)
_REMOVING = frozenset({"remove", "delete", "drop", "retire", "decommission", "deprecate", "abandon", "stop"})
"""Verbs that stay where they are not the goal's own: to drop the support of something is not to support it."""
_DEPENDENCE = re.compile(
    r"^(?:(?:the|our|its|a|any)\s+)?(?:dependenc[ey]|reliance)\s+(?:up)?on\s+(?=\S)", re.IGNORECASE
)
_AFTER_VERB = frozenset({"up", "out", "down", "off", "to", "for", "on", "from", "between"})
_OPENERS = re.compile(
    r"^(?:please|kindly|help (?:me|us)(?: to)?|"
    r"let['\u2019]?s|(?:i|we) (?:want|need|would like|have|must|should|plan)(?: to)?|"
    r"(?:i|we)['\u2019]d like(?: to)?|the goal is(?: to)?|our goal is(?: to)?|goal\s*:|can you|could you)\s+",
    re.IGNORECASE,
)
_PRONOUNS = frozenset({"it", "them", "us", "me", "this", "that"})
_ARTICLES = frozenset(re.findall(r"\w+", "a an the our my your their its some new complete simple basic full"))
_CONNECTOR = re.compile(
    r"\s*(?:,\s*)?(?<![^\W_])(?:"
    r"together with|along with|in addition to|as well as|complete with|with support for|"
    r"with|including|includes?|"
    r"that (?:(?:can|should|must|will)(?!\s+(?:not|never)\b)|is able to|supports?|has|have|"
    r"lets? (?:\w+ )?|allows? (?:\w+ to )?)|"
    r"which (?:(?:can|should|must|will)(?!\s+(?:not|never)\b)|supports?|has|have)|where users can|so that users can|"
    r"supporting|supports|featuring|offering|providing|having|using|based on|plus|"
    r"over(?=\s+(?:the\s+next\s+)?(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|several|a)\s+"
    r"(?:\w+\s+)?(?:days?|weeks?|months?|quarters?|years?|sprints?))"
    r")(?![^\W_])\s*:?\s*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"\s*(?:(?:;|,(?!\d)|(?<!\d),)\s*(?:and|&|plus|then)?|(?<![^\W_])and(?![^\W_])|\s&\s|\s\+\s)\s*", re.IGNORECASE
)
_TOGETHER = re.compile(
    r"\b(drag|research|terms|pros|health|read|find|copy|search|black|questions?|trial|command|store)\s+and\s+"
    r"(drop|development|conditions|cons|safety|write|replace|paste|white|answers?|error|control|forward)\b",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*\u2022\u2023\u2013]|\(?\d{1,3}[.)]|\(?[a-z][)])\s+(?:\[[ xX]\]\s*)?(.+)$")
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\bvs\.)(?<!\bVS\.)\s+(?=\S)")
_QUOTED = re.compile(r"\"([^\"\n]{2,})\"|“([^”\n]{2,})”|«([^»\n]{2,})»|`([^`\n]{2,})`|(?<!\w)'([^'\n]{2,})'(?!\w)")
_ADDING = frozenset({"add", "introduce", "bring"})
_TARGET = re.compile(
    r"(?P<item>[^,;]+?)\s+(?P<target>(?:to|into)\s+(?:the|our|my|its|all|every|each)\s+[^,;]+)$", re.IGNORECASE
)
_DANGLING = re.compile(r"\s+(?:in|by|for|at|to|and|but|of|on|it)$", re.IGNORECASE)
_EMPTY = _VERBS | frozenset(
    re.findall(
        r"\w+",
        "thing things everything anything something stuff lot lots better best good great nice nicer perfect happy "
        "change changes improvement improvements progress work works well worse problem problems everyone everybody "
        "life situation way ways really much bit little people help go going fine robust "
        "reliable stable solid resilient maintainable clean cleaner modern elegant easy easier simpler",
    )
)
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
    >>> requirements_of("Add retries with backoff to the client")
    ('retries to the client', 'backoff')

    Raises:
        GoalError: See `checked_goal`.
    """
    goal = checked_goal(goal)
    quotations: list[str] = []
    marked = _QUOTED.sub(lambda match: _put_aside(match, quotations), goal)
    items = [item for line, standing in lines_with_standing(marked) for item in _items_standing(line, standing)]
    texts = [_put_back(item, quotations) for item in items]
    return _distinct([text for text in texts if words_of(text)]) or (_shortened(" ".join(goal.split())),)


def has_subject(requirements: Iterable[str]) -> bool:
    """Whether any requirement names something; a wish that something be better does not.

    >>> has_subject(("things better",)), has_subject(("dark mode",))
    (False, True)
    """
    return any(set(words_of(each)) - _EMPTY - STOP_WORDS for each in requirements)


def _put_aside(match: "re.Match[str]", quotations: list[str]) -> str:
    """A mark in place of a quotation, so that nothing within it is taken for a connector."""
    quotations.append(next(group for group in match.groups() if group is not None))
    return f"{_MARK}{len(quotations) - 1}{_MARK}"


def _put_back(item: str, quotations: list[str]) -> str:
    return re.sub(f"{_MARK}(\\d+){_MARK}", lambda match: quotations[int(match[1])], item)


def _items_standing(line: str, standing: Standing) -> list[str]:
    """The items of a line; what is barred, given or asked is one each, as it was said."""
    if standing in {Standing.ASKED, Standing.TOLD}:
        return [kept for item in _items_of_line(line) if (kept := with_standing(item, standing))]
    bullet = _BULLET.match(line)
    return [with_standing((bullet[1] if bullet else line).strip(" .;,"), standing)]


def _items_of_line(line: str) -> list[str]:
    bullet = _BULLET.match(line)
    if bullet is not None:
        head, *bounds = _with_bounds_apart(bullet[1].rstrip(" .;,"))
        return [_without_opening(head, is_head=False), *bounds]
    return [item for sentence in _SENTENCE.split(line) for item in _items_of_sentence(sentence)]


def _items_of_sentence(sentence: str) -> list[str]:
    """The options that a sentence names, or else its head; then what it adds, and its constraints.

    What is no option is split at connectors, commas and "and".
    """
    choice = choice_in(sentence)
    if choice is not None:
        return [*choice.options, *filter(None, [choice.purpose]), *_listed_items(choice.remainder)]
    return _listed_items(sentence)


def _listed_items(sentence: str) -> list[str]:
    items: list[str] = []
    for at, segment in enumerate(_with_target_at_head(_CONNECTOR.split(sentence.strip(" .!?:")))):
        is_head = at == 0
        listed = _listed(_without_verb_pair(segment) if is_head and not is_constraint(segment) else segment)
        for number, part in enumerate(_rejoined(listed)):
            head, *bounds = _with_bounds_apart(part)
            is_taken_away = number > 0 and head.split(maxsplit=1)[:1] and head.split()[0].casefold() in _REMOVING
            items += [_without_opening(head, is_head=is_head and not is_taken_away), *bounds]
    return [item for item in items if item]


def _with_target_at_head(segments: list[str]) -> list[str]:
    """'Add retries with backoff to the client' adds the retries to it, with backoff."""
    words = _OPENERS.sub("", segments[0].strip()).casefold().split()
    if len(segments) < 2 or not words or words[0] not in _ADDING or {"to", "into"} & set(words):
        return segments
    target = _TARGET.match(segments[-1])
    return segments if target is None else [f"{segments[0]} {target['target']}", *segments[1:-1], target["item"]]


def _with_bounds_apart(clause: str) -> list[str]:
    """A clause and the constraint that follows it, if there is one, in the words in which it was said."""
    start = constraint_start(clause)
    return (
        [clause]
        if start is None
        else [_DANGLING.sub("", clause[:start].rstrip(" (")), clause[start:].strip(" .!?:,;()")]
    )


def _rejoined(listed: list[tuple[str, str]]) -> list[str]:
    """The parts of a list; what is added to a constraint stays within it unless it is clearly something else."""
    parts: list[str] = []
    for part, separator in listed:
        words = part.casefold().split()
        is_kept = bool(parts) and "keeping" in parts[-1].casefold()
        is_other = not words or words[0] in _VERBS or is_constraint(part) or (words[0] in _ARTICLES and not is_kept)
        if parts and not is_other and goes_on(parts[-1], separator, part):
            parts[-1] += f"{separator}{part}"
        else:
            parts.append(part)
    return parts


def _without_verb_pair(head: str) -> str:
    """'Design and implement a cache' asks for the cache; the two verbs are no list."""
    words = _OPENERS.sub("", head.strip()).split()
    while len(words) > 3 and words[1].casefold() == "and" and {words[0].casefold(), words[2].casefold()} <= _VERBS:
        words = words[2:]
    return " ".join(words)


def _listed(segment: str) -> list[tuple[str, str]]:
    """The items of a list, each with the separator that stands before it."""
    kept = _TOGETHER.sub(rf"\1{_AND}\2", segment)
    separators = ["", *(match.group() for match in _SEPARATOR.finditer(kept))]
    parts = [part.replace(_AND, " and ") for part in _SEPARATOR.split(kept)]
    return list(zip(parts, separators, strict=True))


def _without_opening(part: str, *, is_head: bool) -> str:
    """The phrase without politeness, leading verb and articles; a constraint as it was said."""
    part = part.strip(" .!?:,;")
    if is_constraint(part):
        return " ".join(part.split())
    words = _OPENERS.sub("", part).split()
    if is_head and len(words) > 1 and words[0].casefold() in _VERBS:
        words = words[1:]
        while len(words) > 1 and words[0].casefold() in _AFTER_VERB:
            words = words[1:]
        words = _DEPENDENCE.sub("", " ".join(words)).split()
    if words and words[0].casefold() in _PRONOUNS:
        return _OPENERS.sub("", part)  # "it faster" says nothing without its verb
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
