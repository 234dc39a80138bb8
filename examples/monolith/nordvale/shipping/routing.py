"""Which way a parcel travels between depots."""

import heapq

from nordvale.catalog import zones
from nordvale.common import clock
from nordvale.common.errors import DomainError
from nordvale.shipping import depots

LEGS = {
    ("HBR", "RIV"): 55, ("RIV", "HTH"): 70, ("HTH", "HIL"): 90, ("HBR", "HTH"): 115, ("HBR", "ISL"): 190,
    ("RIV", "HIL"): 150,
}


def neighbours(depot):
    for (start, end), minutes in LEGS.items():
        if start == depot:
            yield end, minutes
        elif end == depot:
            yield start, minutes


def shortest(start, end, avoiding=()):
    """Depots on the quickest way, and its minutes."""
    heap = [(0, start, (start,))]
    seen = set()
    while heap:
        minutes, depot, way = heapq.heappop(heap)
        if depot == end:
            return way, minutes
        if depot in seen:
            continue
        seen.add(depot)
        for following, leg in neighbours(depot):
            if following not in seen and following not in avoiding:
                heapq.heappush(heap, (minutes + leg, following, (*way, following)))
    raise DomainError(f"no way from {start} to {end}")


def plan(origin, destination, day=None):
    """Route of a parcel by postcodes; goes round depots whose night is full where there is a way round."""
    day = day or clock.today()
    start = depots.serving(zones.region(origin))
    end = depots.serving(zones.region(destination))
    way, minutes = shortest(start, end)
    full = [depot for depot in way[1:-1] if depots.is_full(depot, day)]
    if full:
        try:
            way, minutes = shortest(start, end, avoiding=full)
        except DomainError:
            pass
    return {"depots": list(way), "minutes": minutes, "text": ">".join(way)}


def latest_departure(way, promised_hour=8):
    """Hour of the night at which the first van must leave so that the last depot opens with the parcels there."""
    total = 0
    for start, end in zip(way, way[1:]):
        total += LEGS.get((start, end)) or LEGS.get((end, start), 240)
        total += 35
    return promised_hour - total / 60
