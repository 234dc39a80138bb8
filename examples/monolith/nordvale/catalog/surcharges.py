"""What is added to the base price. The fuel surcharge is a share of the base price, so pricing is asked back."""

from nordvale.catalog import pricing
from nordvale.common import money

FUEL = 0.085
ISLAND_FERRY = 450
OVERSIZE = 1200
INSURANCE_FREE = 50_000
HAZARD = {"battery": 250, "paint": 400, "gas": 900}


def fuel(parcel, zone, level):
    return money.share(pricing.base_price(parcel, zone, level), FUEL)


def oversize(parcel):
    girth = parcel["length"] + 2 * (parcel["width"] + parcel["height"])
    if girth > 300 or parcel["length"] > 120:
        return OVERSIZE
    return 0


def insurance(parcel):
    above = parcel.get("declared", 0) - INSURANCE_FREE
    return money.share(above, 0.012) if above > 0 else 0


def hazard(parcel):
    contents = parcel.get("contents", "").lower()
    return sum(amount for word, amount in HAZARD.items() if word in contents)


def cash_on_delivery(amount):
    return 350 + money.share(amount, 0.01)


def for_parcel(parcel, zone, level):
    found = {
        "fuel": fuel(parcel, zone, level),
        "oversize": oversize(parcel),
        "insurance": insurance(parcel),
        "hazard": hazard(parcel),
        "ferry": ISLAND_FERRY if zone == 3 else 0,
    }
    return {name: amount for name, amount in found.items() if amount}
