"""Ids of closing artifacts: readable, short, and each for one opening."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import graph_of, named

from prefect_harmonic.planners.evidence import Claim, Contradiction, Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.closing import closing_artifact, closing_id
from prefect_harmonic.planners.programme.gaps import doubts, openings
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind, gap_key
from prefect_harmonic.planners.programme.remaining import closings_for
from prefect_harmonic.planners.sources.remainder import ReplanRequest


def gap(text: str) -> Opening:
    """A gap that A reported."""
    return Opening(key=gap_key(text), kind=OpeningKind.GAP, text=text, origins=("A",))


def evidence(artifact: str, *gaps: str, **fields: object) -> Evidence:
    """What was found out for an artifact."""
    given_ = {"artifact": artifact, "agent": "researcher", "summary": "", "confidence": 0.4, "gaps": gaps}
    return Evidence.model_validate(given_ | fields)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("left open in docs/migration-constraints.md:33: Whether there will be a broker", "GapFill-Broker"),
        ("no document says what load it has to carry", "GapFill-LoadCarry"),
        ("dependency resolution strategy", "GapFill-DependencyResolutionStrategy"),
        ("who owns an address once a label was printed with it", "GapFill-OwnsAddressLabelPrinted"),
        ("no", "GapFill"),
        ("x" * 500, "GapFill-X" + "x" * 31),
    ],
)
def test_gap_is_named_by_what_is_open_and_not_by_where_it_stands(text: str, name: str) -> None:
    """The place and the words in which every gap is told say nothing."""
    assert closing_id(gap(text)) == name


def test_failure_and_doubt_are_named_by_their_artifact() -> None:
    """Whatever the reason."""
    (failed,) = openings({}, {"AskOne": "agent error: tester could not make AskOne"})
    assert closing_id(failed) == "Unblock-AskOne"
    (doubt,) = doubts({"Load": evidence("Load")}, 0.7)
    assert closing_id(doubt) == "Confirm-Load"


def test_what_an_id_begins_with_is_not_said_twice() -> None:
    """Resolving names what is to be resolved."""
    text = "how to resolve 47 circular dependencies between modules"
    opening = Opening(key="complexity-1", kind=OpeningKind.COMPLEXITY, text=text, origins=("A",))
    assert closing_id(opening) == "Resolve-47CircularDependenciesModules"


def test_contradiction_is_named_by_its_subject() -> None:
    """Its two sentences stand in the description."""
    one, other = Claim(text="The busiest day had 13,200 parcels."), Claim(text="The busiest day had 14,900 parcels.")
    against = Contradiction(subject="busiest day", one=one, other=other)
    (opening,) = openings({"A": evidence("A", contradictions=(against,))}, {})
    assert closing_id(opening) == "Settle-BusiestDay"
    assert "14,900" in closing_artifact(opening, graph_of({"A": ""})).description


def test_only_what_would_have_the_same_id_gets_a_suffix() -> None:
    """Two gaps that begin with the same words get one artifact each, told apart by the key of the second."""
    found = {
        "A": evidence("A", "the cost of hosting two nodes abroad", "the cost of hosting two nodes at home", "owner")
    }
    request = ReplanRequest(graph=graph_of({"A": "", "B": "A"}), evidence=found, openings=openings(found, {}))
    names = sorted(closing.artifact for closing in closings_for(request))
    plain = "GapFill-CostHostingTwoNodes"
    assert len(set(names)) == 3
    assert plain in names
    assert "GapFill-Owner" in names
    (other,) = [name for name in names if name.startswith(f"{plain}-")]
    assert len(other) == len(plain) + 5


def test_opening_that_has_its_artifact_in_the_plan_keeps_its_id() -> None:
    """Whoever put it there, and in whichever order of words: it is closed once."""
    opening = gap("peak load figures")
    plan = ArtifactGraph([named("A"), closing_artifact(opening, graph_of({"A": ""}))])
    for one in (opening, gap("load figures, peak")):
        assert closing_artifact(one, plan).id == "GapFill-PeakLoadFigures"
        assert closings_for(ReplanRequest(graph=plan, openings=(one,))) == ()


def test_failure_told_with_another_reason_keeps_its_id() -> None:
    """It is the same blocker."""
    (first,) = openings({}, {"App": "timed out"})
    (second,) = openings({}, {"App": "no access"})
    plan = ArtifactGraph([named("App"), closing_artifact(first, graph_of({"App": ""}))])
    assert closing_artifact(second, plan).id == "Unblock-App"


def test_artifact_of_the_plan_that_has_the_name_by_chance_is_not_taken_for_the_closing_one() -> None:
    """Nothing would be closed by it."""
    plan = ArtifactGraph([named("A"), named("GapFill-PeakFigures", description="something else")])
    (closing,) = closings_for(ReplanRequest(graph=plan, openings=(gap("peak figures"),)))
    assert closing.artifact == f"GapFill-PeakFigures-{gap_key('peak figures').rsplit('-', 1)[-1][:4]}"


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=8, unique_by=gap_key))
def test_every_opening_gets_an_id_of_its_own(texts: list[str]) -> None:
    """However alike they are, and in the same order each time."""
    found = openings({"A": evidence("A", *texts)}, {})
    request = ReplanRequest(graph=graph_of({"A": "", "B": "A"}), openings=found, max_closings=50)
    made = closings_for(request)
    assert len({closing.artifact for closing in made}) == len(found)
    assert made == closings_for(request)
