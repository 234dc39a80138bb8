"""A source of candidates that asks a server for each, as a language model is asked."""

import asyncio
import json
from dataclasses import dataclass, field
from types import TracebackType

import httpx

from prefect_harmonic.planners.plan import Plan, plan_from_document
from prefect_harmonic.planners.sources.source import CandidateRequest, RefinementRequest


@dataclass
class ServedSource:
    """Asks `POST /v1/chat/completions` for every candidate, so many at once.

    Attributes:
        address: Where the server is.
        at_once: Calls that are out at the same time at most; 1 is how a loop over the candidates asks.
    """

    address: str
    at_once: int = 32
    _client: httpx.AsyncClient = field(init=False)
    _turn: asyncio.Semaphore = field(init=False)

    async def __aenter__(self) -> "ServedSource":
        self._client = httpx.AsyncClient(base_url=self.address, timeout=30)
        self._turn = asyncio.Semaphore(self.at_once)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def requirements(self, goal: str) -> tuple[str, ...]:
        """Nothing: coverage is not what is measured here."""
        return ()

    async def candidate(self, request: CandidateRequest) -> Plan:
        """The server's next plan."""
        prompt = f"{request.goal} ({request.variation.style.value})"
        body = {
            "model": "stand-in",
            "temperature": request.variation.temperature,
            "messages": [{"role": "user", "content": prompt}],
        }
        async with self._turn:
            response = await self._client.post("/v1/chat/completions", json=body)
        response.raise_for_status()
        content = json.loads(response.json()["choices"][0]["message"]["content"])
        return plan_from_document({**content, "goal": request.goal})

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """Nothing: refinement is off."""
        return None
