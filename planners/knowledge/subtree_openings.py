"""What is open in everything that was spawned below a node, as replanning takes it.

A leaf that fell into parts may look sure while one of its parts is not: its own evidence is their mean. Looking at the
whole subtree, replanning sees the gap where it is, and how deep.

Source: second design document, "Depth-Aware Replanning"; semantics, "Reflection covers the whole subtree".
"""

from collections.abc import Collection, Mapping

from prefect_harmonic.planners.evidence import Evidence, summarised
from prefect_harmonic.planners.json_reading import texts_in
from prefect_harmonic.planners.knowledge.entity import Entity, PlanStatus
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.reflection import DoubtfulClaim, Reflection, ReflectionVerdict
from prefect_harmonic.planners.programme.gaps import openings
from prefect_harmonic.planners.programme.opening import Opening

_AGENT = "reflection"


async def subtree_openings(kb: KnowledgeBase, node: str, artifact: str) -> tuple[Opening, ...]:
    """Gaps, blocked parts, claims that do not carry and contradictions at and below a node, the most pressing first.

    Args:
        kb: Where the tree is.
        node: Where to look.
        artifact: The artifact of the plan that the node is; all openings are its own, since replanning knows no parts.

    Raises:
        UnknownRecordError: There is no such node.
    """
    entities = [each for each in await kb.subtree(node) if not each.metadata.get("dropped")]
    reflection = await kb.reflect(node)
    top = entities[0].depth if entities else 0
    gaps = [gap for each in entities for gap in _gaps_of(each)]
    gaps += _doubts(reflection, {each.id: each for each in entities}, top)
    if reflection.verdict is ReflectionVerdict.EMPTY and not gaps:
        gaps.append(f"nothing was found out about {entities[0].title if entities else artifact}")
    found = Evidence(
        artifact=artifact,
        agent=_AGENT,
        summary=summarised(*gaps),
        confidence=0.0,
        gaps=tuple(dict.fromkeys(gaps)),
        contradictions=reflection.contradictions,
    )
    told = openings({artifact: found}, _failed(entities, top))
    return tuple(each.model_copy(update={"origins": (artifact,)}) for each in told)


async def openings_below(kb: KnowledgeBase, root: str, nodes: Mapping[str, str]) -> tuple[Opening, ...]:
    """What is open at and below every artifact that fell into parts, by artifact.

    Args:
        kb: Where the tree is.
        root: The goal's node.
        nodes: The node of each artifact; what hangs below one and is none of these is a part.

    Raises:
        UnknownRecordError: There is no such node.
    """
    tree = await kb.subtree(root)
    own = frozenset(nodes.values())
    divided = {each.parent for each in tree if each.id not in own and not each.metadata.get("dropped")}
    found = [await subtree_openings(kb, nodes[name], name) for name in sorted(nodes) if nodes[name] in divided]
    return tuple(opening for each in found for opening in each)


def _gaps_of(entity: Entity) -> tuple[str, ...]:
    return texts_in(entity.metadata.get("gaps"))


def _failed(entities: Collection[Entity], top: int) -> dict[str, str]:
    """The parts below that are blocked, each with why and how deep it stands; the node itself its run knows about."""
    return {
        each.title: f"{each.metadata.get('blocker')} ({each.depth - top} below)"
        for each in entities
        if each.status == PlanStatus.BLOCKED and each.depth > top
    }


def _doubts(reflection: Reflection, entities: Mapping[str, Entity], top: int) -> list[str]:
    doubtful = (*reflection.unsourced, *reflection.weak)
    return [_doubt(each, entities[each.entity_id], top) for each in doubtful if each.entity_id in entities]


def _doubt(doubtful: DoubtfulClaim, entity: Entity, top: int) -> str:
    depth = entity.depth - top
    where = f" (in {entity.title}, {depth} below)" if depth else ""
    return f"{doubtful.claim.text.rstrip('.')}: {doubtful.because}{where}"
