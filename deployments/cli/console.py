"""Where a command speaks: results on stdout, everything else on stderr."""

import json
import sys
from typing import Any

from rich.console import Console

from prefect_harmonic.deployments.cli.options import Shown


def speaking(shown: Shown) -> Console:
    """The console for what people read: stdout, or stderr where stdout is for JSON; silent with `--quiet`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without the characters gets a question mark
    console = Console(stderr=shown.json, quiet=shown.quiet, highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = max(console.width, 140)  # files and pipes are as wide as what is written to them
    return console


def print_json(document: dict[str, Any]) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()
