"""What a person sees while plans are waited for: on a terminal, at its foot, and nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from rich.console import Console
from rich.spinner import Spinner
from rich.text import Text

from prefect_harmonic.deployments.cli.foot import at_the_foot
from prefect_harmonic.events import Event, EventName
from prefect_harmonic.planners.gate.finding import printable

_SPINNER = Spinner("dots")
_OVER = frozenset({EventName.CANDIDATE_SCORED, EventName.CANDIDATE_FAILED})


@dataclass
class Waiting:
    """Follows a planning with a language model.

    Attributes:
        model: Who is asked.
        candidates: How many plans are asked for.
        clock: Seconds from any start.
    """

    model: str
    candidates: int
    clock: Callable[[], float] = monotonic
    _over: set[str] = field(default_factory=set)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.clock()

    def __call__(self, event: Event) -> None:
        """Takes note of an event."""
        if event.name in _OVER:
            self._over.add(event.subject)

    def __rich__(self) -> Text:
        """Whom it waits for, how far that is, and for how long already."""
        now = self.clock()
        if len(self._over) < self.candidates:
            far = f"{len(self._over)} of {self.candidates} candidates"
        else:
            far = f"{self.candidates} candidates, and the winner once more"
        told = f" asking {printable(self.model)}: {far}, {now - self._since:.0f} s"
        return Text.assemble("  ", str(_SPINNER.render(now)), told)


@contextmanager
def showing(waiting: Waiting, *, is_quiet: bool) -> Iterator[Waiting]:
    """Shows it for as long as the block lasts, if there is a terminal to show it on."""
    console = Console(stderr=True)
    if is_quiet or not console.is_terminal:
        yield waiting
        return
    with at_the_foot(console, waiting, Lock()):
        yield waiting
