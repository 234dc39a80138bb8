"""The time, which tests may set."""

from datetime import date, datetime, timezone

_fixed = None


def freeze(moment):
    global _fixed
    _fixed = datetime.fromisoformat(moment) if moment else None


def now():
    return _fixed or datetime.now(timezone.utc).replace(tzinfo=None)


def today():
    return now().date()


def day(text):
    return date.fromisoformat(text)
