"""Conditions of evidence rules: a figure compared with a number, or words that a finding has. No code is evaluated."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from prefect_harmonic.tasks.agents.decision_log.facts import Facts

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_COMPARISON = re.compile(r"^(?P<fact>[a-z][a-z0-9_]*)\s*(?P<operator>>=|<=|==|!=|>|<)\s*(?P<number>-?\d+(?:\.\d+)?)$")
_MENTION = re.compile(r"^mentions (?P<phrase>.+)$")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read.

    Attributes:
        fact: Name of the figure it asks for; none if it asks for words.
        comparison: How the figure is compared.
        number: What with.
        phrase: Words that a finding must have.
    """

    fact: str | None
    comparison: str = ""
    number: float = 0.0
    phrase: str = ""

    def met_by(self, facts: Facts) -> str | None:
        """What meets it, in words with its source; nothing if nothing does or the figure is unknown."""
        if self.fact is None:
            claim = facts.mention(self.phrase)
            if claim is None:
                return None
            return f"{claim.text.rstrip('.')} ({claim.sources[0] if claim.sources else 'no source'})"
        fact = facts.get(self.fact)
        if fact is None or not _OPERATORS[self.comparison](fact.value, self.number):
            return None
        return f"{fact} ({fact.source})"


def condition(text: str) -> Condition:
    """The condition that a text states.

    Raises:
        ValueError: It is none.

    >>> condition("cycles > 10")
    Condition(fact='cycles', comparison='>', number=10.0, phrase='')
    >>> condition("mentions feature flag").phrase
    'feature flag'
    """
    if (match := _COMPARISON.match(text.strip())) is not None:
        return Condition(match["fact"], match["operator"], float(match["number"]))
    if (match := _MENTION.match(text.strip())) is not None:
        return Condition(None, phrase=match["phrase"])
    raise ValueError(f"{text!r} is no condition; write 'figure > number' or 'mentions words'")
