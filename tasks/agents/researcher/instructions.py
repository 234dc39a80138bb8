"""Instructions to agents: files that say how to work on a project, and the sentences in them that are orders.

What they order is no statement about the project: "close that pair on the spot" leaves nothing open. What they state
("the service listens on port 8000") is as good as in any other document.
"""

import re

_FILES = re.compile(r"(?:^|/)(?:AGENTS?|CLAUDE(?:\.local)?|GEMINI|copilot-instructions)\.md$")
_ORDERS = (
    "add always answer apply ask assume avoid be build call change check close commit copy create delete describe do "
    "don't document ensure explain fix follow format give go ignore import include install keep leave let lint look "
    "make mark mention merge move name never note open please prefer prove push put raise read remember remove rename "
    "replace report respect return run say see show skip split start state stay stop suggest tell test think treat try "
    "update use verify wait work write"
)
_FIRST = frozenset(_ORDERS.split())
_ORDER = re.compile(
    r"\byou(?:r|rself)?\b|\b(?:must|should|shall|may not|ought)\b|\b(?:is|are) (?:not |never |only |always )*to be\b",
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
    """
    told = _CONDITION.sub("", _MARKS.sub("", sentence))
    first = told.split(" ", 1)[0].rstrip(",:.").casefold().replace("\u2019", "'")
    return first in _FIRST or _ORDER.search(sentence) is not None
