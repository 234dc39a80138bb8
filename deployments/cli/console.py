"""Where a command speaks: results on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from prefect_harmonic.deployments.cli.options import Shown
from prefect_harmonic.tasks.views.escaping import visible


class CalmConsole(Console):
    """A terminal that is given no orders but Rich's own.

    Names, findings and answers are whatever a plan, a repository or a model says, and Rich passes on most control
    characters that stand in a text: here they are shown as their numbers, whatever the text stands in.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As Rich's own, with every character shown that could not be seen."""
        for segment in super().render(renderable, options):
            if segment.control is not None or segment.text.isprintable():
                yield segment
            else:
                yield segment._replace(text=visible(segment.text))


def speaking(shown: Shown) -> CalmConsole:
    """The console for what people read: stdout, or stderr where stdout is for JSON; silent with `--quiet`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without the characters gets a question mark
    console = CalmConsole(stderr=shown.json, quiet=shown.quiet, highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = max(console.width, 140)  # files and pipes are as wide as what is written to them
    return console


def print_json(document: object) -> None:
    """One JSON document on stdout, with escapes for what stdout's encoding has no characters for."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
