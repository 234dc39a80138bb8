"""The task network: a goal becomes tasks, tasks become methods, methods become parts.

Decomposition is recursive and driven by the goal: each requirement leads to the tasks that its words name, and one
that nothing knows to a plan of its own made from its words. A task that two requirements share is done once and
answers both.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from prefect_harmonic.planners.choice import choice_in
from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.planners.sources.methods.matching import frames_for, is_answered_by, is_meant, tasks_in
from prefect_harmonic.planners.sources.methods.model import (
    FEATURE_TASK,
    GOAL_TASK,
    WIDE,
    Method,
    Need,
    Piece,
    Scope,
    Share,
    SubTask,
    Use,
)
from prefect_harmonic.planners.sources.methods.naming import filled, template_values
from prefect_harmonic.planners.sources.methods.parts import Part, with_distinct_names
from prefect_harmonic.planners.sources.methods.styles import Leaning
from prefect_harmonic.planners.words import phrase_of

DEEPEST = 8
"""Tasks within tasks at most; a library has no recursion, so this only guards against very long ways."""

MOST_APART = 24
"""Requirements that get a part of the plan each; of more, neighbours are answered together."""

FINAL_KINDS = frozenset({"integration", "test", "verification", "deployment", "release", "benchmark"})
"""Kinds of artifact that are about the real thing and cannot be held to its contract."""


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The parts of one plan before shaping, and the order of its phases."""

    parts: tuple[Part, ...]
    phases: tuple[str, ...]
    frame: str


@dataclass(frozen=True, slots=True)
class _Task:
    """A task on its way to being decomposed: what it is about and for which requirements it is done.

    Several that are alike go by one method: options that are compared are studied in the same way.
    """

    name: str
    subject: str
    covers: frozenset[str]
    identity: str
    depth: int
    is_alike: bool = False


@dataclass(slots=True)
class _Engine:
    library: MethodLibrary
    goal: str
    requirements: tuple[str, ...]
    leaning: Leaning
    conditions: frozenset[str]
    frame: Method
    parts: list[Part] = field(default_factory=list)
    done: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    @property
    def answered(self) -> frozenset[str]:
        """Requirements that the frame itself is about: those that name it, or else the first."""
        if any(step.each is Scope.ALL for step in self.frame.subtasks):
            return frozenset()
        if any(step.each is Scope.OPTIONS for step in self.frame.subtasks):
            return self.options | {each for each in self.requirements if phrase_of(each) == self.purpose}
        named = frozenset(each for each in self.requirements if is_answered_by(self.frame, each))
        return named or frozenset(self.requirements[:1])

    @property
    def options(self) -> frozenset[str]:
        """Requirements that the goal names as options to choose among."""
        choice = choice_in(self.goal)
        return frozenset() if choice is None else frozenset(choice.options) & frozenset(self.requirements)

    @property
    def purpose(self) -> tuple[str, ...]:
        """What these options are for, as stems."""
        choice = choice_in(self.goal)
        return () if choice is None else phrase_of(choice.purpose)

    def run(self) -> None:
        answered = self.answered
        subject = next((each for each in self.requirements if each in answered), self.requirements[0])
        self._expand(self.frame, _Task(GOAL_TASK, subject, answered, "", 0))

    def _expand(self, method: Method, task: _Task) -> None:
        for step in method.steps:
            if not step.when <= self.conditions:
                continue
            if isinstance(step, Piece):
                self._add(step, method, task)
            elif not step.only_in or step.only_in & self.leaning.tags:
                for subtask in self._subtasks(step, task):
                    self._decompose(subtask)

    def _subtasks(self, step: SubTask, task: _Task) -> Iterable[_Task]:
        """What a step hands on: one task, or for a repeated step those of each requirement."""
        if step.each is None:
            subject = filled(step.subject, self._values(task.subject)) if step.subject else task.subject
            identity = subject if step.subject else task.identity
            yield _Task(step.task, subject, task.covers, identity, task.depth + 1)
            return
        unknown = []
        for requirement in self.requirements:
            if step.each is Scope.OTHERS and requirement in task.covers:
                continue
            if step.each is Scope.OPTIONS and requirement not in self.options:
                continue
            known = tasks_in(requirement, self.library.by_task, self.goal) if step.is_routed else ()
            for name in known:
                yield _Task(name, requirement, frozenset({requirement}), "", task.depth + 1)
            if not known:
                unknown.append(requirement)
        for bundle in _bundled(unknown):
            subject = _named(bundle)
            is_alike = step.each is Scope.OPTIONS
            yield _Task(step.task, subject, frozenset(bundle), subject, task.depth + 1, is_alike)

    def _decompose(self, task: _Task) -> None:
        key = (task.name, task.identity)
        if key in self.done:
            start, end = self.done[key]
            for at in range(start, end):
                self.parts[at] = replace(self.parts[at], covers=self.parts[at].covers | task.covers)
            return
        if task.depth > DEEPEST:
            return
        start = len(self.parts)
        self.done[key] = (start, start)
        options = self._options(task.name) or self._options(FEATURE_TASK)
        affinities = [(method, _affinity(method, self.leaning)) for method in options]
        drawn_for = "" if task.is_alike else task.identity
        self._expand(self.leaning.chosen(affinities, f"method|{task.name}|{drawn_for}"), task)
        self.done[key] = (start, len(self.parts))

    def _options(self, task: str) -> list[Method]:
        """Methods for a task; those made for this very goal, if there are any."""
        possible = [method for method in self.library.by_task[task] if method.when <= self.conditions]
        special = [method for method in possible if method.only_for and is_meant(method, self.goal)]
        return special or [method for method in possible if not method.only_for]

    def _values(self, subject: str) -> dict[str, str]:
        position = self.requirements.index(subject) + 1 if subject in self.requirements else 1
        values = template_values("subject", subject, f"part {position}")
        return values | template_values("goal", self.requirements[0], "part 1")

    def _add(self, piece: Piece, method: Method, task: _Task) -> None:
        values = self._values(task.subject)
        name = filled(piece.artifact, values)
        if not self._is_wanted(piece, name):
            return
        covers = frozenset(self.requirements) if piece.covers_all else task.covers
        priority = piece.priority or method.priority or self.frame.priority or "normal"
        self.parts.append(
            Part(
                id=name,
                description=_sentence(filled(piece.description, values)),
                contract=_sentence(filled(piece.contract, values)),
                consumes=tuple(self._uses(piece, values)),
                produces=tuple(filled(thing, values) for thing in piece.produces),
                needs=tuple(Need(filled(need.artifact, values), filled(need.because, values)) for need in piece.needs),
                gathers=piece.gathers,
                informs=piece.informs,
                contract_of=tuple(filled(thing, values) for thing in piece.contract_of),
                domain_type=piece.domain_type,
                agent=piece.agent,
                effort=piece.effort,
                hours=piece.estimated_hours,
                phase=piece.phase,
                file=filled(piece.produces_file, values) if piece.produces_file else None,
                priority=priority,
                covers=covers,
                scope=f"{task.name} {task.identity}" if task.depth else "",
                order=len(self.parts),
                merge_group=filled(piece.merge_group, values) if piece.merge_group else None,
                shares=tuple(_share(share, values) for share in piece.splittable),
                is_final=piece.is_final or piece.domain_type in FINAL_KINDS,
                is_optional=bool(piece.only_in),
            )
        )

    def _is_wanted(self, piece: Piece, name: str) -> bool:
        tags = self.leaning.tags
        if piece.not_in & tags:
            return False
        if not piece.only_in:
            return True
        keeps = bool(piece.informs) or WIDE in piece.only_in or self.leaning.keeps(f"piece|{name}")
        return bool(piece.only_in & tags) == keeps

    def _uses(self, piece: Piece, values: dict[str, str]) -> Iterable[Use]:
        for use in piece.consumes:
            if not use.only_in or use.only_in & self.leaning.tags:
                yield Use(filled(use.thing, values), filled(use.because, values))


def _bundled(requirements: Sequence[str]) -> list[Sequence[str]]:
    """The requirements one by one, or neighbours together where a plan could not hold a part for each."""
    size = math.ceil(len(requirements) / MOST_APART)
    return [requirements[start : start + size] for start in range(0, len(requirements), size)] if size else []


def _named(bundle: Sequence[str]) -> str:
    if len(bundle) < 3:
        return " and ".join(bundle)
    return f"{bundle[0]} and {len(bundle) - 1} more"


def _affinity(method: Method, leaning: Leaning) -> float:
    return sum(method.affinity.get(tag, 0.0) for tag in sorted(leaning.tags))


def _share(share: Share, values: dict[str, str]) -> Share:
    return Share(
        artifact=filled(share.artifact, values),
        description=_sentence(filled(share.description, values)),
        contract=_sentence(filled(share.contract, values)),
        produces_file=filled(share.produces_file, values) if share.produces_file else None,
        consumes=None if share.consumes is None else tuple(filled(thing, values) for thing in share.consumes),
    )


def _sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith((".", "!", "?", "…")) else ".")


def decomposed(
    library: MethodLibrary, goal: str, requirements: tuple[str, ...], leaning: Leaning, conditions: frozenset[str]
) -> Decomposition:
    """The parts that a goal decomposes into under a leaning."""
    frames = frames_for(goal, requirements, library.by_task, conditions)
    affinities = [(frame, _affinity(frame, leaning)) for frame in frames]
    frame = leaning.chosen(affinities, "frame")
    engine = _Engine(library, goal, requirements, leaning, conditions, frame)
    engine.run()
    return Decomposition(tuple(with_distinct_names(engine.parts)), frame.phases, frame.name)
