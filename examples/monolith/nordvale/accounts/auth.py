"""Sign-in: passwords, tokens and roles."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from nordvale.accounts import service
from nordvale.common import clock, settings
from nordvale.common.errors import Forbidden, NotFound
from nordvale.db import store

RIGHTS = {
    "customer": {"orders:read", "orders:write", "invoices:read"},
    "counter": {"orders:read", "orders:write", "accounts:read", "accounts:write", "payments:write"},
    "depot": {"orders:read", "scans:write", "manifests:write"},
    "finance": {"orders:read", "accounts:read", "invoices:read", "invoices:write", "payments:write", "reports:read"},
    "admin": {"*"},
}
MAX_FAILURES = 5


def _digest(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), 2_000).hex()


def register(login, password, role="customer", customer_id=None):
    if role not in RIGHTS:
        raise NotFound("role", role)
    if customer_id is not None:
        service.find(customer_id)
    salt = secrets.token_hex(8)
    store.insert("users", login=login, customer_id=customer_id, salt=salt, digest=_digest(password, salt), role=role)


def sign_in(login, password):
    user = store.fetch("users", "login", login)
    if user["failures"] >= MAX_FAILURES:
        raise Forbidden(f"{login} is locked after {MAX_FAILURES} failures")
    if not hmac.compare_digest(user["digest"], _digest(password, user["salt"])):
        store.update("users", "login", login, failures=user["failures"] + 1)
        raise Forbidden("wrong login or password")
    store.update("users", "login", login, failures=0)
    expires = clock.now() + timedelta(hours=settings.TOKEN_HOURS)
    return _signed(f"{login}|{user['role']}|{user['customer_id'] or ''}|{expires.isoformat()}")


def _signed(body):
    mark = hmac.new(settings.TOKEN_SECRET, body.encode(), hashlib.sha256).hexdigest()[:32]
    return f"{body}|{mark}"


def identity(token):
    """Who a token belongs to."""
    body, _, _ = token.rpartition("|")
    if not body or not hmac.compare_digest(_signed(body), token):
        raise Forbidden("the token is not ours")
    login, role, customer_id, expires = body.split("|")
    if datetime.fromisoformat(expires) < clock.now():
        raise Forbidden("the token has expired")
    return {"login": login, "role": role, "customer_id": customer_id or None}


def require(who, right, customer_id=None):
    rights = RIGHTS[who["role"]]
    if "*" not in rights and right not in rights:
        raise Forbidden(f"{who['role']} may not {right}")
    if who["role"] == "customer" and customer_id not in (None, who["customer_id"]):
        raise Forbidden("this belongs to another customer")
