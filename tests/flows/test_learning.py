"""What one run teaches the next: kept when it ends, made use of and said when the next one is planned."""

from pathlib import Path

from prefect_harmonic.flows import harmonic_planning, pursue_goal
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence, ProducedFile
from prefect_harmonic.planners.harmonic import DEFAULT_AGENTS
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.options import HoursFrom
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.knowledge_address import knowledge_address

GOAL, SAME = "Add file upload", "Implement the file upload"


async def made(assignment: Assignment) -> Evidence:
    """Whatever is asked for, at once and with full confidence."""
    artifact = assignment.artifact
    files = (ProducedFile(path=artifact.produces_file, content="made\n"),) if artifact.produces_file else ()
    agent = artifact.agent or "builder"
    return Evidence(artifact=artifact.id, agent=agent, summary="It is there.", confidence=0.9, files=files)


MAKERS = [Specialist(name=agent, call=made) for agent in DEFAULT_AGENTS]


async def test_finished_run_teaches_the_next_planning(tmp_path: Path) -> None:
    """Its time and its plan are kept; its plan is offered unless switched off; its milliseconds are no hours."""
    with using_agents(*MAKERS):
        outcome = await pursue_goal(GOAL, workspace=str(tmp_path / "out"), candidates=2)
        learned = await harmonic_planning(SAME, candidates=2)
        plain = await harmonic_planning(SAME, candidates=2, hours=HoursFrom.DEFAULT, reuse_plans=False)
    async with KnowledgeBase(knowledge_address()) as kb:
        (run,) = await kb.past_runs()
    assert (run.id, run.outcome, run.project, run.model) == (outcome["programme"], outcome["outcome"], "", "")
    assert run.seconds is not None
    assert run.planned.to_document() == outcome["plan"]
    assert outcome["planning"]["prediction"]["runs"] == 0
    assert "Foretold" not in (tmp_path / "out" / "report.md").read_text()  # nothing is, yet

    made = len(outcome["artifacts"])
    assert learned["experience"]["said"] == (
        f"hours by effort alone, as fewer than 3 of {made} artifacts made before took a minute or more, "
        "and faster ones say nothing of the work"
    )
    assert learned["prediction"]["said"] == "no experience yet (1 of 5 runs that are needed)"
    assert [one["style"] for one in learned["candidates"]][2:] == ["reused"]
    assert learned["candidates"][2]["status"] == "valid"
    assert learned["candidates"][2]["origin"].startswith(f"reused from run {run.id} of 20")

    assert len(plain["candidates"]) == 2
    assert plain["experience"]["hours"] == "default"
    hours = [[one["expected_makespan_hours"] for one in told["candidates"][:2]] for told in (plain, learned)]
    assert hours[0] == hours[1]
