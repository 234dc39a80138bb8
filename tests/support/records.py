"""A plan for tests of records, and what is said of it as it is carried out."""

from support.plans import named

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Claim, Decision, Evidence, Grade, Source
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.tasks.programme_record import ProgrammeRecord
from prefect_harmonic.tasks.workspace import Workspace

ASK = named("Ask", phase="research", agent="researcher", effort="low", description="What there is.", priority="high")
BUILD = named("Build", "Ask", phase="build", agent="builder", domain_type="model", estimated_hours=2.0)
TEST = named("Test", "Build", phase="build", agent="builder")
PLAN = (ASK, BUILD, TEST)


def graph(*artifacts: Artifact) -> ArtifactGraph:
    """A plan for the goal."""
    return ArtifactGraph(artifacts, goal="Ship it")


async def opened(kb: KnowledgeBase, workspace: Workspace, *artifacts: Artifact) -> ProgrammeRecord:
    """A record, with a plan where one is given."""
    record = await ProgrammeRecord.opened(kb, workspace, goal="Ship it", parameters={"candidates": 5})
    if artifacts:
        await record.plan_set(graph(*artifacts), phases_of(graph(*artifacts)))
    return record


def found(artifact: str, summary: str = "All of it was found.") -> Evidence:
    """What was found out for an artifact."""
    source = Source(path="README.md", line=3, quote="six", grade=Grade.DOCUMENTED)
    return Evidence(
        artifact=artifact,
        agent="researcher",
        summary=summary,
        confidence=0.8,
        claims=(Claim(text=f"{artifact} has six parts.", sources=(source,), confidence=0.9),),
        decisions=(Decision(title=f"How to do {artifact}", chosen="plainly"),),
        gaps=("no figures",),
        text=f"# {artifact}\n\nThe whole story.",
    )


async def made(record: ProgrammeRecord, *artifacts: str) -> None:
    """Has artifacts made one after the other."""
    for artifact in artifacts:
        await record.artifact_started(artifact)
        await record.artifact_ended(artifact, state="done", evidence=found(artifact))


async def node(kb: KnowledgeBase, record: ProgrammeRecord, title: str) -> str:
    """The id of the one node with this title that is still wanted."""
    tree = await kb.subtree(record.root)
    (only,) = [each.id for each in tree if each.title == title and not each.metadata.get("dropped")]
    return only
