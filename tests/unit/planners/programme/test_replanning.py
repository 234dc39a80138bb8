"""Changing what remains of a plan: nothing finished is touched, and nothing open is closed twice."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import artifacts_of, chain_of, graph_of, graphs, named

from prefect_harmonic.errors import CandidateError, NoValidPlanError
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.candidate import CandidateStatus
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.gate import passed
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.difference import Change
from prefect_harmonic.planners.programme.gaps import guidance_opening, openings
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.planners.programme.remaining import kept_work, resting_on
from prefect_harmonic.planners.programme.replanning import Replanning, ReplanRequest, replanned
from prefect_harmonic.planners.programme.surprises import NewDependency
from prefect_harmonic.planners.sources.embedded_remainder import EmbeddedRemainder
from prefect_harmonic.planners.variance import Style, Variation

WIDE = ArtifactLimits(max_artifacts=400, max_depth=400)


def evidence(artifact: str, *gaps: str, blockers: tuple[str, ...] = ()) -> Evidence:
    """What was found out for an artifact."""
    return Evidence(artifact=artifact, agent="researcher", summary="", confidence=0.5, gaps=gaps, blockers=blockers)


def changed(request: ReplanRequest) -> Replanning:
    """What the planner without a model makes of a request."""
    return asyncio.run(replanned(request, EmbeddedRemainder()))


def again(request: ReplanRequest, done: Replanning) -> Replanning:
    """The same openings once more, under the changed plan."""
    closings = (*request.closings, *done.closings)
    return changed(request.model_copy(update={"graph": done.graph, "closings": closings}))


@st.composite
def requests(draw: st.DrawFn) -> ReplanRequest:
    """Plans of which a closed part is done, with gaps, blockers, failures and orders that come to light."""
    graph = draw(graphs())
    reached = draw(st.integers(1, len(graph)))
    tried = graph.order[:reached]
    failed = draw(st.sets(st.sampled_from(tried), max_size=2))
    finished = frozenset(name for name in tried if not failed & (graph.ancestors_of(name) | {name}))
    gaps = st.lists(st.sampled_from(["load figures", "owner", "budget", "exit strategy"]), max_size=2, unique=True)
    blockers = st.sampled_from([(), (), (), ("the licence is missing",)])
    found = {name: evidence(name, *draw(gaps), blockers=draw(blockers)) for name in sorted(finished)}
    pair = st.tuples(st.sampled_from(graph.order), st.sampled_from(graph.order))
    orders = [
        NewDependency(artifact=two, requires=one, because="it is so") for one, two in draw(st.lists(pair, max_size=2))
    ]
    return ReplanRequest(
        graph=graph,
        finished=finished,
        evidence=found,
        openings=openings(found, dict.fromkeys(sorted(failed), "it broke")),
        dependencies=tuple(one for one in orders if one.artifact not in finished),
        agents=frozenset({"researcher", "decision-log", "code-analyzer"}),
        limits=WIDE,
        seed=draw(st.integers(0, 3)),
    )


@given(request=requests())
def test_every_candidate_is_valid_keeps_finished_work_and_closes_every_opening_once(request: ReplanRequest) -> None:
    """Kept work byte for byte; what rests on an opening waits for its closing, in every style."""
    done = changed(request)
    assert {one.status for one in done.candidates} == {CandidateStatus.VALID}

    kept = kept_work(request)
    assert {name: done.graph.artifacts[name] for name in kept} == {name: request.graph.artifacts[name] for name in kept}
    assert kept <= set(done.difference.of(Change.KEPT))
    assert not done.difference.of(Change.DROPPED)

    assert sorted(one.key for one in request.openings) == sorted(one.opening.key for one in done.closings)
    assert len({one.artifact for one in done.closings}) == len(done.closings)
    assert {one.artifact for one in done.closings} <= set(done.difference.of(Change.NEW))
    for style in Style:
        plan = asyncio.run(EmbeddedRemainder().remainder(request, Variation(index=0, style=style)))
        assert len(passed(plan, limits=WIDE)) >= len(request.graph)
        graph = ArtifactGraph(plan)
        for closing in done.closings:
            for name in resting_on(closing.opening, request.graph, kept):
                assert graph.is_ordered(closing.artifact, name)


@given(request=requests())
def test_replanning_again_changes_nothing(request: ReplanRequest) -> None:
    """No gap is filled twice, even if the closings were forgotten; openings may come in any order."""
    done = changed(request)
    assert done == changed(request.model_copy(update={"openings": tuple(reversed(request.openings))}))
    repeated = again(request, done)
    assert (repeated.plan, repeated.closings) == (done.plan, ())
    forgotten = changed(request.model_copy(update={"graph": done.graph}))
    assert (forgotten.plan, forgotten.closings) == (done.plan, ())


@given(request=requests())
def test_only_what_is_invalidated_runs_again(request: ReplanRequest) -> None:
    """Without blockers in finished work, adding closings makes none of it again."""
    sound = {name: one.model_copy(update={"blockers": ()}) for name, one in request.evidence.items()}
    failed = {name: "it broke" for name in request.graph.artifacts if name not in request.finished}
    plain = request.model_copy(update={"evidence": sound, "openings": openings(sound, failed)})
    done = changed(plain)
    assert done.difference.of(Change.RUN_AGAIN) == ()
    assert set(done.difference.of(Change.KEPT)) == plain.finished


def test_one_changed_finding_of_200_artifacts_runs_exactly_its_cone_again() -> None:
    """Twenty chains of ten: the changed artifact and the five after it, while its gap gets a closing."""
    plan = ArtifactGraph(
        named(f"Chain{chain:02}Part{place}", f"Chain{chain:02}Part{place - 1}" if place else "")
        for chain in range(20)
        for place in range(10)
    )
    request = ReplanRequest(
        graph=plan,
        finished=frozenset(plan.artifacts),
        changed={"Chain07Part4": "the figure was wrong"},
        limits=ArtifactLimits(max_artifacts=200),
    )
    done = changed(request)
    cone = tuple(f"Chain07Part{place}" for place in range(4, 10))
    assert done.difference.of(Change.RUN_AGAIN) == cone
    assert len(done.difference.of(Change.KEPT)) == 194
    assert done.plan == plan.plan
    assert {one.expected_makespan_hours for one in done.candidates} == {24.0}

    gap = Opening(key="gap-1", kind=OpeningKind.GAP, text="what the right figure is", origins=("Chain07Part4",))
    done = changed(request.model_copy(update={"openings": (gap,)}))
    assert done.difference.of(Change.RUN_AGAIN) == cone
    assert len(done.difference.of(Change.NEW)) == 1
    assert len(done.difference.of(Change.KEPT)) == 194


def test_failed_artifact_waits_for_one_artifact_that_unblocks_it() -> None:
    """It requires what the failed one requires, which then requires it, and what rests on the failed one is open."""
    plan = graph_of({"Schema": "", "Store": "Schema", "Page": "Store"})
    found = {"Schema": evidence("Schema")}
    done = changed(
        ReplanRequest(
            graph=plan, finished=frozenset(found), evidence=found, openings=openings(found, {"Store": "no disk"})
        )
    )
    (closing,) = done.closings
    unblock = done.graph.artifacts[closing.artifact]
    assert (unblock.description, unblock.required_ids, unblock.priority) == (
        "Unblock: Store: no disk",
        ("Schema",),
        "high",
    )
    assert done.graph.requirements_of("Store") == ("Schema", closing.artifact)
    assert done.difference.of(Change.OPEN) == ("Page", "Store")
    assert done.difference.of(Change.KEPT) == ("Schema",)


def test_finished_artifact_with_a_blocker_runs_again_with_all_that_rests_on_it() -> None:
    """What its own maker calls blocked is not done."""
    plan = graph_of({"Store": "", "Page": "Store", "Guide": ""})
    found = {"Store": evidence("Store", blockers=("no disk",)), "Page": evidence("Page"), "Guide": evidence("Guide")}
    done = changed(ReplanRequest(graph=plan, finished=frozenset(found), evidence=found, openings=openings(found, {})))
    assert done.difference.of(Change.RUN_AGAIN) == ("Page", "Store")
    assert done.difference.of(Change.KEPT) == ("Guide",)


def test_guidance_comes_before_all_that_is_still_to_be_made() -> None:
    """It is about no artifact, so everything waits for it."""
    plan = graph_of({"A": "", "B": "A", "C": "", "D": "B C"})
    opening = guidance_opening("ask the vendor first")
    done = changed(ReplanRequest(graph=plan, finished=frozenset({"A"}), openings=(opening,)))
    follow = done.closings[0].artifact
    assert all(done.graph.is_before(follow, name) for name in ("B", "C", "D"))


def test_styles_really_differ() -> None:
    """With two openings and work that rests on neither, at least three of five candidates have their own structure."""
    plan = ArtifactGraph(
        [
            named("Load", phase="research"),
            named("Owners", phase="research"),
            named("Tools", phase="research"),
            named("Sizing", "Load", phase="analysis"),
            named("Duties", "Owners", phase="analysis"),
            named("Choice", "Tools", phase="analysis"),
            named("Plan", "Sizing Duties Choice", phase="decision"),
        ]
    )
    found = {
        "Load": evidence("Load", "peak figures"),
        "Owners": evidence("Owners", "who is on call"),
        "Tools": evidence("Tools"),
    }
    done = changed(ReplanRequest(graph=plan, finished=frozenset(found), evidence=found, openings=openings(found, {})))
    assert done.unique_structures >= 3
    phases = {done.graph.artifacts[one.artifact].phase for one in done.closings}
    assert phases == {"analysis"}


def test_plan_that_just_fits_can_be_mended() -> None:
    """Neither what is kept nor what closes an opening counts against the limits."""
    plan = chain_of(10)
    failed = openings({}, {plan.order[0]: "it broke"})
    done = changed(ReplanRequest(graph=plan, openings=failed, limits=ArtifactLimits(max_artifacts=10, max_depth=10)))
    assert (len(done.graph), done.graph.depth) == (11, 11)


def test_at_most_so_many_closings_are_added_at_once_the_most_pressing_first() -> None:
    """A specialist that misses everything does not make a plan of nothing else."""
    plan = graph_of({"A": "", "B": ""})
    found = {"A": evidence("A", *[f"figure of plant{chr(97 + number)}" for number in range(12)])}
    request = ReplanRequest(
        graph=plan, finished=frozenset(found), evidence=found, openings=openings(found, {"B": "broke"}), max_closings=3
    )
    done = changed(request)
    assert len(done.closings) == 3
    assert done.closings[0].opening.kind is OpeningKind.FAILURE


@dataclass
class Wilful:
    """A source that gives one plan, whatever it is asked, and fails for the first candidate."""

    given: Plan

    async def remainder(self, request: ReplanRequest, variation: Variation) -> Plan:
        """What it gives."""
        if variation.index == 0:
            raise CandidateError("it had no idea")
        return self.given


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ({"B": ""}, "drops A, which is finished"),
        ({"A": "B", "B": ""}, "changes A, which is finished"),
        ({"A": "", "B": "A"}, "leaves open what GapFill-PeakFigures is to close"),
        ({"A": "", "B": "A", "GapFill-PeakFigures": ""}, "does not let GapFill-PeakFigures require A"),
        ({"A": "", "B": "A", "GapFill-PeakFigures": "A"}, "does not let B wait for GapFill-PeakFigures"),
        ({"A": "C", "B": "A"}, "P002"),
    ],
)
def test_proposal_that_breaks_a_rule_is_refused(plan: dict[str, str], reason: str) -> None:
    """By the gate or by the rules of replanning, and every reason is told."""
    graph = graph_of({"A": "", "B": "A"})
    found = {"A": evidence("A", "peak figures")}
    request = ReplanRequest(
        graph=graph, finished=frozenset(found), evidence=found, openings=openings(found, {}), candidates=2
    )
    proposed = Plan(artifacts=artifacts_of(plan))
    with pytest.raises(NoValidPlanError) as refused:
        asyncio.run(replanned(request, Wilful(proposed)))
    assert reason in str(refused.value)
    assert "it had no idea" in str(refused.value)


def test_replanning_survives_json() -> None:
    """It is stored between two steps of a run."""
    plan = graph_of({"A": "", "B": "A"})
    found = {"A": evidence("A", "peak figures")}
    done = changed(ReplanRequest(graph=plan, finished=frozenset(found), evidence=found, openings=openings(found, {})))
    assert Replanning.model_validate_json(done.model_dump_json()) == done


def test_hours_are_those_that_the_plan_was_chosen_by() -> None:
    """Where an hour of work takes a second here, the rest is told in seconds too, and so is what is new."""
    plan = ArtifactGraph([named("A"), named("B", "A")])
    gaps = openings({"A": evidence("A", "load figures")}, {})
    request = ReplanRequest(
        graph=plan, finished=frozenset({"A"}), openings=gaps, effort=EffortModel(usual_pace=1 / 3600)
    )
    learned, usual = changed(request), changed(request.model_copy(update={"effort": EffortModel()}))
    assert "seconds" in learned.reason
    assert [one.expected_makespan_hours for one in usual.candidates] == pytest.approx(
        [3600 * (one.expected_makespan_hours or 0) for one in learned.candidates]
    )
    assert learned.difference.hours_new == pytest.approx(usual.difference.hours_new / 3600)
