"""Payments: taking them, matching them to invoices, giving them back."""

from nordvale.billing import ledger
from nordvale.common import clock, events, ids
from nordvale.common.errors import PaymentRefused
from nordvale.db import session, store

METHODS = ("card", "cash", "transfer", "direct_debit", "cod")
CARD_LIMIT = 500_000


def take(customer_id, amount, method, invoice_id=None):
    if method not in METHODS:
        raise PaymentRefused(f"{method!r} is no way to pay")
    if amount <= 0:
        raise PaymentRefused("a payment must be more than nothing")
    if method == "card" and amount > CARD_LIMIT:
        raise PaymentRefused("above the card limit; pay by transfer")
    row = store.insert(
        "payments", id=ids.new_id("PAY"), customer_id=customer_id, invoice_id=invoice_id, amount=amount,
        method=method, at=clock.now().isoformat(), state="matched" if invoice_id else "unmatched",
    )
    ledger.post_all(customer_id, row["id"], cash=amount, receivable=-amount)
    if invoice_id:
        settle(invoice_id)
    events.publish("payment.taken", customer_id=customer_id, payment_id=row["id"], amount=amount)
    return row["id"]


def paid_on(invoice_id):
    return session.scalar(
        "SELECT coalesce(sum(amount), 0) FROM payments WHERE invoice_id = ? AND state = 'matched'", invoice_id
    )


def settle(invoice_id):
    invoice = store.fetch("invoices", "id", invoice_id)
    if paid_on(invoice_id) >= invoice["net"] + invoice["vat"]:
        store.update("invoices", "id", invoice_id, status="paid")


def unmatched(customer_id):
    return session.scalar(
        "SELECT coalesce(sum(amount), 0) FROM payments WHERE customer_id = ? AND state = 'unmatched'", customer_id
    )


def match(customer_id):
    """Lays unmatched payments against open invoices: equal amounts first, then the oldest."""
    matched = 0
    for payment in store.select("payments", customer_id=customer_id, state="unmatched"):
        open_invoices = store.select("invoices", order="due, id", customer_id=customer_id, status="open")
        exact = [i for i in open_invoices if i["net"] + i["vat"] - paid_on(i["id"]) == payment["amount"]]
        fitting = [i for i in open_invoices if i["net"] + i["vat"] - paid_on(i["id"]) > payment["amount"]]
        chosen = (exact or fitting or [None])[0]
        if chosen is not None:
            store.update("payments", "id", payment["id"], invoice_id=chosen["id"], state="matched")
            settle(chosen["id"])
            matched += 1
    return matched


def refund(customer_id, amount, reference):
    if amount > 0:
        ledger.post_all(customer_id, f"refund {reference}", receivable=-amount, revenue=amount)
        events.publish("payment.refunded", customer_id=customer_id, amount=amount, reference=reference)
