"""The ledger of what customers owe. Entries are never changed; what was wrong is reversed."""

from nordvale.common import clock
from nordvale.db import session, store

RECEIVABLE = "1200"
REVENUE = "4000"
VAT = "2200"
CASH = "1000"
FEES = "4900"


def post(account, customer_id, amount, reference):
    return store.insert(
        "ledger", at=clock.now().isoformat(), account=account, customer_id=customer_id, amount=amount,
        reference=reference,
    )


def post_all(customer_id, reference, **amounts):
    """Posts entries by the name of their account; they must sum to nothing."""
    names = {"receivable": RECEIVABLE, "revenue": REVENUE, "vat": VAT, "cash": CASH, "fees": FEES}
    if sum(amounts.values()) != 0:
        raise ValueError(f"entries of {reference} do not balance: {amounts}")
    with session.transaction():
        for name, amount in amounts.items():
            post(names[name], customer_id, amount, reference)


def balance(customer_id):
    owed = session.scalar(
        "SELECT coalesce(sum(amount), 0) FROM ledger WHERE customer_id = ? AND account = ?", customer_id, RECEIVABLE
    )
    return owed or 0


def overdue(customer_id):
    """What is owed on invoices past their due day, less what payments have not been matched yet."""
    from nordvale.billing import payments

    late = session.scalar(
        "SELECT coalesce(sum(net + vat), 0) FROM invoices WHERE customer_id = ? AND status = 'open' AND due < ?",
        customer_id, clock.today().isoformat(),
    )
    return max(0, late - payments.unmatched(customer_id))


def reverse(reference):
    for entry in store.select("ledger", reference=reference):
        post(entry["account"], entry["customer_id"], -entry["amount"], f"{reference} reversed")


def trial_balance():
    return {
        row["account"]: row["total"]
        for row in session.rows("SELECT account, sum(amount) AS total FROM ledger GROUP BY account ORDER BY account")
    }
