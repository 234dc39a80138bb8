"""Chooses how a customer is told, and keeps what was said."""

from nordvale.accounts import service as accounts
from nordvale.common import clock
from nordvale.db import session, store
from nordvale.notifications import channels, templates

FORMAL = {"final_notice", "claim_opened"}
URGENT = {"order_delayed", "order_refused"}


def preferred(customer, template):
    """Channels in the order in which they are tried."""
    if template in FORMAL and customer.segment != "private":
        return ("letter", "email")
    if template in URGENT:
        return ("sms", "email", "letter")
    if customer.segment == "private":
        return ("email", "sms")
    return ("email", "letter")


def tell(customer_id, template, **values):
    """Sends a text over the first channel that works. Gives the channel, or None if none did."""
    customer = accounts.find(customer_id)
    text = templates.render(template, customer.language, **values)
    for name in preferred(customer, template):
        if channels.CHANNELS[name](customer, text):
            store.insert(
                "messages", customer_id=customer_id, channel=name, template=template, body=text,
                at=clock.now().isoformat(),
            )
            return name
    return None


def told(customer_id, template=None):
    if template is None:
        return store.select("messages", customer_id=customer_id)
    return store.select("messages", customer_id=customer_id, template=template)


def volume(day):
    found = session.rows(
        "SELECT channel, count(*) AS n FROM messages WHERE at LIKE ? GROUP BY channel", f"{day.isoformat()}%"
    )
    return {row["channel"]: row["n"] for row in found}
