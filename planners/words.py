"""Words of a text, brought to a form in which two texts can be compared.

Owns case, camel case, plural and common endings. Knows nothing of goals or plans.
"""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an the of for to in on at by and or with our my your their its this that these those new some any all is "
        "are be we i it as from into please",
    )
)
"""Words that say nothing about what is wanted."""

_ENDINGS = (
    ("ations", "at"),
    ("ation", "at"),
    ("ities", "iti"),
    ("ity", "iti"),
    ("ings", ""),
    ("ing", ""),
    ("ies", "y"),
    ("sses", "ss"),
    ("ers", "er"),
    ("ments", "ment"),
    ("ed", ""),
    ("es", "e"),
    ("s", ""),
)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """The word without case and without its commonest endings.

    It is crude on purpose: it only has to bring the forms of one word together.

    >>> stem("Subscriptions") == stem("subscription"), stem("migrating") == stem("migrate"), stem("bus")
    (True, True, 'bus')
    """
    word = word.casefold().replace("\u2019", "'").replace("'s", "").replace("'", "")
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@lru_cache(maxsize=16384)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text without case, in order; joined words are taken apart where their case changes.

    >>> words_of("UserModel for real-time use")
    ('user', 'model', 'for', 'real', 'time', 'use')
    """
    return tuple(word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", text)))


def stems_of(text: str) -> frozenset[str]:
    """The stems of a text that say what it is about; all of them where it has nothing but stop words.

    >>> sorted(stems_of("a REST API with the auth"))
    ['api', 'auth', 'rest']
    """
    words = words_of(text)
    return frozenset(stem(word) for word in words if word not in STOP_WORDS) or frozenset(map(stem, words))


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
