"""Opening, finding and closing customer accounts."""

from nordvale.accounts.models import SEGMENTS, Address, Customer
from nordvale.common import clock, events, ids, settings
from nordvale.common.errors import DomainError, ValidationFailed
from nordvale.db import session, store


def open_account(name, email="", phone="", country="NV", segment="private", language="en"):
    problems = []
    if not name.strip():
        problems.append("a customer needs a name")
    if email and ("@" not in email or email.endswith("@")):
        problems.append(f"{email!r} is no e-mail address")
    if segment not in SEGMENTS:
        problems.append(f"{segment!r} is no segment")
    if segment == "contract" and not email:
        problems.append("contract customers need an e-mail address for invoices")
    if problems:
        raise ValidationFailed(problems)
    limit = settings.DEFAULT_CREDIT_LIMIT if segment in ("contract", "public") else 0
    row = store.insert(
        "customers", id=ids.new_id("CUS"), name=name.strip(), email=email, phone=phone, country=country,
        segment=segment, credit_limit=limit, language=language, opened=clock.today().isoformat(),
    )
    events.publish("account.opened", customer_id=row["id"])
    return find(row["id"])


def find(customer_id):
    return Customer.from_row(store.fetch("customers", "id", customer_id))


def search(text, limit=20):
    like = f"%{text}%"
    found = session.rows(
        "SELECT * FROM customers WHERE name LIKE ? OR email LIKE ? ORDER BY name LIMIT ?", like, like, limit
    )
    return [Customer.from_row(row) for row in found]


def add_address(customer_id, line, postcode, city, country="NV"):
    find(customer_id)
    row = store.insert(
        "addresses", id=ids.new_id("ADR"), customer_id=customer_id, line=line, postcode=postcode, city=city,
        country=country,
    )
    return Address(**row)


def addresses(customer_id):
    return [Address(**row) for row in store.select("addresses", customer_id=customer_id)]


def set_limit(customer_id, limit):
    if limit < 0:
        raise ValidationFailed(["a credit limit cannot be negative"])
    store.update("customers", "id", customer_id, credit_limit=limit)


def block(customer_id, reason):
    store.update("customers", "id", customer_id, blocked=1)
    events.publish("account.blocked", customer_id=customer_id, reason=reason)


def unblock(customer_id):
    store.update("customers", "id", customer_id, blocked=0)


def close(customer_id):
    """Closes an account. Open orders and unpaid invoices are looked up in tables of other parts."""
    running = session.scalar(
        "SELECT count(*) FROM orders WHERE customer_id = ? AND status NOT IN ('delivered', 'cancelled', 'returned')",
        customer_id,
    )
    unpaid = session.scalar("SELECT count(*) FROM invoices WHERE customer_id = ? AND status = 'open'", customer_id)
    if running or unpaid:
        raise DomainError(f"{customer_id} has {running} running orders and {unpaid} unpaid invoices")
    store.update("customers", "id", customer_id, name="closed", email="", phone="", blocked=1)
