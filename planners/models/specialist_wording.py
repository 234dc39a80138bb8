"""What a specialist's model is told: its trade, the artifact, what was found, and the shape of its answer.

What all questions about one artifact share comes first, so that a server keeps it in its prefix cache: the looking
and the answering differ only at their ends. Everything that was found, read or written by others stands between marks.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from string import Template
from typing import Any

from prefect_harmonic.planners.models.wording import as_data, prompt

SPECIALIST_PURPOSES = (
    "specialist",
    "researcher",
    "code-analyzer",
    "learning-path",
    "decision-log",
    "builder",
    "gather",
    "answer",
    "keys",
    "correct",
)
"""The prompts of specialists in the order in which they matter."""

EXAMPLE: Mapping[str, Any] = {  # JSON
    "claims": [
        {
            "text": "Invoices are written by two modules that share a table.",
            "at": "docs/billing.md:12",
            "quote": "both modules write into the table invoices",
            "closes": ["G1"],
            "percent": 80,
        }
    ],
    "open": ["who may change an invoice once it was sent"],
    "risks": [
        {
            "title": "Two writers of one table overwrite each other.",
            "likelihood": "medium",
            "impact": "high",
            "mitigation": "Let one module write and the other ask it.",
            "at": "docs/billing.md:12",
            "quote": "both modules write into the table invoices",
        }
    ],
    "options": [
        {
            "name": "One writer",
            "because": "The table has an owner then.",
            "at": "F2",
            "quote": "the table invoices",
            "marks": {},
        }
    ],
    "lessons": [
        {
            "title": "Transactions across modules",
            "hours": 4,
            "why": "The decision moves a table.",
            "at": "F2",
            "quote": "the table invoices",
            "exercise": "Trace one invoice through billing/store.py.",
        }
    ],
    "content": "# Invoices\n",
    "left": ["what happens to drafts"],
    "percent": 70,
}
"""An answer with every key there is; a trade is shown those that are its own."""


def specialist_instructions(trade: str) -> str:
    """What every question of a trade is told first."""
    return Template(prompt("specialist")).substitute(trade=prompt(trade))


def gathering_prompt(assignment: str, calls: int) -> str:
    """What is asked while there are tools to look with."""
    return Template(prompt("gather")).substitute(assignment=assignment, calls=calls)


def answering_prompt(
    assignment: str, shown: str, keys: Sequence[str], bounds: Mapping[str, int | str], example: Mapping[str, Any]
) -> str:
    """What is asked when all has been looked at.

    Args:
        assignment: The artifact and what was found, as for `gathering_prompt`.
        shown: What the tools have shown, as data.
        keys: The keys of the answer.
        bounds: How many there may be of what, and which file is written.
        example: An answer in the right shape.
    """
    told = "\n".join(Template(_keys()[name]).safe_substitute(bounds) for name in keys)
    written = json.dumps({name: example[name] for name in keys}, ensure_ascii=False)
    return Template(prompt("answer")).substitute(assignment=assignment, shown=shown, example=written, keys=told)


def correction_prompt(problems: Sequence[str]) -> str:
    """What goes back to the model about an answer that cannot be used."""
    listed = as_data("the problems", "\n".join(f"- {problem}" for problem in problems))
    return Template(prompt("correct")).substitute(problems=listed)


@cache
def _keys() -> Mapping[str, str]:
    parts = f"\n{prompt('keys')}".split("\n# ")[1:]
    return {head.strip(): text.strip() for head, _, text in (part.partition("\n") for part in parts)}
