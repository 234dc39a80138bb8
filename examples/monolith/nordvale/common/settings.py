"""Settings of the whole application, read once from the environment."""

import os

CURRENCY = "EUR"
HOME_COUNTRY = "NV"
VAT_RATES = {"NV": 0.21, "NL": 0.21, "DE": 0.19, "BE": 0.21}
VAT_REDUCED = {"NV": 0.09, "NL": 0.09, "DE": 0.07, "BE": 0.06}

DEFAULT_CREDIT_LIMIT = 250_000
CREDIT_WARNING_SHARE = 0.8
MAX_CASH_ON_DELIVERY = 150_000
PAYMENT_TERM_DAYS = 14
LATE_FEE_CENTS = 1_500

PICKUP_CUTOFF_HOUR = 16
VAN_CAPACITY_KG = 900
VAN_CAPACITY_PARCELS = 140
MAX_PARCEL_KG = 31.5
MAX_GIRTH_CM = 360

TOKEN_HOURS = 12
TOKEN_SECRET = os.environ.get("NORDVALE_TOKEN_SECRET", "counter-and-depot").encode()
DATABASE = os.environ.get("NORDVALE_DATABASE", ":memory:")

HOLIDAYS = {(1, 1), (4, 27), (5, 5), (12, 25), (12, 26)}


def vat_rate(country, reduced=False):
    table = VAT_REDUCED if reduced else VAT_RATES
    return table.get(country, 0.0)
