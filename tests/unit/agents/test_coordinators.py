"""The coordinators as specialists: parts done by others, in order, at once or as a plan, and brought together."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Claim, Evidence, Grade, Source
from prefect_harmonic.tasks.agents.coordinators.hierarchical_planner import plan_hierarchically
from prefect_harmonic.tasks.agents.coordinators.pipeline_manager import manage_pipeline
from prefect_harmonic.tasks.agents.coordinators.reading import angles_of, stages_of
from prefect_harmonic.tasks.agents.coordinators.swarm_coordinator import coordinate_swarm
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.plain_spawning import PlainSpawner, SpawnTree
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.spawning import using_spawner

TODAY = datetime.date(2026, 11, 22)
SWARM = "Brokers. Angles: cost, risk, people, limits, speed"
Answer = Callable[[Assignment], Awaitable[Evidence]]


def asked(contract: str = "", description: str = "", **inputs: Evidence) -> Assignment:
    """Something for a coordinator to do."""
    artifact = Artifact(id="HtsComparison", description=description, contract=contract)
    return Assignment(artifact=artifact, today=TODAY, inputs=inputs)


def found(assignment: Assignment, *texts: str, confidence: float = 0.8, **values: object) -> Evidence:
    """What a part found."""
    fields: dict[str, object] = {
        "artifact": assignment.artifact.id,
        "agent": "researcher",
        "summary": " ".join(texts) or "Found.",
        "confidence": confidence,
        "claims": tuple(Claim(text=text) for text in texts),
    }
    return Evidence.model_validate(fields | values)


class Parts:
    """A researcher under the test's control, and what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Assignment] = {}
        self.order: list[str] = []
        self.answers: dict[str, Answer] = {}
        self.tree = SpawnTree()

    async def call(self, assignment: Assignment) -> Evidence:
        """Answers a part as the test says, else with one claim of its own."""
        title = assignment.artifact.description
        self.order.append(title)
        self.asked[title] = assignment
        answer = self.answers.get(title)
        return await answer(assignment) if answer else found(assignment, f"{title} stands alone.")

    async def coordinated(self, call: Answer, assignment: Assignment) -> Evidence:
        """What a coordinator makes of its parts when this researcher does all of them."""
        everybody = {name: Specialist(name=name, call=self.call) for name in DEFAULT_AGENTS}
        with using_spawner(PlainSpawner(everybody, self.tree)):
            return await call(assignment)


@pytest.fixture
def parts() -> Parts:
    """A researcher under the test's control."""
    return Parts()


async def test_pipeline_does_its_stages_in_order_and_hands_over(parts: Parts) -> None:
    """The second stage is given what the first found, and the whole has the claims of both with their parts."""
    given = asked("Stage 1: Gather properties. Stage 2: Rank", Before=found(asked(), "Known before."))
    evidence = await parts.coordinated(manage_pipeline, given)
    assert list(parts.asked) == ["Gather properties", "Rank"]
    assert list(parts.asked["Gather properties"].inputs) == ["Before"]
    assert list(parts.asked["Rank"].inputs) == ["Gather properties"]
    assert {claim.text: claim.sources[0].path for claim in evidence.claims} == {
        "Gather properties stands alone.": "Gather-properties",
        "Rank stands alone.": "Rank",
    }
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]
    assert evidence.data["verdicts"] == ["proceed", "proceed"]


async def test_pipeline_repeats_an_unsure_stage_and_tells_what_stopped_it(parts: Parts) -> None:
    """What it has is kept; what was not reached is a gap; nothing is claimed to be done."""

    async def unsure(assignment: Assignment) -> Evidence:
        return found(assignment, confidence=0.1)

    parts.answers = {"Score": unsure}
    evidence = await parts.coordinated(manage_pipeline, asked("Stage 1: Gather. Stage 2: Score. Stage 3: Rank"))
    assert parts.order == ["Gather", "Score", "Score"]
    assert "sure only to 0.10" in parts.asked["Score"].inputs["Score before"].summary
    assert evidence.data["verdicts"] == ["proceed", "repeat", "escalate"]
    assert "the stage 'Rank' was not reached" in evidence.gaps
    assert any(gap.startswith("the pipeline stopped at 'Score'") for gap in evidence.gaps)
    assert evidence.blockers == ()
    assert evidence.confidence < 0.1


async def test_pipeline_that_stays_blocked_is_blocked(parts: Parts) -> None:
    """It tries to unblock the stage once; then the run has to."""

    async def refusing(assignment: Assignment) -> Evidence:
        return found(assignment, confidence=0, blockers=("no access to the lab",))

    parts.answers = {"Measure": refusing}
    evidence = await parts.coordinated(manage_pipeline, asked("Stage 1: Measure. Stage 2: Rank"))
    assert parts.order == ["Measure", "Unblock: no access to the lab", "Measure"]
    assert evidence.blockers == ("no access to the lab",)


async def test_hand_over_is_as_the_artifact_says(parts: Parts) -> None:
    """Compressed: one summary instead of the stages."""
    contract = "Stage 1: Gather. Stage 2: Score. Stage 3: Rank. Hand-over: compressed"
    evidence = await parts.coordinated(manage_pipeline, asked(contract))
    assert list(parts.asked["Rank"].inputs) == ["so-far"]
    assert evidence.data["hand_over"] == "compressed"


async def test_swarm_waits_for_four_of_five_and_calls_the_fifth_off(parts: Parts) -> None:
    """The straggler is cancelled, and is told as missing."""
    called_off = asyncio.Event()

    async def slow(_: Assignment) -> Evidence:
        try:
            await asyncio.Event().wait()
        finally:
            called_off.set()
        raise AssertionError

    parts.answers = {"people": slow}
    evidence = await parts.coordinated(coordinate_swarm, asked(description=SWARM))
    assert called_off.is_set()
    assert (evidence.data["angles_count"], evidence.data["done_count"]) == (5, 4)
    assert "people is missing: enough of the others were done before it was" in evidence.gaps
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]


async def test_swarm_waits_while_fewer_than_four_of_five_are_done(parts: Parts) -> None:
    """Three are not enough: the fourth is awaited, however long it takes."""
    release, begun = asyncio.Event(), asyncio.Event()

    async def slow(assignment: Assignment) -> Evidence:
        begun.set()
        await release.wait()
        return found(assignment)

    async def never(_: Assignment) -> Evidence:
        await asyncio.Event().wait()
        raise AssertionError

    parts.answers = {"people": slow, "cost": never}
    swarm = asyncio.create_task(parts.coordinated(coordinate_swarm, asked(description=SWARM)))
    await begun.wait()
    for _ in range(50):
        await asyncio.sleep(0)
    assert not swarm.done()
    release.set()
    assert (await swarm).data["done_count"] == 4


async def test_swarm_finds_consensus_conflicts_and_gaps(parts: Parts) -> None:
    """What most say is claimed first, with all their sources; what two say against each other is a contradiction."""

    async def says_six(assignment: Assignment) -> Evidence:
        source = Source(path=f"{assignment.artifact.id}.md", grade=Grade.DOCUMENTED)
        agreed = Claim(text="Brokers keep messages on disk.", sources=(source,))
        return found(assignment, claims=(agreed, Claim(text="The team has 6 engineers.")), gaps=("no price",))

    async def says_nine(assignment: Assignment) -> Evidence:
        return found(assignment, "The team has 9 engineers.")

    parts.answers = {"cost": says_six, "risk": says_six, "people": says_six, "limits": says_nine}
    description = "Brokers. Angles: cost, risk, people, limits"
    evidence = await parts.coordinated(coordinate_swarm, asked(description=description))
    assert evidence.claims[0].text == "Brokers keep messages on disk."
    assert sorted(source.path for source in evidence.claims[0].sources) == ["cost.md", "people.md", "risk.md"]
    assert [each.subject for each in evidence.contradictions] == ["team (person)"]
    assert evidence.gaps.count("no price") == 1
    assert evidence.data["has_consensus"] is False


async def test_swarm_of_which_nothing_came_is_blocked(parts: Parts) -> None:
    """Each angle says why."""

    async def refusing(assignment: Assignment) -> Evidence:
        raise OSError("the archive is closed")

    parts.answers = dict.fromkeys(["cost", "risk"], refusing)
    evidence = await parts.coordinated(coordinate_swarm, asked(description="Brokers. Angles: cost, risk"))
    assert [blocker.partition(":")[0] for blocker in evidence.blockers] == ["cost", "risk"]


async def test_hierarchical_planner_hands_each_part_what_it_requires(parts: Parts) -> None:
    """Parts are those of a plan, and begin once what they require is there."""
    evidence = await parts.coordinated(plan_hierarchically, asked(description="Evaluate fusion reactor materials"))
    assert len(parts.asked) >= 3
    order = list(parts.asked)
    for title, assignment in parts.asked.items():
        before = [part.artifact for part in assignment.inputs.values()]
        titles = {each.artifact.id: name for name, each in parts.asked.items()}
        assert all(order.index(titles[name]) < order.index(title) for name in before)
    assert any(assignment.inputs for assignment in parts.asked.values())
    assert evidence.data["parts_count"] == len(parts.asked)
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]


async def test_hierarchical_planner_never_runs_what_waits_for_a_failed_part(parts: Parts) -> None:
    """It says which part it waited for, and the independent ones go on."""

    async def refusing(assignment: Assignment) -> Evidence:
        return found(assignment, blockers=("no access",))

    parts.answers = {"Evaluation criteria": refusing}
    evidence = await parts.coordinated(plan_hierarchically, asked(description="Evaluate fusion reactor materials"))
    waiting = [gap for gap in evidence.gaps if "it waited for EvaluationCriteria" in gap]
    assert waiting
    assert "Recommendation decision" not in parts.asked
    assert len(parts.asked) >= 3


async def test_hierarchical_planner_takes_no_more_than_half_of_what_is_left(parts: Parts) -> None:
    """The plan is made as small as that."""
    parts.tree = SpawnTree(max_total=14)
    await parts.coordinated(plan_hierarchically, asked(description="Evaluate fusion reactor materials"))
    assert len(parts.tree.nodes) <= 2 + 6


@pytest.mark.parametrize("name", ["hierarchical-planner", "pipeline-manager", "swarm-coordinator"])
async def test_coordinator_without_spawner_does_the_work_with_its_own_hands(name: str) -> None:
    """Evidence of the agreed length, with a file where one is asked for; no node anywhere."""
    artifact = Artifact(id="HtsComparison", description="Compare REBCO tape with Bi-2212 wire", produces_file="hts.md")
    evidence = await DEFAULT_AGENTS[name].call(Assignment(artifact=artifact, today=TODAY))
    assert (evidence.artifact, evidence.agent) == ("HtsComparison", name)
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]
    assert "hts.md" in [file.path for file in evidence.files]


@pytest.mark.parametrize(
    ("contract", "titles"),
    [
        ("Stage 1: Gather. Stage 2: Rank", ["Gather", "Rank"]),
        ("1. Gather the figures\n2. Rank them", ["Gather the figures", "Rank them"]),
        ("Gather → check → rank", ["Gather", "check", "rank"]),
        ("First gather figures, then rank them, finally write", ["gather figures", "rank them", "write"]),
        ("which is best", ["Gather what is known", "Check it against each other", "Conclude"]),
        ("Stage 1: Gather. Stage 2: Gather", ["Gather"]),
    ],
)
def test_stages_are_read_from_the_contract(contract: str, titles: list[str]) -> None:
    """Numbered, listed or chained; the usual three where nothing is said; one title is one stage."""
    assert [stage.title for stage in stages_of(asked(contract))] == titles


def test_angles_are_read_from_the_artifact_and_do_not_leak_into_each_other() -> None:
    """Each asks about the subject from its own side."""
    angles = angles_of(asked("Which to take.", SWARM))
    assert [angle.title for angle in angles] == ["cost", "risk", "people", "limits", "speed"]
    assert angles[0].content == "cost: Brokers. Which to take"
    assert len(angles_of(asked("which broker"))) == 5
