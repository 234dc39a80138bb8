"""A source of candidates that asks a server for each, as a language model is asked."""

import asyncio
import json
from dataclasses import dataclass, field
from types import TracebackType

import httpx

from prefect_harmonic.planners.plan import Plan, plan_from_document
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource, RefinementRequest


@dataclass
class ServedSource:
    """Asks `POST /v1/chat/completions` for every candidate.

    Attributes:
        address: Where the server is.
    """

    address: str
    _client: httpx.AsyncClient = field(init=False)

    async def __aenter__(self) -> "ServedSource":
        self._client = httpx.AsyncClient(base_url=self.address, timeout=30)
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
        response = await self._client.post("/v1/chat/completions", json=body)
        response.raise_for_status()
        content = json.loads(response.json()["choices"][0]["message"]["content"])
        return plan_from_document({**content, "goal": request.goal})

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """Nothing: refinement is off."""
        return None


@dataclass
class OneAtATime:
    """A source that has one question out at a time, as a loop over the candidates has.

    Attributes:
        source: What is asked.
    """

    source: CandidateSource
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def requirements(self, goal: str) -> tuple[str, ...]:
        """What the source says."""
        return await self.source.requirements(goal)

    async def candidate(self, request: CandidateRequest) -> Plan:
        """The source's plan, once it is this one's turn."""
        async with self._turn:
            return await self.source.candidate(request)

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """What the source makes of the plan."""
        return await self.source.refined(request)
