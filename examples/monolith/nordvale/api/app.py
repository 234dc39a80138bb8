"""Routes of the HTTP face, and one function that answers a request."""

import re

from nordvale.accounts import auth
from nordvale.api import routes_accounts, routes_orders
from nordvale.common.errors import DomainError, Forbidden
from nordvale.db import session
from nordvale.reporting import operations
from nordvale.workers import queue


def get_health(who, body):
    return 200, {"backlog": queue.backlog()}


def get_morning_sheet(who, body):
    auth.require(who, "reports:read")
    return 200, {"text": operations.morning_sheet()}


ROUTES = [
    ("GET", r"/health", get_health, False),
    ("POST", r"/sessions", routes_accounts.post_session, False),
    ("POST", r"/accounts", routes_accounts.post_account, True),
    ("GET", r"/accounts/(\S+)", routes_accounts.get_account, True),
    ("POST", r"/accounts/(\S+)/payments", routes_accounts.post_payment, True),
    ("GET", r"/invoices/(\S+)", routes_accounts.get_invoice, True),
    ("POST", r"/quotes", routes_orders.post_quote, True),
    ("POST", r"/orders", routes_orders.post_order, True),
    ("GET", r"/orders/(\S+)", routes_orders.get_order, True),
    ("DELETE", r"/orders/(\S+)", routes_orders.delete_order, True),
    ("POST", r"/orders/(\S+)/returns", routes_orders.post_return, True),
    ("GET", r"/tracking/(\S+)", routes_orders.get_tracking, False),
    ("POST", r"/tracking/(\S+)/scans", routes_orders.post_scan, True),
    ("GET", r"/reports/morning", get_morning_sheet, True),
]


def handle(method, path, body=None, token=None):
    """Answers one request with a status and a JSON value; everything it writes is one transaction."""
    for wanted, pattern, route, is_private in ROUTES:
        match = re.fullmatch(pattern, path)
        if wanted != method or match is None:
            continue
        try:
            if is_private and token is None:
                raise Forbidden("sign in first")
            who = auth.identity(token) if token else {"login": "", "role": "customer", "customer_id": None}
            with session.transaction():
                return route(who, body or {}, *match.groups())
        except DomainError as error:
            return error.status, {"error": str(error)}
    return 404, {"error": f"nothing at {method} {path}"}
