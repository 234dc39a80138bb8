"""The layers between an agent and a server: patience around the connection, the recording around both."""

from typing import Any

from pydantic_ai.models import Model

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.models.choice import ModelChoice
from prefect_harmonic.planners.models.connection import Connection
from prefect_harmonic.planners.models.patience import PatientModel
from prefect_harmonic.planners.models.recording import Recording, RecordingModel, ReplayModel
from prefect_harmonic.planners.user_path import user_path


class Layers:
    """Gives the model that is asked.

    Args:
        choice: The model, its server and the bounds on every call.
        connection: Where the server is reached.
        record: Folder in which every exchange is kept.
        replay: Folder from which every answer is taken, without the connection.

    Attributes:
        recording: The first of these folders.
        replayed: The second.

    Raises:
        OptionError: There is no recording in the folder to replay from, or pydantic-ai does not know the provider.
    """

    def __init__(
        self, choice: ModelChoice, connection: Connection, *, record: str | None = None, replay: str | None = None
    ) -> None:
        self._choice, self._connection = choice, connection
        self.recording = Recording(record, choice.secrets) if record else None
        self.replayed = Recording(replay, choice.secrets) if replay else None
        if not replay:
            connection.check()
        elif not any(user_path(replay).glob("*.json")):
            raise OptionError("replay", replay, "a folder that was written with --record")

    async def model(self) -> "Model[Any]":
        """The model for the running event loop."""
        if self.replayed is not None:
            return ReplayModel(self._choice.label, self.replayed)
        patient = PatientModel(await self._connection.model(), self._choice)
        return patient if self.recording is None else RecordingModel(patient, self._choice.label, self.recording)
