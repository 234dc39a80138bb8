"""What a judge adds to the evaluation by rules: gaps, contradictions and less confidence, never the opposite.

A judgement lies over the findings it was made about and is bound to them by their digest: what is made anew is judged
anew. The rules then evaluate the findings as judged, so that nothing they find can be taken away, and what a judge adds
is closed, replanned and asked about like everything else.

Source: issue 3, "Evaluation"; semantics, "Evaluation and replanning".
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Contradiction, Evidence
from prefect_harmonic.planners.programme.opening import Opening


class JudgedFindings(BaseModel):
    """What a judge says about the findings for one artifact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artifact: str
    digest: str = Field(description="Of the evidence that was judged; it holds for no other.")
    confidence: float | None = Field(default=None, ge=0, le=1, description="The most that the findings carry.")
    because: str = Field(default="", description="Why no more.")
    gaps: tuple[str, ...] = Field(default=(), description="What was asked for and is not answered.")
    contradictions: tuple[Contradiction, ...] = Field(default=(), description="Claims that cannot both hold.")


class Judgement(BaseModel):
    """What a judge says about the findings of a phase, as far as it points at something that is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: str
    judge: str = Field(description="Who judged, such as a model's provider and name.")
    findings: tuple[JudgedFindings, ...] = ()
    dropped: tuple[str, ...] = Field(default=(), description="Remarks that were not taken, each with why.")
    failure: str = Field(default="", description="Why there is no judgement; then the rules stand alone.")

    def __str__(self) -> str:
        if self.failure:
            return f"{self.judge} gave no judgement: {self.failure}"
        lowered = sum(one.confidence is not None for one in self.findings)
        gaps = sum(len(one.gaps) for one in self.findings)
        contradictions = sum(len(one.contradictions) for one in self.findings)
        told = f"{self.judge} looked at {_number(len(self.findings), 'artifact')}: {_number(gaps, 'gap')} and "
        told += f"{_number(contradictions, 'contradiction')} added, {_number(lowered, 'confidence')} lowered"
        return f"{told}, {_number(len(self.dropped), 'remark')} dropped" if self.dropped else told


class JudgeRequest(BaseModel):
    """What a judge is asked about: the findings of a phase, with what they rest on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: str
    goal: str
    requirements: tuple[str, ...] = ()
    artifacts: tuple[Artifact, ...] = Field(description="What was asked for, in an order of the plan.")
    evidence: dict[str, Evidence] = Field(description="What was found out, by artifact.")
    background: dict[str, Evidence] = Field(default_factory=dict, description="What it rests on, judged before.")
    filling: dict[str, Opening] = Field(
        default_factory=dict, description="For closing artifacts the opening each is to close."
    )


class PhaseJudge(Protocol):
    """Judges the findings of a phase. What it says is checked; it may be wrong but not silent."""

    @property
    def label(self) -> str:
        """What it is called."""
        ...

    async def judged(self, request: JudgeRequest) -> Judgement:
        """What it has to say.

        Raises:
            CandidateError: It has nothing to say that can be read; the reason is told.
            BudgetSpentError: The run may not ask it any more.
        """
        ...


def evidence_digest(evidence: Evidence) -> str:
    """What a judgement is bound to."""
    return hashlib.sha256(evidence.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()


def unjudged(evidence: Mapping[str, Evidence], judgements: Iterable[Judgement]) -> tuple[str, ...]:
    """Artifacts whose findings nobody has judged yet, as they are now."""
    known = {(one.artifact, one.digest) for judgement in judgements for one in judgement.findings}
    return tuple(name for name, found in evidence.items() if (name, evidence_digest(found)) not in known)


def as_judged(evidence: Mapping[str, Evidence], judgements: Sequence[Judgement]) -> dict[str, Evidence]:
    """The findings with all that judges added to them.

    >>> found = Evidence(artifact="Load", agent="researcher", summary="", confidence=0.9, gaps=("no peak figures",))
    >>> said = JudgedFindings(artifact="Load", digest=evidence_digest(found), confidence=0.5, gaps=("no trend",))
    >>> judged = as_judged({"Load": found}, [Judgement(phase="find out", judge="model", findings=(said,))])["Load"]
    >>> judged.confidence, judged.gaps
    (0.5, ('no peak figures', 'no trend'))
    """
    said: dict[str, list[JudgedFindings]] = {}
    for judgement in judgements:
        for one in judgement.findings:
            said.setdefault(one.artifact, []).append(one)
    return {name: _judged(found, said[name]) if name in said else found for name, found in evidence.items()}


def _judged(found: Evidence, said: Iterable[JudgedFindings]) -> Evidence:
    digest = evidence_digest(found)
    holding = [one for one in said if one.digest == digest]
    caps = [one.confidence for one in holding if one.confidence is not None]
    return found.model_copy(
        update={
            "confidence": min([found.confidence, *caps]),
            "gaps": tuple(dict.fromkeys([*found.gaps, *(gap for one in holding for gap in one.gaps)])),
            "contradictions": (*found.contradictions, *(each for one in holding for each in one.contradictions)),
        }
    )


def _number(count: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"
