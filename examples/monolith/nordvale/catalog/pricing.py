"""What a parcel costs."""

from dataclasses import dataclass, field

from nordvale.catalog import services, surcharges, zones
from nordvale.common import money

BASE = {0: 495, 1: 575, 2: 675, 3: 995, 4: 1295, 5: 1495, 6: 2995}
PER_KG = {0: 18, 1: 22, 2: 28, 3: 55, 4: 60, 5: 70, 6: 240}
VOLUMETRIC_DIVISOR = 5000
CONTRACT_STEPS = ((5000, 0.28), (1000, 0.18), (250, 0.10), (50, 0.04))


@dataclass
class Quote:
    base: int
    extras: dict = field(default_factory=dict)
    discount: int = 0

    @property
    def total(self):
        return self.base + sum(self.extras.values()) - self.discount


def chargeable_kg(parcel):
    """The heavier of real and volumetric weight, rounded up to half a kilogram."""
    volumetric = parcel["length"] * parcel["width"] * parcel["height"] / VOLUMETRIC_DIVISOR
    halves = -(-max(parcel["kg"], volumetric) * 2 // 1)
    return halves / 2


def base_price(parcel, zone, level):
    raw = BASE[zone] + PER_KG[zone] * chargeable_kg(parcel)
    return money.share(int(raw), level.factor)


def contract_discount(monthly_parcels):
    for threshold, rate in CONTRACT_STEPS:
        if monthly_parcels >= threshold:
            return rate
    return 0.0


def quote(parcels, origin, destination, code, country="NV", cod=0, monthly_parcels=0):
    """Price of an order: base by zone and weight, surcharges, then the contract discount on the base alone."""
    level = services.level(code)
    zone = zones.zone(origin, destination, country)
    base = sum(base_price(parcel, zone, level) for parcel in parcels)
    extras = {}
    for parcel in parcels:
        for name, amount in surcharges.for_parcel(parcel, zone, level).items():
            extras[name] = extras.get(name, 0) + amount
    if cod:
        extras["cash_on_delivery"] = surcharges.cash_on_delivery(cod)
    return Quote(base, extras, money.share(base, contract_discount(monthly_parcels)))
