"""Lengths of time as people say them, from a millisecond to years, each in the unit that fits it.

A length that is not known is said as nothing, as in the cell of a table.
"""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def spoken_seconds(seconds: float | None) -> str:
    """A length of time on the clock, with two or three digits.

    >>> [spoken_seconds(length) for length in (0.0042, 7.25, 75, 120, 7300, 400_000, None)]
    ['4.2 ms', '7.2 s', '1 min 15 s', '2 min', '2 h 2 min', '4 d 15 h', '']
    """
    if seconds is None:
        return ""
    if 0 < seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0095 else f"{seconds * 1000:.2g} ms"
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    if seconds < 10 * _MINUTE:
        return _in_two(round(seconds), ("min", _MINUTE), ("s", 1))
    minutes = round(seconds / _MINUTE) * _MINUTE
    if minutes < 2 * _DAY:
        return _in_two(minutes, ("h", _HOUR), ("min", _MINUTE))
    return _in_two(round(seconds / _HOUR) * _HOUR, ("d", _DAY), ("h", _HOUR))


def _in_two(seconds: int, large: tuple[str, int], small: tuple[str, int]) -> str:
    """A length in two units; one that is none of it is left out."""
    whole, rest = divmod(seconds, large[1])
    parts = (f"{whole:,} {large[0]}" if whole else "", f"{rest // small[1]} {small[0]}" if rest else "")
    return " ".join(filter(None, parts))


def spoken_hours(hours: float | None) -> str:
    """Working hours. They stay hours however many they are, as nobody works around the clock.

    >>> [spoken_hours(length) for length in (1234.5, 21.33, 9.5, 0.25, 0.002, 0.0, None)]
    ['1,234 h', '21.3 h', '9.5 h', '15 min', '7.2 s', '0 h', '']
    """
    if hours is None:
        return ""
    if 0 < hours < 1:
        return spoken_seconds(hours * _HOUR)
    return f"{hours:,.0f} h" if hours >= 100 else f"{hours:.3g} h"
