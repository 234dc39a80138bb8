"""What a change of the plan may touch: the work that is kept, and what rests on an opening.

The rules that hold for every changed plan, whoever proposes it.
"""

from collections.abc import Iterable

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.gate.coverage import covered_requirements
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.closing import Closing, closing_artifact, closing_id, to_close
from prefect_harmonic.planners.programme.difference import specification
from prefect_harmonic.planners.programme.gaps import pressing_first
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.planners.refinement import lost_artifacts
from prefect_harmonic.planners.sources.remainder import ReplanRequest

_MOST_NAMED = 3


def closings_for(request: ReplanRequest) -> tuple[Closing, ...]:
    """The closings that a request asks for: one for each opening that has none yet, the most pressing ones first.

    An opening whose closing artifact is in the plan already has one, whoever put it there. What is open nowhere in
    the plan (its origins were dropped) is not closed. At most `max_closings` are added at once.
    """
    graph = request.graph
    known = {name: one.description for name, one in graph.artifacts.items()}
    made: list[Closing] = []
    for opening in pressing_first(to_close(_distinct(request.openings), request.closings)):
        name = closing_id(opening, known)
        is_in_plan = not opening.origins or any(origin in graph for origin in opening.origins)
        if name not in known and is_in_plan and len(made) < request.max_closings:
            made.append(Closing(opening=opening, artifact=name, iteration=request.iteration))
            known[name] = ""  # Taken, whatever the next one is about.
    return tuple(made)


def _distinct(openings: Iterable[Opening]) -> tuple[Opening, ...]:
    return tuple({opening.key: opening for opening in openings}.values())


def kept_work(request: ReplanRequest) -> frozenset[str]:
    """Finished artifacts that stay as they are.

    Not kept is what something that must be made again comes before: an artifact whose findings no longer hold, one
    that its own evidence says is blocked, one that has to wait for something that it did not wait for.
    """
    again = {name for name in request.changed if name in request.graph}
    for closing in closings_for(request):
        if closing.opening.kind is OpeningKind.FAILURE:
            again |= {origin for origin in closing.opening.origins if origin in request.graph}
    again |= {one.artifact for one in request.dependencies if one.artifact in request.graph}
    return (request.finished & frozenset(request.graph.artifacts)) - request.graph.cone_of(again)


def resting_on(opening: Opening, graph: ArtifactGraph, kept: frozenset[str]) -> frozenset[str]:
    """What is still to be made and rests on an opening; all of it for an opening without origins.

    On a failure rests what failed; what requires that waits for it anyway.
    """
    origins = [origin for origin in opening.origins if origin in graph]
    if opening.kind is OpeningKind.FAILURE:
        return frozenset(origins) - kept
    if not origins:
        return frozenset(graph.artifacts) - kept
    return graph.cone_of(origins) - kept - frozenset(origins)


def broken_rule(request: ReplanRequest, changed: ArtifactGraph) -> str | None:
    """Which rule of replanning a changed plan breaks, in words; nothing if it keeps to all of them."""
    kept, closings = kept_work(request), closings_for(request)
    if dropped := sorted(name for name in kept if name not in changed):
        return f"drops {_some(dropped)}, which is finished"
    before, after = request.graph.artifacts, changed.artifacts
    if altered := sorted(name for name in kept if specification(after[name]) != specification(before[name])):
        return f"changes {_some(altered)}, which is finished"
    if missing := [closing.artifact for closing in closings if closing.artifact not in changed]:
        return f"leaves open what {_some(missing)} is to close"
    for closing in closings:
        needed = closing_artifact(closing.opening, request.graph, name=closing.artifact).required_ids
        if lacking := sorted(set(needed) - set(after[closing.artifact].required_ids)):
            return f"does not let {closing.artifact} require {_some(lacking)}"
        resting = [name for name in resting_on(closing.opening, request.graph, kept) if name in changed]
        if heedless := sorted(name for name in resting if not changed.is_ordered(closing.artifact, name)):
            return f"does not let {_some(heedless)} wait for {closing.artifact}"
    return None


def lost_work(request: ReplanRequest, changed: Plan) -> str | None:
    """What a changed plan would lose of what was still to be made, in words; nothing if it keeps or merges all of it.

    A change touches as little as it can: what somebody planned and nobody has made yet is not dropped in passing.
    """
    before, after = request.graph.plan, changed
    requirements = before.requirements
    covered = covered_requirements(before.artifacts, requirements) - covered_requirements(after.artifacts, requirements)
    if covered:
        return f"no longer covers {_some(sorted(covered))}"
    if lost := lost_artifacts(before, after):
        return f"loses {_some(list(lost))}, which neither stays nor is merged into another"
    return None


def limits_of_change(request: ReplanRequest) -> ArtifactLimits:
    """Limits that ask only for what remains of the plan that was accepted; see `replanning`."""
    graph, limits, fresh = request.graph, request.limits, len(closings_for(request))
    uncounted = (kept_work(request) | {one.artifact for one in request.closings}) & graph.artifacts.keys()
    return ArtifactLimits(
        max_artifacts=limits.max_artifacts + len(uncounted) + 2 * fresh,
        max_depth=limits.max_depth + _longest_chain(graph, frozenset(uncounted)) + 2 * fresh,
    )


def provided_to(graph: ArtifactGraph) -> frozenset[str]:
    """What a plan consumes, which it was found to get when it was accepted: from the project or from its own."""
    return frozenset(consumed for artifact in graph.artifacts.values() for consumed in artifact.consumes)


def _longest_chain(graph: ArtifactGraph, counted: frozenset[str]) -> int:
    """How many of some artifacts stand on one chain at most."""
    length: dict[str, int] = {}
    for name in graph.order:
        before = max((length[required] for required in graph.requirements_of(name)), default=0)
        length[name] = before + (name in counted)
    return max(length.values())


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} and {len(names) - _MOST_NAMED} more"
