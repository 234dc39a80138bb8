"""Responds to the incident of this folder, and tells what happens while it happens.

Run it as `python examples/incident/respond.py [WORKSPACE] [--verbose]`; it needs prefect-harmonic and no database.
"""

import asyncio
import sys
from pathlib import Path

from prefect_harmonic.deployments.cli.prefect_setting import quieten_prefect

quieten_prefect(verbose="--verbose" in sys.argv)  # before Prefect is imported

from prefect_harmonic.events import Event  # noqa: E402
from prefect_harmonic.flows import respond_to_incident  # noqa: E402
from prefect_harmonic.tasks.run_log import listening  # noqa: E402

HERE = Path(__file__).parent


def tell(event: Event) -> None:
    """Prints an event on a line."""
    told = event.details.get("text") or event.details.get("reason") or ""
    print(f"{event.at[11:19]}  {event.name.value:<18} {event.subject}  {str(told)[:160]}".rstrip())


async def main(workspace: str) -> int:
    """Responds, and gives 0 if the cause is known, 3 if a person is asked, else 1."""
    with listening(tell):
        outcome = await respond_to_incident(
            goal="Resolve Production Database Performance Issue",
            symptoms="Scans at the doors time out; two in five people are affected",
            project=str(HERE),
            workspace=workspace,
        )
    print(f"\n{outcome['headline']}\nReport: {outcome['report']}")
    return {"mitigated": 0, "waiting": 3}.get(outcome["outcome"], 1)


if __name__ == "__main__":
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    sys.exit(asyncio.run(main(folders[0] if folders else "harmonic-out/incident")))
