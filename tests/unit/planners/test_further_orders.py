"""Orders beside a plan's own: which can be had together with it and with each other."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st
from support.plans import graphs

from prefect_harmonic.planners.further_orders import FurtherOrders
from prefect_harmonic.planners.graph import ArtifactGraph


@given(graphs(), st.data())
def test_an_order_is_taken_exactly_when_it_closes_no_ring(graph: ArtifactGraph, data: st.DataObject) -> None:
    """Networkx, asked about the plan with all that was taken before, says the same."""
    ids = st.sampled_from(sorted(graph.artifacts))
    together: nx.DiGraph[str] = nx.DiGraph(graph.network)
    further = FurtherOrders(graph)
    for first, second in data.draw(st.lists(st.tuples(ids, ids), max_size=12)):
        is_free = not nx.has_path(together, second, first)
        assert further.take(first, second) is is_free
        if is_free:
            together.add_edge(first, second)


@given(graphs(), st.data())
def test_taking_orders_leaves_the_plan_as_it_was(graph: ArtifactGraph, data: st.DataObject) -> None:
    """Whoever looks at the same graph next is told its own orders only."""
    ids = st.sampled_from(sorted(graph.artifacts))
    own = {name: graph.ancestors_of(name) for name in graph.artifacts}
    further = FurtherOrders(graph)
    for first, second in data.draw(st.lists(st.tuples(ids, ids), max_size=5)):
        further.take(first, second)
    assert {name: graph.ancestors_of(name) for name in graph.artifacts} == own
