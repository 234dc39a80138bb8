"""Amounts in whole cents."""

from decimal import ROUND_HALF_EVEN, Decimal

from nordvale.common import settings


def cents(text):
    """Cents of a written amount such as "12,50" or "12.50"."""
    return int((Decimal(str(text).replace(",", ".")) * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def share(amount, rate):
    """A rate of an amount, rounded to the even cent."""
    return int((Decimal(amount) * Decimal(str(rate))).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def written(amount):
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}{whole}.{rest:02d} {settings.CURRENCY}"


def split(total, weights):
    """Splits a total by weights without losing a cent; the rest goes to the heaviest first."""
    weight = sum(weights)
    if weight == 0:
        raise ValueError("cannot split by weights that sum to nothing")
    parts = [total * w // weight for w in weights]
    by_weight = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    for i in by_weight[: total - sum(parts)]:
        parts[i] += 1
    return parts
