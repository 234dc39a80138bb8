"""Accounts, invoices and payments over HTTP."""

from nordvale.accounts import auth, credit
from nordvale.accounts import service as accounts
from nordvale.api import serializers
from nordvale.billing import invoices, payments
from nordvale.db import store


def post_account(who, body):
    auth.require(who, "accounts:write")
    names = ("name", "email", "phone", "country", "segment", "language")
    opened = accounts.open_account(**{name: body[name] for name in names if name in body})
    return 201, serializers.customer(opened)


def get_account(who, body, customer_id):
    auth.require(who, "accounts:read", customer_id)
    found = serializers.customer(accounts.find(customer_id))
    return 200, {**found, "available": credit.available(customer_id)}


def get_invoice(who, body, invoice_id):
    auth.require(who, "invoices:read", store.fetch("invoices", "id", invoice_id)["customer_id"])
    return 200, {"text": invoices.rendered(invoice_id)}


def post_payment(who, body, customer_id):
    auth.require(who, "payments:write")
    taken = payments.take(customer_id, int(body["amount"]), body["method"], body.get("invoice_id"))
    credit.review(customer_id)
    return 201, {"payment": taken}


def post_session(who, body):
    return 201, {"token": auth.sign_in(body.get("login", ""), body.get("password", ""))}
