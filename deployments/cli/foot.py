"""What stands at the foot of a terminal and changes in place, while lines scroll by above it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from rich.console import Console, RenderableType
from rich.live import Live

FOOT = "foot of the terminal"
"""Name of the thread that draws."""

PAUSE_SECONDS = 0.125


@contextmanager
def at_the_foot(console: Console, shown: RenderableType, lock: Lock, *, pause: float = PAUSE_SECONDS) -> Iterator[None]:
    """Shows something at the foot and draws it anew after each pause, for as long as the block lasts.

    Rich's own thread for that is not used: it looks up how many lines to wipe out before it does so, and a line that
    is printed in between is gone.

    Args:
        console: The terminal.
        shown: What is drawn.
        lock: Held while it is drawn, and by whoever prints meanwhile.
        pause: Seconds between two drawings.
    """
    is_over = Event()
    with Live(shown, console=console, auto_refresh=False, transient=True) as live:

        def draw() -> None:
            while not is_over.wait(pause):
                with lock:
                    live.refresh()

        drawing = Thread(target=draw, name=FOOT, daemon=True)
        drawing.start()
        try:
            yield
        finally:
            is_over.set()
            drawing.join()
