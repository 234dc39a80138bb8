"""Whether a server really answers. A hung engine goes on saying that it is healthy, so it is asked for one token."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

_QUICK, _PATIENT = 5.0, 180.0


class Health(StrEnum):
    """What a server is found to be."""

    ABSENT = "absent"
    UNWELL = "unwell"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks a server how it is. Goes past proxies: they are for other machines.

    Attributes:
        base_url: The address that clients use.
        model: What the server calls the model.
        key: What it asks clients for.
    """

    base_url: str
    model: str
    key: str | None = None

    def health(self) -> Health:
        """What the server says of itself."""
        try:
            status, _ = self._asked("GET", "/health", None, _QUICK)
        except (OSError, HTTPException):
            return Health.ABSENT
        return Health.WELL if status == 200 else Health.UNWELL

    def answer(self, seconds: float = _PATIENT) -> str | None:
        """Asks for one token of a chat. Gives what is wrong, or nothing.

        Args:
            seconds: How long the server may take; the first answer takes longest.
        """
        question = {"model": self.model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
        try:
            status, answer = self._asked("POST", "/v1/chat/completions", question, seconds)
        except TimeoutError:
            return f"it gave no token within {seconds:g} s"
        except (OSError, HTTPException) as error:
            return f"its connection broke ({str(error) or type(error).__name__})"
        if status == 200 and isinstance(answer, dict) and answer.get("choices"):
            return None
        return f"it answered {status}: {_said(answer)}"

    def measured(self, metric: str) -> float:
        """A metric that the server keeps, such as `num_requests_running`, added up over its labels.

        Raises:
            LookupError: It keeps none of that name, or gives none at present.
        """
        try:
            status, text = self._asked("GET", "/metrics", None, _PATIENT)
        except (OSError, HTTPException) as error:
            raise LookupError(f"the server tells no metrics ({str(error) or type(error).__name__})") from None
        found = re.findall(rf"^vllm:{re.escape(metric)}(?:{{[^}}]*}})? (\S+)$", str(text), re.MULTILINE)
        if status != 200 or not found:
            raise LookupError(f"the server has no metric {metric}")
        return sum(map(float, found))

    def _asked(self, method: str, path: str, body: Any, seconds: float) -> tuple[int, Any]:  # JSON in, JSON out
        parts = urlsplit(self.base_url)
        connection = HTTPConnection(str(parts.hostname), parts.port, timeout=seconds)
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read(4_000_000)
        finally:
            connection.close()
        try:
            return response.status, json.loads(text or b"null")
        except ValueError:
            return response.status, text.decode("utf-8", "replace")


def _said(answer: Any) -> str:  # JSON of any kind
    while isinstance(answer, dict):
        answer = answer.get("error") or answer.get("message") or answer.get("detail") or ""
    said = " ".join(str(answer or "nothing").split())
    return said if len(said) <= 200 else f"{said[:200]}…"
