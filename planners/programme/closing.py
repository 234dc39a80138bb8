"""The artifact that closes an opening, where it can go, and when an opening is closed.

Each opening gets one closing artifact, ever. Its id is made of what is open, so that it is the same artifact in every
candidate and in every run.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import Artifact, Priority, Requirement
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.programme.evaluation import distinct_contradictions
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind, contradiction_key, is_restated
from prefect_harmonic.planners.words import STOP_WORDS, stem, stems_of, telling_stems, words_of

LAST_PHASE = "closing"
"""The phase of closing artifacts where nothing is left to be made that could wait for them."""

_LONGEST_NAME, _MOST_WORDS, _LONGEST_ARTIFACT = 32, 4, 80
# Words in which a gap is told rather than what it is about, and where a document leaves it open.
_SAYING_WORDS = "no not nothing nobody document documents says say said anything about known"
_SAYING = frozenset(_SAYING_WORDS.split())
_PLACE = re.compile(r"^left open in \S+: ")
_ABOUT_ARTIFACTS = frozenset({OpeningKind.FAILURE, OpeningKind.DOUBT})
_RESEARCHER, _ANALYZER, _DECIDER = "researcher", "code-analyzer", "decision-log"
_CODE_WORDS = (
    "code complexity coupling cycle cyclic circular function import imported module package refactor refactoring"
)
_CODE = frozenset(map(stem, _CODE_WORDS.split()))
_DECISION = frozenset(
    map(stem, ["alternative", "choice", "choose", "chosen", "decide", "decision", "option", "undecided"])
)


class Closing(BaseModel):
    """An opening with the one artifact that is to close it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opening: Opening
    artifact: str = Field(description="Id of the artifact that closes it.")
    iteration: int = Field(ge=1, description="The evaluation that added it.")


@dataclass(frozen=True, slots=True)
class _Way:
    """How one kind of opening is closed."""

    name: str
    title: str
    contract: str
    kind: str
    because: str


_WAYS = {
    OpeningKind.GAP: _Way(
        "GapFill",
        "Gap Fill",
        "Answers it from named sources, or says what is still missing.",
        "research",
        "left it open",
    ),
    OpeningKind.CONTRADICTION: _Way(
        "Settle", "Settle", "Says which of the two statements holds, and why.", "decision", "says one side of it"
    ),
    OpeningKind.FAILURE: _Way(
        "Unblock", "Unblock", "Finds out what it takes to get it done, and provides that.", "research", ""
    ),
    OpeningKind.COMPLEXITY: _Way(
        "Resolve", "Resolve", "Says how to go about it, in an order, and what it costs.", "analysis", "found it"
    ),
    OpeningKind.GUIDANCE: _Way(
        "Follow", "Follow", "Answers what a person asked for, with sources.", "research", "it is about this"
    ),
    OpeningKind.DOUBT: _Way(
        "Confirm", "Confirm", "Confirms or corrects what was found, with sources.", "research", "is not sure enough"
    ),
}


def filling(closings: Iterable[Closing]) -> Mapping[str, Opening]:
    """For each closing artifact the opening that it is to close."""
    return {closing.artifact: closing.opening for closing in closings}


def closed_by(
    closings: Iterable[Closing], evidence: Mapping[str, Evidence], failed: Collection[str] = ()
) -> frozenset[str]:
    """Keys of the openings whose closing artifact is done and does not report them again.

    A failure is closed when what failed is done after all, which it cannot be before its closing artifact is.
    """
    return frozenset(closing.opening.key for closing in closings if _is_closed(closing, evidence, failed))


def _is_closed(closing: Closing, evidence: Mapping[str, Evidence], failed: Collection[str]) -> bool:
    opening, found = closing.opening, evidence.get(closing.artifact)
    if found is None or closing.artifact in failed or found.blockers:
        return False
    if opening.kind is OpeningKind.FAILURE:
        return all(name in evidence and name not in failed and not evidence[name].blockers for name in opening.origins)
    reported = {contradiction_key(one) for one in distinct_contradictions([found])}
    return opening.key not in reported and not any(is_restated(gap, opening) for gap in found.gaps)


def to_close(openings: Iterable[Opening], closings: Iterable[Closing]) -> tuple[Opening, ...]:
    """The openings that have no closing artifact yet, in the same order. Each gets one, ever."""
    known = {closing.opening.key for closing in closings}
    return tuple(opening for opening in openings if opening.key not in known)


def beyond_closing(
    openings: Iterable[Opening],
    closings: Iterable[Closing],
    evidence: Mapping[str, Evidence],
    failed: Collection[str] = (),
) -> tuple[Opening, ...]:
    """The openings whose closing artifact is through and did not close them: these are for a person.

    Args:
        openings: What is open.
        closings: What was added to close it.
        evidence: What was found out so far, by artifact.
        failed: What failed since; an artifact that is about to run again does not belong here.
    """
    through = {
        closing.opening.key
        for closing in closings
        if closing.artifact in failed
        or (closing.artifact in evidence and not _is_waited_for(closing.opening, evidence, failed))
    }
    return tuple(opening for opening in openings if opening.key in through)


def _is_waited_for(opening: Opening, evidence: Mapping[str, Evidence], failed: Collection[str]) -> bool:
    """Whether what failed has been unblocked and has yet to run again."""
    reached = all(name in evidence or name in failed for name in opening.origins)
    return opening.kind is OpeningKind.FAILURE and not reached


def closing_artifact(
    opening: Opening,
    graph: ArtifactGraph,
    *,
    name: str | None = None,
    agents: Collection[str] | None = None,
    before: Collection[str] = (),
) -> Artifact:
    """The artifact that closes an opening: what it is and what it requires, not yet that anything waits for it.

    It requires all that reported the opening; one that unblocks requires what the blocked one requires. Its agent is
    chosen by what the opening is about: the decision log for contradictions and open decisions, the code analyzer
    for code, the researcher for all else, as far as they may be named.

    Args:
        opening: What is open.
        graph: The plan that it is to be added to.
        name: Its id; made of what is open if left out.
        agents: Specialists that it may name; any if left out.
        before: What is to wait for it; it belongs to the first phase among theirs.

    >>> plan = ArtifactGraph([Artifact(id="Load"), Artifact(id="Sizing", requires="Load")])
    >>> gap = Opening(key="gap-0a1b2c3d4e5f", kind=OpeningKind.GAP, text="no peak load figures", origins=("Load",))
    >>> made = closing_artifact(gap, plan)
    >>> made.id, made.description, made.required_ids, made.agent
    ('GapFill-PeakLoadFigures', 'Gap Fill: no peak load figures', ('Load',), 'researcher')
    """
    way = _WAYS[opening.kind]
    return Artifact(
        id=name or closing_id(opening, _descriptions(graph)),
        description=_told(opening),
        contract=way.contract,
        requires=tuple(_requirements(opening, graph, way)),
        domain_type=way.kind,
        agent=_agent(opening, graph, agents),
        phase=_phase(graph, before),
        priority=Priority.HIGH.value,
    )


def closing_id(opening: Opening, known: Mapping[str, str] | None = None) -> str:
    """The id of the artifact that closes an opening: what is to be done, and about what, in a few words.

    Args:
        opening: What is open.
        known: What artifacts there are, each with its description. An id that another one has is told apart by a few
            letters of the opening's key; the artifact that closes this very opening keeps its id.

    >>> gap = Opening(key="gap-0a1b2c3d", kind=OpeningKind.GAP, text="left open in docs/a.md:3: Who owns an address?")
    >>> closing_id(gap), closing_id(gap, {"GapFill-OwnsAddress": "Gap Fill: who pays for an address"})
    ('GapFill-OwnsAddress', 'GapFill-OwnsAddress-0a1b')
    """
    known = known or {}
    closing = (name for name, description in known.items() if _is_about(description, opening))
    if (own := next(closing, None)) is not None:
        return own
    plain = "-".join(filter(None, (_WAYS[opening.kind].name, _subject(opening))))
    digits = opening.key.rsplit("-", 1)[-1]
    longer = (f"{plain}-{digits[:length]}" for length in (4, 8, len(digits)))
    return next((one for one in (plain, *longer) if one not in known), f"{plain}-{opening.key}")


def _descriptions(graph: ArtifactGraph) -> dict[str, str]:
    return {name: one.description for name, one in graph.artifacts.items()}


def _is_about(description: str, opening: Opening) -> bool:
    """Whether an artifact with a description closes an opening. Reasons of a failure may change, and so may figures."""
    title = f"{_WAYS[opening.kind].title}: "
    if not description.startswith(title):
        return False
    if opening.kind in _ABOUT_ARTIFACTS and opening.origins:
        return opening.origins[0] in _names_in(description)
    told = _told(opening)
    return description == told or (bool(stems_of(told)) and stems_of(description) == stems_of(told))


def _told(opening: Opening) -> str:
    return f"{_WAYS[opening.kind].title}: {opening.text}"


def _names_in(description: str) -> frozenset[str]:
    return frozenset(word.strip(",:;") for word in description.split())


def _subject(opening: Opening) -> str:
    """What an opening is about, as a part of an id: the artifact, or a few telling words."""
    if opening.kind in _ABOUT_ARTIFACTS and opening.origins:
        return opening.origins[0][:_LONGEST_ARTIFACT]
    text = _PLACE.sub("", opening.text)
    if opening.kind is OpeningKind.CONTRADICTION:
        text = text.partition(": ")[0]
    said = _SAYING | {_WAYS[opening.kind].name.casefold()}
    telling = [word for word in words_of(text) if word not in STOP_WORDS and word not in said]
    plain = ["".join(letter for letter in word if letter.isalnum()) for word in telling[:_MOST_WORDS]]
    return _capitals(plain)


def _capitals(words: Sequence[str]) -> str:
    """As many whole words as are short together, each with a capital; the first one in any case, cut if it must be."""
    name = ""
    for word in filter(None, words):
        longer = name + word[:1].upper() + word[1:]
        if name and len(longer) > _LONGEST_NAME:
            break
        name = longer[:_LONGEST_NAME]
    return name


def _requirements(opening: Opening, graph: ArtifactGraph, way: _Way) -> Iterable[Requirement]:
    for origin in opening.origins:
        if origin not in graph:
            continue
        if opening.kind is OpeningKind.FAILURE:
            edges = graph.artifacts[origin].requires
            yield from (Requirement(id=edge.id, because=f"{origin} requires it too") for edge in edges)
        else:
            yield Requirement(id=origin, because=way.because)


def _agent(opening: Opening, graph: ArtifactGraph, agents: Collection[str] | None) -> str | None:
    """The specialist to name; none where none that fits may be named, so that one is chosen as for any artifact."""
    stems = telling_stems(opening.text)
    by_origin = {graph.artifacts[origin].agent for origin in opening.origins if origin in graph}
    wanted = [_RESEARCHER]
    if opening.kind is OpeningKind.CONTRADICTION or (opening.kind is OpeningKind.GAP and stems & _DECISION):
        wanted.insert(0, _DECIDER)
    elif opening.kind is not OpeningKind.FAILURE and (stems & _CODE or by_origin == {_ANALYZER}):
        wanted.insert(0, _ANALYZER)
    return next((agent for agent in wanted if agents is None or agent in agents), None)


def _phase(graph: ArtifactGraph, before: Collection[str]) -> str | None:
    """The first phase of what waits for a closing artifact.

    Joined phases keep their own names: a closing artifact belongs to the one of them that what waits for it names.
    """
    for phase in phases_of(graph) if before else ():
        waiting = [name for name in phase.artifacts if name in before]
        if waiting:
            own = (graph.artifacts[name].phase for name in waiting)
            return next(filter(None, own), phase.name.split(" + ")[0])
    return LAST_PHASE
