"""A race: tracks search for the same cause at once, and the first that knows it ends the search.

Owns what it means to know a cause, and what follows from how the tracks stand. It reads no clock: it is told how many
checkpoints have passed.

A cause is known when the evidence of a track names one of its claims as a cause (`CAUSES` in its data), that claim has
a source that was *measured* now, with its words, and its confidence reaches the threshold. What stands in a document,
such as the report of an earlier incident, tells the cause of that incident: here it is a lead, however sure it sounds,
until something measured confirms it. Two incidents may look the same and have different causes.

Source: second design document, "Workflow 2: Emergency Incident Response".
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.evidence import Claim, Evidence, Grade
from prefect_harmonic.planners.json_reading import texts_in

CAUSES = "causes"
"""Key in the data of evidence: the texts of those of its claims that name a cause."""

CAUSE_THRESHOLD = 0.8
"""Least confidence of a claim that names the cause: set by judgement, so that a suspicion from one kind of source alone
does not reach it and two kinds that agree do (see `docs/incidents.md`)."""

CHECKPOINTS = 12
CHECKPOINT_SECONDS = 300.0


class RaceLimits(BaseModel):
    """When a cause counts as known, and how long is searched before a person is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_confidence: float = Field(default=CAUSE_THRESHOLD, ge=0, le=1, description="Least confidence of the cause.")
    max_checkpoints: int = Field(
        default=CHECKPOINTS, ge=1, le=1000, description="Checkpoints before a person is asked."
    )
    checkpoint_seconds: float = Field(default=CHECKPOINT_SECONDS, gt=0, description="Time from one to the next.")


class Cause(BaseModel):
    """A claim that names the cause, and the track that found it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    track: str
    claim: Claim

    def __str__(self) -> str:
        return f"{self.claim.text} ({self.track}, confidence {self.claim.confidence:.2f})"


class TrackState(StrEnum):
    """Where a track stands."""

    SEARCHING = "searching"
    ENDED = "ended"
    """It has read all there is to read for now."""
    FAILED = "failed"
    DROPPED = "dropped"


class TrackStanding(BaseModel):
    """A track at one moment: where it stands, how sure it is, and what it suspects most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    track: str
    agent: str
    state: TrackState
    confidence: float = Field(default=0.0, ge=0, le=1, description="Of its surest suspicion about the cause.")
    suspicion: str = ""
    reason: str = Field(default="", description="Why it failed or was dropped.")

    def __str__(self) -> str:
        told = f"{self.track} ({self.agent}) {self.state.value}"
        rest = self.reason or self.suspicion
        return f"{told}, confidence {self.confidence:.2f}{f': {rest}' if rest else ''}"


class Checkpoint(BaseModel):
    """How all tracks stood at one checkpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(ge=1)
    seconds: float = Field(ge=0, description="Since the search began, by the clock of the checkpoints.")
    tracks: tuple[TrackStanding, ...]

    @property
    def confidence(self) -> float:
        """Of the surest suspicion of any track."""
        return max((track.confidence for track in self.tracks), default=0.0)

    @property
    def title(self) -> str:
        """The checkpoint as a person names it.

        >>> Checkpoint(number=2, seconds=600, tracks=()).title
        'checkpoint 2 (minute 10)'
        """
        return f"checkpoint {self.number} (minute {self.seconds / 60:g})"

    def __str__(self) -> str:
        return f"{self.title}: {'; '.join(map(str, self.tracks))}"


class RaceStep(StrEnum):
    """What follows from how a race stands."""

    SEARCH = "search"
    DECIDE = "decide"
    ESCALATE = "escalate"


def causes_in(evidence: Evidence) -> tuple[Claim, ...]:
    """The claims that the evidence itself names as causes and that rest on something measured, the surest first."""
    named = evidence.data.get(CAUSES)
    texts = frozenset(texts_in(named))
    found = [claim for claim in evidence.claims if claim.text in texts and _is_measured(claim)]
    return tuple(sorted(found, key=lambda claim: (-claim.confidence, claim.text)))


def _is_measured(claim: Claim) -> bool:
    return any(source.grade is Grade.MEASURED and source.quote for source in claim.sources)


def known_cause(found: Mapping[str, Evidence], min_confidence: float = CAUSE_THRESHOLD) -> Cause | None:
    """The cause, where a track knows it: the surest if several do, and of equally sure ones the first track's.

    Args:
        found: The evidence of each track that has ended.
        min_confidence: Least confidence of the claim.
    """
    named = [Cause(track=track, claim=claim) for track in sorted(found) for claim in causes_in(found[track])[:1]]
    known = [cause for cause in named if cause.claim.confidence >= min_confidence]
    return min(known, key=lambda cause: (-cause.claim.confidence, cause.track), default=None)


def suspicion_of(evidence: Evidence) -> Claim | None:
    """What a track suspects most, sure enough or not."""
    return next(iter(causes_in(evidence)), None)


def next_race_step(cause: Cause | None, passed: int, max_checkpoints: int = CHECKPOINTS) -> RaceStep:
    """What follows: decide as soon as the cause is known, ask a person once the checkpoints are used up.

    >>> next_race_step(None, 11).value, next_race_step(None, 12).value
    ('search', 'escalate')
    """
    if cause is not None:
        return RaceStep.DECIDE
    return RaceStep.ESCALATE if passed >= max_checkpoints else RaceStep.SEARCH
