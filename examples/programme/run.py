"""Carries a programme of four quarters on against examples/monolith, with a clock that is moved by a quarter each run.

Run it as `python examples/programme/run.py [WORKSPACE] [--on DATE] [--verbose]`; with `--on 2026-04-05` it is one run
on that day, otherwise a year of them. Stop it at any moment and start it again: it goes on where it was.
"""

import asyncio
import sys
from datetime import date
from pathlib import Path

from prefect_harmonic.deployments.cli.prefect_setting import quieten_prefect

quieten_prefect(verbose="--verbose" in sys.argv)  # before Prefect is imported

from prefect_harmonic.flows import advance_program  # noqa: E402

GOAL = "Platform Modernization Program over four quarters"
PROJECT = Path(__file__).parent.parent / "monolith"
START = date(2026, 1, 5)
DAYS = (START, date(2026, 2, 2), date(2026, 4, 5), date(2026, 7, 5), date(2026, 10, 5))
"""The days of the runs: one in each quarter, and one in between that finds nothing due."""


async def main(workspace: str, days: tuple[date, ...]) -> int:
    """Carries the programme on, day by day; gives 0 if all that was due is done, 3 if a person is asked, else 1."""
    ended = "scheduled"
    for day in days:
        run = await advance_program(
            goal=GOAL,
            project=str(PROJECT),
            workspace=workspace,
            start=START,
            today=day,
            on_escalation="skip",  # nobody is here to be asked; the reviews say what was left open
        )
        ended = run["outcome"]
        print(f"{day}  {ended:<12} {run['headline']}", flush=True)
        for review in run["reviews"]:
            if review["held"] == day.isoformat() and "artifacts" in run:
                print(f"            {review['milestone']} reviewed: {verdict_of(run, review['milestone'])}", flush=True)
        if ended not in {"scheduled", "converged", "accepted", "inconclusive"}:
            return 3 if ended == "waiting" else 1
    print(f"\nReport: {run['report']}\nReviews: {run['workspace']}/reviews")
    return 0


def verdict_of(run: dict[str, list[dict[str, str]]], milestone: str) -> str:
    """What the review of a milestone came to, and where it is written."""
    found = next(one for one in run["milestones"] if one["name"] == milestone)
    return f"{found['verdict']} ({found['review_file']})"


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--verbose"]
    chosen = DAYS
    if "--on" in given:
        place = given.index("--on")
        chosen = (date.fromisoformat(given[place + 1]),)
        del given[place : place + 2]
    sys.exit(asyncio.run(main(given[0] if given else "harmonic-out/programme", chosen)))
