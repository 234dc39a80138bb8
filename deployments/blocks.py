"""Options of runs as a Prefect block: filled in once on the server, under a name, for whoever starts runs.

The fields are those of the flow that pursues a goal, made from its signature, so that the two cannot drift apart.
"""

from inspect import signature
from typing import Any, get_type_hints

from prefect import Flow
from prefect.blocks.core import Block
from pydantic import Field, create_model

from prefect_harmonic.flows import pursue_goal

_OF_ONE_RUN = frozenset({"goal", "plan"})
"""What a run is for, which no two runs share."""


def _fields() -> dict[str, Any]:  # as pydantic takes fields: a type and a default each
    hints = get_type_hints(pursue_goal.fn, include_extras=True)
    told = pursue_goal.parameters.properties
    return {
        name: (hints[name], Field(default=parameter.default, description=told[name].get("description")))
        for name, parameter in signature(pursue_goal.fn).parameters.items()
        if name not in _OF_ONE_RUN
    }


_Fields = create_model("_Fields", **_fields())


class HarmonicOptions(Block, _Fields):
    """Options of runs, kept under a name: how to plan, whom to ask, what may be spent, where to write."""

    _block_type_name = "Harmonic Options"
    _block_type_slug = "harmonic-options"
    _description = "Options of prefect-harmonic's runs: how to plan, whom to ask, what may be spent, where to write."

    def parameters_for(self, flow: Flow[..., Any]) -> dict[str, Any]:
        """The options that a flow takes, as its keyword arguments."""
        return {name: getattr(self, name) for name in _Fields.model_fields if name in flow.parameters.properties}
