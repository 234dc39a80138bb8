"""Which candidate wins: correct ones only, then enough coverage, then time, then shape."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.candidates import candidate_of
from support.plans import chain_of, graph_of, graphs, named, without_edge

from prefect_harmonic.errors import NoValidPlanError
from prefect_harmonic.planners.assumptions import assumed_orders, completed
from prefect_harmonic.planners.candidate import Candidate, Yardstick, failed_candidate, judged
from prefect_harmonic.planners.gate import Code
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.selection import COVERAGE_MARGIN, selected
from prefect_harmonic.planners.variance import Constraint, Style, Variation

MODEL_PLANS = Path(__file__).parents[4] / "shared" / "data" / "model_plans.jsonl"


def candidate(index: int, *artifacts: object, requirements: tuple[str, ...] = ()) -> Candidate:
    """A candidate of these artifacts."""
    return candidate_of(
        Plan.model_validate({"artifacts": artifacts}), index, Yardstick(requirements=requirements, workers=4)
    )


def timed(index: int, hours: float, covers: tuple[str, ...] = (), wanted: int = 0) -> Candidate:
    """A candidate of one artifact of so many hours, asked for so many requirements."""
    artifact = named(f"Only{index}", estimated_hours=hours, covers=covers)
    return candidate(index, artifact, requirements=tuple(f"wish {number}" for number in range(wanted)))


def winner_of(*candidates: Candidate, scorer: Scorer = Scorer.EXPECTED_MAKESPAN) -> str:
    """Id of the one that is selected."""
    return selected(candidates, Yardstick(), scorer).winner.id


def test_shortest_expected_makespan_wins() -> None:
    """Not the first, not the last, but the soonest done."""
    assert winner_of(timed(0, 3.0), timed(1, 1.0), timed(2, 2.0)) == "candidate-1"


def test_shape_score_never_overrules_the_makespan() -> None:
    """A wide plan of great score that takes longer loses by default, and wins only where that score is asked for."""
    slow_and_wide = candidate(0, *(named(f"W{number}", estimated_hours=9.0) for number in range(8)))
    quick_and_deep = candidate(
        1, named("A", estimated_hours=1.0), named("B", "A", estimated_hours=1.0), named("C", "B", estimated_hours=1.0)
    )
    assert winner_of(slow_and_wide, quick_and_deep) == "candidate-1"
    assert winner_of(slow_and_wide, quick_and_deep, scorer=Scorer.RFC038) == "candidate-0"


def covering(count: int, wanted: int = 100) -> tuple[str, ...]:
    """So many of the wishes."""
    return tuple(f"wish {number}" for number in range(count))


@pytest.mark.parametrize(("covered", "winner"), [(95, "candidate-1"), (94, "candidate-0")])
def test_coverage_within_the_margin_is_compared_by_time(covered: int, winner: str) -> None:
    """0.05 behind the best is near enough, a little more is not."""
    whole, quick = timed(0, 9.0, covering(100), 100), timed(1, 1.0, covering(covered), 100)
    assert COVERAGE_MARGIN == 0.05
    assert winner_of(whole, quick) == winner
    assert winner_of(quick, whole) == winner


def test_tie_goes_to_fewer_file_conflicts() -> None:
    """Before the score and before the order of generation."""
    shared = candidate(0, named("A", produces_file="x"), named("B", "A", produces_file="x"))
    apart = candidate(1, named("A", produces_file="x"), named("B", "A", produces_file="y"))
    selection = selected([shared, apart], Yardstick())
    assert selection.winner.id == "candidate-1"
    assert "fewer file conflicts" in selection.reason


def test_tie_without_conflicts_goes_to_the_better_shape() -> None:
    """The score decides only between plans of equal time and equal conflicts."""
    deep = candidate(0, named("A", estimated_hours=1.0), named("B", "A", estimated_hours=1.0))
    flat = candidate(1, named("P", estimated_hours=2.0), named("Q", estimated_hours=2.0))
    selection = selected([deep, flat], Yardstick())
    assert selection.winner.id == "candidate-1"
    assert "better shape" in selection.reason


def test_full_tie_goes_to_the_first_generated() -> None:
    """By the candidate's own index, whatever the order of the list."""
    first, second = timed(0, 1.0), timed(1, 1.0)
    assert winner_of(second, first) == "candidate-0"


def test_invalid_and_failed_candidates_are_never_ranked() -> None:
    """However quick they would be."""
    invalid = candidate(0, named("A", "Gone", estimated_hours=0.0))
    failed = failed_candidate(Variation(index=1), "no answer")
    selection = selected([invalid, failed, timed(2, 9.0)], Yardstick())
    assert selection.winner.id == "candidate-2"
    assert selection.ranking == ("candidate-2",)
    assert "only valid one of 3" in selection.reason


def test_no_valid_candidate_is_one_error_with_every_reason() -> None:
    """Each candidate's id and why."""
    invalid, failed = candidate(0, named("A", "Gone")), failed_candidate(Variation(index=1), "no answer")
    with pytest.raises(NoValidPlanError) as refusal:
        selected([invalid, failed], Yardstick())
    assert [candidate_id for candidate_id, _ in refusal.value.reasons] == ["candidate-0", "candidate-1"]
    assert "P002 A requires Gone" in str(refusal.value)
    assert "no answer" in str(refusal.value)


def test_server_that_is_down_is_told_once_and_with_what_helps() -> None:
    """One sentence for all candidates; rewording the goal would help nobody."""
    reason = "the connection to the model server broke: refused (asked 3 times)"
    told = str(NoValidPlanError([(f"candidate-{number}", reason) for number in range(5)]))
    assert told.count(reason) == 1
    assert told.startswith("none of 5 candidates is a valid plan (each for the same reason: ")
    assert "--base-url" in told
    assert "--fallback-model embedded" in told
    assert "reword" not in told


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("the model server answered 401: no", "HARMONIC_API_KEY"),
        ("the model server answered 429: slow down", "try again later"),
        ("the answer is cut off after 50 tokens", "HARMONIC_MODEL_MAX_TOKENS"),
        ("the model refused: no", "try another model"),
        ("P004 plan the plan has no artifacts", "reword the goal"),
    ],
)
def test_the_remedy_is_one_for_what_went_wrong(reason: str, remedy: str) -> None:
    """A key that is wrong, a server that is busy and a model that refuses want different things."""
    assert remedy in str(NoValidPlanError([("candidate-0", reason), ("candidate-1", reason)]))
    assert "reword" in str(NoValidPlanError([("candidate-0", reason), ("candidate-1", "P004 plan is empty")]))


def test_constraint_that_was_asked_for_is_checked() -> None:
    """A plan without the shape that it was to have is invalid, and says which."""
    chain = chain_of(3).plan
    for constraint, problem in (
        (Constraint(max_depth=2), "max_depth=2 and has 3"),
        (Constraint(min_leaves=2), "min_leaves=2 and has 1"),
        (Constraint(max_artifacts=2), "max_artifacts=2 and has 3"),
        (Constraint(max_dependents=0), "max_dependents=0 and has 1"),
    ):
        judgement = judged(chain, Variation(index=0, constraint=constraint), Yardstick())
        assert not judgement.is_valid
        assert judgement.reason == f"was asked for {problem}"
    met = Constraint(max_depth=3, min_leaves=1, max_artifacts=3, max_dependents=1)
    assert judged(chain, Variation(index=0, constraint=met), Yardstick()).is_valid


def test_reason_names_the_winner_and_the_rival() -> None:
    """One sentence, with the figures that decided."""
    selection = selected([timed(0, 3.5), timed(1, 1.25)], Yardstick())
    assert selection.reason == (
        "candidate-1 (default) covers everything the goal asks for and should be done first, "
        "in 1.25 working hours against 3.5 of candidate-0 (default)."
    )


def test_reason_says_that_the_same_work_counts_alike_where_the_figures_shown_do_not_tell() -> None:
    """A plan in one piece shows four hours; beside one in three pieces it is compared by twelve."""
    products = ["page", "session", "table"]
    plans = [
        [named(name, produces=name, covers="login") for name in products],
        [named("Everything", produces=products, covers="login")],
    ]
    candidates = [
        judged(ArtifactGraph(plan, goal="login").plan, Variation(index=index), Yardstick())
        for index, plan in enumerate(plans)
    ]
    assert [one.expected_makespan_hours for one in candidates] == [4.0, 4.0]
    assert selected(candidates, Yardstick()).reason.endswith(
        "in 4 working hours against 12 of candidate-1 (default), the same work counted alike in each."
    )


def test_reason_tells_figures_apart_and_in_plain_digits() -> None:
    """Hours that differ are not written alike, and large ones not as powers of ten."""
    close = selected([timed(0, 100.02), timed(1, 100.01)], Yardstick()).reason
    assert "in 100.01 working hours against 100.02 of" in close
    large = selected([timed(0, 90_000.0), timed(1, 80_000.5)], Yardstick()).reason
    assert "in 80000.5 working hours against 90000 of" in large


@pytest.mark.parametrize(
    ("hours", "told"), [((0.5, 0.75), "30 minutes against 45"), ((3e-4, 4e-4), "1.08 seconds against 1.44")]
)
def test_reason_tells_what_agents_take_in_the_unit_that_fits(hours: tuple[float, float], told: str) -> None:
    """Hours that were learned of agents are minutes or seconds, and nobody is told of working hours then."""
    assert f"in {told} of" in selected([timed(0, hours[0]), timed(1, hours[1])], Yardstick()).reason


def test_reason_of_better_coverage_names_both_shares() -> None:
    """The rival may be quicker; it leaves too much out."""
    reason = selected([timed(0, 9.0, covering(4), 4), timed(1, 1.0, covering(2), 4)], Yardstick()).reason
    assert reason == (
        "candidate-0 (default) covers everything the goal asks for, more than candidate-1 (default) with 50%."
    )


def test_reason_of_a_tie_under_another_scorer_claims_no_equal_hours() -> None:
    """Plans of one shape score the same however long they take."""
    reason = selected([timed(0, 3.0), timed(1, 9.0)], Yardstick(), Scorer.RFC038).reason
    assert "rfc038" in reason
    assert "3 working hours" not in reason


def test_reason_names_the_style() -> None:
    """A person knows a candidate by its style."""
    plan = Plan(artifacts=(named("A"),))
    only = judged(plan, Variation(index=0, style=Style.PARALLEL_FIRST), Yardstick())
    assert selected([only], Yardstick()).reason.startswith("candidate-0 (parallel first) ")


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 4), st.integers(0, 5)), min_size=1, max_size=7))
@settings(max_examples=60)
def test_pareto_front_agrees_with_brute_force(drawn: list[tuple[int, int, int]]) -> None:
    """In it are those that no other beats in one of coverage, makespan and cost without losing in another."""
    candidates = [
        candidate(
            index,
            named(f"Long{index}", estimated_hours=float(long), covers=covering(count)),
            named(f"Beside{index}", estimated_hours=float(min(beside, long))),
            requirements=covering(4),
        )
        for index, (long, count, beside) in enumerate(drawn)
    ]
    figures = {index: (-count, long, long + min(beside, long)) for index, (long, count, beside) in enumerate(drawn)}
    front = {
        f"candidate-{index}"
        for index, mine in figures.items()
        if not any(
            all(t <= m for t, m in zip(other, mine, strict=True)) and other != mine for other in figures.values()
        )
    }
    assert set(selected(candidates, Yardstick()).pareto_front) == front


def assert_never_above(whole: Plan, dropped: Plan, yardstick: Yardstick) -> None:
    """The dropped plan is invalid or comes after the whole one, under every scorer and in either order."""
    for first, second in ((whole, dropped), (dropped, whole)):
        candidates = [candidate_of(first, 0, yardstick), candidate_of(second, 1, yardstick)]
        place = int(first is dropped)
        for scorer in Scorer:
            assert selected(candidates, yardstick, scorer).winner.id == f"candidate-{place}", (scorer, first is dropped)


@given(graphs(files=2), st.integers(1, 4))
@settings(max_examples=60)
def test_plan_with_a_dropped_dependency_is_never_ranked_above_the_whole_one(graph: ArtifactGraph, workers: int) -> None:
    """Where nothing is declared, what the rival knows is assumed, and the one that assumes less wins."""
    yardstick = Yardstick(workers=workers)
    for artifact in graph.plan.artifacts:
        for required in artifact.required_ids:
            if (required, artifact.id) not in graph.redundant_requirements:
                assert_never_above(graph.plan, without_edge(graph.plan, artifact.id, required), yardstick)


def test_plan_with_all_dependencies_dropped_is_never_ranked_above_the_whole_one() -> None:
    """The shape score loves it; nobody else has to."""
    whole = graph_of({"A": "", "B": "A", "C": "B", "D": "B", "E": "C D"}).plan
    flat = whole.with_artifacts(artifact.requiring() for artifact in whole.artifacts)
    assert_never_above(whole, flat, Yardstick())


@pytest.mark.skipif(not MODEL_PLANS.exists(), reason="the folder with real plans (../shared/data) is not here")
def test_dropping_any_dependency_of_a_models_plan_never_pays() -> None:
    """Plans that a language model really made, each without each of its edges in turn."""
    dropped_edges = 0
    for line in MODEL_PLANS.read_text().splitlines():
        document = json.loads(line)
        shape = [{key: value for key, value in one.items() if key != "wave"} for one in document["artifacts"]]
        whole = Plan.model_validate_json(json.dumps({"artifacts": shape}))
        graph = ArtifactGraph(whole)
        for artifact in whole.artifacts:
            for required in artifact.required_ids:
                if (required, artifact.id) not in graph.redundant_requirements:
                    assert_never_above(whole, without_edge(whole, artifact.id, required), Yardstick())
                    dropped_edges += 1
    assert dropped_edges > 10


def test_spoken_dependency_is_assumed_even_without_a_rival() -> None:
    """The plan's own words say what it left out."""
    graph = ArtifactGraph([named("UserModel"), named("Page", description="shows the UserModel")])
    assert Code.NAMED_NOT_REQUIRED in {finding.code for finding in candidate_of(graph).findings}
    assert assumed_orders(graph) == (("UserModel", "Page"),)


def test_artifact_that_declares_what_it_consumes_is_believed() -> None:
    """The gate has checked that it gets it, so a rival's order is not forced on it."""
    rival = graph_of({"A": "", "B": "", "C": "A B"})
    believed = ArtifactGraph([named("A"), named("B"), named("C", "A", consumes=["A"])])
    assert assumed_orders(believed, [rival]) == ()


@given(graphs(), graphs(), graphs())
@settings(max_examples=60)
def test_assumed_orders_close_no_cycle(graph: ArtifactGraph, one: ArtifactGraph, other: ArtifactGraph) -> None:
    """Rivals may contradict the plan and each other; the completed plan can be walked and keeps its own orders."""
    orders = assumed_orders(graph, [one, graph, other])
    whole = completed(graph, orders)
    assert all(whole.is_before(*order) and not graph.is_ordered(*order) for order in orders)
    assert all(graph.ancestors_of(artifact) <= whole.ancestors_of(artifact) for artifact in graph.artifacts)
