"""Harbours and their depth."""

from quayside import store
from quayside.problems import NotThere


def every():
    return store.rows("select * from harbours order by name")


def one(harbour_id):
    found = store.row("select * from harbours where id = ?", harbour_id)
    if found is None:
        raise NotThere("harbour", f"there is no harbour {harbour_id}")
    return found
