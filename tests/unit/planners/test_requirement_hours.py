"""Hours evened out between plans: the work for a requirement is the same however many artifacts it is cut into."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import named

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import EffortModel, kind_of
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.scheduling import expected_schedule


def settled_hours(*plans: list[Artifact], history: dict[str, float] | None = None) -> list[dict[str, float]]:
    """For each plan the hours of its artifacts after settling."""
    graphs = [ArtifactGraph(artifacts) for artifacts in plans]
    models = EffortModel(history=history or {}).settling(graphs)
    return [dict(models[place].durations(graph)) for place, graph in enumerate(graphs)]


def login_in_parts(count: int, covers: str = "auth") -> list[Artifact]:
    """A plan that makes the login as so many artifacts beside each other."""
    return [named(f"Login{number}", covers=covers) for number in range(count)]


@st.composite
def plans_for_one_goal(draw: st.DrawFn) -> list[list[Artifact]]:
    """Some plans of the same few products, cut and ordered differently, contracts among them; one has an order."""
    plans = []
    for place in range(draw(st.integers(1, 4))):
        cut = draw(st.lists(st.sets(st.sampled_from("abcdef"), min_size=1, max_size=3), min_size=2, max_size=5))
        plans.append(
            [
                named(
                    f"N{number}",
                    [
                        f"N{other}"
                        for other in range(number)
                        if draw(st.booleans()) or (place, number, other) == (0, 1, 0)
                    ],
                    produces=sorted(made),
                    covers="auth",
                    domain_type=draw(st.sampled_from([None, "contract"])),
                )
                for number, made in enumerate(cut)
            ]
        )
    return plans


def test_merged_plan_has_as_much_work_as_the_others() -> None:
    """One artifact for the login takes as long as the three that other plans make of it, which keep their hours."""
    three, other_three, one = settled_hours(login_in_parts(3), login_in_parts(3), [named("Login", covers="auth")])
    assert one == {"Login": 12.0}
    assert dict.fromkeys(three, 4.0) == three == other_three


def test_merging_what_could_be_done_at_once_does_not_look_faster() -> None:
    """Three artifacts beside each other are done before one that holds them all."""
    graphs = [ArtifactGraph(login_in_parts(3)), ArtifactGraph([named("Login", covers="auth")])]
    models = EffortModel().settling(graphs)
    apart, merged = (
        expected_schedule(graph, models[place].durations(graph), workers=3).makespan
        for place, graph in enumerate(graphs)
    )
    assert apart < merged


def test_artifact_for_two_requirements_is_shared_out_between_them() -> None:
    """Two requirements that are 4 and 8 hours in the other plans are 12 hours of one artifact."""
    apart = [named("Login", covers="auth"), named("Table", covers="database"), named("Queries", covers="database")]
    assert settled_hours(apart, apart, [named("All", covers=["auth", "database"])])[-1] == {"All": 12.0}


def test_artifact_for_no_requirement_keeps_its_hours() -> None:
    """What nobody asked for is work on top, or a plan would seem no slower for doing more."""
    plain, padded = settled_hours(login_in_parts(1), [*login_in_parts(1), named("Poster", "Login0")])
    assert plain == {"Login0": 4.0}
    assert padded == {"Login0": 4.0, "Poster": 4.0}


def test_artifact_besides_the_same_work_comes_on_top() -> None:
    """A plan with one more artifact for a requirement has more work for it, and the same work the same hours."""
    plain, padded = settled_hours(login_in_parts(2), [*login_in_parts(2), named("Check", "Login0", covers="auth")])
    assert plain == {"Login0": 4.0, "Login1": 4.0}
    assert padded == {"Login0": 4.0, "Login1": 4.0, "Check": 4.0}


def test_merged_artifact_that_kept_a_name_is_as_much_as_what_it_took_over() -> None:
    """Its products tell it from the artifact whose name it has; what is in both plans keeps its hours."""
    apart = [named("Login", produces="login", covers="auth"), named("Token", produces="token", covers="auth")]
    page = named("Page", produces="page", covers="auth")
    merged = named("Login", produces=["login", "token"], covers="auth")
    assert settled_hours([*apart, page], [*apart, page], [merged, page])[-1] == {"Login": 8.0, "Page": 4.0}


def test_artifact_of_several_products_takes_as_long_as_they_do_elsewhere() -> None:
    """Two things made as one take what each takes on its own, whichever plan is the measure."""
    apart = [named(name, produces=name, covers="auth") for name in ("login", "token", "page")]
    pairs = [named("Both", produces=["login", "token"], covers="auth"), apart[2]]
    assert settled_hours(apart, pairs)[1] == {"Both": 8.0, "page": 4.0}
    assert settled_hours(pairs, pairs, apart)[2] == dict.fromkeys(("login", "token", "page"), 4.0)


def test_things_that_are_only_made_together_share_the_hours_of_one_artifact() -> None:
    """Nobody says that the second product of the only artifact that makes both is work of its own."""
    together = named("Both", produces=["login", "token"], covers="auth")
    assert settled_hours([together], [together]) == [{"Both": 4.0}] * 2


def test_padded_plan_is_not_ahead_where_others_merge() -> None:
    """A check that only one plan has comes on top, whether or not the measure cuts the rest in other pieces."""
    whole = [named(name, produces=name, covers="auth") for name in ("login", "token", "page")]
    check = named("check", "login", produces="check", covers="auth")
    merged = [named("Both", produces=["login", "token"], covers="auth"), whole[2]]
    plain, padded, *_ = settled_hours(whole, [*whole, check], merged, merged)
    assert padded == plain | {"check": 4.0}


def test_contract_is_part_of_the_work_that_it_settles() -> None:
    """A plan that makes contracts first has no more work for it, a fifth of it in the contract beside one artifact."""
    plain = [named("Login", produces="login", covers="auth")]
    contract = named("Api", produces="api", covers="auth", domain_type="protocol")
    behind = [contract, named("Login", "Api", produces="login", covers="auth")]
    assert settled_hours(plain, behind)[1] == {"Api": pytest.approx(0.8), "Login": pytest.approx(3.2)}
    assert settled_hours(behind, behind, plain)[2] == {"Login": 4.0}


def test_contract_that_nothing_requires_comes_on_top() -> None:
    """It has settled nothing, and forgetting to require it gains nothing."""
    contract = named("Api", produces="api", covers="auth", domain_type="protocol")
    login = named("Login", produces="login", covers="auth")
    assert settled_hours([login], [contract, login])[1] == {"Api": 4.0, "Login": 4.0}


@given(plans_for_one_goal(), st.data())
def test_leaving_a_dependency_out_lowers_no_hours(plans: list[list[Artifact]], data: st.DataObject) -> None:
    """Whatever stands beside the plan, and whatever else it does: no artifact of any plan takes less time."""
    place = data.draw(st.sampled_from([at for at, plan in enumerate(plans) if any(one.requires for one in plan)]))
    name, required = data.draw(st.sampled_from([(a.id, b) for a in plans[place] for b in a.required_ids]))
    forgetful = [
        one.requiring(*(edge for edge in one.requires if edge.id != required)) if one.id == name else one
        for one in plans[place]
    ]
    before = settled_hours(*plans)
    after = settled_hours(*plans[:place], forgetful, *plans[place + 1 :])
    for then, now in zip(before, after, strict=True):
        assert all(now[one] >= hours - 1e-9 for one, hours in then.items())


def test_forgotten_dependency_changes_no_hours() -> None:
    """Plans of the same artifacts have the same hours, also where artifacts that cover nothing are required or not."""
    features = {"Login": "auth", "Table": "database"}
    whole = [named("Config"), *(named(name, "Config", covers=one) for name, one in features.items())]
    forgetful = [named("Config"), *(named(name, covers=one) for name, one in features.items())]
    merged = [named("All", covers=["auth", "database"])]
    first, second, _ = settled_hours(whole, forgetful, merged)
    assert first == second


def test_requirement_is_the_same_in_other_forms_of_its_words() -> None:
    """Plans write one requirement as `file upload` and `File uploads`."""
    assert settled_hours(
        login_in_parts(2, "file upload"), login_in_parts(2, "file upload"), [named("Upload", covers="File uploads")]
    )[-1] == {"Upload": 8.0}


@pytest.mark.parametrize(
    "told",
    [named("Login", covers="auth", estimated_hours=3.0), named("Login", covers="auth", effort="low")],
    ids=["hours", "effort"],
)
def test_work_that_some_plan_states_is_left_as_it_is(told: Artifact) -> None:
    """Where somebody says how much a part is, all parts for that requirement are taken at their word."""
    apart, merged = settled_hours(login_in_parts(3), [told])
    assert apart == dict.fromkeys(apart, 4.0)
    assert merged == {"Login": EffortModel().hours(told)}


def test_history_of_a_kind_is_evened_out_like_any_mean() -> None:
    """What artifacts of a kind took before says nothing of one that does the work of three."""
    one = named("Login", covers="auth")
    plans = login_in_parts(3), login_in_parts(3), [one]
    assert settled_hours(*plans, history={kind_of(one): 5.0})[-1] == {"Login": 15.0}


def test_stated_requirement_leaves_the_others_evened() -> None:
    """Knowing the hours of the database says nothing of the login."""
    database = named("Table", covers="database", estimated_hours=2.0)
    plans = [[*login_in_parts(3), database], [*login_in_parts(3), database], [named("Login", covers="auth"), database]]
    assert settled_hours(*plans)[-1] == {"Login": 12.0, "Table": 2.0}


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_order_of_the_plans_does_not_matter(counts: list[int]) -> None:
    """The hours of a plan are the same wherever it stands among the others, and all plans have equally much work."""
    plans = [[named(f"Login{count}.{number}", covers="auth") for number in range(count)] for count in counts]
    forward = settled_hours(*plans)
    assert forward == settled_hours(*reversed(plans))[::-1]
    works = [math.fsum(hours.values()) for hours in forward]
    assert all(math.isclose(work, works[0]) for work in works)
