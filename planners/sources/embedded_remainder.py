"""Changed plans without a model: the closing artifacts, attached to what remains in ways that really differ.

What rests on an opening waits for its closing artifact in every one of them; that is what makes a change sound. They
differ in what else waits, in whether closing artifacts go beside or after each other, in what these are told, and in
whether somebody looks at their findings once more.

Source: semantics, "Variance is real" and "Replanning touches as little as it can".
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from prefect_harmonic.planners.artifact import Artifact, Priority, Requirement
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.closing import Closing, closing_artifact
from prefect_harmonic.planners.programme.draft import Draft
from prefect_harmonic.planners.programme.opening import OpeningKind
from prefect_harmonic.planners.programme.remaining import closings_for, kept_work, resting_on
from prefect_harmonic.planners.sources.remainder import ReplanRequest
from prefect_harmonic.planners.variance import Style, Variation

_MOST_TOLD = 4
_WAITS = "rests on what it closes"


@dataclass(frozen=True, slots=True)
class Attachment:
    """How closing artifacts are attached to what remains.

    Attributes:
        is_chained: One after the other, each told what the one before found, instead of all at once.
        is_ahead: Everything that could start next waits for them, and not only what rests on an opening.
        is_told: They are told what else was found in the phase, and not only by who reported the opening.
        is_pressing_first: Gaps wait for what is more pressing.
        is_checked: What rests on an opening waits for a second look at what its closing artifact found.
    """

    is_chained: bool = False
    is_ahead: bool = False
    is_told: bool = False
    is_pressing_first: bool = False
    is_checked: bool = False


ATTACHMENTS: Mapping[Style, Attachment] = {
    Style.PARALLEL_FIRST: Attachment(),
    Style.MINIMAL: Attachment(is_chained=True),
    Style.THOROUGH: Attachment(is_checked=True),
    Style.BALANCED: Attachment(is_ahead=True, is_told=True),
    Style.DEFAULT: Attachment(is_pressing_first=True, is_told=True),
    Style.MODULAR: Attachment(is_checked=True, is_pressing_first=True),
    Style.RISK_AWARE: Attachment(is_ahead=True, is_pressing_first=True),
}


class EmbeddedRemainder:
    """Adds the closing artifacts to what remains, attached as the style of the variation has it."""

    @property
    def is_declaring(self) -> bool:
        """Its candidates differ on purpose: an order that one has and another has not was not forgotten."""
        return True

    async def remainder(self, request: ReplanRequest, variation: Variation) -> Plan:
        """The whole plan with the closing artifacts and the orders that came to light.

        The same for the same request and style; nothing is drawn at random. With nothing to add, the plan as it is.
        """
        return _Attaching(request, ATTACHMENTS[variation.style]).plan()


class _Attaching:
    """One changed plan in the making."""

    def __init__(self, request: ReplanRequest, attachment: Attachment) -> None:
        self.request, self.attachment = request, attachment
        self.graph, self.kept = request.graph, kept_work(request)
        self.closings = closings_for(request)
        self.draft = Draft(self.graph)
        phases = phases_of(self.graph)
        self.places = {name: place for place, phase in enumerate(phases) for name in phase.artifacts}

    def plan(self) -> Plan:
        """The whole plan."""
        for one in self.request.dependencies:
            if one.artifact in self.draft and one.requires in self.draft:
                self.draft.order(one.requires, one.artifact, one.because)
        waiting = {closing.artifact: self._waiting(closing) for closing in self.closings}
        for closing in self.closings:
            self.draft.add(self._artifact(closing, waiting[closing.artifact]))
        looks = self._second_looks(waiting) if self.attachment.is_checked else {}
        # What makes the change sound goes first; what only makes it different gives way where both cannot be.
        for closing in self.closings:
            for awaited in (looks.get(closing.artifact, closing.artifact), closing.artifact):
                self.draft.precede(awaited, waiting[closing.artifact], self._because(closing))
        self._put_in_order(waiting)
        return self.draft.plan()

    def _because(self, closing: Closing) -> str:
        return "unblocks it" if closing.opening.kind is OpeningKind.FAILURE else _WAITS

    def _waiting(self, closing: Closing) -> tuple[str, ...]:
        """What waits for a closing artifact, in an order of the plan: what rests on the opening, or all that is ahead.

        What the closing artifact rests on itself cannot wait for it.
        """
        waiting = set(resting_on(closing.opening, self.graph, self.kept))
        if self.attachment.is_ahead and closing.opening.kind is not OpeningKind.FAILURE:
            place = max((self.places[name] for name in closing.opening.origins if name in self.graph), default=-1)
            waiting |= {name for name, own in self.places.items() if own > place and name not in self.kept}
        required = closing_artifact(closing.opening, self.graph, name=closing.artifact).required_ids
        needed = set(required).union(*(self.graph.ancestors_of(name) for name in required))
        return tuple(name for name in self.graph.order if name in waiting - needed)

    def _artifact(self, closing: Closing, waiting: Sequence[str]) -> Artifact:
        made = closing_artifact(
            closing.opening, self.graph, name=closing.artifact, agents=self.request.agents, before=waiting
        )
        if not self.attachment.is_told or closing.opening.kind is OpeningKind.FAILURE:
            return made
        told = (Requirement(id=name, because="was found in the same phase") for name in self._beside(made))
        return made.requiring(*made.requires, *told)

    def _beside(self, made: Artifact) -> tuple[str, ...]:
        """Kept work of the phases of the origins that no order puts before or after any of them, surest first."""
        origins = made.required_ids
        places = {self.places[origin] for origin in origins}
        evidence = self.request.evidence
        beside = [
            name
            for name in sorted(self.kept & evidence.keys())
            if self.places[name] in places
            and name not in origins
            and not any(self.graph.is_ordered(name, origin) for origin in origins)
        ]
        return tuple(sorted(beside, key=lambda name: (-evidence[name].confidence, name))[:_MOST_TOLD])

    def _put_in_order(self, waiting: Mapping[str, Sequence[str]]) -> None:
        """Orders among the closing artifacts themselves, from earlier phases to later ones."""
        ordered = sorted(self.closings, key=lambda closing: self._place(waiting[closing.artifact]))
        if self.attachment.is_chained:
            for one, other in pairwise(ordered):
                self.draft.order(one.artifact, other.artifact, "goes on from what it found")
        if self.attachment.is_pressing_first:
            for place, one in enumerate(ordered):
                for other in ordered[place + 1 :]:
                    if _is_pressing(one) and not _is_pressing(other):
                        self.draft.order(one.artifact, other.artifact, "is more pressing")

    def _place(self, waiting: Sequence[str]) -> int:
        return min((self.places[name] for name in waiting), default=len(self.places))

    def _second_looks(self, waiting: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        """Adds a second look at what closing artifacts find, and gives for each of these the one to wait for.

        Closing artifacts for which the same artifacts wait are looked at together.
        """
        groups: dict[tuple[str, ...], list[str]] = {}
        for closing in self.closings:
            if closing.opening.kind is not OpeningKind.FAILURE:
                groups.setdefault(tuple(waiting[closing.artifact]), []).append(closing.artifact)
        looks: dict[str, str] = {}
        for before, names in sorted(groups.items()):
            look = self._second_look(names, before)
            self.draft.add(look)
            looks |= dict.fromkeys(names, look.id)
        return looks

    def _second_look(self, names: Iterable[str], before: Sequence[str]) -> Artifact:
        names = sorted(names)
        agents = self.request.agents
        digest = hashlib.sha256("\x1f".join(names).encode()).hexdigest()[:8]
        first = next((self.graph.artifacts[name].phase for name in before if self.graph.artifacts[name].phase), None)
        return Artifact(
            id=f"SecondLook-{digest}",
            description="A second look at what was found to close openings: does it carry?",
            contract="Says of each finding whether its sources carry it, and what is still open.",
            requires=tuple(Requirement(id=name, because="is looked at once more") for name in names),
            domain_type="research",
            agent="researcher" if agents is None or "researcher" in agents else None,
            phase=first,
            priority=Priority.HIGH.value,
        )


def _is_pressing(closing: Closing) -> bool:
    return closing.opening.kind not in {OpeningKind.GAP, OpeningKind.DOUBT}
