"""When a document was written, as far as it says so itself."""

import re
from collections.abc import Iterable

from prefect_harmonic.planners.quantities import dates_in
from prefect_harmonic.tasks.agents.researcher.documents import Passage

_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d-\d\d-\d\d)(?!\d)")
_LABEL = re.compile(
    r"\b(?:date|dated|reviewed|written|agreed|as of|updated|minutes of|meeting of|decided on|status on)\b",
    re.IGNORECASE,
)
_MOST_LOOKED_AT = 4


def date_of(path: str, passages: Iterable[Passage]) -> str:
    """The date of a document as an ISO date or month, from its name, its title or a label at its start; else nothing.

    A date of which the text merely speaks is none of its own.

    >>> date_of("docs/incidents/2025-03-04-storm.md", ())
    '2025-03-04'
    """
    if (match := _IN_NAME.search(path.rsplit("/", 1)[-1])) is not None and dates_in(match[1]):
        return match[1]
    for passage in list(passages)[:_MOST_LOOKED_AT]:
        title = passage.heading.partition(" > ")[0]
        labelled = [each.text for each in passage.sentences if _LABEL.search(each.text)]
        for text in (title, *labelled):
            found = [each.value for each in dates_in(text) if each.exactness != "quarter"]
            if found:
                return max(found)
    return ""
