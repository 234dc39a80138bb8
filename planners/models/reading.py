"""A model's answer as a plan. Whether it is a good one is the gate's to say."""

from collections.abc import Mapping
from typing import Any

from prefect_harmonic.planners.plan import Plan, plan_from_document

_OURS = frozenset({"version", "goal"})
_LISTS = frozenset({"requires", "consumes", "produces", "covers"})


def plan_in(document: Mapping[str, Any], goal: str, requirements: tuple[str, ...]) -> Plan:
    """The plan that a document holds, for our goal and measured by our requirements.

    What is null counts as left out, and a lone name as a list of one. The goal is never the model's.

    >>> plan_in({"artifacts": [{"id": "B", "requires": "UserModel"}]}, "Build it", ()).artifacts[0].required_ids
    ('UserModel',)

    Raises:
        UnreadablePlanError: It has another shape than a plan; every offending place is named.
    """
    artifacts = document.get("artifacts")
    if isinstance(artifacts, Mapping):
        artifacts = [{"id": name, **each} if isinstance(each, Mapping) else each for name, each in artifacts.items()]
    if isinstance(artifacts, list):
        artifacts = [_given(each) if isinstance(each, Mapping) else each for each in artifacts]
    rest = {name: value for name, value in document.items() if name not in _OURS and value is not None}
    plan = plan_from_document({**rest, "goal": goal, "artifacts": artifacts or []}, "the answer")
    return plan.model_copy(update={"requirements": requirements}) if requirements else plan


def _given(artifact: Mapping[str, Any]) -> dict[str, Any]:
    """An artifact without what is null or blank, and with ids as they are meant."""
    given = {name: value for name, value in artifact.items() if value is not None and value != ""}
    if isinstance(given.get("id"), str):
        given["id"] = given["id"].strip()
    for name in _LISTS & given.keys():
        if isinstance(given[name], list):
            given[name] = [each.strip() if isinstance(each, str) else each for each in given[name] if each]
    return given
