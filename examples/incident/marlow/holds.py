"""Holds: seats that are kept for ten minutes while somebody pays."""

from marlow.tickets import Connection


def release_expired(connection: Connection) -> None:
    """Gives back the seats that nobody paid for; runs every minute."""
    connection.execute("DELETE FROM holds WHERE expires_at < now()")
