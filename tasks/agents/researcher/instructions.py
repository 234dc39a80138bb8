"""Instructions to agents: files that say how to work on a project, and the sentences in them that are orders.

What they order is no statement about the project: "close that pair on the spot" leaves nothing open. What they state
("the service listens on port 8000") is as good as in any other document.
"""

import re
from collections.abc import Sequence

_FILES = re.compile(r"(?:^|/)(?:AGENTS?|CLAUDE(?:\.local)?|GEMINI|copilot-instructions)\.md$")
_ORDERS = (
    "add always answer apply ask assume avoid be build call change check close commit copy create delete describe do "
    "don't document ensure explain fix follow format give go ignore import include install keep leave let lint look "
    "make mark mention merge move name never note open please prefer prove push put raise read remember remove rename "
    "replace report respect return run say see show skip split start state stay stop suggest tell test think treat try "
    "update use verify wait work write"
)
_FIRST = frozenset(_ORDERS.split())
_NOUNS = frozenset(
    re.findall(
        r"\w+",
        "answer build call change commit copy document fix format import leave look make mark merge move name note "
        "open push put raise read report return run show split start state stop test update use wait work",
    )
)
"""Of the words that begin an order, those that may be a noun or a name: "Report data is kept"."""
_VERBS = frozenset(re.findall(r"\w+", "owns is are was were has have must can"))
_RUNNING = re.compile(r"^runs?\s+(?:on|in|at|as|under|every|nightly|hourly|daily|weekly|monthly)\b", re.IGNORECASE)
_REACH = 3
"""Words after the first among which its verb stands."""
_NOT_OF_SUBJECT = frozenset(
    re.findall(
        r"\w+",
        "that what whatever which who whose whom how if whether when where why it they this there these those "
        "everything anything nothing everyone nobody i we you and or but as than because so until while all each sure",
    )
)
_OF_THE_WORK = frozenset(
    re.findall(
        r"\w+",
        "it this that they these those he she everything anything nothing agent assistant author branch build change "
        "changelog ci class code comment commit contributor diff doc docstring documentation example file fix function "
        "import line message method module name patch pr pull readme request reviewer script style suite test type "
        "variable",
    )
)
"""What is worked with: that it must be so is an order; that orders of a shop must be so is none."""
_MUST = re.compile(r"^(?P<subject>(?:[\w-]+\s+){1,3})must\b", re.IGNORECASE)
_ORDER = re.compile(
    r"\byou(?:r|rself)?\b|\b(?:should|shall|may not|ought)\b|\b(?:is|are) (?:not |never |only |always )*to be\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"^(?:if|when|whenever|before|after|unless|once|for|in|with)\b[^,]*,\s+", re.IGNORECASE)
_MARKS = re.compile(r"^[\W_]+")


def is_for_agents(path: str) -> bool:
    """Whether a file is one of those that tell agents how to work.

    >>> is_for_agents("AGENTS.md"), is_for_agents("web/CLAUDE.md"), is_for_agents("docs/agents.md")
    (True, True, False)
    """
    return _FILES.search(path) is not None


def is_order(sentence: str) -> bool:
    """Whether a sentence says what is to be done, and not what is.

    >>> [is_order(each) for each in ("Close that pair on the spot.", "Before a commit, run the tests.")]
    [True, True]
    >>> [is_order(each) for each in ("The service listens on port 8000.", "Orders are kept for ten years.")]
    [False, False]
    >>> [is_order(each) for each in ("Report data is kept for ten years.", "Orders must be written at once.")]
    [False, False]
    """
    told = _CONDITION.sub("", _MARKS.sub("", sentence))
    first = told.split(" ", 1)[0].rstrip(",:.").casefold().replace("\u2019", "'")
    if first in _FIRST and not (first in _NOUNS and _is_subject(told.split())):
        return True
    return _ORDER.search(sentence) is not None or (_must(sentence) and not _is_on_the_subject(told))


def _is_subject(words: Sequence[str]) -> bool:
    """Whether a sentence begins with a noun: its verb follows within a few words, in the same clause."""
    for at, word in enumerate(words[1 : _REACH + 1], start=1):
        is_running = at > 1 and _RUNNING.match(" ".join(words[at : at + 2])) is not None
        if is_running or word in _VERBS:
            return True
        if word.casefold() in _NOT_OF_SUBJECT or not word[-1:].isalnum():
            return False
    return False


def _must(sentence: str) -> bool:
    return re.search(r"\bmust\b", sentence, re.IGNORECASE) is not None


def _is_on_the_subject(told: str) -> bool:
    """Whether it says what must be of what the project is about, and not of the work on it."""
    match = _MUST.match(told)
    return match is not None and not any(
        word in _OF_THE_WORK or word.removesuffix("s") in _OF_THE_WORK or word.removesuffix("es") in _OF_THE_WORK
        for word in match["subject"].casefold().split()
    )
