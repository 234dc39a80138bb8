"""Boats and who owns them."""

from quayside import store
from quayside.problems import NotThere, Problem


def one(vessel_id):
    found = store.row("select * from vessels where id = ?", vessel_id)
    if found is None:
        raise NotThere("vessel", f"there is no vessel {vessel_id}")
    return found


def register(name, length_cm, draught_cm, owner, mobile=None):
    if not 200 <= length_cm <= 4000:
        raise Problem("length", "boats of 2 to 40 metres only")
    with store.transaction():
        return store.write(
            "insert into vessels (name, length_cm, draught_cm, owner, mobile) values (?, ?, ?, ?, ?)",
            name, length_cm, draught_cm, owner, mobile,
        )
