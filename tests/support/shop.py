"""A small project to work on, and specialists of the package with a model at a server of a test."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from support.model_server import Asked, ModelServer, Reply

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.models.choosing import model_for
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.modelled.servers import NO_SERVERS, ToolServers
from prefect_harmonic.tasks.agents.modelled.specialist import with_model

PATIENT: Mapping[str, str] = {"HARMONIC_MODEL_PAUSE": "0", "HARMONIC_MODEL_TIMEOUT": "20"}
BILLING = """# Billing

Invoices are sent on the first day of each month by the billing service.
A customer has 14 days to pay.

## On call

Maria answers pages between 22:00 and 06:00, and the rota for August
is kept by the operations team.
"""


def shop(folder: Path) -> Path:
    """A project with a document, two modules that import each other, and a third."""
    files = {
        "docs/billing.md": BILLING,
        "shop/__init__.py": "",
        "shop/orders.py": "import shop.stock\n\n\ndef order(number):\n    return stock(number) if number else 0\n",
        "shop/stock.py": "import shop.orders\n\n\ndef take(number):\n    return number\n",
        "shop/api.py": "from shop import orders\n",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def model_at(
    server: ModelServer, environment: Mapping[str, str] | None = None, name: str = "openai:m", **options: Any
) -> LanguageModel:
    """The model that `--model openai:m --base-url …` names, without pauses between attempts."""
    chosen = model_for(name, server.url, environment={**PATIENT, **(environment or {})}, **options)
    assert chosen is not None
    return chosen


def assigned(artifact: Artifact, project: Path | None, inputs: Mapping[str, Evidence] | None = None) -> Assignment:
    """An assignment on a fixed day."""
    return Assignment(
        artifact=artifact,
        goal="Split the shop into services",
        project=None if project is None else str(project),
        inputs=dict(inputs or {}),
        today=date(2026, 11, 22),
    )


async def made(
    model: LanguageModel,
    agent: str,
    artifact: Artifact,
    project: Path | None,
    *,
    inputs: Mapping[str, Evidence] | None = None,
    servers: ToolServers = NO_SERVERS,
) -> Evidence:
    """What a specialist with a model gives for an artifact."""
    return await with_model(DEFAULT_AGENTS, model, servers)[agent].call(assigned(artifact, project, inputs))


def is_looking(asked: Asked) -> bool:
    """Whether the model is asked to look with its tools, and not for its answer."""
    return bool(asked.tools)


def has_looked(asked: Asked) -> bool:
    """Whether a tool has answered in this conversation."""
    return any(message["role"] == "tool" for message in asked.body["messages"])


def answering(answer: Mapping[str, Any], *calls: tuple[str, Mapping[str, Any]]) -> "Scripted":
    """A model that makes some calls first and then gives an answer."""
    return Scripted(answer, calls)


class Scripted:
    """A model that does what a test says, whatever it is asked."""

    def __init__(self, answer: Mapping[str, Any], calls: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        self.answer, self.calls = answer, tuple(calls)

    def __call__(self, asked: Asked) -> Reply:
        """Its reply."""
        if is_looking(asked):
            return Reply(content="DONE") if has_looked(asked) or not self.calls else Reply(calls=self.calls)
        return Reply(content=json.dumps(self.answer))


def claim(text: str, at: str, quote: str, **more: Any) -> dict[str, Any]:
    """A statement as a model writes it."""
    return {"text": text, "at": at, "quote": quote, "percent": 90, **more}
