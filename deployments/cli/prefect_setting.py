"""How Prefect behaves under the command line: quiet on the terminal, otherwise as the user has set it up."""

import logging
import os


def quieten_prefect(*, verbose: bool) -> None:
    """Keeps Prefect's log lines off the terminal, where the command tells the same in its own words.

    What is sent to the server stays as it is. Must be called before Prefect is imported; does nothing with `--verbose`
    and leaves alone what the user has set.
    """
    if not verbose:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
        logging.getLogger("prefect_harmonic").propagate = False
    # On a busy machine the temporary server takes longer than the twenty seconds that Prefect allows it.
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


def server_note() -> str | None:
    """What to tell a user who has set no Prefect server; nothing if there is one."""
    from prefect.settings import get_current_settings

    if get_current_settings().api.url:
        return None
    return "No Prefect server is set, so that Prefect starts one for this run alone (about ten seconds)."
