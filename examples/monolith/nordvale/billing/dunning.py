"""Reminders for unpaid invoices."""

from nordvale.accounts import credit
from nordvale.accounts import service as accounts
from nordvale.billing import ledger, payments
from nordvale.common import clock, settings
from nordvale.db import session, store
from nordvale.notifications import dispatcher

STAGES = ((7, "reminder"), (21, "second_reminder"), (35, "final_notice"))


def due_stage(days_late, reminders):
    stage = sum(1 for days, _ in STAGES if days_late >= days)
    return stage if stage > reminders else None


def run(day=None):
    """One pass over all open invoices. Returns how many reminders of each kind went out."""
    day = day or clock.today()
    sent = {name: 0 for _, name in STAGES}
    for invoice in session.rows("SELECT * FROM invoices WHERE status = 'open' AND due < ? ORDER BY id", day.isoformat()):
        customer = accounts.find(invoice["customer_id"])
        payments.match(customer.id)
        if store.fetch("invoices", "id", invoice["id"])["status"] == "paid":
            continue
        days_late = (day - clock.parse_day(invoice["due"])).days
        stage = due_stage(days_late, invoice["reminders"])
        if stage is None:
            continue
        name = STAGES[stage - 1][1]
        if customer.segment == "public" and stage == 3:
            name = "second_reminder"
        elif stage >= 2:
            fee = settings.LATE_FEE_CENTS * (stage - 1)
            if customer.segment != "private" or stage == 3:
                ledger.post_all(customer.id, f"fee {invoice['id']}/{stage}", receivable=fee, fees=-fee)
        store.update("invoices", "id", invoice["id"], reminders=stage)
        dispatcher.tell(customer.id, name, invoice=invoice["id"], days=days_late, amount=invoice["net"] + invoice["vat"])
        if stage == len(STAGES):
            credit.review(customer.id)
        sent[name] += 1
    return sent
