"""Parameters of the flows that are about a language model, beside its name and address."""

from typing import Annotated

from pydantic import Field

RecordFolder = Annotated[str | None, Field(title="Record into folder")]
ReplayFolder = Annotated[str | None, Field(title="Replay from folder")]
FallbackModel = Annotated[str | None, Field(title="Fallback model")]
