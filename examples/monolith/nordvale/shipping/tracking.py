"""Scans of parcels and what they mean for the order."""

from datetime import datetime

from nordvale.common import clock, events, ids
from nordvale.common.errors import NotFound, ValidationFailed
from nordvale.db import session, store

KINDS = ("accepted", "sorted", "loaded", "out", "delivered", "refused", "damaged", "lost", "held")
FINAL = ("delivered", "lost")


def scan(tracking, kind, depot="", note="", at=None):
    """Records a scan. A scan changes the order at once: orders are asked directly, in the same transaction."""
    from nordvale.orders import service as orders

    if not ids.is_tracking_number(tracking):
        raise ValidationFailed([f"{tracking!r} is no tracking number"])
    if kind not in KINDS:
        raise ValidationFailed([f"{kind!r} is no kind of scan"])
    shipment = store.fetch("shipments", "tracking", tracking)
    moment = (at or clock.now()).isoformat()
    with session.transaction():
        last = latest(tracking)
        if last and last["kind"] in FINAL:
            raise ValidationFailed([f"{tracking} is {last['kind']}; nothing follows that"])
        store.insert("scans", tracking=tracking, kind=kind, depot=depot, at=moment, note=note)
        if kind in ("sorted", "loaded") and depot:
            store.update("shipments", "tracking", tracking, depot=depot)
        if kind == "accepted":
            orders.handed_over(shipment["order_id"])
        elif kind == "delivered" and all_delivered(shipment["order_id"]):
            orders.delivered(shipment["order_id"], moment)
        elif kind == "refused":
            orders.refused(shipment["order_id"], note)
        elif kind in ("damaged", "lost"):
            orders.claim(shipment["order_id"], kind, note)
    events.publish("parcel.scanned", tracking=tracking, kind=kind, depot=depot)


def latest(tracking):
    return session.one("SELECT * FROM scans WHERE tracking = ? ORDER BY id DESC LIMIT 1", tracking)


def all_delivered(order_id):
    for shipment in store.select("shipments", order_id=order_id):
        last = latest(shipment["tracking"])
        if last is None or last["kind"] != "delivered":
            return False
    return True


def history(tracking):
    found = session.rows("SELECT kind, depot, at, note FROM scans WHERE tracking = ? ORDER BY id", tracking)
    if not found and session.one("SELECT 1 FROM shipments WHERE tracking = ?", tracking) is None:
        raise NotFound("parcel", tracking)
    return found


def silent_since(hours):
    """Parcels under way that nobody has scanned for so many hours."""
    limit = clock.now().timestamp() - hours * 3600
    found = []
    for row in session.rows("SELECT tracking, max(at) AS at FROM scans GROUP BY tracking"):
        last = latest(row["tracking"])
        if last["kind"] in FINAL:
            continue
        if datetime.fromisoformat(row["at"]).timestamp() < limit:
            found.append(row["tracking"])
    return found
