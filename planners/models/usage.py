"""What asking a model took."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests, tokens and seconds; cached tokens only where the server tells them.

    >>> (Usage(requests=1, input_tokens=100, cached_tokens=90) + Usage(requests=1, input_tokens=100)).cache_hit_rate
    0.45
    """

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.seconds + other.seconds,
        )

    @property
    def cache_hit_rate(self) -> float | None:
        """Share of the prompt that the server had in its prefix cache; nothing where it does not tell."""
        return self.cached_tokens / self.input_tokens if self.cached_tokens and self.input_tokens else None

    def to_document(self) -> dict[str, Any]:
        """The usage as plain JSON values."""
        return {
            "requests": self.requests,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cached_tokens": self.cached_tokens,
            "cache_hit_rate": self.cache_hit_rate,
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True)
class Meter:
    """Adds up what is taken for one purpose, whether anything comes of it or not."""

    usage: Usage = Usage()

    def count(self, usage: Usage) -> None:
        """Adds something."""
        self.usage += usage
