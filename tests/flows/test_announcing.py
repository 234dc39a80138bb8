"""What a run tells Prefect's event system, on which automations act."""

from collections.abc import Awaitable, Callable
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from support.migration import migration

Until = Callable[..., Awaitable[Any]]


async def test_question_is_an_event_that_an_automation_can_act_on(
    pursued: Callable[..., Any],
    cast: Any,
    client: PrefectClient,
    latest_run: Callable[[str], Awaitable[FlowRun]],
    until: Until,
) -> None:
    """The question, its answer and the end of the run are told, with what is needed to notify somebody."""
    cast.finds("MonolithSurvey", {"confidence": 0.2, "gaps": ("who owns it", "what it costs", "when it ends")})
    await pursued(*migration(), criteria={"max_iterations": 1}, on_escalation="fail")
    run = f"prefect.flow-run.{(await latest_run('pursue-goal')).id}"
    wanted = {"harmonic.question.asked", "harmonic.question.answered", "harmonic.run.completed"}

    async def told() -> dict[str, Any] | None:
        document = {"filter": {"event": {"prefix": ["harmonic."]}, "any_resource": {"id": [run]}}, "limit": 50}
        response = await client.request("POST", "/events/filter", json=document)
        events = {one["event"]: one for one in response.json()["events"]}
        return events if wanted <= set(events) else None

    events = await until(told)
    asked = events["harmonic.question.asked"]
    assert asked["payload"]["kind"] == "exhausted"
    assert "who owns it" in asked["payload"]["text"]
    assert run in {one["prefect.resource.id"] for one in asked["related"]}
