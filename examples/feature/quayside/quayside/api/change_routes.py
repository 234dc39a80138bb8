"""Changes over HTTP: clients ask every ten seconds."""

from quayside import changes, identity
from quayside.api.routes import route


@route("GET", "/v1/changes")
def list_changes(user, query, body):
    identity.needs(user, "office")
    topics = tuple(filter(None, query.get("topics", "").split(",")))
    found = changes.since(int(query.get("since", 0)), topics)
    return 200, {"changes": found, "last": found[-1]["id"] if found else int(query.get("since", 0))}
