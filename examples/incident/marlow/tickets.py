"""Tickets: sold, found again, admitted."""

from typing import Any, Protocol


class Connection(Protocol):
    """A connection to the database."""

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any: ...


def find_by_barcode(connection: Connection, barcode: str) -> Any:
    """The ticket with a barcode, or nothing."""
    return connection.execute("SELECT id, event_id, seat, state FROM tickets WHERE barcode = $1", (barcode,))


def admit(connection: Connection, barcode: str) -> bool:
    """Lets the holder of a ticket in, once."""
    admitted = connection.execute(
        "UPDATE tickets SET admitted_at = now(), state = 'admitted' "
        "WHERE barcode = $1 AND admitted_at IS NULL RETURNING id",
        (barcode,),
    )
    return bool(admitted)


def of_buyer(connection: Connection, email: str) -> Any:
    """All tickets that somebody bought."""
    return connection.execute("SELECT id, event_id, seat FROM tickets WHERE buyer_email = $1", (email,))
