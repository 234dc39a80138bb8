"""The gate, code by code: a plan that has just that finding, and a near miss that has not."""

from dataclasses import dataclass, field

import pytest
from support.plans import chain_of, explained, named

from prefect_harmonic.errors import InvalidPlanError
from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
from prefect_harmonic.planners.gate import Code, Finding, Severity, lint, passed
from prefect_harmonic.planners.plan import Plan


@dataclass(frozen=True)
class Case:
    """Artifacts that have exactly the given findings, and near misses that have none of that code."""

    code: Code
    artifacts: tuple[Artifact, ...]
    findings: tuple[tuple[str, str | None], ...]
    misses: tuple[tuple[Artifact, ...], ...]
    requirements: tuple[str, ...] = ()
    limits: ArtifactLimits = field(default_factory=ArtifactLimits)


BASE = explained("Base")
TOP = explained("Top", "Base")
CHAIN = (explained("A"), explained("B", "A"), explained("C", "B"))

CASES = [
    Case(Code.REPEATED_ID, (BASE, TOP, BASE, BASE), (("P001", "Base"),), ((BASE, TOP, explained("base", "Top")),)),
    Case(
        Code.MISSING_REQUIREMENT,
        (BASE, explained("Top", "Base", "Gone", "Lost"), explained("Under", "Gone")),
        (("P002", "Top"), ("P002", "Top"), ("P002", "Under")),
        ((BASE, TOP),),
    ),
    Case(
        Code.CYCLE,
        (explained("A", "B"), explained("B", "A"), explained("C", "C"), explained("D", "A")),
        (("P003", "A"), ("P003", "C")),
        (CHAIN,),
    ),
    Case(Code.EMPTY_PLAN, (), (("P004", None),), ((BASE,),)),
    Case(
        Code.TOO_MANY_ARTIFACTS,
        CHAIN,
        (("P005", None),),
        (CHAIN[:2],),
        limits=ArtifactLimits(max_artifacts=2),
    ),
    Case(Code.TOO_DEEP, CHAIN, (("P006", "C"),), (CHAIN[:2],), limits=ArtifactLimits(max_depth=2)),
    Case(
        Code.UNSAFE_FILE,
        (named("Base", produces_file="../up"), named("Top", TOP.requires, produces_file=".git/x")),
        (("P007", "Base"), ("P007", "Top")),
        ((named("Base", produces_file="a/../up"), named("Top", TOP.requires, produces_file=".gitignore")),),
    ),
    Case(
        Code.UNMET_CONSUMPTION,
        (BASE, named("Top", TOP.requires, consumes=["ore", "water"])),
        (("P008", "Top"), ("P008", "Top")),
        ((named("Base", produces=["Ore", "WATER"]), named("Top", TOP.requires, consumes=["ore", "water"])),),
    ),
    Case(
        Code.FIELD_NOT_ALLOWED,
        (
            named("Base", effort="huge", estimated_hours=-1.0),
            named("Top", TOP.requires, agent="ghost", priority="soon"),
        ),
        (("P009", "Base"), ("P009", "Base"), ("P009", "Top"), ("P009", "Top")),
        (
            (
                named("Base", effort="high", estimated_hours=0.0),
                named("Top", TOP.requires, agent="builder", priority="critical"),
            ),
        ),
    ),
    Case(
        Code.SHARED_FILE,
        (
            named("One", produces_file="a.txt"),
            named("Other", produces_file="./a.txt"),
            named("Third", produces_file="b/../a.txt"),
            explained("Top", "One", "Other", "Third"),
        ),
        (("P010", "Other"), ("P010", "Third")),
        (
            (
                named("One", produces_file="a.txt"),
                named("Other", [Requirement(id="One", because="adds to it")], produces_file="a.txt"),
            ),
            (
                named("One", produces_file="a.txt"),
                named("Other", produces_file="b.txt"),
                explained("Top", "One", "Other"),
            ),
        ),
    ),
    Case(
        Code.NAMED_NOT_REQUIRED,
        (
            explained("UserModel"),
            named("Mailer", description="Writes to the UserModel and the Clock."),
            explained("Clock"),
            explained("Top", "UserModel", "Mailer", "Clock"),
        ),
        (("P011", "Mailer"), ("P011", "Mailer")),
        (
            (
                explained("UserModel"),
                named("Mailer", [Requirement(id="UserModel", because="it")], description="Writes to the UserModel."),
            ),
        ),
    ),
    Case(
        Code.UNCOVERED_REQUIREMENT,
        (BASE, TOP),
        (("P012", None), ("P012", None)),
        ((named("Base", covers=["login page"]), named("Top", TOP.requires, description="search everywhere")),),
        requirements=("login page", "search"),
    ),
    Case(
        Code.REDUNDANT_EDGE,
        (*CHAIN, explained("D", "A", "B", "C")),
        (("P013", "D"), ("P013", "D")),
        ((*CHAIN, explained("D", "C")),),
    ),
    Case(
        Code.UNEXPLAINED_EDGE,
        (BASE, explained("Middle"), named("Top", ["Base", "Middle"])),
        (("P016", "Top"), ("P016", "Top")),
        (
            (named("Base", produces=["ore"]), named("Top", ["Base"], consumes=["ore"])),
            (BASE, named("Top", ["Base"], consumes=["Base"])),
        ),
    ),
]


def findings_of(case: Case, artifacts: tuple[Artifact, ...]) -> tuple[Finding, ...]:
    """What the gate says of the artifacts under the terms of the case."""
    plan = Plan(artifacts=artifacts, requirements=case.requirements)
    return lint(plan, limits=case.limits, agents={"builder"})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code.value)
def test_plan_has_just_the_findings_of_its_fault(case: Case) -> None:
    """Every offender is told, each once, and nothing else is."""
    told = tuple((finding.code.value, finding.artifact) for finding in findings_of(case, case.artifacts))
    assert told == case.findings


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code.value)
def test_near_miss_has_no_such_finding(case: Case) -> None:
    """What only looks like the fault is left alone."""
    for artifacts in case.misses:
        assert [finding for finding in findings_of(case, artifacts) if finding.code is case.code] == []


def test_cut_off_artifacts_are_told_with_the_several_roots_they_are() -> None:
    """P014 for each that hangs in the air, and P015 because nothing brings the plan together."""
    findings = lint(Plan(artifacts=(BASE, TOP, explained("Alone"), explained("Lonely"))))
    told = [(finding.code.value, finding.artifact) for finding in findings]
    assert told == [("P014", "Alone"), ("P014", "Lonely"), ("P015", None)]
    assert "Alone" in findings[-1].message
    assert "Top" in findings[-1].message


def test_several_roots_that_require_something_are_only_several_roots() -> None:
    """P015 without P014: both ends hang together below."""
    findings = lint(Plan(artifacts=(BASE, TOP, explained("Crest", "Base"))))
    assert [finding.code for finding in findings] == [Code.SEVERAL_ROOTS]


@pytest.mark.parametrize("artifacts", [(BASE,), (BASE, TOP), CHAIN], ids=len)
def test_plain_plan_has_no_finding_at_all(artifacts: tuple[Artifact, ...]) -> None:
    """A single artifact is neither cut off nor a root too many, and an explained chain has nothing to be said of."""
    assert lint(Plan(artifacts=artifacts)) == ()


def test_severities_are_those_of_the_contract() -> None:
    """P001 to P009 errors, P010 to P014 warnings, P015 and P016 information."""
    told = {code.value: code.severity for code in Code}
    assert told == (
        {f"P{number:03}": Severity.ERROR for number in range(1, 10)}
        | {f"P{number:03}": Severity.WARNING for number in range(10, 15)}
        | {f"P{number:03}": Severity.INFO for number in range(15, 17)}
    )


def test_default_limits_hold_at_their_edges() -> None:
    """Fifty artifacts and chains of ten are allowed, one more of either is not."""
    top = explained("Top", *(f"N{number}" for number in range(49)))
    leaves = [explained(f"N{number}") for number in range(50)]
    assert lint(Plan(artifacts=(*leaves[:49], top))) == ()
    assert Code.TOO_MANY_ARTIFACTS in {finding.code for finding in lint(Plan(artifacts=(*leaves, top)))}
    assert Code.TOO_DEEP not in {finding.code for finding in lint(chain_of(10).plan)}
    assert Code.TOO_DEEP in {finding.code for finding in lint(chain_of(11).plan)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "two words"},
        {"id": "-dash"},
        {"id": "semi;colon"},
        {"id": "x" * 129},
        {"id": "line\nbreak"},
        {"effort": "Medium"},
        {"effort": ""},
        {"priority": "urgent"},
        {"agent": "nobody"},
        {"agent": ""},
        {"estimated_hours": float("nan")},
        {"estimated_hours": float("inf")},
        {"estimated_hours": -0.5},
        {"estimated_hours": 1e6},
        {"domain_type": ""},
        {"domain_type": "a\nb"},
        {"phase": "x" * 129},
        {"phase": "<b>"},
        {"description": "x" * 20_001},
        {"contract": "x" * 20_001},
    ],
    ids=str,
)
def test_fields_outside_what_is_allowed_are_refused(wrong: dict[str, object]) -> None:
    """P009 for each field, at its own artifact."""
    artifact = Artifact.model_validate({"id": "A"} | wrong)
    findings = lint(Plan(artifacts=(artifact,)), agents={"builder"})
    assert [finding.code for finding in findings] == [Code.FIELD_NOT_ALLOWED]


@pytest.mark.parametrize("name", ["OutputFormatter", "ResultStore", "AnalysisService", "ReleaseNotes", "LearningPath"])
def test_ids_that_sound_like_fields_are_legitimate(name: str) -> None:
    """An id is a name, whatever it reminds of."""
    assert lint(Plan(artifacts=(named(name),))) == ()


def test_any_agent_will_do_where_none_are_given() -> None:
    """Without a registry there is nothing to hold the agent against."""
    assert lint(Plan(artifacts=(named("A", agent="whoever"),))) == ()


def test_empty_reason_explains_nothing() -> None:
    """An edge with a reason of no words is an edge without a reason."""
    edge = Requirement(id="Base", because=" ")
    assert [finding.code for finding in lint(Plan(artifacts=(BASE, named("Top", [edge]))))] == [Code.UNEXPLAINED_EDGE]


def test_finding_is_one_line_whatever_the_plan_holds() -> None:
    """An id with a line break or an escape cannot forge a second finding or colour the terminal."""
    plan = Plan(artifacts=(named("A\nP001 error B", ["C\x1b[31m\r\nD"]),))
    findings = lint(plan)
    assert {finding.code for finding in findings} == {Code.MISSING_REQUIREMENT, Code.FIELD_NOT_ALLOWED}
    assert all(str(finding).isprintable() for finding in findings)


def test_finding_reads_as_the_contract_says() -> None:
    """CODE severity artifact message, with a dash where it is about the whole plan."""
    (missing,) = lint(Plan(artifacts=(named("App", "Db"),)))
    (empty,) = lint(Plan())
    assert str(missing).startswith("P002 error App requires Db, ")
    assert str(empty).startswith("P004 error - ")
    assert set(missing.to_document()) == {"code", "severity", "artifact", "message"}


def test_passing_gives_the_graph_or_every_error() -> None:
    """`passed` refuses with all errors, and warnings refuse nothing."""
    assert len(passed(Plan(artifacts=(BASE, explained("Alone"))))) == 2
    with pytest.raises(InvalidPlanError) as refusal:
        passed(Plan(artifacts=(named("A", "X Y", effort="huge"),)))
    assert [line[:6] for line in refusal.value.findings] == ["P002 A", "P002 A", "P009 A"]
