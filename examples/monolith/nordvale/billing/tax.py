"""Value added tax by place of supply."""

from nordvale.common import money, settings

REVERSE_CHARGE = {"NL", "BE", "DE"}


def rate_for(customer, country):
    """Contract customers abroad account for the tax themselves; stamps of public bodies are exempt at home."""
    if customer.segment == "public" and country == settings.HOME_COUNTRY:
        return 0.0
    if customer.segment == "contract" and customer.country in REVERSE_CHARGE:
        return 0.0
    return settings.vat_rate(country if country in settings.VAT_RATES else settings.HOME_COUNTRY)


def on(net, customer, country):
    return money.share(net, rate_for(customer, country))


def note(customer):
    return "VAT reverse charged" if customer.segment == "contract" and customer.country in REVERSE_CHARGE else ""
