"""The words of ids, sentences and documents, reduced so that two ways of saying one thing meet.

Owns splitting of ids, stop words and stems for comparing prose. Knows nothing of what the words are compared for.
(`prefect_harmonic.planners.words` reads goals in the same way; this one also takes ids apart.)
"""

import re
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
# Names that camel case would tear apart.
_WHOLE_NAMES = re.compile("GraphQL|WebSocket|OAuth|PostgreSQL|MySQL|SQLite|GitHub|JavaScript|TypeScript|DevOps")

_STOP = (
    "a about above after all also an and any are as at be because been before being below between both but by can "
    "could did do does doing done each either else every few for from further had has have having here how i if in "
    "into is it its itself just least less let may me might more most much must my need needed needs neither no nor "
    "not of off on once one only or other our out over own per rather same several shall she should so some still such "
    "than that the their them then there these they this those through to too toward towards under until up upon us "
    "use used uses using very via was we were what when where whether which while who whom whose why will with within "
    "without would yet you your"
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
    ("ly", ""),
    ("s", ""),
)
_SHORTEST_STEM = 3


def words_in(text: str) -> tuple[str, ...]:
    """The words of a text or of an id, in lower case and in order.

    >>> words_in("ResearchServiceBoundaries: the GraphQL-API of user_model v2")
    ('research', 'service', 'boundaries', 'the', 'graphql', 'api', 'of', 'user', 'model', 'v2')
    """
    whole = _WHOLE_NAMES.sub(lambda name: name.group().capitalize(), text)
    found = _WORD.findall(_CAMEL.sub(" ", whole))
    return tuple(word.lower().replace("\u2019", "'").removesuffix("'s") for word in found)


def spaced(identifier: str) -> str:
    """An id as one would say it.

    >>> spaced("ResearchServiceBoundaries"), spaced("api.v2-docs")
    ('research service boundaries', 'api v2 docs')
    """
    return " ".join(words_in(identifier))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """What is left of an English word in lower case without its ending; the same for most forms of one word.

    >>> [stem(word) for word in ("migrate", "migration", "migrating")]
    ['migrat', 'migrat', 'migrat']
    >>> [stem(word) for word in ("boundary", "boundaries", "class", "status", "services")]
    ['boundari', 'boundari', 'class', 'status', 'servic']
    """
    if len(word) <= _SHORTEST_STEM or not word.isalpha() or not word.isascii():
        return word
    for ending, instead in _ENDINGS:
        kept = word[: len(word) - len(ending)]
        is_plain = ending == "s" and word.endswith(("ss", "us", "is"))
        if word.endswith(ending) and len(kept) >= _SHORTEST_STEM and not is_plain:
            word = kept + instead
            break
    if len(word) > _SHORTEST_STEM and word.endswith("e"):
        word = word[:-1]
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > _SHORTEST_STEM else word


def stems_of(text: str) -> frozenset[str]:
    """The stems of a text's words that carry its subject.

    >>> sorted(stems_of("How the services are deployed"))
    ['deploi', 'servic']
    """
    return frozenset(stem(word) for word in words_in(text) if word not in STOP_WORDS)


def is_mentioned(phrase: str, stems: frozenset[str]) -> bool:
    """Whether every word of a phrase that carries its subject is among the stems of a text.

    >>> is_mentioned("service boundaries", stems_of("Boundaries of each service"))
    True
    """
    wanted = stems_of(phrase)
    return bool(wanted) and wanted <= stems
