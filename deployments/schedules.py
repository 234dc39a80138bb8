"""When a deployment starts by itself: a cron expression or an interval, with the parameters of those runs.

Owns reading what a person writes on a command line. Knows nothing of flows.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from prefect.client.schemas.schedules import CronSchedule
from prefect.schedules import Schedule

from prefect_harmonic.errors import OptionError

ANCHOR = datetime(2024, 1, 1, tzinfo=UTC)
"""A Monday midnight from which intervals are counted, so that serving anew does not put off what was due."""

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=366)

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_INTERVAL = re.compile(
    r"((?P<d>\d+(\.\d+)?)d)?((?P<h>\d+(\.\d+)?)h)?((?P<m>\d+(\.\d+)?)m)?((?P<s>\d+(\.\d+)?)s?)?", re.ASCII
)


def interval_of(text: str) -> timedelta:
    """The time span that a text such as `90`, `30m` or `1h30m` names; a bare number is seconds.

    Raises:
        OptionError: It names none, or one shorter than a second or longer than a year.

    >>> interval_of("1h30m")
    datetime.timedelta(seconds=5400)
    """
    found = _INTERVAL.fullmatch("".join(text.split()).lower())
    try:
        parts = {_UNITS[unit]: float(number) for unit, number in (found.groupdict() if found else {}).items() if number}
        interval = timedelta(**parts)
    except OverflowError:
        interval = timedelta.max
    if not SHORTEST <= interval <= LONGEST:
        raise OptionError("--interval", text, "seconds or a time such as 30m, 6h, 1d12h: from 1 second to 366 days")
    return interval


def cron_schedule(expression: str, timezone: str, parameters: Mapping[str, Any], slug: str) -> Schedule:
    """Runs at the times of a cron expression. Raises `OptionError` for one that names none, or an unknown time zone."""
    if timezone not in available_timezones():
        raise OptionError("--timezone", timezone, "a name such as UTC or Europe/Berlin")
    try:
        CronSchedule(cron=expression, timezone=timezone)
    except ValueError:
        allowed = "five fields for minute, hour, day, month and weekday, such as '0 6 * * mon-fri'"
        raise OptionError("--cron", expression, allowed) from None
    return Schedule(cron=expression, timezone=timezone, parameters=dict(parameters), slug=slug)


def interval_schedule(text: str, parameters: Mapping[str, Any], slug: str) -> Schedule:
    """Runs again and again, an interval apart. Raises `OptionError` if the text names no interval."""
    return Schedule(interval=interval_of(text), anchor_date=ANCHOR, parameters=dict(parameters), slug=slug)
