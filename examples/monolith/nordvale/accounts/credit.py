"""How much a customer may still owe.

Exposure is what was invoiced and not paid, and what is under way and not invoiced. The second half is known to the
order service alone, which itself asks here before it accepts an order.
"""

from nordvale.accounts import service
from nordvale.billing import ledger
from nordvale.common import events, settings
from nordvale.common.errors import CreditExceeded


def exposure(customer_id):
    from nordvale.orders import service as orders

    return ledger.balance(customer_id) + orders.uninvoiced_value(customer_id)


def available(customer_id):
    return service.find(customer_id).credit_limit - exposure(customer_id)


def check(customer_id, amount):
    """Refuses an amount that would take a customer over the limit; warns when it comes near."""
    customer = service.find(customer_id)
    if not customer.pays_on_account:
        return
    owed = exposure(customer_id) + amount
    if owed > customer.credit_limit:
        raise CreditExceeded(customer_id, owed, customer.credit_limit)
    if owed > customer.credit_limit * settings.CREDIT_WARNING_SHARE:
        events.publish("credit.low", customer_id=customer_id, exposure=owed)


def review(customer_id):
    """Called after a payment or an invoice: lifts or sets the block that late payment brings."""
    from nordvale.orders import service as orders

    customer = service.find(customer_id)
    overdue = ledger.overdue(customer_id)
    if overdue and not customer.blocked and overdue > customer.credit_limit // 2:
        service.block(customer_id, "overdue")
        orders.hold_all(customer_id)
    elif not overdue and customer.blocked:
        service.unblock(customer_id)
        orders.release_all(customer_id)
