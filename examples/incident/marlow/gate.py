"""The doors: what happens when a scanner reads a barcode."""

from marlow.tickets import Connection, admit, find_by_barcode

TIMEOUT_SECONDS = 5
"""A scanner shows red if it has no answer after this time."""


def scanned(connection: Connection, barcode: str, gate: str) -> str:
    """What the scanner shows: green, red, or used."""
    ticket = find_by_barcode(connection, barcode)
    if not ticket:
        return "red"
    if not admit(connection, barcode):
        return "used"
    connection.execute("INSERT INTO scans (ticket_id, gate) VALUES ($1, $2)", (ticket[0], gate))
    return "green"
