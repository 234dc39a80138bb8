"""An interrupted run ends soon, whatever holds it."""

import asyncio
import threading

import pytest

from prefect_harmonic.deployments.cli.interruption import interruptible


async def test_interrupted_run_that_will_not_end_is_left_after_the_grace() -> None:
    """A run that goes on after its cancellation is left; the cancellation is told once it has ended."""
    is_left = threading.Event()
    begun = asyncio.Event()

    async def stubborn() -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.to_thread(is_left.wait, 60)
        return "late"

    run = asyncio.create_task(interruptible(stubborn(), grace=0.01, leave=is_left.set))
    await begun.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert is_left.is_set()


async def test_run_that_is_let_be_gives_what_it_gives() -> None:
    """Its value, or its error."""

    async def failing() -> str:
        raise ValueError("broken")

    assert await interruptible(asyncio.sleep(0, "made")) == "made"
    with pytest.raises(ValueError, match="broken"):
        await interruptible(failing())
