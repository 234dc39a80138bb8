"""Words of a text, brought to a form in which two texts can be compared.

Owns the splitting of sentences and ids into words, the words that carry no subject, and the one stemmer of the package.
Knows nothing of goals, plans or documents.
"""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Names that camel case would tear apart.
_WHOLE_NAMES = re.compile("GraphQL|WebSocket|OAuth|PostgreSQL|MySQL|SQLite|GitHub|JavaScript|TypeScript|DevOps")

_STOP = (
    "a about above after all also an and any are as at be because been before being below between both but by can "
    "could did do does doing done each either else every few for from further had has have having here how i if in "
    "into is it its itself just least less let may me might more most much must my need needed needs neither new no "
    "nor not of off on once one only or other our out over own per please rather same several shall she should so some "
    "still such than that the their them then there these they this those through to too toward towards under until "
    "up upon us use used uses using very via was we were what when where whether which while who whom whose why will "
    "with within without would yet you your"
)
STOP_WORDS = frozenset(_STOP.split())
"""Words that carry no subject."""

_ENDINGS = (
    ("isations", "is"),
    ("izations", "is"),
    ("isation", "is"),
    ("ization", "is"),
    ("ations", "at"),
    ("ation", "at"),
    ("ments", ""),
    ("ment", ""),
    ("ness", ""),
    ("ings", ""),
    ("ing", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ed", ""),
    ("sses", "ss"),
    ("ors", ""),
    ("or", ""),
    ("es", "e"),
    ("bly", "bl"),
    ("ly", ""),
    ("s", ""),
)
_SHORTEST_STEM = 3
_NO_DOERS = (
    "author",
    "authors",
    "minor",
    "major",
    "tutor",
    "tutors",
    "color",
    "colors",
    "floor",
    "floors",
    "door",
    "doors",
)
"""Words whose -or belongs to them: who writes is nobody's authentication."""
_NO_ADVERBS = ("ply", "mily", "rely", "only", "early", "maly")
"""Ends of words whose -ly belongs to them: to reply, to rely, a family, an anomaly."""


@lru_cache(maxsize=16384)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text or of an id without case, in order; joined words are taken apart where their case changes.

    >>> words_of("UserModel for real-time use")
    ('user', 'model', 'for', 'real', 'time', 'use')
    >>> words_of("the GraphQL-API of user_model v2")
    ('the', 'graphql', 'api', 'of', 'user', 'model', 'v2')
    """
    whole = _WHOLE_NAMES.sub(lambda name: name.group().capitalize(), text)
    found = _WORD.findall(_CAMEL.sub(" ", whole))
    return tuple(word.casefold().replace("\u2019", "'").removesuffix("'s") for word in found)


def spaced(identifier: str) -> str:
    """An id as one would say it.

    >>> spaced("ResearchServiceBoundaries"), spaced("api.v2-docs")
    ('research service boundaries', 'api v2 docs')
    """
    return " ".join(words_of(identifier))


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """What is left of an English word without case and ending; the same for most forms of one word.

    >>> [stem(word) for word in ("migrate", "Migration", "migrating")]
    ['migrat', 'migrat', 'migrat']
    >>> [stem(word) for word in ("monthly", "months", "reliably", "reliable", "reply", "replies")]
    ['month', 'month', 'reliabl', 'reliabl', 'repli', 'repli']
    >>> [stem(word) for word in ("author", "authors", "connector", "connect")]
    ['author', 'author', 'connect', 'connect']
    >>> [stem(word) for word in ("boundary", "boundaries", "class", "status", "services")]
    ['boundari', 'boundari', 'class', 'status', 'servic']
    """
    word = word.casefold().replace("\u2019", "'").removesuffix("'s").replace("'", "")
    if len(word) <= _SHORTEST_STEM or not word.isalpha() or not word.isascii():
        return word
    for ending, instead in _ENDINGS:
        kept = word[: len(word) - len(ending)]
        is_plain = ending == "s" and word.endswith(("ss", "us", "is"))
        is_plain = is_plain or (ending == "ly" and word.endswith(_NO_ADVERBS))
        is_plain = is_plain or (ending in {"or", "ors"} and word in _NO_DOERS)
        if word.endswith(ending) and len(kept) >= _SHORTEST_STEM and not is_plain:
            word = kept + instead
            break
    if len(word) > _SHORTEST_STEM and word.endswith("e"):
        word = word[:-1]
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > _SHORTEST_STEM else word


def telling_stems(text: str) -> frozenset[str]:
    """The stems of a text's words that carry its subject; none where it has nothing but stop words.

    >>> sorted(telling_stems("How the services are deployed"))
    ['deploi', 'servic']
    """
    return frozenset(stem(word) for word in words_of(text) if word not in STOP_WORDS)


def stems_of(text: str) -> frozenset[str]:
    """As `telling_stems`, but all stems of a text of stop words alone, which would otherwise be part of every text.

    >>> sorted(stems_of("a REST API with the auth")), sorted(stems_of("to be"))
    (['api', 'auth', 'rest'], ['be', 'to'])
    """
    return telling_stems(text) or frozenset(map(stem, words_of(text)))


@lru_cache(maxsize=16384)
def phrase_of(text: str) -> tuple[str, ...]:
    """The stems of a text in order, for finding one text within another. Case changes within a word do not count.

    >>> phrase_of("GraphQL Subscriptions")
    ('graphql', 'subscription')
    """
    return tuple(stem(word) for word in _WORD.findall(text.casefold()))


def phrase_position(words: tuple[str, ...], phrase: tuple[str, ...]) -> int:
    """Position at which a phrase stands in a text, both as stems in order; -1 if it does not.

    >>> phrase_position(phrase_of("Build a REST API"), phrase_of("rest api"))
    2
    """
    if not phrase:
        return -1
    span = len(phrase)
    for start in range(len(words) - span + 1):
        if words[start : start + span] == phrase:
            return start
    return -1
