"""Steps between the states of an order, and what each sets off."""

from nordvale.billing import invoices
from nordvale.common import clock, events
from nordvale.common.errors import IllegalTransition
from nordvale.db import store
from nordvale.orders.models import STEPS


def move(order_id, wanted, **changes):
    """Takes an order to another state, or refuses."""
    order = store.fetch("orders", "id", order_id)
    if wanted not in STEPS[order["status"]]:
        raise IllegalTransition(order_id, order["status"], wanted)
    store.update("orders", "id", order_id, status=wanted, **changes)
    moved = {**order, "status": wanted, **changes}
    events.publish(f"order.{wanted}", order_id=order_id, customer_id=order["customer_id"])
    return moved


def confirm(order_id, invoice_now):
    order = move(order_id, "confirmed")
    return invoices.for_order(order) if invoice_now else None


def cancel(order_id, reason):
    order = move(order_id, "cancelled")
    if order["invoice_id"]:
        invoices.credit_note(order["invoice_id"], order["price"], reason)


def deliver(order_id, moment=None):
    return move(order_id, "delivered", delivered=moment or clock.now().isoformat())


def compensation(order, kind):
    """What a lost, damaged or late order is credited with: all, half, or a tenth a day up to a half."""
    if kind == "lost":
        return order["price"]
    if kind == "damaged":
        return order["price"] // 2
    late = (clock.today() - clock.parse_day(order["promised"])).days
    return min(order["price"] // 2, order["price"] * max(0, late) // 10)
