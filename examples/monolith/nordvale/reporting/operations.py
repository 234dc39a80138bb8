"""The morning sheet of the depots."""

from nordvale.common import clock
from nordvale.db import session
from nordvale.notifications import dispatcher
from nordvale.orders import service as orders
from nordvale.reporting import exports, kpis
from nordvale.shipping import depots, manifests, tracking


def depot_sheet(code, day=None):
    day = day or clock.today()
    kg, parcels = manifests.weight_of(code, day)
    return {
        "depot": code,
        "parcels": parcels,
        "kg": round(kg, 1),
        "load": round(depots.load(code, day), 3),
        "vans": depots.vans_needed(code, day),
        "of": depots.DEPOTS[code]["vans"],
    }


def morning_sheet(day=None):
    day = day or clock.today()
    rows = [depot_sheet(code, day) for code in depots.DEPOTS]
    lines = [f"Nordvale, {day.isoformat()}", exports.as_text(rows), ""]
    overflow = depots.overflow(day)
    if overflow:
        lines.append("Vans missing: " + ", ".join(f"{code} {count}" for code, count in overflow.items()))
    lines.append(f"Late orders: {len(orders.late(day))}")
    lines.append(f"Silent for 36 hours: {len(tracking.silent_since(36))}")
    lines.append(f"Load factor of the vans: {kpis.load_factor(day):.2f}")
    for channel, count in sorted(dispatcher.volume(day).items()):
        lines.append(f"Messages by {channel}: {count}")
    return "\n".join(lines)


def busiest_destinations(since, top=5):
    return session.rows(
        "SELECT substr(destination, 1, 2) AS area, count(*) AS orders FROM orders WHERE placed >= ? AND country = 'NV'"
        " GROUP BY area ORDER BY orders DESC, area LIMIT ?",
        since.isoformat(), top,
    )
