"""Requests and answers as JSON values."""

from nordvale.common import money
from nordvale.common.errors import ValidationFailed
from nordvale.orders.models import Parcel, Request


def order_request(body, customer_id):
    try:
        parcels = [
            Parcel(
                float(item["kg"]), float(item.get("length", 30)), float(item.get("width", 20)),
                float(item.get("height", 15)), str(item.get("contents", "")), int(item.get("declared", 0)),
            )
            for item in body["parcels"]
        ]
        return Request(
            customer_id, body["service"], str(body["origin"]), str(body["destination"]), parcels,
            body.get("country", "NV"), int(body.get("cod", 0)), body.get("pay_with"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValidationFailed([f"unreadable request: {error!r}"]) from None


def quote(found):
    return {
        "base": money.written(found.base),
        "extras": {name: money.written(amount) for name, amount in found.extras.items()},
        "discount": money.written(found.discount),
        "total": money.written(found.total),
    }


def customer(found):
    return {"id": found.id, "name": found.name, "segment": found.segment, "blocked": found.blocked}
