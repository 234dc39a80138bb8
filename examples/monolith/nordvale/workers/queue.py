"""A queue of jobs in the database."""

import json

from nordvale.common import clock
from nordvale.db import session, store

MAX_ATTEMPTS = 5
BACKOFF_MINUTES = (1, 5, 20, 60, 240)


def put(name, due=None, **payload):
    due = due or clock.now()
    store.insert("jobs", name=name, payload=json.dumps(payload, sort_keys=True), due=due.isoformat(), state="waiting")


def take():
    """The next job that is due, or None. Two workers may take the same one; see docs/incidents/2024-11-29."""
    job = session.one(
        "SELECT * FROM jobs WHERE state = 'waiting' AND due <= ? ORDER BY due, id LIMIT 1", clock.now().isoformat()
    )
    if job is not None:
        store.update("jobs", "id", job["id"], state="running", attempts=job["attempts"] + 1)
        job["payload"] = json.loads(job["payload"])
        job["attempts"] += 1
    return job


def done(job):
    store.update("jobs", "id", job["id"], state="done")


def failed(job, error, later):
    if job["attempts"] >= MAX_ATTEMPTS:
        store.update("jobs", "id", job["id"], state="dead", error=str(error))
    else:
        store.update("jobs", "id", job["id"], state="waiting", error=str(error), due=later.isoformat())


def backlog():
    return session.scalar("SELECT count(*) FROM jobs WHERE state = 'waiting'")
