"""Which specialists a run has: those that ask the run's model, or the embedded ones alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.tasks.agents.current import current_agents, using_agents


class SpecialistKind(StrEnum):
    """Who does the work of a run that has a model."""

    MODEL = "model"
    EMBEDDED = "embedded"


Specialists = Annotated[SpecialistKind, Field(title="Specialists")]
ToolServersFile = Annotated[str | None, Field(title="Tool servers file")]


@contextmanager
def specialists_of(model: LanguageModel | None, kind: SpecialistKind, tool_servers: str | None) -> Iterator[None]:
    """Has the specialists of this package ask a model in the runs within, unless the embedded ones are to do it alone.

    Args:
        model: The run's model, if it has one.
        kind: Who is to do the work.
        tool_servers: File that names servers with further tools, if there are any.

    Raises:
        OptionError: The file cannot be used, or is given where no model could call its tools.
        MissingPackageError: It names servers, and the client for them, which a replay does not need, is not installed.
    """
    if model is None or kind is SpecialistKind.EMBEDDED:
        if tool_servers:
            raise OptionError("tool_servers", tool_servers, "a model as well, and specialists that ask it")
        yield
        return
    # What follows loads pydantic-ai.
    from prefect_harmonic.tasks.agents.modelled.servers import ToolServers
    from prefect_harmonic.tasks.agents.modelled.specialist import with_model

    servers = ToolServers.read(tool_servers)
    if model.replayed is None:
        servers.check()
    with using_agents(*with_model(current_agents(), model, servers).values()):
        yield
