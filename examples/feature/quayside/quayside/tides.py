"""Heights of the water: who draws too much must wait."""

from quayside import harbours, store

KEEL_CLEARANCE_CM = 30


def lowest(harbour_id, first, last):
    found = store.row(
        "select min(height_cm) as lowest from tides where harbour_id = ? and substr(moment, 1, 10) between ? and ?",
        harbour_id, first, last,
    )
    return (found["lowest"] if found else None) or 0


def is_deep_enough(harbour_id, draught_cm, first, last):
    depth = harbours.one(harbour_id)["depth_cm"] or 0
    return depth + lowest(harbour_id, first, last) - draught_cm >= KEEL_CLEARANCE_CM
