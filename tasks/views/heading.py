"""A heading for a goal that may be longer than a heading can be."""

import re

from prefect_harmonic.tasks.views.escaping import one_line

LONGEST = 120
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\S)")


def heading_of(goal: str) -> str:
    r"""The goal if it is short, otherwise its first line or sentence, cut between words if that is long as well.

    >>> heading_of("Build a REST API. It has auth.")
    'Build a REST API. It has auth.'
    >>> heading_of("Build a REST API.  It has " + "very " * 30 + "strong auth.")
    'Build a REST API.'
    >>> heading_of("Build a REST API\n\nMust have:\n- auth" + " and more" * 20)
    'Build a REST API'
    """
    line = one_line(goal)
    if len(line) <= LONGEST:
        return line
    line = one_line(goal.strip().split("\n", maxsplit=1)[0])
    first = _SENTENCE_END.split(line, maxsplit=1)[0]
    if len(first) <= LONGEST:
        return first
    cut = first[: LONGEST - 1]
    whole_words = cut.rsplit(" ", 1)[0].rstrip(" ,;:")
    return f"{whole_words or cut}…"
