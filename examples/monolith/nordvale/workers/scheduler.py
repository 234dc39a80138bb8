"""When jobs run, and the loop that runs them."""

from datetime import timedelta

from nordvale.common import clock
from nordvale.workers import jobs, queue

DAILY = {"build_manifests": 2, "close_manifests": 5, "morning_sheet": 6, "send_reminders": 9, "postpone_late_orders": 19}
MONTHLY = {"invoice_month": (1, 3), "regulator_table": (2, 4)}


def due_between(start, end):
    """Names and times of the jobs whose hour lies after `start` and not after `end`."""
    found = []
    moment = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while moment <= end:
        found += [(name, moment) for name, hour in DAILY.items() if hour == moment.hour]
        found += [(name, moment) for name, (day, hour) in MONTHLY.items() if (day, hour) == (moment.day, moment.hour)]
        moment += timedelta(hours=1)
    return found


def once(name, hours=0, **payload):
    queue.put(name, due=clock.now() + timedelta(hours=hours), **payload)


def enqueue_due(start, end):
    found = due_between(start, end)
    for name, moment in found:
        queue.put(name, due=moment)
    return len(found)


def run_waiting(limit=100):
    """Runs jobs that are due, up to a limit; a job that fails is tried again later."""
    results = []
    while len(results) < limit:
        job = queue.take()
        if job is None:
            break
        try:
            outcome = jobs.JOBS[job["name"]](**job["payload"])
        except Exception as error:
            wait = queue.BACKOFF_MINUTES[min(job["attempts"], len(queue.BACKOFF_MINUTES)) - 1]
            queue.failed(job, error, clock.now() + timedelta(minutes=wait))
            results.append((job["name"], error))
        else:
            queue.done(job)
            results.append((job["name"], outcome))
    return results
