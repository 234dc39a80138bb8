"""The board in a harbour office: who comes, who lies, who leaves today."""

from datetime import timedelta

from quayside import berths, bookings, clock, tides


def board(harbour_id):
    today = clock.today().isoformat()
    lying = bookings.of_harbour(harbour_id, today)
    return {
        "day": today,
        "lowest_tide_cm": tides.lowest(harbour_id, today, today),
        "coming": [each for each in lying if each["first"] == today and each["state"] == "placed"],
        "lying": [each for each in lying if each["state"] == "arrived"],
        "free": len(berths.free(harbour_id, today, _tomorrow(today))),
    }


def _tomorrow(day):
    return (clock.day(day) + timedelta(days=1)).isoformat()
