"""Berths: which there are, and which are free."""

from quayside import store
from quayside.problems import NotThere


def one(berth_id):
    found = store.row("select * from berths where id = ?", berth_id)
    if found is None:
        raise NotThere("berth", f"there is no berth {berth_id}")
    return found


def of(harbour_id):
    return store.rows("select * from berths where harbour_id = ? order by id", harbour_id)


def is_free(berth_id, first, last):
    found = store.row(
        "select id from bookings where berth_id = ? and state != 'cancelled' and first < ? and last > ?",
        berth_id, last, first,
    )
    return found is None


def free(harbour_id, first, last, length_cm=0):
    """One query for each berth; nine harbours have 640 of them."""
    return [
        berth
        for berth in of(harbour_id)
        if not berth["closed"] and berth["length_cm"] >= length_cm and is_free(berth["id"], first, last)
    ]
