"""What is open after a phase: the gaps, contradictions and failures of all that is known, and where each comes from.

Source: semantics, "Evaluation and replanning".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from prefect_harmonic.planners.evidence import Contradiction, Evidence
from prefect_harmonic.planners.programme.evaluation import distinct_contradictions
from prefect_harmonic.planners.programme.opening import (
    Opening,
    OpeningKind,
    as_counted,
    contradiction_key,
    failure_key,
    gap_key,
    is_restated,
    one_line,
    opening_key,
)

__all__ = ["Opening", "OpeningKind", "doubts", "guidance_opening", "openings", "pressing_first"]

_RANKS = {kind: rank for rank, kind in enumerate(OpeningKind)}


def openings(
    evidence: Mapping[str, Evidence],
    failed: Mapping[str, str],
    closed: Collection[str] = (),
    *,
    filling: Mapping[str, Opening] | None = None,
) -> tuple[Opening, ...]:
    """Everything that is open, the most pressing kind first, then by key.

    A closing artifact that fails leaves its opening open and opens nothing of its own: what unblocks is not unblocked
    in turn. An artifact whose evidence names a blocker counts as failed, whatever else it found.

    Args:
        evidence: What was found out so far, by artifact.
        failed: Artifacts that failed, each with why. What only waited for another one does not belong here.
        closed: Keys of openings that are closed (`closing.closed_by`); they are left out.
        filling: For closing artifacts the opening each is to close (`closing.filling`). What such an artifact still
            misses about its opening is that opening, not a further one.

    >>> found = Evidence(artifact="Load", agent="researcher", summary="", confidence=0.4, gaps=("no peak figures",))
    >>> [(one.kind.value, one.text, one.origins) for one in openings({"Load": found}, {"App": "it timed out"})]
    [('failure', 'App: it timed out', ('App',)), ('gap', 'no peak figures', ('Load',))]
    """
    filling = filling or {}
    counted = {one.artifact: one for one in as_counted((evidence[name] for name in sorted(evidence)), filling)}
    told = [
        *_still_open(evidence, failed, filling),
        *_failures(evidence, failed, filling),
        *_contradictions(counted),
        *_gaps(counted),
    ]
    return pressing_first(one for one in _joined(told) if one.key not in closed)


def doubts(
    evidence: Mapping[str, Evidence],
    min_confidence: float,
    closed: Collection[str] = (),
    *,
    filling: Mapping[str, Opening] | None = None,
) -> tuple[Opening, ...]:
    """Artifacts that are less sure than is asked for and do not say what they miss, the least sure first.

    For evaluations whose confidence is under the threshold while nothing else is open: then it is these that need
    more research. What closing artifacts found out is not doubted again.
    """
    unsure = [
        one
        for one in evidence.values()
        if one.confidence < min_confidence and not (one.gaps or one.contradictions or one.blockers)
    ]
    found = (
        Opening(
            key=opening_key(OpeningKind.DOUBT, one.artifact),
            kind=OpeningKind.DOUBT,
            text=f"further evidence for {one.artifact}, which is {one.confidence:.0%} sure",
            origins=(one.artifact,),
        )
        for one in sorted(unsure, key=lambda one: (one.confidence, one.artifact))
        if one.artifact not in (filling or {})
    )
    return tuple(opening for opening in found if opening.key not in closed)


def guidance_opening(text: str, origins: Collection[str] = ()) -> Opening:
    """What a person said to look at, as an opening of its own. Without origins, all that is still to be made waits.

    >>> guidance_opening("ask the vendor first").kind.value
    'guidance'
    """
    line = one_line(text)
    key = opening_key(OpeningKind.GUIDANCE, line)
    return Opening(key=key, kind=OpeningKind.GUIDANCE, text=line, origins=tuple(sorted(set(origins))))


def pressing_first(found: Iterable[Opening]) -> tuple[Opening, ...]:
    """Openings in the order in which they are dealt with: by kind, by how many report them, by key."""
    return tuple(sorted(found, key=lambda one: (_RANKS[one.kind], -len(one.origins), one.key)))


def _still_open(
    evidence: Mapping[str, Evidence], failed: Mapping[str, str], filling: Mapping[str, Opening]
) -> Iterator[Opening]:
    """The openings whose closing artifact failed, or says itself that they are still open."""
    for name in sorted(filling):
        is_told = name in evidence and any(is_restated(gap, filling[name]) for gap in evidence[name].gaps)
        if name in failed or is_told:
            yield filling[name]


def _failures(
    evidence: Mapping[str, Evidence], failed: Mapping[str, str], filling: Mapping[str, Opening]
) -> Iterator[Opening]:
    blocked = {name: "; ".join(one.blockers) for name, one in evidence.items() if one.blockers}
    for name, reason in sorted({**blocked, **failed}.items()):
        if name not in filling:
            text = one_line(f"{name}: {reason or 'no reason was given'}")
            yield Opening(key=failure_key(name), kind=OpeningKind.FAILURE, text=text, origins=(name,))


def _contradictions(evidence: Mapping[str, Evidence]) -> Iterator[Opening]:
    said: dict[str, set[str]] = {}
    for name, one in evidence.items():
        told = [claim.text for claim in one.claims]
        told += [claim.text for each in one.contradictions for claim in (each.one, each.other)]
        for text in told:
            said.setdefault(text, set()).add(name)
    for each in distinct_contradictions(tuple(evidence.values())):
        yield Opening(
            key=contradiction_key(each),
            kind=OpeningKind.CONTRADICTION,
            text=one_line(str(each)),
            origins=tuple(sorted(_sides(each, said))),
        )


def _sides(each: Contradiction, said: Mapping[str, set[str]]) -> set[str]:
    """The artifacts that say the one or the other."""
    return said.get(each.one.text, set()) | said.get(each.other.text, set())


def _gaps(evidence: Mapping[str, Evidence]) -> Iterator[Opening]:
    for name, one in evidence.items():
        for gap in one.gaps:
            yield Opening(key=gap_key(gap), kind=OpeningKind.GAP, text=one_line(gap), origins=(name,))


def _joined(told: Iterable[Opening]) -> Iterator[Opening]:
    """Each opening once, in the words in which it was told first, with the origins of all who told it."""
    by_key: dict[str, list[Opening]] = {}
    for one in told:
        by_key.setdefault(one.key, []).append(one)
    for same in by_key.values():
        origins = {origin for one in same for origin in one.origins}
        yield same[0].model_copy(update={"origins": tuple(sorted(origins))})
