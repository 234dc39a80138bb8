"""Bookings: placed, changed, cancelled; the part of Quayside that everything asks for."""

from quayside import berths, changes, clock, harbours, store, tariffs, tides, vessels
from quayside.problems import NotThere, Problem, Taken

STATES = ("placed", "arrived", "left", "cancelled")


def one(booking_id):
    found = store.row("select * from bookings where id = ?", booking_id)
    if found is None:
        raise NotThere("booking", f"there is no booking {booking_id}")
    return found


def with_details(booking):
    """A booking with its berth, harbour and vessel: three queries for each."""
    berth = berths.one(booking["berth_id"])
    return {**booking, "berth": berth, "harbour": harbours.one(berth["harbour_id"]), "vessel": vessels.one(booking["vessel_id"])}


def of_harbour(harbour_id, day=None):
    found = store.rows(
        "select bookings.* from bookings join berths on berths.id = berth_id where harbour_id = ? order by first, id", harbour_id
    )
    if day:
        found = [each for each in found if each["first"] <= day < each["last"]]
    return [with_details(each) for each in found]


def place(berth_id, vessel_id, first, last, power=False, by="guest"):
    berth, vessel = berths.one(berth_id), vessels.one(vessel_id)
    if clock.day(first) >= clock.day(last):
        raise Problem("dates", "the last day is after the first")
    if clock.day(first) < clock.today() and by != "office":
        raise Problem("dates", "only offices book for days that are over")
    if (clock.day(last) - clock.day(first)).days > 28 and by == "guest":
        raise Problem("nights", "guests stay 28 nights at most")
    if berth["closed"]:
        raise Taken("berth", "the berth is closed")
    if vessel["length_cm"] > berth["length_cm"]:
        raise Problem("length", "the vessel is longer than the berth")
    if vessel["draught_cm"] > berth["draught_cm"]:
        raise Problem("draught", "the vessel draws more than the berth allows")
    if not tides.is_deep_enough(berth["harbour_id"], vessel["draught_cm"], first, last):
        raise Problem("tide", "the water is too low for this vessel")
    if power and not berth["power"]:
        raise Problem("power", "the berth has no power")
    if not berths.is_free(berth_id, first, last):
        raise Taken("berth", "the berth is taken")
    price = tariffs.price_cents(vessel["length_cm"], first, last, power)
    with store.transaction():
        booking_id = store.write(
            "insert into bookings (berth_id, vessel_id, first, last, state, price_cents, placed) values (?, ?, ?, ?, 'placed', ?, ?)",
            berth_id, vessel_id, first, last, price, clock.now().isoformat(),
        )
        changes.note("booking.placed", booking_id)
    return one(booking_id)


def move(booking_id, state):
    booking = one(booking_id)
    if state not in STATES or STATES.index(state) <= STATES.index(booking["state"]):
        raise Problem("state", f"a booking that is {booking['state']} does not become {state}")
    with store.transaction():
        store.write("update bookings set state = ? where id = ?", state, booking_id)
        changes.note(f"booking.{state}", booking_id)
    return one(booking_id)
