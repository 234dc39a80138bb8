"""Harbours, their berths and boards over HTTP."""

from quayside import berths, board, harbours, identity
from quayside.api.routes import route


@route("GET", "/v1/harbours")
def list_harbours(user, query, body):
    return 200, {"harbours": harbours.every()}


@route("GET", "/v1/harbours/<harbour_id>/berths")
def list_berths(user, query, body, harbour_id):
    harbours.one(harbour_id)
    if "first" in query:
        length = int(query.get("length_cm", 0))
        return 200, {"berths": berths.free(harbour_id, query["first"], query["last"], length)}
    return 200, {"berths": berths.of(harbour_id)}


@route("GET", "/v1/harbours/<harbour_id>/board")
def show_board(user, query, body, harbour_id):
    identity.needs(user, "office", harbour_id)
    return 200, board.board(harbour_id)
