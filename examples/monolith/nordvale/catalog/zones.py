"""Zones: how far a parcel travels, by postcode and country."""

from nordvale.common import settings

REGIONS = {
    "1": "harbour", "2": "harbour", "3": "river", "4": "river", "5": "heath",
    "6": "heath", "7": "hills", "8": "hills", "9": "islands",
}
NEIGHBOURS = {("harbour", "river"), ("river", "heath"), ("heath", "hills"), ("harbour", "heath")}
ABROAD = {"NL": 4, "BE": 4, "DE": 5}


def region(postcode):
    return REGIONS.get(postcode[:1], "river")


def zone(origin, destination, country=settings.HOME_COUNTRY):
    """0 within a region, 1 to a neighbour, 2 across, 3 to the islands, 4 and up abroad."""
    if country != settings.HOME_COUNTRY:
        return ABROAD.get(country, 6)
    start, end = region(origin), region(destination)
    if start == end:
        return 0
    if "islands" in (start, end):
        return 3
    if (start, end) in NEIGHBOURS or (end, start) in NEIGHBOURS:
        return 1
    return 2


def extra_days(zone_number):
    return {3: 1, 4: 1, 5: 2, 6: 4}.get(zone_number, 0)
