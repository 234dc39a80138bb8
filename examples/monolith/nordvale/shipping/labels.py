"""Labels for parcels, as plain text in the layout of the counter printers."""

from nordvale.accounts import service as accounts
from nordvale.catalog import services
from nordvale.common import ids
from nordvale.common.errors import ValidationFailed

WIDTH = 40
_serial = 10_000_000


def next_tracking():
    global _serial
    _serial += 1
    return ids.tracking_number(_serial)


def bars(tracking):
    """The bar pattern of a tracking number: two bars for each digit, five for each letter."""
    pattern = []
    for character in tracking:
        value = int(character) if character.isdigit() else ord(character) - 55
        width = 2 if character.isdigit() else 5
        pattern.append("".join("|" if value >> bit & 1 else "." for bit in reversed(range(width * 2))))
    return "".join(pattern)


def render(order, parcel, tracking, address=None):
    level = services.level(order["service"])
    sender = accounts.find(order["customer_id"])
    if parcel["kg"] > level.max_kg:
        raise ValidationFailed([f"{level.name} takes {level.max_kg} kg, not {parcel['kg']}"])
    lines = [
        f"{'NORDVALE ' + level.name.upper():<{WIDTH - 8}}{parcel['kg']:>5.1f} kg",
        f"FROM {sender.name[: WIDTH - 5]}",
        "TO",
    ]
    lines += [f"  {line}" for line in (address.label() if address else [order["destination"], order["country"]])]
    if order["cod"]:
        lines.append(f"COLLECT {order['cod'] / 100:.2f} EUR")
    if level.signed:
        lines.append("SIGNATURE")
    if "battery" in (parcel["contents"] or "").lower():
        lines.append("UN 3481")
    lines += [tracking, bars(tracking)[:WIDTH]]
    return "\n".join(line[:WIDTH].ljust(WIDTH) for line in lines)
