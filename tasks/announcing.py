"""Telling Prefect's event system of what an automation may want to act on, such as a question that waits for a person.

Events are news, not a store: where the server does not take them the run goes on, and the record is elsewhere.
"""

from prefect.events import emit_event
from pydantic import JsonValue

from prefect_harmonic.events import Event, EventName
from prefect_harmonic.tasks.logs import logger

ANNOUNCED = frozenset(
    {
        EventName.PHASE_EVALUATED,
        EventName.PLAN_CHANGED,
        EventName.QUESTION_ASKED,
        EventName.QUESTION_ANSWERED,
        EventName.BUDGET_SPENT,
        EventName.RUN_COMPLETED,
    }
)
"""What is announced, each as `harmonic.` and its name."""

_LONGEST_TEXT = 4000
_log = logger(__name__)


def announce(event: Event) -> None:
    """Emits a Prefect event `harmonic.<name>` for what is worth it; the flow run is attached by Prefect."""
    if event.name not in ANNOUNCED:
        return
    resource = {
        "prefect.resource.id": f"harmonic.{event.name.value.partition('.')[0]}",
        "prefect.resource.name": event.subject[:200] or event.name.value,
    }
    payload: dict[str, JsonValue] = {"subject": event.subject, **event.details}
    try:
        emit_event(
            event=f"harmonic.{event.name.value}",
            resource=resource,
            payload={name: _shortened(value) for name, value in payload.items()},
        )
    except Exception as error:  # news that nobody hears stop nothing
        _log.warning("announcing.failed", on=event.name.value, error=str(error))


def _shortened(value: JsonValue) -> JsonValue:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[: _LONGEST_TEXT - 1]}…"
    return value
