"""Lengths of time as people say them, from a millisecond to years of working hours."""

LEAST_HOURS = 0.01
"""Less than these is not told in hours."""


def spoken_seconds(seconds: float) -> str:
    """A length of time in the unit that a person would use, with two or three digits.

    >>> [spoken_seconds(length) for length in (0.0042, 7.25, 75, 7300, 400_000)]
    ['4.2 ms', '7.2 s', '1 min 15 s', '2 h 2 min', '111 h']
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0095 else f"{seconds * 1000:.2g} ms"
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if seconds < 600:
        whole, rest = divmod(round(seconds), 60)
        return f"{whole} min {rest} s"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 6000 else f"{minutes / 60:,.0f} h"


def spoken_hours(hours: float) -> str:
    """Hours as hours where that reads well, and otherwise in the unit that does.

    >>> [spoken_hours(length) for length in (9.5, 0.25, 0.002, 0.0)]
    ['9.5 h', '0.25 h', '7.2 s', '0 h']
    """
    return f"{hours:.4g} h" if hours >= LEAST_HOURS or hours == 0 else spoken_seconds(hours * 3600)
