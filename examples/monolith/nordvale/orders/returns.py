"""Parcels that come back."""

from nordvale.billing import invoices, payments
from nordvale.common import clock, ids
from nordvale.common.errors import DomainError, ValidationFailed
from nordvale.db import session, store
from nordvale.notifications import dispatcher
from nordvale.orders import service

REASONS = {"refused": 0.0, "undeliverable": 0.0, "damaged": 1.0, "wrong_address": 0.25, "change_of_mind": 0.5}
WINDOW_DAYS = 14


def refund_for(order, reason):
    if reason not in REASONS:
        raise ValidationFailed([f"{reason!r} is no reason for a return"])
    share = REASONS[reason]
    if reason == "change_of_mind":
        if not order["delivered"]:
            raise ValidationFailed(["not delivered yet; cancel it instead"])
        age = (clock.today() - clock.parse_day(order["delivered"])).days
        if age > WINDOW_DAYS:
            raise ValidationFailed([f"returns are taken for {WINDOW_DAYS} days, not {age}"])
    return int(order["price"] * share)


def accept(order_id, reason):
    """Accepts a return: moves the order, pays back, tells the sender."""
    order = service.find(order_id)
    if store.select("returns", order_id=order_id):
        raise DomainError(f"{order_id} is coming back already")
    amount = refund_for(order, reason)
    with session.transaction():
        row = store.insert(
            "returns", id=ids.new_id("RET"), order_id=order_id, reason=reason, state="accepted", refund=amount,
            at=clock.now().isoformat(),
        )
        service.mark_returned(order_id)
        if amount and order["invoice_id"]:
            invoices.credit_note(order["invoice_id"], amount, reason)
        elif amount:
            payments.refund(order["customer_id"], amount, row["id"])
    dispatcher.tell(order["customer_id"], "return_accepted", return_id=row["id"], amount=amount)
    return row["id"]


def rate(since):
    """Share of the orders delivered since a day that came back."""
    delivered = session.scalar("SELECT count(*) FROM orders WHERE delivered >= ?", since.isoformat())
    returned = session.scalar("SELECT count(*) FROM returns WHERE at >= ?", since.isoformat())
    return returned / delivered if delivered else 0.0
