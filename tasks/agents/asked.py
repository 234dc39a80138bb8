"""What a plan asks of a specialist beside the thing itself: how long a summary, for whom, at which commit, until when.

It stands in the artifact's contract or description, as words or as the delegation parameters of the design document:
`max_length: 500`, `git_hash: 4f2a91c`, `target_audience: team`, `status: accepted`, `review_date: 2027-05-22`.
How long learning may take, `duration: 2 weeks`, is read by the learning path's own curriculum.
"""

import re
from dataclasses import dataclass
from datetime import date

from prefect_harmonic.planners.artifact import Artifact

_LENGTH = re.compile(
    r"\bmax_length\b\W{0,4}(?P<key>\d{2,4})\b"
    r"|\bsummary (?:of|in|with) (?:at most|up to|no more than) (?P<words>\d{2,4}) characters\b",
    re.IGNORECASE,
)
_HASH = re.compile(r"\b(?:git_hash|at commit)\b\W{0,4}(?P<hash>[0-9a-f]{7,64})\b", re.IGNORECASE)
_AUDIENCE = re.compile(r"\b(?:target_)?audience\b\W{0,2}[:=]\W{0,2}(?P<name>\w[\w -]{0,58}\w)", re.IGNORECASE)
_STATUS = re.compile(r"\bstatus\b\W{1,4}(?P<status>accepted|proposed)\b", re.IGNORECASE)
_MONTHS = re.compile(
    r"\b(?:review|look(?:ed)? at (?:it )?again) (?:in|after) (?P<months>\d{1,2}) months?\b", re.IGNORECASE
)
_DATE = re.compile(
    r"\b(?:review_date|review(?:ed)? (?:on|by)|look(?:ed)? at (?:it )?again on)\b\W{0,4}(?P<date>\d{4}-\d{2}-\d{2})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a specialist; what is not is left out.

    Attributes:
        summary_length: Most characters of the summary.
        git_hash: The commit that the code is to be at, or the beginning of its name.
        audience: For whom it is.
        status: The status a decision is to have.
        review_on: When a decision is to be looked at again.
        review_months: After how many months it is, where no day is named.
    """

    summary_length: int | None = None
    git_hash: str | None = None
    audience: str | None = None
    status: str | None = None
    review_on: date | None = None
    review_months: int | None = None


def asked_of(artifact: Artifact) -> Asked:
    """What the words of an artifact ask for.

    >>> asked = asked_of(Artifact(id="A", contract='{"git_hash":"4f2a91c","max_length":500}; review in 6 months'))
    >>> asked.git_hash, asked.summary_length, asked.review_months
    ('4f2a91c', 500, 6)
    """
    text = f"{artifact.contract}\n{artifact.description}"
    length, months = _found(_LENGTH, text), _found(_MONTHS, text)
    audience, status = _found(_AUDIENCE, text), _found(_STATUS, text)
    return Asked(
        summary_length=int(length) if length else None,
        git_hash=(_found(_HASH, text) or "").casefold() or None,
        audience=" ".join(audience.split()) if audience else None,
        status=status.casefold() if status else None,
        review_on=_day(_found(_DATE, text)),
        review_months=int(months) if months else None,
    )


def within(summary: str, length: int | None) -> str:
    """As many whole sentences of a summary as fit into a length; the first one cut at a word if it does not.

    >>> within("Three things. And a fourth one.", 20)
    'Three things.'
    """
    if length is None or len(summary) <= length:
        return summary
    whole = summary[:length].rpartition(". ")[0]
    return f"{whole}." if whole else f"{summary[: length - 1].rsplit(' ', 1)[0]}…"


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return None if match is None else next(filter(None, match.groups()), None)


def _day(text: str | None) -> date | None:
    """The day of an ISO date; nothing where there is no such day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
