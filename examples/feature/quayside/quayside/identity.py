"""Who asks: a token in the header, one of three roles."""

from quayside import store
from quayside.problems import NotAllowed

ROLES = ("guest", "office", "admin")


def who(headers):
    token = headers.get("authorization", "").removeprefix("Bearer ").strip()
    user = store.row("select * from users where token = ?", token) if token else None
    return user or {"token": "", "name": "guest", "role": "guest", "harbour_id": None}


def needs(user, role, harbour_id=None):
    """Refuses whoever is below a role, and offices that ask about another harbour."""
    if ROLES.index(user["role"]) < ROLES.index(role):
        raise NotAllowed("role", f"this is for {role}")
    if user["role"] == "office" and harbour_id and user["harbour_id"] != harbour_id:
        raise NotAllowed("harbour", "this is another harbour's")
