"""What the leaves of a programme's tree say: an artifact each, with its agent, its effort and what it closes."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from prefect_harmonic.planners.agent_choice import AgentChoice
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import kind_of
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.programme_tree import WantedLeaf
from prefect_harmonic.planners.phases import Phase
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.opening import OpeningKind

_TITLES = {OpeningKind.FAILURE: "Unblock", OpeningKind.CONTRADICTION: "Settle"}


def wanted_leaves(
    graph: ArtifactGraph, phases: Iterable[Phase], closings: Iterable[Closing], agents: Mapping[str, AgentChoice]
) -> tuple[WantedLeaf, ...]:
    """The leaves for the artifacts of a plan, each after what it requires.

    Args:
        graph: The plan.
        phases: Its phases.
        closings: Which of its artifacts close what was found open; their titles say what.
        agents: Who makes each artifact, and why.
    """
    membership = {artifact: phase.name for phase in phases for artifact in phase.artifacts}
    filled = {closing.artifact: closing for closing in closings}
    return tuple(
        _leaf(graph.artifacts[name], membership.get(name, ""), filled.get(name), agents.get(name))
        for name in graph.order
    )


def _leaf(artifact: Artifact, phase: str, closing: Closing | None, choice: AgentChoice | None) -> WantedLeaf:
    agent = choice.agent if choice else artifact.agent
    metadata: dict[str, JsonValue] = {
        "estimated_effort": artifact.effort,
        "priority": artifact.priority,
        "kind": kind_of(artifact.model_copy(update={"agent": agent})),
    }
    stated = {
        "assigned_agent": agent,
        "assigned_because": choice.because if choice else None,
        "estimated_hours": artifact.estimated_hours,
        "domain_type": artifact.domain_type,
        "added_by_eval": closing.iteration if closing else None,
    }
    metadata |= {key: value for key, value in stated.items() if value is not None}
    content = "\n\n".join(text for text in (artifact.description, artifact.contract) if text)
    return WantedLeaf(
        artifact=artifact.id,
        phase=phase,
        title=f"{_TITLES.get(closing.opening.kind, 'Gap Fill')}: {closing.opening.text}" if closing else artifact.id,
        content=content,
        requires=artifact.required_ids,
        metadata=metadata,
        unblocks=closing.opening.origins if closing and closing.opening.kind is OpeningKind.FAILURE else (),
    )
