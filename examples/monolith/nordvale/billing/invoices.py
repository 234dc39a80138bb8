"""Invoices: one at the counter for each order, one a month for customers on account."""

from datetime import timedelta

from nordvale.accounts import credit
from nordvale.accounts import service as accounts
from nordvale.billing import ledger, tax
from nordvale.common import clock, events, ids, money, settings
from nordvale.common.errors import DomainError
from nordvale.db import session, store


def for_order(order):
    """Invoices one order at once."""
    return _issue(accounts.find(order["customer_id"]), [order])


def monthly(customer_id, until=None):
    """Invoices what a customer on account had delivered and not invoiced. Nothing to invoice gives None."""
    until = until or clock.today()
    orders = session.rows(
        "SELECT * FROM orders WHERE customer_id = ? AND status = 'delivered' AND invoice_id IS NULL AND delivered <= ?"
        " ORDER BY id",
        customer_id, until.isoformat() + "T23:59:59",
    )
    if not orders:
        return None
    invoice_id = _issue(accounts.find(customer_id), orders)
    credit.review(customer_id)
    return invoice_id


def _issue(customer, orders):
    for order in orders:
        if order["invoice_id"]:
            raise DomainError(f"{order['id']} is on {order['invoice_id']} already")
    net = sum(order["price"] for order in orders)
    vat = sum(tax.on(order["price"], customer, order["country"]) for order in orders)
    today = clock.today()
    days = settings.PAYMENT_TERM_DAYS if customer.pays_on_account else 0
    with session.transaction():
        row = store.insert(
            "invoices", id=ids.new_id("INV"), customer_id=customer.id, net=net, vat=vat, issued=today.isoformat(),
            due=(today + timedelta(days=days)).isoformat(), status="open",
        )
        for order in orders:
            text = f"{order['service']} {order['origin']} to {order['destination']}"
            store.insert("invoice_lines", invoice_id=row["id"], order_id=order["id"], text=text, net=order["price"])
            store.update("orders", "id", order["id"], invoice_id=row["id"])
        ledger.post_all(customer.id, row["id"], receivable=net + vat, revenue=-net, vat=-vat)
    events.publish("invoice.issued", customer_id=customer.id, invoice_id=row["id"], amount=net + vat)
    return row["id"]


def credit_note(invoice_id, amount, reason):
    invoice = store.fetch("invoices", "id", invoice_id)
    if amount > invoice["net"]:
        raise DomainError(f"{invoice_id} is {money.written(invoice['net'])} net; cannot credit {money.written(amount)}")
    vat = invoice["vat"] * amount // invoice["net"] if invoice["net"] else 0
    ledger.post_all(
        invoice["customer_id"], f"credit {invoice_id}", receivable=-(amount + vat), revenue=amount, vat=vat
    )
    store.insert("invoice_lines", invoice_id=invoice_id, order_id=None, text=f"credit: {reason}", net=-amount)
    credit.review(invoice["customer_id"])


def rendered(invoice_id):
    invoice = store.fetch("invoices", "id", invoice_id)
    customer = accounts.find(invoice["customer_id"])
    lines = [f"Invoice {invoice_id}", customer.name, f"Issued {invoice['issued']}, due {invoice['due']}", ""]
    for line in store.select("invoice_lines", invoice_id=invoice_id):
        lines.append(f"{line['text']:<48}{money.written(line['net']):>14}")
    lines += ["", f"{'Net':<48}{money.written(invoice['net']):>14}", f"{'VAT':<48}{money.written(invoice['vat']):>14}"]
    if tax.note(customer):
        lines.append(tax.note(customer))
    return "\n".join(lines)
