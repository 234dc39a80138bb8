"""Service levels: what a customer can buy, with its promise."""

from dataclasses import dataclass

from nordvale.common.errors import NotFound


@dataclass(frozen=True)
class ServiceLevel:
    code: str
    name: str
    days: int
    factor: float
    max_kg: float
    signed: bool = False
    saturday: bool = False


LEVELS = {
    level.code: level
    for level in (
        ServiceLevel("ECO", "Economy", 4, 0.85, 20.0),
        ServiceLevel("STD", "Standard", 2, 1.0, 31.5),
        ServiceLevel("EXP", "Express", 1, 1.65, 31.5, signed=True, saturday=True),
        ServiceLevel("MED", "Medical", 1, 2.4, 10.0, signed=True, saturday=True),
        ServiceLevel("LKR", "Locker", 3, 0.75, 12.0),
    )
}


def level(code):
    try:
        return LEVELS[code]
    except KeyError:
        raise NotFound("service level", code) from None


def cheapest_within(days, kg):
    """The cheapest level that keeps a promise of so many days for such a weight."""
    fitting = [level for level in LEVELS.values() if level.days <= days and level.max_kg >= kg]
    return min(fitting, key=lambda level: (level.factor, level.code), default=None)
