"""Bookings over HTTP."""

from quayside import berths, bookings, identity, settings, vessels
from quayside.api.routes import route


@route("POST", "/v1/vessels")
def register_vessel(user, query, body):
    return 201, {"id": vessels.register(body["name"], body["length_cm"], body["draught_cm"], body["owner"], body.get("mobile"))}


@route("GET", "/v1/harbours/<harbour_id>/bookings")
def list_bookings(user, query, body, harbour_id):
    identity.needs(user, "office", harbour_id)
    found = bookings.of_harbour(harbour_id, query.get("day"))
    first = int(query.get("page", 0)) * settings.page_size()
    return 200, {"bookings": found[first : first + settings.page_size()], "total": len(found)}


@route("POST", "/v1/bookings")
def place_booking(user, query, body):
    placed = bookings.place(
        body["berth_id"], body["vessel_id"], body["first"], body["last"], body.get("power", False), user["role"]
    )
    return 201, bookings.with_details(placed)


@route("GET", "/v1/bookings/<booking_id>")
def show_booking(user, query, body, booking_id):
    return 200, bookings.with_details(bookings.one(int(booking_id)))


@route("POST", "/v1/bookings/<booking_id>/state")
def move_booking(user, query, body, booking_id):
    booking = bookings.one(int(booking_id))
    identity.needs(user, "office", berths.one(booking["berth_id"])["harbour_id"])
    return 200, bookings.with_details(bookings.move(int(booking_id), body["state"]))
