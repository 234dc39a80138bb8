"""What a run took of its language model, as it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from prefect_harmonic.planners.models.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUseRow:
    """What was taken for one purpose.

    Attributes:
        purpose: Such as `plan`, `evaluate`, or the name of a specialist.
        requests: How often the server was asked, attempts included.
        input_tokens: Tokens of prompts.
        output_tokens: Tokens of answers.
        cache_hit_rate: Share of the prompts that the server had in its cache; nothing where it does not tell.
        seconds: From questions to answers, added up; questions that were out together count each.
    """

    purpose: str
    requests: int
    input_tokens: int
    output_tokens: int
    cache_hit_rate: float | None
    seconds: float


def model_use_rows(used: Mapping[str, Usage]) -> tuple[ModelUseRow, ...]:
    """A row for each purpose, and one for all where there are several."""
    rows = [_row(name, usage) for name, usage in sorted(used.items())]
    return tuple([*rows, _row("all", sum(used.values(), Usage()))] if len(rows) > 1 else rows)


def _row(purpose: str, usage: Usage) -> ModelUseRow:
    return ModelUseRow(
        purpose=purpose,
        requests=usage.requests,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_hit_rate=usage.cache_hit_rate,
        seconds=usage.seconds,
    )
