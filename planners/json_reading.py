"""What can be read from JSON that others wrote, whatever its shape: what does not fit is passed over."""

from collections.abc import Mapping

from pydantic import JsonValue

_BEYOND = 1e300


def texts_in(value: object) -> tuple[str, ...]:
    """The texts of a list; nothing of what is no list.

    >>> texts_in(["a", 1, None, "b"]), texts_in("a")
    (('a', 'b'), ())
    """
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def records_in(value: object) -> tuple[Mapping[str, JsonValue], ...]:
    """The objects of a list; nothing of what is no list.

    >>> records_in([{"a": 1}, "b"]), records_in({"a": 1})
    (({'a': 1},), ())
    """
    return tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def number_in(value: object) -> float | None:
    """A number; nothing of what is none, as yes and no are none, nor of what no figure is, as infinity.

    >>> number_in(2), number_in(0.5), number_in(True), number_in("2"), number_in(float("nan")), number_in(10**400)
    (2, 0.5, None, None, None, None)
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if -_BEYOND < value < _BEYOND else None
