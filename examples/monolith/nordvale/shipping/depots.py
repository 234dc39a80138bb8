"""Depots and what they can take in a night."""

from nordvale.common import settings
from nordvale.db import session

DEPOTS = {
    "HBR": {"region": "harbour", "belts": 4, "per_belt": 1_800, "vans": 34},
    "RIV": {"region": "river", "belts": 3, "per_belt": 1_500, "vans": 26},
    "HTH": {"region": "heath", "belts": 2, "per_belt": 1_200, "vans": 15},
    "HIL": {"region": "hills", "belts": 1, "per_belt": 900, "vans": 9},
    "ISL": {"region": "islands", "belts": 1, "per_belt": 350, "vans": 4},
}


def serving(region):
    for code, depot in DEPOTS.items():
        if depot["region"] == region:
            return code
    return "RIV"


def sorting_capacity(code):
    depot = DEPOTS[code]
    return depot["belts"] * depot["per_belt"]


def load(code, day):
    """Share of the night's sorting capacity that is spoken for."""
    waiting = session.scalar(
        "SELECT count(*) FROM shipments s JOIN orders o ON o.id = s.order_id WHERE s.depot = ? AND o.promised = ?",
        code, day.isoformat(),
    )
    return waiting / sorting_capacity(code)


def is_full(code, day):
    return load(code, day) >= 1


def vans_needed(code, day):
    from nordvale.shipping import manifests

    kg, parcels = manifests.weight_of(code, day)
    by_weight = -(-kg // settings.VAN_CAPACITY_KG)
    by_count = -(-parcels // settings.VAN_CAPACITY_PARCELS)
    return int(max(by_weight, by_count))


def overflow(day):
    """Depots that need more vans than they have, with how many are missing."""
    missing = {code: vans_needed(code, day) - depot["vans"] for code, depot in DEPOTS.items()}
    return {code: count for code, count in missing.items() if count > 0}
