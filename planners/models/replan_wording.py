"""What a model is told when the rest of a plan has to be changed: the plan, the findings, what is open."""

import json
from collections.abc import Iterable
from string import Template

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models.slots import numbered
from prefect_harmonic.planners.models.wording import as_data, prompt, variance_part
from prefect_harmonic.planners.programme.closing import Closing, closing_artifact
from prefect_harmonic.planners.programme.remaining import closings_for, kept_work, resting_on
from prefect_harmonic.planners.sources.remainder import ReplanRequest
from prefect_harmonic.planners.variance import Variation

_MOST_FINDINGS, _MOST_NAMED = 40, 12
_NOTHING = "- nothing"


def remainder_prompt(request: ReplanRequest, variation: Variation, *, is_slotted: bool = False) -> str:
    """What one changed plan is asked for. Up to its last part it is the same for all candidates."""
    graph, kept = request.graph, kept_work(request)
    remaining = [graph.artifacts[name] for name in graph.order if name not in kept]
    return Template(prompt("replan")).substitute(
        goal=graph.goal,
        requirements=_listed(graph.requirements),
        finished=_data("what is finished", (_named(graph.artifacts[name]) for name in graph.order if name in kept)),
        remaining=as_data("the rest of the plan", _json(remaining, is_slotted)) if remaining else _NOTHING,
        findings=_data("the findings", _findings(request)),
        openings=_data("what is open", (_opening(closing, request, kept) for closing in closings_for(request))),
        dependencies=_data(
            "the orders",
            (f"{one.artifact} requires {one.requires}, because {one.because}" for one in request.dependencies),
        ),
        guidance=_data("what was said", request.guidance.splitlines()),
        variance=variance_part(variation),
        called="name" if is_slotted else "id",
    )


def _findings(request: ReplanRequest) -> list[str]:
    """What was found out, in an order of the plan; the latest where that is too much."""
    told = []
    for name in request.graph.order:
        if (found := request.evidence.get(name)) is not None:
            gaps = f" Missing: {'; '.join(found.gaps)}." if found.gaps else ""
            told.append(f"{name} ({found.confidence:.0%} sure): {found.summary}{gaps}")
    return told[-_MOST_FINDINGS:]


def _opening(closing: Closing, request: ReplanRequest, kept: frozenset[str]) -> str:
    required = closing_artifact(closing.opening, request.graph, name=closing.artifact).required_ids
    resting = resting_on(closing.opening, request.graph, kept)
    waiting = [name for name in request.graph.order if name in resting]
    return (
        f"{closing.artifact} closes this {closing.opening.kind.value}: {closing.opening.text}. "
        f"It requires {_some(required)}. It has to be made before {_some(waiting)}."
    )


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more if names else "nothing"


def _named(artifact: Artifact) -> str:
    return f"{artifact.id}: {artifact.description}" if artifact.description else artifact.id


def _json(artifacts: Iterable[Artifact], is_slotted: bool) -> str:
    documents = [artifact.model_dump(mode="json", exclude_defaults=True) for artifact in artifacts]
    return json.dumps(numbered(documents) if is_slotted else documents, ensure_ascii=False, separators=(",", ":"))


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {printable(' '.join(item.split()))}" for item in items) or _NOTHING


def _data(name: str, items: Iterable[str]) -> str:
    listed = _listed(items)
    return listed if listed == _NOTHING else as_data(name, listed)
