"""A programme being carried on: milestone after milestone as they fall due, each with its review.

Everything that is decided is written down before the next thing is begun. What belongs to a milestone that was
reviewed is settled: later runs take it as it is, even where the project has changed in the meantime.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from prefect_harmonic.events import EventName
from prefect_harmonic.flows.pursuing import Pursuit
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.programme.difference import Change
from prefect_harmonic.planners.programme.milestones import Milestone, places_of
from prefect_harmonic.planners.programme.outcome import PursuitOutcome
from prefect_harmonic.planners.programme.review import (
    AgentEffort,
    Review,
    Spending,
    adjustment_of,
    efforts,
    progress_of_milestones,
)
from prefect_harmonic.tasks.calling import final_state, quoted
from prefect_harmonic.tasks.programme_state import ProgrammeState, write_programme
from prefect_harmonic.tasks.recording import noted
from prefect_harmonic.tasks.reviewing import REVIEWS, review_milestone
from prefect_harmonic.tasks.views.budget import budget_rows

_SECONDS_PER_HOUR = 3600.0
_UNFINISHED = frozenset({PursuitOutcome.STOPPED, PursuitOutcome.WAITING})


@dataclass(kw_only=True)
class Programme(Pursuit):
    """A pursuit that is carried on by milestones.

    Attributes:
        programme: What its runs have in common.
        today: The day it is.
    """

    programme: ProgrammeState
    today: date

    async def pursue(self) -> PursuitOutcome:
        """Carries on with what is due, reviews each milestone that is over, and says how it ended."""
        await self._planned_noted()
        self._take_settled()
        ended: PursuitOutcome | None = None
        while (place := self.programme.next) is not None:
            is_due = self.programme.milestones[place].due <= self.today
            if ended is not None and not is_due and self.state.open_question is None:
                break
            self.rules = replace(self.rules, due=self._days(place), today=self.today)
            ended = await super().pursue()
            if ended in _UNFINISHED or not self._is_over(place):
                break
            await self._reviewed(place)
        return ended or PursuitOutcome.SCHEDULED

    # What belongs where

    @property
    def _graph(self) -> ArtifactGraph:
        return self.execution.production.graph

    def _places(self, first_open: int) -> Mapping[str, int]:
        return places_of(phases_of(self._graph), self.programme.milestones, first_open=first_open)

    def _days(self, place: int) -> Mapping[str, date]:
        """Days before which phases do not begin: those of milestones after this one wait for its review."""
        milestones = self.programme.milestones
        return {phase: milestones[own].due if own <= place else date.max for phase, own in self._places(place).items()}

    def _artifacts(self, first_open: int) -> Mapping[int, Sequence[str]]:
        """For each milestone its artifacts, by their places."""
        places = self._places(first_open)
        found: dict[int, list[str]] = {}
        for phase in phases_of(self._graph):
            found.setdefault(places[phase.name], []).extend(phase.artifacts)
        return found

    def _is_over(self, place: int) -> bool:
        """Whether all artifacts of a milestone were dealt with, and it was due."""
        artifacts = [name for own, names in self._artifacts(place).items() if own <= place for name in names]
        is_due = self.programme.milestones[place].due <= self.today
        return is_due and all(name in self.execution.outcomes for name in artifacts)

    def _take_settled(self) -> None:
        """Takes the work of reviewed milestones as it is, except what a later change has made again."""
        execution = self.execution
        later = self.state.replannings[self.programme.settled_at :]
        again = {name for one in later for name in one.difference.of(Change.RUN_AGAIN, Change.DROPPED)}
        for name in self._graph.order:
            key = self.programme.settled.get(name)
            entry = None if key is None or name in again else execution.production.ledger.entry(key)
            if entry is not None and entry.evidence.artifact == name:
                execution.keep(name, entry)

    # Reviews

    async def _reviewed(self, place: int) -> None:
        """Reviews a milestone: compares, adjusts what follows, and has the review written and remembered."""
        milestone, draft, log = self.programme.milestones[place], self.programme.draft, self.execution.production.log
        if draft is None or draft.milestone != milestone.name:
            draft = await self._draft(place)
            self._keep(self.programme.with_review(draft))
        if place + 1 < len(self.programme.milestones):
            await self.adjust(f"{milestone.name} was reviewed.")
        review = self._concluded(draft, place)
        where = quoted(self.execution.production.workspace), quoted(self.recording)
        told = (milestone.name, milestone.slug, quoted(review), self.programme.goal, *where)
        state = await final_state(review_milestone, *told, wait_for=self._after)
        if not state.is_completed():
            await state.aresult()
        self._settle(review)
        details = {"verdict": review.verdict.value, "rationale": review.rationale}
        log.tell(EventName.MILESTONE_REVIEWED, milestone.name, **details, file=f"{REVIEWS}/{milestone.slug}.md")

    async def _draft(self, place: int) -> Review:
        """What a milestone came to, before anything follows from it."""
        milestone, state, finished = self.programme.milestones[place], self.state, self._finished
        artifacts, known = self._artifacts(place), self._evaluated_before()
        own = artifacts.get(place, ())
        return Review(
            milestone=milestone.name,
            held=self.today,
            planned=milestone.review or milestone.due,
            progress=progress_of_milestones(self.programme.milestones, artifacts, finished),
            missing=tuple(name for name in own if name not in finished),
            evaluations=state.evaluations[known:],
            confidence_before=state.evaluations[known - 1].confidence if known else None,
            replannings=len(state.replannings) - self.programme.settled_at,
            open=self.standing.open,
            effort=self._effort(name for name in own if name in finished),
            budget=await self._spending(),
        )

    @property
    def _finished(self) -> frozenset[str]:
        return frozenset(name for name, one in self.execution.outcomes.items() if one.is_finished)

    def _evaluated_before(self) -> int:
        """How many evaluations earlier reviews have seen."""
        return sum(len(review.evaluations) for review in self.programme.reviews if review.is_final)

    def _effort(self, artifacts: Iterable[str]) -> tuple[AgentEffort, ...]:
        production, effort = self.execution.production, self.execution.effort
        made = [(name, production.entries[name]) for name in artifacts if name in production.entries]
        return efforts(
            [
                (entry.evidence.agent, effort.hours(self._graph.artifacts[name]), entry.seconds / _SECONDS_PER_HOUR)
                for name, entry in made
            ]
        )

    async def _spending(self) -> tuple[Spending, ...]:
        recording = self.recording
        account = None if recording is None else await recording.account()
        rows = () if account is None else budget_rows(account)
        return tuple(
            Spending(name=row.name, spent=row.spent, limit=row.limit, unit=row.unit)
            for row in rows
            if row.limit is not None
        )

    def _concluded(self, draft: Review, place: int) -> Review:
        """The review with what follows from it."""
        later = self.state.replannings[self.programme.settled_at :]
        ahead = [one for one in later if set(one.difference.of(Change.NEW)) - self._finished]
        changes: dict[str, object] = {"adjustment": adjustment_of(ahead, self.state.proposed), "is_final": True}
        if place + 1 < len(self.programme.milestones):
            artifacts, effort = self._artifacts(place + 1), self.execution.effort
            following = progress_of_milestones(self.programme.milestones, artifacts, self._finished)[place + 1]
            left = [name for name in artifacts.get(place + 1, ()) if name not in self._finished]
            hours = sum(effort.hours(self._graph.artifacts[name]) for name in left)
            changes |= {"next": following, "next_hours": hours}
        return draft.model_copy(update=changes)

    def _settle(self, review: Review) -> None:
        """Writes a review down together with what it settles."""
        settled = {
            name: entry.key
            for name, entry in sorted(self.execution.production.entries.items())
            if name in self._finished
        }
        changed = {
            "milestones": self._with_phases(review.milestone),
            "settled": settled,
            "settled_at": len(self.state.replannings),
        }
        self._keep(self.programme.with_review(review).model_copy(update=changed))

    def _with_phases(self, reviewed: str) -> tuple[Milestone, ...]:
        """The milestones, of which the reviewed one has all phases that were carried out in it."""
        place = self.programme.next or 0
        own = tuple(phase for phase, where in self._places(place).items() if where == place)
        return tuple(
            one.model_copy(update={"phases": own}) if one.name == reviewed else one for one in self.programme.milestones
        )

    async def _planned_noted(self) -> None:
        planned = [one.model_dump(mode="json") for one in self.programme.milestones]
        await noted(self.recording, lambda record: record.reviews_planned(planned))

    def _keep(self, state: ProgrammeState) -> None:
        self.programme = state
        write_programme(self.execution.production.workspace, state)


def programme_document(state: ProgrammeState) -> dict[str, Any]:
    """What the outcome of a run says of its programme, as plain JSON."""
    reviews = {review.milestone: review for review in state.reviews if review.is_final}
    following = None if state.next is None else state.milestones[state.next]
    return {
        "milestones": [
            {
                **one.model_dump(mode="json"),
                "verdict": reviews[one.name].verdict.value if one.name in reviews else None,
                "review_file": f"{REVIEWS}/{one.slug}.md" if one.name in reviews else None,
            }
            for one in state.milestones
        ],
        "milestone": None if following is None else following.name,
        "due": None if following is None else following.due.isoformat(),
        "reviews": [review.model_dump(mode="json") for review in reviews.values()],
    }


def programme_headline(state: ProgrammeState) -> str:
    """How far a programme is, in one line."""
    done = sum(state.is_reviewed(one.name) for one in state.milestones)
    told = f"{done} of {len(state.milestones)} milestones are reviewed"
    following = None if state.next is None else state.milestones[state.next]
    return told if following is None else f"{told}; {following.name} is due on {following.due.isoformat()}"
