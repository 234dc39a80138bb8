"""Links: what each means, and the two laws: what waits has no cycle, and everything has one parent."""

import pickle
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prefect_harmonic.errors import (
    KnowledgeError,
    LinkCycleError,
    LinkRefusedError,
    RefusedValueError,
    UnknownRecordError,
)
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.ordering import in_order

PLAN = {"type": "plan", "max_depth": 10}
ORDERING = ("blocks", "informs", "enables", "unblocks", "requires")
_SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def nodes(kb: KnowledgeBase, count: int) -> list[str]:
    """So many plans without links."""
    return [(await kb.add(f"node {number}", "", PLAN)).id for number in range(count)]


@pytest.mark.parametrize("link_type", [*ORDERING, "decomposes_to", "spawned"])
async def test_link_comes_back_from_both_ends(kb: KnowledgeBase, link_type: str) -> None:
    """Each end sees the other, and from which side the link comes."""
    one, other = await nodes(kb, 2)
    await kb.link(one, other, link_type)
    assert [(e.id, e.direction, e.link_type) for e in await kb.links(one)] == [(other, "from", link_type)]
    assert [(e.id, e.direction, e.link_type) for e in await kb.links(other)] == [(one, "to", link_type)]
    assert (await kb.links(one, "to"), await kb.links(other, "from")) == ((), ())


async def test_links_of_a_plan_come_in_the_order_of_the_work(kb: KnowledgeBase) -> None:
    """Not in the order in which they were made: B, which waits for A, comes after A."""
    (root,) = await nodes(kb, 1)
    parts = {name: (await kb.add(name, "", {"parent_plan": root})).id for name in ("B", "C", "A")}
    await kb.link(parts["A"], parts["B"], "blocks")
    await kb.link(parts["C"], parts["B"], "requires")
    assert [each.title for each in await kb.links(root, "from")] == ["A", "B", "C"]


async def test_link_to_nothing_is_refused(kb: KnowledgeBase) -> None:
    """Every missing end is named, and nothing is written."""
    (one,) = await nodes(kb, 1)
    with pytest.raises(UnknownRecordError) as caught:
        await kb.link("nobody", "nothing", "blocks")
    assert caught.value.ids == ("nobody", "nothing")
    with pytest.raises(UnknownRecordError):
        await kb.link(one, "nothing", "decomposes_to")
    assert await kb.links(one) == ()


async def test_unknown_link_type_is_refused(kb: KnowledgeBase) -> None:
    """With those there are."""
    one, other = await nodes(kb, 2)
    with pytest.raises(RefusedValueError, match="decomposes_to"):
        await kb.link(one, other, "hates")


@pytest.mark.parametrize("closing", ORDERING)
async def test_cycle_is_refused_and_named(kb: KnowledgeBase, closing: str) -> None:
    """Whichever type closes it, in the order of the work, the first one repeated at the end."""
    a, b, c = await nodes(kb, 3)
    await kb.link(a, b, "blocks")
    await kb.link(c, b, "requires")
    with pytest.raises(LinkCycleError) as caught:
        await kb.link(*((a, c) if closing == "requires" else (c, a)), closing)
    assert caught.value.cycle == (c, a, b, c)
    assert " → ".join([c, a, b, c]) in str(caught.value)
    assert len(await kb.links(a)) == 1


@pytest.mark.parametrize("link_type", [*ORDERING, "decomposes_to", "spawned"])
async def test_link_to_itself_is_a_cycle(kb: KnowledgeBase, link_type: str) -> None:
    """The shortest there is."""
    (one,) = await nodes(kb, 1)
    with pytest.raises(LinkCycleError):
        await kb.link(one, one, link_type)


async def test_tree_has_no_cycle(kb: KnowledgeBase) -> None:
    """What is above cannot be made a part of what is below it."""
    a, b, c = await nodes(kb, 3)
    await kb.link(a, b, "decomposes_to")
    await kb.link(b, c, "spawned")
    with pytest.raises(LinkCycleError) as caught:
        await kb.link(c, a, "decomposes_to")
    assert caught.value.cycle == (a, b, c, a)


async def test_everything_has_one_parent(kb: KnowledgeBase) -> None:
    """A second one is refused, and the first one named."""
    a, b, c = await nodes(kb, 3)
    await kb.link(a, c, "decomposes_to")
    with pytest.raises(LinkRefusedError, match=a):
        await kb.link(b, c, "spawned")
    with pytest.raises(LinkRefusedError, match=a):
        await kb.update(c, metadata={"parent_plan": b})


def test_link_errors_survive_pickle() -> None:
    """Prefect pickles what a task raises."""
    error = LinkCycleError("a", "b", "blocks", ("a", "b", "a"))
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.cycle, copy.args) == (str(error), error.cycle, error.args)


@_SETTINGS
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from(ORDERING)), max_size=12))
async def test_what_waits_never_has_a_cycle(kb: KnowledgeBase, wanted: list[tuple[int, int, str]]) -> None:
    """However links are tried: those that were taken can be put in an order, and the others would have broken it."""
    ids = await nodes(kb, 5)
    taken: dict[str, set[str]] = {}
    for one, other, link_type in wanted:
        source, target = ids[one], ids[other]
        first, then = (target, source) if link_type == "requires" else (source, target)
        more = {each: set(firsts) for each, firsts in taken.items()}
        more.setdefault(then, set()).add(first)
        closes = source == target or len(in_order(ids, more)) < len(ids)
        if not closes:
            await kb.link(source, target, link_type)
            taken = more
            continue
        with pytest.raises(LinkCycleError) as caught:
            await kb.link(source, target, link_type)
        assert caught.value.cycle[0] == caught.value.cycle[-1]
        assert all(one in more.get(after, set()) for one, after in pairwise(caught.value.cycle))
    assert len(in_order(ids, taken)) == len(ids)


@_SETTINGS
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=14))
async def test_tree_links_always_make_a_forest(kb: KnowledgeBase, wanted: list[tuple[int, int]]) -> None:
    """One parent each, every depth one more than the parent's, and no cycle, however links are tried."""
    ids = await nodes(kb, 6)
    parents: dict[str, str] = {}
    for one, other in wanted:
        try:
            await kb.link(ids[one], ids[other], "decomposes_to")
        except KnowledgeError:
            continue
        assert parents.get(ids[other], ids[one]) == ids[one]
        parents[ids[other]] = ids[one]
    entities = {each: await kb.get(each) for each in ids}
    for each in ids:
        assert entities[each].parent == parents.get(each)
        assert entities[each].depth == (entities[parents[each]].depth + 1 if each in parents else 0)
    below = sum([len(await kb.subtree(each)) for each in ids if each not in parents])
    assert below == len(ids)
