"""A model's answer as a plan. Whether it is a good one is the gate's to say."""

from collections.abc import Iterable, Mapping
from typing import Any

from prefect_harmonic.errors import UnreadablePlanError
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.plan import Plan, plan_from_document

_OURS = frozenset({"version", "goal"})
_UNSPOKEN = ("consumes", "phase", "priority", "estimated_hours")
_MOST_ENTRIES = 20_000
_LISTS = frozenset({"requires", "consumes", "produces", "covers"})


def plan_in(document: Mapping[str, Any], goal: str, requirements: tuple[str, ...]) -> Plan:
    """The plan that a document holds, for our goal and measured by our requirements.

    What is null counts as left out, and a lone name as a list of one. The goal is never the model's.

    >>> plan_in({"artifacts": [{"id": "B", "requires": "UserModel"}]}, "Build it", ()).artifacts[0].required_ids
    ('UserModel',)

    Raises:
        UnreadablePlanError: It has another shape than a plan; every offending place is named. Or it is so large that
            looking for all that is wrong with it would hold up everybody else.
    """
    artifacts = document.get("artifacts")
    if isinstance(artifacts, Mapping):
        artifacts = [{"id": name, **each} if isinstance(each, Mapping) else each for name, each in artifacts.items()]
    if isinstance(artifacts, list):
        if (entries := sum(map(_entries, artifacts))) > _MOST_ENTRIES:
            raise UnreadablePlanError("the answer", f"it lists {entries:,} things, and {_MOST_ENTRIES:,} are read")
        artifacts = [_given(each) if isinstance(each, Mapping) else each for each in artifacts]
    rest = {name: value for name, value in document.items() if name not in _OURS and value is not None}
    plan = plan_from_document({**rest, "goal": goal, "artifacts": artifacts or []}, "the answer")
    return plan.model_copy(update={"requirements": requirements}) if requirements else plan


def _entries(artifact: object) -> int:
    """An artifact and all that it lists."""
    values = artifact.values() if isinstance(artifact, Mapping) else ()
    return 1 + sum(len(each) for each in values if isinstance(each, list | Mapping))


def _given(artifact: Mapping[str, Any]) -> dict[str, Any]:
    """An artifact without what is null or blank, and with ids as they are meant."""
    given = {name: value for name, value in artifact.items() if value is not None and value != ""}
    if isinstance(given.get("id"), str):
        given["id"] = given["id"].strip()
    for name in _LISTS & given.keys():
        if isinstance(given[name], list):
            given[name] = [each.strip() if isinstance(each, str) else each for each in given[name] if each]
    return given


def with_unspoken(plan: Plan, before: Plan) -> Plan:
    """A plan that was answered to another one, with what the other says and an answer has no words for.

    Phases, priorities, hours, what is consumed, and why something is required: without it a refined plan would have
    lost them, and be measured differently for it.

    >>> from prefect_harmonic.planners.artifact import Artifact, Requirement
    >>> whole = Plan(artifacts=(Artifact(id="Api", phase="build", estimated_hours=9),))
    >>> with_unspoken(Plan(artifacts=(Artifact(id="Api", effort="low"),)), whole).artifacts[0].estimated_hours
    9.0
    """
    known = {artifact.id: artifact for artifact in before.artifacts}
    return plan.with_artifacts(_with_unspoken(one, known[one.id]) if one.id in known else one for one in plan.artifacts)


def _with_unspoken(artifact: Artifact, before: Artifact) -> Artifact:
    unsaid = {name: getattr(before, name) for name in _UNSPOKEN if name not in artifact.model_fields_set}
    return artifact.model_copy(update=unsaid).requiring(*with_reasons(artifact.requires, before))


def with_reasons(edges: Iterable[Requirement], before: Artifact) -> list[Requirement]:
    """Requirements, each with the reason that an artifact had for it before."""
    reasons = {edge.id: edge.because for edge in before.requires}
    return [edge if edge.because else edge.model_copy(update={"because": reasons.get(edge.id)}) for edge in edges]
