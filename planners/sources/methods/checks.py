"""What only a whole library can tell: that its methods fit together.

Checked before any planning, so that a slip in a method is told to its author and not found in a plan.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NoReturn

from prefect_harmonic.errors import MethodLibraryError
from prefect_harmonic.planners.sources.methods.model import FEATURE_TASK, GOAL_TASK, Method, Piece, Scope
from prefect_harmonic.planners.sources.methods.nodes import suggestion


def check_methods(methods: Sequence[Method]) -> None:
    """Refuses methods that do not fit together.

    Raises:
        MethodLibraryError: Repeated names, unknown tasks, endless recursion, results that nobody produces, or no
            method for a goal of any kind.
    """
    _check_names(methods)
    tasks = {method.task for method in methods}
    for needed in (GOAL_TASK, FEATURE_TASK):
        if needed not in tasks:
            raise MethodLibraryError("library", 1, "task", f"no method decomposes {needed!r}; a library needs one")
    if not any(method.task == GOAL_TASK and "*" in method.goals and not method.when for method in methods):
        raise MethodLibraryError("library", 1, "goals", "no unconditional method of the task 'goal' matches '*'")
    for method in methods:
        _check_steps(method, tasks)
    _check_recursion(methods)
    _check_results(methods)


def _check_names(methods: Iterable[Method]) -> None:
    seen: dict[str, Method] = {}
    for method in methods:
        if method.name in seen:
            file, line = seen[method.name].origin
            _refuse(method, "name", f"is the name of another method ({file}:{line}); give each its own")
        seen[method.name] = method


def _check_steps(method: Method, tasks: Collection[str]) -> None:
    for at, step in enumerate(method.steps):
        if isinstance(step, Piece):
            _check_piece(method, at, step)
            continue
        if step.task not in tasks:
            problem = f"no method decomposes {step.task!r}{suggestion(step.task, tasks)}"
            _refuse(method, f"steps[{at}].task", problem)
        if step.task == GOAL_TASK:
            _refuse(method, f"steps[{at}].task", "a goal cannot be a step")
        if step.each is not None and method.task != GOAL_TASK:
            _refuse(method, f"steps[{at}].each", "only a method of the task 'goal' can repeat a step")
    if method.task == GOAL_TASK and not method.goals:
        _refuse(method, "goals", "a method of the task 'goal' needs phrases that lead to it")
    others = [step for step in method.subtasks if step.each is Scope.OTHERS]
    if method.task == GOAL_TASK and not others and not any(step.each is Scope.ALL for step in method.subtasks):
        _refuse(
            method, "steps", "a method of the task 'goal' needs a step for each 'requirement' or 'other requirement'"
        )


def _check_piece(method: Method, at: int, piece: Piece) -> None:
    if piece.contract_of and not piece.produces:
        _refuse(method, f"steps[{at}].contract_of", "a contract must produce something that its readers are held to")
    if piece.informs and not piece.produces:
        _refuse(method, f"steps[{at}].informs", "it must produce what the others start from")
    if len(piece.splittable) == 1:
        _refuse(method, f"steps[{at}].splittable", "names one piece; splitting takes two or more")
    own = set(piece.produces) & {use.thing for use in piece.consumes}
    if own:
        _refuse(method, f"steps[{at}].consumes", f"{min(own)!r} is what the piece itself produces")


def _check_recursion(methods: Sequence[Method]) -> None:
    """A task that leads back to itself about the same subject would never end."""
    leads: dict[str, set[str]] = {}
    for method in methods:
        leads.setdefault(method.task, set()).update(step.task for step in method.subtasks if not step.each)
    for method in methods:
        for at, step in enumerate(method.steps):
            if isinstance(step, Piece) or step.each:
                continue
            way = _way(step.task, method.task, leads)
            if way:
                _refuse(method, f"steps[{at}].task", f"leads back to itself: {' → '.join((method.task, *way))}")


def _way(start: str, end: str, leads: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Tasks from one to another, both included; nothing if there is no way."""
    ways: dict[str, tuple[str, ...]] = {start: (start,)}
    frontier = [start]
    while frontier:
        task = frontier.pop(0)
        if task == end:
            return ways[task]
        for following in sorted(leads.get(task, ())):
            if following not in ways:
                ways[following] = (*ways[task], following)
                frontier.append(following)
    return ()


def _check_results(methods: Sequence[Method]) -> None:
    """What is read or needed anywhere must be made somewhere."""
    produced = {thing for method in methods for piece in method.pieces for thing in piece.produces}
    ids = {piece.artifact for method in methods for piece in method.pieces}
    for method in methods:
        for at, step in enumerate(method.steps):
            if not isinstance(step, Piece):
                continue
            shared = [thing for share in step.splittable for thing in share.consumes or ()]
            for thing in (*(use.thing for use in step.consumes), *step.contract_of, *shared):
                if thing not in produced:
                    _refuse(method, f"steps[{at}].consumes", f"nothing produces {thing!r}{suggestion(thing, produced)}")
            for need in step.needs:
                if need.artifact not in ids:
                    problem = f"no step is the artifact {need.artifact!r}{suggestion(need.artifact, ids)}"
                    _refuse(method, f"steps[{at}].needs", problem)


def _refuse(method: Method, field: str, problem: str) -> NoReturn:
    """Ends checking at the method, or at the step where the field is one of a step."""
    file, line = method.origin
    if step := re.match(r"steps\[(\d+)\]", field):
        line = method.steps[int(step[1])].line
    raise MethodLibraryError(file, line, f"{method.name}.{field}", problem)
