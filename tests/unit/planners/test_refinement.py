"""Making the winner better: strictly better, nothing lost, and an end as soon as nothing is gained."""

import pytest
from support.candidates import candidate_of
from support.plans import chain_of, explained, graph_of, named
from support.sources import ScriptedSource, improving, no_project

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits
from prefect_harmonic.planners.candidate import Yardstick
from prefect_harmonic.planners.gate import lint
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.refinement import Refined, feedback_on, lost_artifacts, refined
from prefect_harmonic.planners.scoring import Scorer

CHAIN = ("A", "B", "C", "D")


def chained(*names: str, hours: float = 1.0, **fields: object) -> tuple[Artifact, ...]:
    """Artifacts that wait for each other and say for what."""
    return tuple(
        named(name, names[place - 1] if place else "", consumes=names[max(0, place - 1) : place], estimated_hours=hours)
        for place, name in enumerate(names)
    )


def freed(*names: str, hours: float = 1.0) -> tuple[Artifact, ...]:
    """The same artifacts, each of which now needs only the first and says so."""
    first, *others = names
    beside = (named(name, first, consumes=[first], estimated_hours=hours) for name in others)
    return (named(first, estimated_hours=hours), *beside)


def plan(*artifacts: Artifact) -> Plan:
    """A plan of these artifacts."""
    return Plan(artifacts=artifacts)


async def refine(
    start: Plan, source: ScriptedSource, rounds: int = 1, requirements: tuple[str, ...] = (), **limits: int
) -> Refined:
    """The plan after refinement by a source."""
    yardstick = Yardstick(requirements=requirements, limits=ArtifactLimits(**limits))
    return await refined(candidate_of(start, 3, yardstick), source, yardstick, no_project, rounds=rounds)


def ids_of(outcome: Refined) -> list[str]:
    """Ids of the artifacts that came out."""
    return [artifact.id for artifact in (outcome.candidate.plan or Plan()).artifacts]


async def test_better_plan_is_taken_under_the_same_candidate() -> None:
    """Strictly shorter, everything kept: accepted, with both figures and the feedback that led to it."""
    outcome = await refine(plan(*chained(*CHAIN)), improving(plan(*freed(*CHAIN))))
    (only,) = outcome.rounds
    assert (only.round, only.accepted, only.before, only.after) == (1, True, 4.0, 2.0)
    assert "longest chain has 4" in only.feedback
    assert outcome.candidate.id == "candidate-3"
    assert outcome.candidate.expected_makespan_hours == 2.0


async def test_figures_are_the_scorers_own() -> None:
    """A score is told as the score that it is, which rises, and not as a cost."""
    start, yardstick = plan(*chained(*CHAIN)), Yardstick()
    winner, better = candidate_of(start, 0, yardstick), ArtifactGraph(freed(*CHAIN))
    outcome = await refined(winner, improving(better.plan), yardstick, no_project, rounds=1, scorer=Scorer.RFC038)
    (only,) = outcome.rounds
    assert only.accepted
    assert (only.before, only.after) == (metrics_of(winner.graph).score, metrics_of(better).score)
    assert only.to_document()["scorer"] == "rfc038"


async def test_equal_plan_is_not_taken() -> None:
    """Strictly better means strictly."""
    start = plan(*chained(*CHAIN))
    outcome = await refine(start, improving(start))
    assert [(one.accepted, one.reason) for one in outcome.rounds] == [(False, "it is not better")]
    assert outcome.candidate.plan == start


async def test_plan_that_loses_an_artifact_is_not_taken() -> None:
    """Less work is quicker done; that is no improvement."""
    outcome = await refine(plan(*chained(*CHAIN)), improving(plan(*chained("A", "B"))))
    assert [(one.accepted, one.reason) for one in outcome.rounds] == [(False, "it lost C, D")]
    assert ids_of(outcome) == list(CHAIN)


async def test_plan_that_covers_less_is_not_taken() -> None:
    """What was covered stays covered."""
    start = plan(*chained("A", "B", "C"), named("D", "C", consumes=["C"], estimated_hours=1.0, covers=["auth"]))
    outcome = await refine(start, improving(plan(*freed(*CHAIN))), requirements=("auth",))
    assert [one.reason for one in outcome.rounds] == ["it no longer covers auth"]


async def test_plan_that_fails_the_gate_is_not_taken_and_figures_stay_true() -> None:
    """The reason is the gate's, and the plan costs what it cost before."""
    outcome = await refine(plan(*chained(*CHAIN)), improving(plan(named("A", "Gone"))))
    (only,) = outcome.rounds
    assert not only.accepted
    assert only.reason.startswith("P002 A requires Gone")
    assert (only.before, only.after) == (4.0, 4.0)


async def test_plan_that_forgets_what_its_words_name_is_not_taken() -> None:
    """An edge dropped and still spoken of is no gain."""
    start = plan(*chained("UserModel", "B", "C"), named("D", "C", description="asks UserModel", estimated_hours=1.0))
    loose = plan(*freed("B", "C"), named("UserModel"), named("D", "C", consumes=["C"], description="asks UserModel"))
    outcome = await refine(start, improving(loose))
    assert not outcome.rounds[0].accepted


async def test_undeclared_dependency_that_is_dropped_is_assumed() -> None:
    """Where nothing is said about what is consumed, the plan before knows better."""
    start = graph_of({"A": "", "B": "A", "C": "B", "D": "C"}).plan
    outcome = await refine(start, improving(graph_of({"A": "", "B": "", "C": "", "D": ""}).plan))
    assert [one.reason for one in outcome.rounds] == ["it is not better"]


async def test_explicit_merge_is_taken() -> None:
    """One artifact that says that it produces what the other one was."""
    start = plan(*chained(*CHAIN))
    merged = plan(*chained("A", "B"), named("C", "B", consumes=["B"], produces=["D"], estimated_hours=1.5))
    outcome = await refine(start, improving(merged))
    assert [one.accepted for one in outcome.rounds] == [True]
    assert ids_of(outcome) == ["A", "B", "C"]


async def test_source_that_knows_nothing_better_ends_refinement() -> None:
    """Said so, and kept as it was."""
    outcome = await refine(plan(*chained(*CHAIN)), improving(None), rounds=3)
    assert [(one.accepted, one.before, one.after) for one in outcome.rounds] == [(False, 4.0, 4.0)]


@pytest.mark.parametrize("error", [CandidateError("the model is away"), RuntimeError("the model is away")])
async def test_source_that_fails_costs_only_the_round(error: Exception) -> None:
    """The winner is there already; whatever goes wrong is told as the round's reason."""
    start = plan(*chained(*CHAIN))
    outcome = await refine(start, improving(error), rounds=3)
    assert outcome.candidate.plan == start
    assert [(one.accepted, one.reason) for one in outcome.rounds] == [(False, "the model is away")]


async def test_refinement_ends_with_the_first_round_that_brings_nothing() -> None:
    """Round two brings nothing, so round three never happens."""
    names = ("A", "B", "C", "D", "E", "F")
    better = plan(*chained("A", "B", "C", "D", "E"), named("F", "A", consumes=["A"], estimated_hours=1.0))
    source = improving(better, better, plan(*freed(*names)))
    outcome = await refine(plan(*chained(*names)), source, rounds=5)
    assert [one.accepted for one in outcome.rounds] == [True, False]
    assert len(source.refinements) == 2
    assert source.refinements[1].plan == better.sorted()


async def test_no_rounds_ask_nobody() -> None:
    """And change nothing."""
    source = improving(plan(*freed(*CHAIN)))
    outcome = await refine(plan(*chained(*CHAIN)), source, rounds=0)
    assert (outcome.rounds, source.refinements) == ((), [])


async def test_plan_of_which_nothing_stands_out_asks_nobody() -> None:
    """Without feedback there is nothing to ask for."""
    source = improving(plan(named("A")))
    outcome = await refine(plan(named("A")), source, rounds=3)
    assert (outcome.rounds, source.refinements) == ((), [])


async def test_safe_rewrites_come_before_anybody_is_asked() -> None:
    """Redundant edges and file conflicts are gone from what the source is shown, and from the result."""
    start = plan(
        *(named(name, estimated_hours=1.0, produces_file="x.txt") for name in ("A", "B")),
        explained("C", "A", "B"),
        explained("D", "A", "C"),
        explained("E", "D"),
    )
    source = improving(None)
    outcome = await refine(start, source)
    shown = {artifact.id: artifact for artifact in source.refinements[0].plan.artifacts}
    assert shown["D"].required_ids == ("C",)
    assert shown["A"].produces_file != shown["B"].produces_file
    assert outcome.candidate.plan == source.refinements[0].plan
    assert outcome.candidate.metrics is not None
    assert outcome.candidate.metrics.file_conflicts == 0


async def test_safe_rewrites_are_applied_to_what_a_source_answers() -> None:
    """Its redundant edges go as well."""
    first, *others = freed(*CHAIN)
    answer = plan(first, *others, named("E", "A B", consumes=["B"], estimated_hours=1.0))
    start = plan(*chained(*CHAIN, "E"))
    outcome = await refine(start, improving(answer))
    assert outcome.rounds[0].accepted
    assert outcome.candidate.graph.requirements_of("E") == ("B",)


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ({"A": "", "B": "A", "C": "B", "D": "C"}, "longest chain has 4 artifacts"),
        ({"A": "", "B": "A", "C": "A", "D": "A"}, "Only 1 of 4 artifacts"),
        ({"A": "", "B": "A", "C": "B"}, "deep and narrow"),
    ],
)
def test_each_trigger_of_the_shape_is_told(edges: dict[str, str], words: str) -> None:
    """Depth over 3, parallelism under 0.3, balance under 0.5."""
    assert words in feedback_on(metrics_of(graph_of(edges)))


def test_figures_at_the_triggers_are_no_remark() -> None:
    """Depth 3, parallelism over 0.3 and balance over 0.5 are fine."""
    assert feedback_on(metrics_of(graph_of({"A": "", "P": "", "B": "A", "C": "B"}))) == ""


def test_file_conflicts_and_warnings_are_told_and_information_is_not() -> None:
    """The gate's warnings are part of the feedback, its hints are not."""
    start = plan(named("A", produces_file="x"), named("B", produces_file="x"), named("Top", "A B"))
    feedback = feedback_on(metrics_of(candidate_of(start).graph), lint(start))
    assert "1 pairs of artifacts write the same file" in feedback
    assert "P010 warning B" in feedback
    assert "P016" not in feedback


def test_artifacts_merged_by_name_products_or_file_are_not_lost() -> None:
    """Some artifact of the later plan takes over: names it, produces all that it did, or writes its file."""
    before = plan(named("Heir"), named("A"), named("B", produces=["b1", "b2"]), named("C", produces_file="c.py"))
    by_name = plan(named("Heir", produces=["A", "b1", "b2"], produces_file="c.py"))
    assert lost_artifacts(before, by_name) == ()
    assert lost_artifacts(before, plan(named("Heir", produces=["b1"]))) == ("A", "B", "C")


def test_artifact_is_not_merged_into_one_that_did_the_same_before() -> None:
    """The other writer of the file, unchanged, does not do the lost one's work."""
    writer, other = named("A", produces_file="x"), named("B", produces_file="x")
    assert lost_artifacts(plan(writer, other), plan(writer)) == ("B",)
    maker, same = named("A", produces=["ore"]), named("B", produces=["ore"])
    assert lost_artifacts(plan(maker, same), plan(maker)) == ("B",)


def test_large_plan_is_refined_without_recursion() -> None:
    """The feedback for ten thousand artifacts is one text."""
    assert "longest chain has 10000" in feedback_on(metrics_of(chain_of(10_000)))
