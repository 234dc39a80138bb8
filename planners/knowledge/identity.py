"""Ids: short, sorted by when they were made, and different whoever makes them."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, with its time zone."""

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u, so that ids can be read out
_TIME_LENGTH, _RANDOM_LENGTH = 10, 16
_RANDOM_BITS = 5 * _RANDOM_LENGTH

ID_LENGTH = _TIME_LENGTH + _RANDOM_LENGTH
"""Characters of an id."""


def utc_now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def new_id(moment: datetime) -> str:
    """A new id of 26 characters: the milliseconds since 1970, then 80 random bits (the layout of ULIDs, in lower case).

    >>> new_id(datetime(2026, 1, 1, tzinfo=UTC))[:10]
    '01kdvdna00'
    """
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return _written(milliseconds, _TIME_LENGTH) + _written(secrets.randbits(_RANDOM_BITS), _RANDOM_LENGTH)


def _written(number: int, length: int) -> str:
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(length)))
