"""The time as the application sees it; tests and replays freeze it."""

from datetime import date, datetime, timedelta, timezone

from nordvale.common import settings

_frozen = None


def now():
    return _frozen or datetime.now(timezone.utc)


def today():
    return now().date()


def freeze(moment):
    """Stops the clock at a moment; None lets it run again."""
    global _frozen
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    _frozen = moment


def is_working_day(day):
    return day.weekday() < 6 and (day.month, day.day) not in settings.HOLIDAYS


def working_days_after(day, count):
    """The working day that lies `count` working days after a day; Saturdays count, Sundays do not."""
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def parse_day(text):
    return date.fromisoformat(text[:10])
