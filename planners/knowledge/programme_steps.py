"""What happens to the nodes of a pursuit while it is carried out: artifacts start and end, phases and the goal end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import select

from prefect_harmonic.planners.evidence import Evidence, summarised
from prefect_harmonic.planners.knowledge.claims import claims_recorded, decision_recorded
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.effort_log import work_finished, work_interrupted
from prefect_harmonic.planners.knowledge.entities import search_words
from prefect_harmonic.planners.knowledge.entity import PlanStatus
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.knowledge.programme_tree import (
    ARTIFACT,
    LEFT_OUT,
    PHASE,
    new_node,
    nodes_written,
    programme_nodes,
    rows_below,
)
from prefect_harmonic.planners.knowledge.refusal import plain_text
from prefect_harmonic.planners.knowledge.steps import step_taken
from prefect_harmonic.planners.knowledge.tables import EntityRow, LinkRow
from prefect_harmonic.planners.knowledge.tree import entity_row, parent_of, rows_above

NOT_RUN = "not_run"
"""Why an artifact that was never started was not."""


SCHEDULED = "scheduled"
"""Outcome of a run after which only work is left that is not due yet."""

_SECONDS_PER_HOUR = 3600.0
_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Ended:
    """How an artifact ended.

    Attributes:
        status: Completed or blocked; none where it was never started.
        reason: Why it is blocked, was not run, or was left out.
        evidence: What was found out.
        seconds: How long it took, where the clock of the knowledge base has not seen it.
        is_left_out: Whether it is not wanted any more.
    """

    status: PlanStatus | None
    reason: str = ""
    evidence: Evidence | None = None
    seconds: float | None = None
    is_left_out: bool = False


async def leaf_started(transaction: Transaction, root: str, node: str) -> str:
    """Starts a node, and gives the node that now stands for its artifact.

    One that is completed is made again as a node of its own, which takes its place in the order of the work. One that
    was left executing by a process that was killed is started anew; the time until then is not known, so not counted.

    Raises:
        IllegalStepError: It waits for something that is not completed.
    """
    row = await entity_row(transaction.session, node)
    if row.status == PlanStatus.COMPLETED:
        row = await _again(transaction, root, row)
    if row.details.get(LEFT_OUT):
        _set(transaction, row, {"dropped": None, LEFT_OUT: None})
    if row.status == PlanStatus.EXECUTING:
        await work_interrupted(transaction, row.id)
        return row.id
    await _free_above(transaction, row)
    _set(transaction, row, {NOT_RUN: None} if row.details.get(NOT_RUN) else {})
    await step_taken(transaction, row, PlanStatus.EXECUTING)
    await transaction.session.flush()
    return row.id


async def leaf_ended(transaction: Transaction, root: str, node: str, ended: Ended) -> None:
    """Takes a node to its end, with all that was found out; what is completed stays as it is."""
    row = await entity_row(transaction.session, node)
    if row.status == PlanStatus.COMPLETED and not ended.is_left_out:
        return
    if ended.is_left_out:
        _set(transaction, row, {"dropped": ended.reason or "left out", LEFT_OUT: True})
        await work_finished(transaction, row.id, "dropped")
        return
    if ended.status is None and row.status != PlanStatus.EXECUTING:
        _set(transaction, row, {NOT_RUN: ended.reason or "what it waits for was not made"})
        return
    is_clocked = row.status == PlanStatus.EXECUTING
    if not is_clocked and row.status != ended.status:  # it was never seen to start
        await leaf_started(transaction, root, node)
    with transaction.session.no_autoflush:  # so that all that changes of the node is written at once
        await _completed_or_blocked(transaction, row, ended, is_clocked=is_clocked)
    await transaction.session.flush()


async def _completed_or_blocked(transaction: Transaction, row: EntityRow, ended: Ended, *, is_clocked: bool) -> None:
    details: dict[str, JsonValue] = {}
    status = ended.status or PlanStatus.BLOCKED
    if status is PlanStatus.BLOCKED:
        details["blocker"] = ended.reason or "it failed"
    elif not is_clocked and ended.seconds is not None:
        details |= {"actual_hours": round(ended.seconds / _SECONDS_PER_HOUR, 6), "kept": True}
    if ended.evidence is not None:
        details |= await _findings_kept(transaction, row, ended.evidence)
    _set(transaction, row, details)
    await step_taken(transaction, row, status)


async def _findings_kept(transaction: Transaction, row: EntityRow, evidence: Evidence) -> dict[str, JsonValue]:
    """Keeps what was found out, and gives what the node says of it: the summary goes up, the full text stays here."""
    await claims_recorded(transaction, row.id, evidence.claims)
    for decision in evidence.decisions:
        await decision_recorded(transaction, row.id, decision)
    if evidence.text:
        row.content = plain_text("content", evidence.text)
        row.content_words = search_words(evidence.text)
    return {
        "summary": summary_upward([evidence.summary], [claim.text for claim in evidence.claims]),
        "confidence": evidence.confidence,
        "gaps": list[JsonValue](evidence.gaps),
        "files": [file.path for file in evidence.files],
    }


def summary_upward(told: Sequence[str], more: Sequence[str] = ()) -> str:
    """What is passed upward: whole texts as far as 1,000 characters go, the more important ones first.

    >>> summary_upward(["Three services."], ["There are three services."])
    'Three services. There are three services.'
    """
    return summarised(*told, *(text if text.endswith((".", "!", "?")) else f"{text}." for text in more))


async def _free_above(transaction: Transaction, row: EntityRow) -> None:
    """Goes on with the phase and the goal above a node, where they were blocked; not with what it is to unblock."""
    for above in await rows_above(transaction.session, row.id, PlanStatus.BLOCKED):
        if not above.details.get(ARTIFACT):
            await step_taken(transaction, above, PlanStatus.EXECUTING)


async def _again(transaction: Transaction, root: str, row: EntityRow) -> EntityRow:
    """A node that stands for the same artifact from now on, with the same links to what it waits for and back."""
    session = transaction.session
    link = await parent_of(session, row.id)
    parent = await entity_row(session, link.source_id if link else root)
    if parent.status == PlanStatus.COMPLETED and parent.id != root:
        parent = await _begun_again(transaction, root, parent)
    kept = {"blocker", "actual_hours", "actual_effort", "summary", "confidence", "gaps", "files", "kept", "dropped"}
    details: Mapping[str, JsonValue] = {key: value for key, value in row.details.items() if key not in kept}
    new = new_node(transaction, row.title, row.content, {**details, "repeats": row.id})
    await nodes_written(transaction, [(parent.id, new)])
    links = select(LinkRow).where(
        (LinkRow.source_id == row.id) | (LinkRow.target_id == row.id), LinkRow.type == LinkType.REQUIRES.value
    )
    for one in (await session.execute(links)).scalars().all():
        if one.target_id == row.id:
            one.target_id = new.id
        else:
            one.source_id = new.id
    _set(transaction, row, {"dropped": f"made again as {new.id}"})
    await session.flush()
    return new


async def _begun_again(transaction: Transaction, root: str, phase: EntityRow) -> EntityRow:
    """A node that stands for a completed phase from now on, for all of it that is made again."""
    nodes = await programme_nodes(transaction.session, root)
    last = nodes.phases.get(str(phase.details[PHASE]))
    if last is not None and last.status != PlanStatus.COMPLETED:
        return last
    new = new_node(transaction, phase.title, "", {key: phase.details[key] for key in (PHASE, "after")})
    await nodes_written(transaction, [(root, new)])
    return new


async def phase_over(transaction: Transaction, root: str, phase: str) -> None:
    """Ends a phase: completed if all that is wanted of it is, else blocked with what is missing."""
    nodes = await programme_nodes(transaction.session, root)
    if phase in nodes.phases:  # all of its artifacts may stand in phases of the plan before, or in none
        await _closed(transaction, nodes.phases[phase], "")


async def goal_ended(transaction: Transaction, root: str, outcome: str, *, is_reached: bool, reason: str = "") -> None:
    """Ends the pursuit: completed if its goal is reached and nothing wanted is missing, else blocked with why.

    Where what is left is only not due yet, the goal is neither, and stays as it is.
    """
    nodes = await programme_nodes(transaction.session, root)
    for row in nodes.leaves.values():
        if row.status == PlanStatus.EXECUTING and not row.details.get("dropped"):
            _set(transaction, row, {"blocker": "the run ended before it was done"})
            await step_taken(transaction, row, PlanStatus.BLOCKED)
    for row in nodes.phases.values():
        if not row.details.get("dropped"):
            await _closed(transaction, row, "")
    row = await entity_row(transaction.session, root)
    _set(transaction, row, {"outcome": outcome})
    if outcome == SCHEDULED:
        return
    await _closed(transaction, row, "" if is_reached else reason or outcome)


async def _closed(transaction: Transaction, row: EntityRow, problem: str) -> None:
    """Completes a node above others, or blocks it where something below is not completed or there is a problem."""
    if row.status == PlanStatus.COMPLETED:
        return
    below = [one for one in await rows_below(transaction.session, row.id) if not one.details.get("dropped")]
    work = [one for one in below if not _is_phase(one)]
    missing = [one for one in work if one.status != PlanStatus.COMPLETED]
    problem = problem or (f"{_named(missing)} not completed" if missing else "")
    if problem and _is_phase(row) and row.status == PlanStatus.PLANNING:
        return  # nothing of it was ever started
    summaries = [one.details["summary"] for one in work if one.details.get("summary")]
    counted = f"{len(work) - len(missing)} of {len(work)} artifacts are there."
    ended: dict[str, JsonValue] = {"summary": summary_upward([counted, *map(str, summaries)])}
    if problem:
        ended["blocker"] = problem
    if not (problem and row.status == PlanStatus.BLOCKED):
        await step_taken(transaction, row, PlanStatus.EXECUTING)
    _set(transaction, row, ended)
    await step_taken(transaction, row, PlanStatus.BLOCKED if problem else PlanStatus.COMPLETED)
    await transaction.session.flush()


def _is_phase(row: EntityRow) -> bool:
    return bool(row.details.get(PHASE)) and not row.details.get(ARTIFACT)


def _named(rows: Sequence[EntityRow]) -> str:
    told = ", ".join(row.title for row in rows[:_NAMED_AT_MOST])
    more = f" and {len(rows) - _NAMED_AT_MOST} more" if len(rows) > _NAMED_AT_MOST else ""
    return f"{told}{more} {'is' if len(rows) == 1 else 'are'}"


def _set(transaction: Transaction, row: EntityRow, changes: Mapping[str, JsonValue]) -> None:
    if changes:
        row.details = {**row.details, **changes}
        row.updated_at = transaction.now
