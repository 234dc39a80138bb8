"""Each row of the second design document, and the tests that show it.

A row whose test was renamed or removed fails here, and so does a status, link type or trigger that has no row.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from prefect_harmonic.planners.knowledge.entity import PlanStatus
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.programme.deciding import Trigger

TESTS = Path(__file__).parent
FOLDERS = ("contract", "e2e", "flows", "unit")

STATUSES = {
    "planning": (
        "test_metadata_schema_statuses_are_the_four_of_the_design",
        "test_plan_becomes_a_tree_of_phases_and_leaves",
    ),
    "executing": ("test_only_legal_steps_are_taken", "test_started_part_has_started_everything_above_it"),
    "completed": ("test_plan_with_open_parts_is_not_completed", "test_run_from_start_to_end"),
    "blocked": (
        "test_block_needs_a_reason_and_ends_with_it",
        "test_failure_blocks_with_its_reason_and_a_retry_goes_on",
    ),
}

_LINKS = ("test_link_types_are_those_of_the_design", "test_link_comes_back_from_both_ends")
_WAITING = (*_LINKS, "test_what_waits_does_not_start")
LINKS = {
    "decomposes_to": (*_LINKS, "test_parent_in_metadata_is_a_link_of_the_tree"),
    "spawned": (*_LINKS, "test_spawned_part_hangs_in_the_tree"),
    "blocks": (*_WAITING, "test_pattern_1_dependency_management"),
    "enables": _WAITING,
    "unblocks": (*_WAITING, "test_unblocking_is_a_part_of_what_it_unblocks"),
    "informs": (*_WAITING, "test_what_a_required_artifact_found_reaches_its_dependents"),
    "requires": (*_LINKS, "test_dependencies_in_metadata_are_links"),
}

TRIGGERS = {
    "phase completed": (
        "test_phase_that_completes_is_evaluated_and_its_gaps_are_filled",
        "test_each_phase_is_evaluated_before_the_next_begins",
    ),
    "unexpected complexity": (
        "test_unexpected_complexity_changes_the_remaining_plan",
        "test_real_specialists_find_47_cycles_replan_and_converge",
    ),
    "new dependency": ("test_new_dependency_is_added_and_the_plan_reordered",),
    "confidence below the threshold": (
        "test_low_confidence_gets_additional_research",
        "test_figures_of_the_design_document_with_scripted_findings",
    ),
    "iterations used up": (
        "test_used_up_iterations_reach_a_person_with_a_summary_of_the_findings",
        "test_exhausted_run_escalates_and_is_no_success",
    ),
    "artifact blocked": ("test_blocked_artifact_is_unblocked_and_its_dependents_run",),
    "guidance from a person": ("test_answer_replan_gives_the_guidance_an_artifact_of_its_own",),
}

PATTERNS = {
    "1": (
        "test_pattern_1_dependency_management",
        "test_dependent_of_failed_artifact_never_runs_and_independents_go_on",
    ),
    "2": ("test_pattern_2_effort_estimation_and_tracking", "test_effort_is_taken_from_the_clock"),
    "3": ("test_pattern_3_dynamic_replanning", "test_blocked_artifact_is_unblocked_and_its_dependents_run"),
    "4": ("test_pattern_4_progress_reporting", "test_progress_is_counted_level_by_level"),
}

PRACTICES = {
    "1": (
        "test_best_practice_1_keep_depth_reasonable",
        "test_tree_grows_to_its_depth_limit_and_no_deeper",
        "test_questions_that_are_several_are_nodes_of_the_tree_down_to_level_4",
    ),
    "2": (
        "test_best_practices_2_and_8_leaves_have_exactly_one_agent",
        "test_every_artifact_gets_a_known_agent_and_a_reason",
    ),
    "3": (
        "test_what_waits_never_has_a_cycle",
        "test_cycle_is_refused_and_named",
        "test_each_artifact_is_a_task_run_named_after_it_and_requirements_are_edges",
    ),
    "4": ("test_best_practice_4_summary_only_results", "test_summaries_that_go_up_are_short_and_the_whole_stays_below"),
    "5": ("test_best_practice_5_progress_checkpoints_at_each_level",),
    "6": (
        "test_unexpected_complexity_changes_the_remaining_plan",
        "test_every_candidate_is_valid_keeps_finished_work_and_closes_every_opening_once",
    ),
    "7": (
        "test_best_practice_7_siblings_without_dependencies_run_side_by_side",
        "test_independent_phases_run_at_the_same_time",
    ),
    "8": (
        "test_best_practices_2_and_8_leaves_have_exactly_one_agent",
        "test_agents_that_were_chosen_are_recorded_with_why",
    ),
    "9": ("test_estimates_are_learned_by_agent_and_type", "test_kinds_are_learned_from_three_samples_on"),
    "10": (
        "test_blocker_that_stays_reaches_a_person_and_independents_run",
        "test_answer_through_the_api_carries_the_run_on",
    ),
}

LOOP = {
    "execute a phase": ("test_each_phase_is_evaluated_before_the_next_begins",),
    "evaluate: confidence, gaps, contradictions": (
        "test_evaluate_and_replan_loop_of_the_design",
        "test_default_criteria_are_those_of_the_design",
    ),
    "decide: converged, plateaued, exhausted": ("test_three_ends_are_told_apart", "test_plateaued_run_escalates"),
    "replan what remains": (
        "test_every_candidate_is_valid_keeps_finished_work_and_closes_every_opening_once",
        "test_one_changed_finding_of_200_artifacts_runs_only_its_cone_again",
    ),
    "fill each gap once (added_by_eval, replanned_at_iteration)": (
        "test_changed_plan_touches_only_what_changes",
        "test_opening_is_closed_once_its_closing_artifact_is_done",
    ),
    "settle each contradiction": ("test_contradiction_is_settled_by_an_artifact_of_its_own",),
    "worked example: 47 cycles, 0.4, replanned, 0.75, converged": (
        "test_figures_of_the_design_document_with_scripted_findings",
        "test_real_specialists_find_47_cycles_replan_and_converge",
    ),
    "final evaluation": ("test_goal_is_planned_carried_out_and_reported",),
}

SPAWNING = {
    "leaf becomes a sub-planner": (
        "test_magnets_become_a_sub_plan_and_shielding_stays_one_question",
        "test_parts_are_task_runs_within_that_of_their_artifact_and_nodes_below_it",
    ),
    "budget: max_depth, max_total": (
        "test_32_spawners_in_four_processes_make_exactly_what_the_budget_allows",
        "test_eight_tasks_that_spawn_at_once_never_exceed_the_budget",
    ),
    "budget: calls, tokens": ("test_32_threads_in_four_processes_never_spend_more_than_is_allowed",),
    "budget gone: do it directly": ("test_budget_gone_leaves_the_work_to_the_agent_itself",),
    "spawn context": ("test_spawn_context_shows_parents_siblings_inputs_and_budget",),
    "sub-coordinator": (
        "test_pipeline_does_its_stages_in_order_and_hands_over",
        "test_swarm_finds_consensus_conflicts_and_gaps",
        "test_hierarchical_planner_hands_each_part_what_it_requires",
    ),
    "depth-aware replanning: reflection": ("test_reflection_reads_the_whole_subtree",),
    "depth-aware replanning: openings of the subtree": (
        "test_openings_of_a_subtree_are_those_of_its_parts",
        "test_gap_of_a_part_is_filled_where_its_artifact_is_unsure_and_does_not_say_why",
        "test_what_documents_left_open_is_answered_from_where_it_was_settled",
    ),
}

DELEGATION = {
    "researcher: return_summary, max_length": ("test_researcher_returns_a_summary_of_the_length_that_is_asked_for",),
    "code-analyzer: git_hash": ("test_code_analyzer_says_at_which_commit_the_code_is",),
    "learning-path: target_audience, duration": (
        "test_learning_path_is_for_the_audience_and_within_the_duration_that_are_asked_for",
    ),
    "decision-log: review_date": ("test_decision_is_looked_at_again_when_the_plan_says_so",),
    "decision-log: status": ("test_decision_that_is_to_be_accepted_is_not_where_nothing_carries_it",),
}

WORKFLOWS = {
    "1 complex feature": (
        "test_workflow_of_a_complex_feature",
        "test_phases_go_from_research_and_analysis_over_a_decision_to_learning_and_building",
    ),
    "2 incident": (
        "test_workflow_of_an_incident",
        "test_first_track_that_knows_the_cause_ends_the_search_of_the_other",
    ),
    "3 programme": ("test_workflow_of_a_programme", "test_each_run_does_one_quarter_and_repeats_nothing"),
}

TABLES: dict[str, Mapping[str, tuple[str, ...]]] = {
    "status": STATUSES,
    "link": LINKS,
    "trigger": TRIGGERS,
    "pattern": PATTERNS,
    "best practice": PRACTICES,
    "evaluate and replan": LOOP,
    "recursive spawning": SPAWNING,
    "delegation": DELEGATION,
    "workflow": WORKFLOWS,
}
ROWS = {f"{table}: {row}": shown for table, rows in TABLES.items() for row, shown in rows.items()}


@cache
def collected() -> frozenset[str]:
    """The names of all tests: functions at the top level of a file."""
    texts = (file.read_text(encoding="utf-8") for folder in FOLDERS for file in (TESTS / folder).rglob("test_*.py"))
    return frozenset(name for text in texts for name in re.findall(r"^(?:async )?def (test_\w+)\(", text, re.MULTILINE))


@pytest.mark.parametrize("row", ROWS)
def test_row_is_shown_by_tests_that_exist(row: str) -> None:
    """Whoever renames such a test says here what it is called now."""
    assert ROWS[row]
    assert set(ROWS[row]) - collected() == set()


def test_each_status_link_type_and_trigger_has_a_row() -> None:
    """A new one cannot be added without a test that names it."""
    assert set(STATUSES) == {status.value for status in PlanStatus}
    assert set(LINKS) == {link.value for link in LinkType}
    assert set(TRIGGERS) == {trigger.value for trigger in Trigger}


def test_patterns_and_best_practices_are_complete() -> None:
    """Four and ten, as the design document counts them."""
    assert list(PATTERNS) == ["1", "2", "3", "4"]
    assert list(PRACTICES) == [str(number) for number in range(1, 11)]
