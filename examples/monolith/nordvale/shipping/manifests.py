"""Van manifests: which parcels leave a depot on which van."""

from nordvale.common import clock, events, ids, settings
from nordvale.common.errors import DomainError
from nordvale.db import session, store
from nordvale.shipping import routing


def waiting(depot, day):
    return session.rows(
        "SELECT s.tracking, s.route, p.kg, o.service, o.destination FROM shipments s"
        " JOIN parcels p ON p.id = s.parcel_id JOIN orders o ON o.id = s.order_id"
        " WHERE s.depot = ? AND o.promised <= ? AND s.manifest_id IS NULL AND o.status = 'in_transit'"
        " ORDER BY o.service, s.tracking",
        depot, day.isoformat(),
    )


def weight_of(depot, day):
    parcels = waiting(depot, day)
    return sum(parcel["kg"] for parcel in parcels), len(parcels)


def build(depot, day=None):
    """Fills vans for a depot: medical and express first, then by postcode so that a van stays in one area."""
    day = day or clock.today()
    rank = {"MED": 0, "EXP": 1, "STD": 2, "LKR": 3, "ECO": 4}
    parcels = sorted(waiting(depot, day), key=lambda p: (rank[p["service"]], p["destination"], p["tracking"]))
    vans = []
    for parcel in parcels:
        placed = False
        for van in vans:
            fits = van["kg"] + parcel["kg"] <= settings.VAN_CAPACITY_KG
            if fits and len(van["parcels"]) < settings.VAN_CAPACITY_PARCELS:
                if van["area"] == parcel["destination"][:2] or len(vans) >= 12:
                    van["parcels"].append(parcel)
                    van["kg"] += parcel["kg"]
                    placed = True
                    break
        if not placed:
            vans.append({"area": parcel["destination"][:2], "kg": parcel["kg"], "parcels": [parcel]})
    return [_written(depot, day, number, van) for number, van in enumerate(vans, start=1)]


def _written(depot, day, number, van):
    row = store.insert(
        "manifests", id=ids.new_id("MAN"), depot=depot, day=day.isoformat(), van=number, kg=round(van["kg"], 2),
        parcels=len(van["parcels"]), closed=0,
    )
    for parcel in van["parcels"]:
        store.update("shipments", "tracking", parcel["tracking"], manifest_id=row["id"])
    return row["id"]


def close(manifest_id):
    manifest = store.fetch("manifests", "id", manifest_id)
    if manifest["closed"]:
        raise DomainError(f"{manifest_id} is closed already")
    store.update("manifests", "id", manifest_id, closed=1)
    tracking = [row["tracking"] for row in store.select("shipments", manifest_id=manifest_id)]
    events.publish("manifest.closed", manifest_id=manifest_id, depot=manifest["depot"], tracking=tracking)
    return tracking


def late(day):
    """Manifests whose vans leave too late for the route of a parcel on them."""
    found = []
    for shipment in session.rows(
        "SELECT s.tracking, s.route, m.id FROM shipments s JOIN manifests m ON m.id = s.manifest_id"
        " WHERE m.day = ? AND m.closed = 0", day.isoformat(),
    ):
        if routing.latest_departure(shipment["route"].split(">")) < 0:
            found.append((shipment["id"], shipment["tracking"]))
    return found
