"""Identifiers: short for people, checked for scanners."""

import itertools

_counters = {}
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def new_id(prefix):
    """The next id of a kind, such as ORD-000017. Unique within the process, which is why there is only one."""
    counter = _counters.setdefault(prefix, itertools.count(1))
    return f"{prefix}-{next(counter):06d}"


def check_digit(serial):
    """Check digit of an eight-digit serial, as on international postal items."""
    remainder = sum(int(d) * w for d, w in zip(serial, _WEIGHTS, strict=True)) % 11
    digit = 11 - remainder
    return {10: 0, 11: 5}.get(digit, digit)


def tracking_number(serial):
    text = f"{serial:08d}"
    return f"NV{text}{check_digit(text)}RG"


def is_tracking_number(text):
    if len(text) != 13 or not text.startswith("NV") or not text[2:11].isdigit():
        return False
    return int(text[10]) == check_digit(text[2:10])
