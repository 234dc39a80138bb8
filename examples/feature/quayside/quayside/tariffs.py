"""What a berth costs."""

from datetime import timedelta

from quayside import clock

HIGH_SEASON = range(6, 9)


def nights(first, last):
    day, end = clock.day(first), clock.day(last)
    while day < end:
        yield day
        day += timedelta(days=1)


def price_cents(length_cm, first, last, power=False):
    """The sum over the nights: by metre begun, dearer in June to August and at weekends, a seventh night for nothing."""
    metres, total = -(-length_cm // 100), 0
    for number, night in enumerate(nights(first, last), start=1):
        if number % 7 == 0:
            continue
        rate = 310 if night.month in HIGH_SEASON else 220
        if night.weekday() in (4, 5):
            rate = rate * 115 // 100
        total += rate * metres + (450 if power else 0)
    return total
