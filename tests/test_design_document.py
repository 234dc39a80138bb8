"""Each row of the second design document, and the tests that show it.

A row whose test was renamed or removed fails here, and so does a status, link type or trigger that has no row.
"""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from prefect_harmonic.planners.knowledge.entity import PlanStatus
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.programme.deciding import Trigger

TESTS = Path(__file__).parent
KNOWLEDGE, FLOWS, PLANNERS, AGENTS = "contract/knowledge", "flows", "unit/planners", "unit/agents"

STATUSES = {
    "planning": (
        f"{KNOWLEDGE}/test_design_rows.py::test_metadata_schema_statuses_are_the_four_of_the_design",
        f"{KNOWLEDGE}/test_programme_record.py::test_plan_becomes_a_tree_of_phases_and_leaves",
    ),
    "executing": (
        f"{KNOWLEDGE}/test_entities.py::test_only_legal_steps_are_taken",
        f"{KNOWLEDGE}/test_entities.py::test_started_part_has_started_everything_above_it",
    ),
    "completed": (
        f"{KNOWLEDGE}/test_entities.py::test_plan_with_open_parts_is_not_completed",
        f"{KNOWLEDGE}/test_programme_record.py::test_run_from_start_to_end",
    ),
    "blocked": (
        f"{KNOWLEDGE}/test_entities.py::test_block_needs_a_reason_and_ends_with_it",
        f"{KNOWLEDGE}/test_programme_record.py::test_failure_blocks_with_its_reason_and_a_retry_goes_on",
    ),
}

_LINKS = (
    f"{KNOWLEDGE}/test_design_rows.py::test_link_types_are_those_of_the_design",
    f"{KNOWLEDGE}/test_links.py::test_link_comes_back_from_both_ends",
)
_WAITING = (*_LINKS, f"{KNOWLEDGE}/test_entities.py::test_what_waits_does_not_start")
LINKS = {
    "decomposes_to": (*_LINKS, f"{KNOWLEDGE}/test_entities.py::test_parent_in_metadata_is_a_link_of_the_tree"),
    "spawned": (*_LINKS, f"{KNOWLEDGE}/test_spawning.py::test_spawned_part_hangs_in_the_tree"),
    "blocks": (*_WAITING, f"{KNOWLEDGE}/test_design_rows.py::test_pattern_1_dependency_management"),
    "enables": _WAITING,
    "unblocks": (
        *_WAITING,
        f"{KNOWLEDGE}/test_programme_record.py::test_unblocking_is_a_part_of_what_it_unblocks",
    ),
    "informs": (*_WAITING, f"{FLOWS}/test_execute_plan.py::test_what_a_required_artifact_found_reaches_its_dependents"),
    "requires": (*_LINKS, f"{KNOWLEDGE}/test_entities.py::test_dependencies_in_metadata_are_links"),
}

_TRIGGERS, _CHANGING = f"{FLOWS}/test_triggers.py", f"{FLOWS}/test_changing_plans.py"
TRIGGERS = {
    "phase completed": (
        f"{_TRIGGERS}::test_phase_that_completes_is_evaluated_and_its_gaps_are_filled",
        f"{FLOWS}/test_pursue_goal.py::test_each_phase_is_evaluated_before_the_next_begins",
    ),
    "unexpected complexity": (
        f"{_TRIGGERS}::test_unexpected_complexity_changes_the_remaining_plan",
        f"{FLOWS}/test_worked_migration.py::test_real_specialists_find_47_cycles_replan_and_converge",
    ),
    "new dependency": (f"{_TRIGGERS}::test_new_dependency_is_added_and_the_plan_reordered",),
    "confidence below the threshold": (
        f"{_TRIGGERS}::test_low_confidence_gets_additional_research",
        f"{FLOWS}/test_worked_migration.py::test_figures_of_the_design_document_with_scripted_findings",
    ),
    "iterations used up": (
        f"{_TRIGGERS}::test_used_up_iterations_reach_a_person_with_a_summary_of_the_findings",
        f"{_CHANGING}::test_exhausted_run_escalates_and_is_no_success",
    ),
    "artifact blocked": (f"{_CHANGING}::test_blocked_artifact_is_unblocked_and_its_dependents_run",),
    "guidance from a person": (f"{_CHANGING}::test_answer_replan_gives_the_guidance_an_artifact_of_its_own",),
}

PATTERNS = {
    "1": (
        f"{KNOWLEDGE}/test_design_rows.py::test_pattern_1_dependency_management",
        f"{FLOWS}/test_execute_plan.py::test_dependent_of_failed_artifact_never_runs_and_independents_go_on",
    ),
    "2": (
        f"{KNOWLEDGE}/test_design_rows.py::test_pattern_2_effort_estimation_and_tracking",
        f"{KNOWLEDGE}/test_memory.py::test_effort_is_taken_from_the_clock",
    ),
    "3": (
        f"{KNOWLEDGE}/test_design_rows.py::test_pattern_3_dynamic_replanning",
        f"{_CHANGING}::test_blocked_artifact_is_unblocked_and_its_dependents_run",
    ),
    "4": (
        f"{KNOWLEDGE}/test_design_rows.py::test_pattern_4_progress_reporting",
        f"{KNOWLEDGE}/test_memory.py::test_progress_is_counted_level_by_level",
    ),
}

PRACTICES = {
    "1": (
        f"{KNOWLEDGE}/test_design_rows.py::test_best_practice_1_keep_depth_reasonable",
        f"{KNOWLEDGE}/test_entities.py::test_tree_grows_to_its_depth_limit_and_no_deeper",
        f"{FLOWS}/test_feature_example.py::test_questions_that_are_several_are_nodes_of_the_tree_down_to_level_4",
    ),
    "2": (
        f"{KNOWLEDGE}/test_design_rows.py::test_best_practices_2_and_8_leaves_have_exactly_one_agent",
        f"{PLANNERS}/test_agent_choice.py::test_every_artifact_gets_a_known_agent_and_a_reason",
    ),
    "3": (
        f"{KNOWLEDGE}/test_links.py::test_what_waits_never_has_a_cycle",
        f"{FLOWS}/test_execute_plan.py::test_each_artifact_is_a_task_run_named_after_it_and_requirements_are_edges",
    ),
    "4": (
        f"{KNOWLEDGE}/test_design_rows.py::test_best_practice_4_summary_only_results",
        f"{KNOWLEDGE}/test_programme_record.py::test_summaries_that_go_up_are_short_and_the_whole_stays_below",
    ),
    "5": (f"{KNOWLEDGE}/test_design_rows.py::test_best_practice_5_progress_checkpoints_at_each_level",),
    "6": (
        f"{_TRIGGERS}::test_unexpected_complexity_changes_the_remaining_plan",
        f"{PLANNERS}/programme/test_replanning.py::test_every_opening_has_exactly_one_closing",
    ),
    "7": (
        f"{KNOWLEDGE}/test_design_rows.py::test_best_practice_7_siblings_without_dependencies_run_side_by_side",
        f"{_CHANGING}::test_independent_phases_run_at_the_same_time",
    ),
    "8": (
        f"{KNOWLEDGE}/test_design_rows.py::test_best_practices_2_and_8_leaves_have_exactly_one_agent",
        f"{KNOWLEDGE}/test_programme_record.py::test_agents_that_were_chosen_are_recorded_with_why",
    ),
    "9": (
        f"{KNOWLEDGE}/test_memory.py::test_estimates_are_learned_by_agent_and_type",
        f"{KNOWLEDGE}/test_programme_record.py::test_kinds_are_learned_from_three_samples_on",
    ),
    "10": (
        f"{_CHANGING}::test_blocker_that_stays_reaches_a_person_and_independents_run",
        "e2e/test_answers.py::test_answer_through_the_api_carries_the_run_on",
    ),
}

LOOP = {
    "execute a phase": (f"{FLOWS}/test_pursue_goal.py::test_each_phase_is_evaluated_before_the_next_begins",),
    "evaluate: confidence, gaps, contradictions": (
        f"{KNOWLEDGE}/test_evaluations.py::test_evaluate_and_replan_loop_of_the_design",
        f"{PLANNERS}/test_evaluation.py::test_default_criteria_are_those_of_the_design",
    ),
    "decide: converged, plateaued, exhausted": (
        f"{KNOWLEDGE}/test_evaluations.py::test_three_ends_are_told_apart",
        f"{_CHANGING}::test_plateaued_run_escalates",
    ),
    "replan what remains": (
        f"{PLANNERS}/programme/test_replanning.py::test_kept_work_stays_as_it_is",
        f"{PLANNERS}/test_difference.py::test_one_changed_finding_of_200_artifacts_runs_only_its_cone_again",
    ),
    "fill each gap once (added_by_eval, replanned_at_iteration)": (
        f"{KNOWLEDGE}/test_programme_record.py::test_changed_plan_touches_only_what_changes",
        f"{PLANNERS}/programme/test_openings.py::test_opening_is_closed_once_its_closing_artifact_is_done",
    ),
    "settle each contradiction": (f"{_CHANGING}::test_contradiction_is_settled_by_an_artifact_of_its_own",),
    "worked example: 47 cycles, 0.4, replanned, 0.75, converged": (
        f"{FLOWS}/test_worked_migration.py::test_figures_of_the_design_document_with_scripted_findings",
        f"{FLOWS}/test_worked_migration.py::test_real_specialists_find_47_cycles_replan_and_converge",
    ),
    "final evaluation": (f"{FLOWS}/test_pursue_goal.py::test_goal_is_planned_carried_out_and_reported",),
}

SPAWNING = {
    "leaf becomes a sub-planner": (
        f"{AGENTS}/test_fusion_materials.py::test_magnets_become_a_sub_plan_and_shielding_stays_one_question",
        f"{FLOWS}/test_spawning.py::test_parts_are_task_runs_within_that_of_their_artifact_and_nodes_below_it",
    ),
    "budget: max_depth, max_total": (
        f"{KNOWLEDGE}/test_spawning.py::test_32_spawners_in_four_processes_make_exactly_what_the_budget_allows",
        f"{FLOWS}/test_spawning.py::test_eight_tasks_that_spawn_at_once_never_exceed_the_budget",
    ),
    "budget gone: do it directly": (f"{FLOWS}/test_spawning.py::test_budget_gone_leaves_the_work_to_the_agent_itself",),
    "spawn context": (f"{KNOWLEDGE}/test_spawning.py::test_spawn_context_shows_parents_siblings_inputs_and_budget",),
    "sub-coordinator": (
        f"{AGENTS}/test_coordinators.py::test_pipeline_does_its_stages_in_order_and_hands_over",
        f"{AGENTS}/test_coordinators.py::test_swarm_finds_consensus_conflicts_and_gaps",
        f"{AGENTS}/test_coordinators.py::test_hierarchical_planner_hands_each_part_what_it_requires",
    ),
    "depth-aware replanning: reflection": (f"{KNOWLEDGE}/test_memory.py::test_reflection_covers_the_whole_subtree",),
    "depth-aware replanning: openings of the subtree": (
        f"{FLOWS}/test_spawning.py::test_openings_of_a_subtree_are_those_of_its_parts",
        f"{FLOWS}/test_feature_example.py::test_what_documents_left_open_is_answered_from_where_it_was_settled",
    ),
}

_ASKED = f"{AGENTS}/test_asked.py"
DELEGATION = {
    "researcher: return_summary, max_length": (
        f"{_ASKED}::test_researcher_returns_a_summary_of_the_length_that_is_asked_for",
    ),
    "code-analyzer: git_hash": (f"{_ASKED}::test_code_analyzer_says_at_which_commit_the_code_is",),
    "learning-path: target_audience, duration": (
        f"{_ASKED}::test_learning_path_is_for_the_audience_and_within_the_duration_that_are_asked_for",
    ),
    "decision-log: review_date": (f"{_ASKED}::test_decision_is_looked_at_again_when_the_plan_says_so",),
    "decision-log: status": (f"{_ASKED}::test_decision_that_is_to_be_accepted_is_not_where_nothing_carries_it",),
}

WORKFLOWS = {
    "1 complex feature": (
        f"{KNOWLEDGE}/test_command.py::test_workflow_of_a_complex_feature",
        f"{FLOWS}/test_feature_example.py::test_phases_go_from_research_and_analysis_over_a_decision_to_learning_and_building",
    ),
    "2 incident": (
        f"{KNOWLEDGE}/test_command.py::test_workflow_of_an_incident",
        f"{FLOWS}/test_responding_to_incident.py::test_first_track_that_knows_the_cause_ends_the_search_of_the_other",
    ),
    "3 programme": (
        f"{KNOWLEDGE}/test_command.py::test_workflow_of_a_programme",
        f"{FLOWS}/test_advance_program.py::test_each_run_does_one_quarter_and_repeats_nothing",
    ),
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
def collected_from(file: str) -> frozenset[str]:
    """The names under which pytest collects the tests of a file: functions at its top level."""
    functions = ast.parse((TESTS / file).read_text(encoding="utf-8")).body
    return frozenset(
        each.name
        for each in functions
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name.startswith("test_")
    )


@pytest.mark.parametrize("row", ROWS)
def test_row_is_shown_by_tests_that_exist(row: str) -> None:
    """Whoever renames such a test says here what it is called now."""
    named = [shown.partition("::") for shown in ROWS[row]]
    assert named
    assert [f"{file}::{name}" for file, _, name in named if name not in collected_from(file)] == []


def test_each_status_link_type_and_trigger_has_a_row() -> None:
    """A new one cannot be added without a test that names it."""
    assert set(STATUSES) == {status.value for status in PlanStatus}
    assert set(LINKS) == {link.value for link in LinkType}
    assert set(TRIGGERS) == {trigger.value for trigger in Trigger}


def test_patterns_and_best_practices_are_complete() -> None:
    """Four and ten, as the design document counts them."""
    assert list(PATTERNS) == ["1", "2", "3", "4"]
    assert list(PRACTICES) == [str(number) for number in range(1, 11)]
