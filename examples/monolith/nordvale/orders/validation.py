"""What is wrong with an order before it is accepted.

Rules came one by one from the counters, the ferry line, customs and three incidents; nobody has ordered them since.
"""

from nordvale.catalog import services, zones
from nordvale.common import clock, settings
from nordvale.common.errors import NotFound, ValidationFailed

FORBIDDEN = ("firearm", "ammunition", "explosive", "live animal", "ivory")
ISLAND_FORBIDDEN = ("gas", "fuel", "paint")
CUSTOMS_FREE = {"NV", "NL", "BE", "DE"}


def problems(request, customer):
    found = []
    try:
        level = services.level(request.service)
    except NotFound as error:
        return [str(error)]
    if not request.parcels:
        found.append("an order needs at least one parcel")
    if customer.blocked:
        found.append("the account is blocked")
    zone = None
    if not request.origin.isdigit() or len(request.origin) != 4:
        found.append(f"{request.origin!r} is no postcode")
    elif request.country == "NV":
        if not request.destination.isdigit() or len(request.destination) != 4:
            found.append(f"{request.destination!r} is no postcode")
        else:
            zone = zones.zone(request.origin, request.destination)
    else:
        zone = zones.zone(request.origin, request.destination, request.country)
        if zone == 6 and request.service != "STD":
            found.append("outside the neighbouring countries only Standard is sold")
    for number, parcel in enumerate(request.parcels, start=1):
        where = f"parcel {number}"
        if parcel.kg <= 0:
            found.append(f"{where} has no weight")
        elif parcel.kg > level.max_kg:
            found.append(f"{where} weighs {parcel.kg} kg; {level.name} takes {level.max_kg}")
        elif parcel.kg > settings.MAX_PARCEL_KG:
            found.append(f"{where} is heavier than any van crew may lift")
        if min(parcel.length, parcel.width, parcel.height) <= 0:
            found.append(f"{where} has no size")
        else:
            girth = parcel.length + 2 * (parcel.width + parcel.height)
            if girth > settings.MAX_GIRTH_CM:
                found.append(f"{where} is too large ({girth:.0f} cm)")
            if request.service == "LKR" and (parcel.length > 60 or parcel.width > 40 or parcel.height > 35):
                found.append(f"{where} does not fit a locker")
        contents = parcel.contents.lower()
        for word in FORBIDDEN:
            if word in contents:
                found.append(f"{where} holds what we do not carry ({word})")
        if zone == 3:
            for word in ISLAND_FORBIDDEN:
                if word in contents:
                    found.append(f"{where} may not go on the ferry ({word})")
        if "battery" in contents and request.service == "MED":
            found.append(f"{where}: batteries do not travel with medical goods")
        if request.country not in CUSTOMS_FREE:
            if not parcel.contents:
                found.append(f"{where} needs a description for customs")
            if parcel.declared <= 0:
                found.append(f"{where} needs a declared value for customs")
        if parcel.declared > 500_000 and not level.signed:
            found.append(f"{where} is worth too much to be left without a signature")
    if request.cod:
        if request.cod < 0 or request.cod > settings.MAX_CASH_ON_DELIVERY:
            found.append("cash on delivery is limited")
        if request.country != "NV":
            found.append("no cash on delivery abroad")
        if request.service in ("LKR", "MED"):
            found.append(f"no cash on delivery with {level.name}")
    if request.service == "EXP" and zone == 3 and clock.now().hour >= 12:
        found.append("the noon ferry has left; Express to the islands is sold again tomorrow")
    if request.service == "MED" and customer.segment not in ("contract", "public"):
        found.append("Medical is sold on contract only")
    if not customer.pays_on_account and request.pay_with is None:
        found.append("pays at once, but no way to pay is given")
    return found


def check(request, customer):
    found = problems(request, customer)
    if found:
        raise ValidationFailed(found)
