"""A decision says what it was made from, what would change it, and what it lacks."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from prefect_harmonic.errors import MethodLibraryError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Claim, Evidence, Source
from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.tasks.agents.catalogue import parsed_catalogue
from prefect_harmonic.tasks.agents.decision_log.agent import decide
from prefect_harmonic.tasks.agents.decision_log.conditions import condition
from prefect_harmonic.tasks.agents.decision_log.deciding import review_date
from prefect_harmonic.tasks.agents.decision_log.topics import DecisionCatalogue, decision_catalogue, topic_for
from prefect_harmonic.tasks.agents.decision_log.weighing import normalised, ranked, score_of, tippings

TODAY = datetime.date(2026, 8, 31)
WEIGHTS = st.dictionaries(st.sampled_from("abcd"), st.floats(0.1, 10), min_size=2)


def finding(name: str, data: dict[str, JsonValue] | None = None, *claims: str) -> dict[str, Evidence]:
    """Evidence under its artifact's name."""
    told = tuple(Claim(text=text, sources=(Source(path="docs/a.md", line=3),)) for text in claims)
    return {name: Evidence(artifact=name, agent="x", summary="", confidence=0.9, data=data or {}, claims=told)}


def asked(name: str, inputs: dict[str, Evidence] | None = None) -> Assignment:
    """A decision that is to be made."""
    artifact = Artifact(id=name, produces_file="decisions/0003-choice.md")
    return Assignment(artifact=artifact, goal="Migrate to microservices", inputs=inputs or {}, today=TODAY)


@given(WEIGHTS, st.data())
def test_level_weight_really_levels_the_scores(raw: dict[str, float], data: st.DataObject) -> None:
    """At the weight that sensitivity names, with the others in proportion, winner and rival score the same."""
    marks = st.fixed_dictionaries({name: st.floats(0, 1) for name in raw})
    options = {name: data.draw(marks) for name in ("A", "B", "C")}
    weights = normalised(raw)
    winner = ranked(options, weights)[0]
    for tip in tippings(options, weights):
        if tip.weight is not None:
            rest = 1 - weights[tip.criterion]
            moved = {name: weight * (1 - tip.weight) / rest for name, weight in weights.items()}
            moved[tip.criterion] = tip.weight
            assert score_of(options[winner], moved) == pytest.approx(score_of(options[tip.rival], moved), abs=1e-6)
        if tip.mark_drop is not None:
            lowered = {**options[winner], tip.criterion: options[winner][tip.criterion] - tip.mark_drop}
            assert score_of(lowered, weights) == pytest.approx(score_of(options[tip.rival], weights), abs=1e-6)


async def test_findings_that_bear_on_no_option_are_not_told_as_none() -> None:
    """A reader who handed findings over learns that none of them speaks of the options."""
    idle = await decide(asked("RemedyDecision", finding("Load", None, "Hats are green.", "Hats are blue.")))
    none = await decide(asked("RemedyDecision"))
    assert "None of 2 findings bears on these options; " in idle.text
    assert "No findings were handed over; " in none.text


async def test_sentence_that_refers_back_is_no_context() -> None:
    """What says nothing without the sentence before it is not quoted; that sentence itself is."""
    texts = ("The remedies for load are the same remedies.", "Remedies for load were chosen in May.")
    text = (await decide(asked("RemedyDecision", finding("Load", None, *texts)))).text
    assert texts[1] in text
    assert texts[0] not in text


async def test_decision_without_evidence_is_a_proposal_that_names_what_is_missing() -> None:
    """No figures: low confidence, proposed, and each missing figure with who could find it out."""
    evidence = await decide(asked("MigrationApproach"))
    assert evidence.data["status"] == "proposed"
    assert evidence.confidence <= 0.3
    assert "import cycles not known for the decision on migration approach (from code-analyzer)" in evidence.gaps


async def test_figures_move_marks_and_are_named_as_evidence() -> None:
    """More than ten import cycles make a big bang less feasible, and the record says so with the figure."""
    figures: dict[str, JsonValue] = {"import_cycle_count": 14, "modules": 300}
    evidence = await decide(
        asked("MigrationApproach", finding("Analysis", figures, "19 people work on the application."))
    )
    (decision,) = evidence.decisions
    big_bang = next(option for option in decision.options if option.name == "Big bang")
    assert big_bang.marks["feasibility"] == pytest.approx(0.1)
    assert "import cycles: 14 (Analysis)" in evidence.text
    assert evidence.data["status"] == "accepted"
    assert evidence.confidence > 0.5


async def test_record_has_the_well_known_form() -> None:
    """Number from the file's name, status, date, review in six months, and every section."""
    text = (await decide(asked("MigrationApproach"))).files[0].content
    assert text.startswith("# 0003. Migration approach: ")
    assert "- Date: 2026-08-31\n- Review: 2027-02-28" in text
    sections = ("Context", "Options", "Decision", "Consequences", "Risks", "Sensitivity", "Review")
    assert [section for section in sections if f"\n## {section}\n" not in text] == []


async def test_candidate_boundaries_are_listed() -> None:
    """Boundaries that an analysis proposes stand in the record."""
    services: list[JsonValue] = [
        {"name": "billing", "groups": ["shop.billing"], "cohesion": 0.4, "outgoing": 2},
        "odd",
        {},
    ]
    evidence = await decide(asked("DesignServiceBoundaries", finding("Analysis", {"services": services})))
    assert "| 1 | billing | shop.billing | ? | not documented | 0.4 | 2 / ? | ? |" in evidence.text
    told = "The candidate services, the easiest to separate first, are billing."
    assert told in evidence.decisions[0].consequences


async def test_boundary_decision_says_who_owns_what_and_what_to_cut_first() -> None:
    """Records come from the owner column of a document's table, cuts with their place; homeless records are a gap."""
    figures: dict[str, JsonValue] = {
        "services": [
            {"name": "orders", "groups": ["shop.orders"], "cycles": 1, "outgoing": 1, "incoming": 1},
            {"name": "mail", "groups": ["shop.mail"], "cycles": 0, "outgoing": 9, "incoming": 9},
        ],
        "cheapest_cuts": [
            {"importer": "shop.a", "imported": "shop.b", "place": "shop/a.py:3", "modules_in_cycle": 2},
            {"importer": "shop.c", "imported": "shop.d", "place": "shop/c.py:7", "modules_in_cycle": 5},
        ],
    }
    rows = ("table: orders, parcels; owner: orders; who else writes: billing", "table: rates; owner: treasury")
    evidence = await decide(asked("BoundaryDecision", finding("Map", figures, *rows)))
    assert "| 2 | orders | shop.orders | ? | orders, parcels |" in evidence.text
    assert "1. shop.c → shop.d at shop/c.py:7 (cycle of 5 modules)." in evidence.text
    assert "no candidate service is the documented owner of rates (treasury)" in evidence.gaps


async def test_decision_of_an_unknown_kind_is_not_sold_as_known() -> None:
    """Nothing in the catalogue fits: general options, a gap that says so, low confidence."""
    evidence = await decide(asked("Frobnicate"))
    assert evidence.data["topic"] == "build-buy-defer"
    assert "the catalogue has no decision of this kind" in evidence.gaps[0]
    assert evidence.limits == evidence.gaps[:1]
    assert evidence.confidence <= 0.3


async def test_marks_of_general_experience_are_a_limit_and_no_gap_to_search_for() -> None:
    """No document can say what would move them: the record says it, and nothing is opened."""
    evidence = await decide(asked("DeprecationDecision"))
    assert "No finding moved a mark: the marks are general experience." in evidence.text
    assert not [gap for gap in evidence.gaps if "general experience" in gap]
    assert evidence.confidence <= 0.3


async def test_denied_statement_is_no_evidence_for_what_it_denies() -> None:
    """'There is no missing index' does not speak for adding one."""
    denied = await decide(asked("ImmediateMitigation", finding("A", None, "There is no missing index.")))
    stated = await decide(asked("ImmediateMitigation", finding("A", None, "A missing index on orders slows it.")))
    assert (denied.data["moved_marks"], stated.data["moved_marks"]) == (0, 4)


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("DesignServiceBoundaries", "service-boundaries"),
        ("ChooseTechnologyStack", "technology-stack"),
        ("SubscriptionTransport", "subscription-transport"),
        ("ImmediateMitigation", "incident-mitigation"),
    ],
)
def test_topic_is_recognised_by_the_name(name: str, topic: str) -> None:
    """What the artifact is called decides before the goal does."""
    assert topic_for(Artifact(id=name), "Migrate to GraphQL", decision_catalogue().topics).id == topic


FITTING = {
    "RiskRegister": "risk-response",
    "DeliveryTimetable": "timetable",
    "DebtRanking": "debt-order",
    "MoveDecision": "way-of-the-move",
    "RemedyDecision": "performance-remedy",
    "RiskDecision": "risk-response",
    "AuditReport": "phase-gate",
    "TextOutline": "text-outline",
    "CauseDecision": "fault-remedy",
    "RouteDecision": "learning-route",
    "ProviderDecision": "payment-provider",
    "ReleaseRules": "release-rules",
    "ServiceObjectives": "service-objectives",
    "RiskReview": "risk-response",
    "ApproachDecision in any-undertaking": "way-of-going-about-it",
    "ApproachDecision in change-what-exists": "way-of-going-about-it",
    "ApproachDecision in migrate-architecture": "migration-approach",
    "BoundaryDecision": "service-boundaries",
    "StackDecision": "technology-stack",
    "MitigationDecision": "incident-mitigation",
    "PostMortem": "follow-up",
    "RoadmapDecision": "roadmap",
    "AssessmentReview": "phase-gate",
    "FoundationDesign": "platform-foundation",
    "FoundationReview": "phase-gate",
    "PilotReview": "phase-gate",
    "ProgrammeReview": "phase-gate",
    "EvaluationCriteria": "evaluation-criteria",
    "ChoiceCriteria": "evaluation-criteria",
    "OptionDecision": "recommendation",
    "VersionDecision": "release-version",
    "ReleaseApproval": "phase-gate",
    "RecommendationDecision": "recommendation",
    "GraphqlStackDecision": "graphql-server",
    "DeprecationDecision": "removal",
    "TestStrategyDecision": "testing-strategy",
}
"""The topic that each decision of the packaged methods is about."""


def test_every_decision_of_the_method_library_meets_its_own_topic() -> None:
    """Whatever the goal: a method that gets a new decision needs a topic here; one about any subject may go without."""
    known = decision_catalogue().topics
    met = {}
    for method in MethodLibrary.packaged().methods:
        for piece in method.pieces:
            if piece.agent == "decision-log" and "{Subject}" not in piece.artifact:
                artifact = Artifact(
                    id=piece.artifact,
                    description=piece.description,
                    contract=piece.contract,
                    produces=piece.produces,
                    produces_file=(piece.produces_file or "").replace("{number}", "0001") or None,
                )
                name = artifact.id if artifact.id != "ApproachDecision" else f"{artifact.id} in {method.name}"
                met[name] = {topic_for(artifact, goal, known).id for goal in ("", "Migrate to GraphQL with login")}
    assert met == {name: {topic} for name, topic in FITTING.items()}


@pytest.mark.parametrize("text", ["__import__('os')", "cycles > x", "cycles", "1 > 0", "mentions ", ""])
def test_condition_is_never_code(text: str) -> None:
    """Anything but a comparison with a number or words to look for is refused."""
    with pytest.raises(ValueError, match="is no condition"):
        condition(text)


def test_wrong_catalogue_is_told_by_file_line_and_field() -> None:
    """A mistake in the YAML names where it stands."""
    text = "facts: {}\ntopics:\n  - id: x\n    title: X\n    colour: red\n"
    with pytest.raises(MethodLibraryError) as caught:
        parsed_catalogue(text, "decisions.yaml", DecisionCatalogue)
    assert caught.value.file == "decisions.yaml"
    assert caught.value.line >= 3
    assert caught.value.field.startswith("topics.0")


def test_review_is_never_on_a_day_that_is_not() -> None:
    """Six months after 31 August is the last of February."""
    assert review_date(TODAY) == datetime.date(2027, 2, 28)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=300), st.lists(st.text(min_size=1, max_size=200), max_size=4))
async def test_summary_has_the_agreed_length(name: str, contract: str, claims: list[str]) -> None:
    """Whatever is decided from whatever findings, the summary has 500 to 1,000 characters."""
    artifact = Artifact(id=name, contract=contract)
    evidence = await decide(Assignment(artifact=artifact, inputs=finding("A", None, *claims), today=TODAY))
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]


@pytest.mark.parametrize(
    ("uses", "chosen"),
    [(4, "All callers in one change"), (1500, "One layer first, then caller by caller")],
)
async def test_way_of_a_move_follows_from_the_number_of_places(uses: int, chosen: str) -> None:
    """A library in few places is exchanged at once; in many, behind a layer. Neither draws boundaries of services."""
    evidence = await decide(asked("MoveDecision", finding("UsageInventory", {"uses": uses})))
    assert (evidence.decisions[0].chosen, evidence.data["status"]) == (chosen, "accepted")


@pytest.mark.parametrize(
    ("goal", "chosen"),
    [
        ("Release version 2.0", "A major version"),
        ("Release v1.5", "A minor version"),
        ("Release 2.0.1", "A patch version"),
        ("Cut a release", "A minor version"),
    ],
)
async def test_number_of_a_release_is_the_one_that_the_goal_asks_for(goal: str, chosen: str) -> None:
    """A goal that names the number has said what it is to be; it is no finding, and moves a mark all the same."""
    artifact = Artifact(id="VersionDecision", produces=("decided version",))
    evidence = await decide(Assignment(artifact=artifact, goal=goal, today=TODAY))
    assert evidence.decisions[0].chosen == chosen
