"""What has changed, for clients that ask again and again (ADR 3)."""

from datetime import timedelta

from quayside import bookings, clock, settings, store


def note(topic, subject):
    store.write("insert into changes (topic, subject, at) values (?, ?, ?)", topic, str(subject), clock.now().isoformat())


def since(number, topics=()):
    """Changes after a number, oldest first; bookings come whole, so that a client need not ask for each."""
    found = store.rows("select * from changes where id > ? order by id", number)
    wanted = [each for each in found if not topics or each["topic"].partition(".")[0] in topics]
    for each in wanted:
        if each["topic"].startswith("booking."):
            each["booking"] = bookings.with_details(bookings.one(int(each["subject"])))
    return wanted


def forget_old():
    limit = clock.now() - timedelta(days=settings.change_days())
    store.write("delete from changes where at < ?", limit.isoformat())
