"""Signs: how a sentence that answers a question of the catalogue is told, whatever the project is about.

A sign is a few patterns that all stand in one sentence, each beginning at a word: somebody who owns and something that
can be owned, a number and what is counted and a time. Patterns say what English says in any project; no name of any is
in them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_FORMS = {
    "{number}": r"\d",
    "{money}": r"[€$£]\s?\d|\d[\d,.\u2019' ]{0,20}\s?(?:k\s?)?"
    r"(?:EUR|USD|CHF|GBP|euros?|dollars?|francs?|pounds?|€|\$|£)",
    "{date}": r"\d{4}-\d{2}-\d{2}|\d{1,2}\.? (?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December)",
}

LONGEST_SENTENCE = 2_000
"""Characters that are looked at: what is longer is no sentence, but a list or data."""

_ADDRESS = re.compile(r"https?://[^\s)>]+")
"""The words of an address are those of a name and say nothing."""

_SPELT_OUT = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of one question.

    Attributes:
        signs: Each a row of patterns of which all have to be found.
        unless: What no answer has.
        needs: What every answer has.
    """

    signs: tuple[tuple[re.Pattern[str], ...], ...]
    unless: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None

    @property
    def words(self) -> frozenset[str]:
        """The words that its patterns spell out: what sentences that bear on the question are full of."""
        texts = (pattern.pattern for sign in self.signs for pattern in sign)
        return frozenset(word for text in texts for word in _SPELT_OUT.findall(text))

    def count(self, text: str) -> int:
        """How many of the signs a sentence has.

        >>> load = signs_of([["{number}", "requests"], ["peak|busiest", "hour"]])
        >>> [load.count(text) for text in ("The busiest hour had 9,000 requests.", "Requests are logged.")]
        [2, 0]
        """
        text = _ADDRESS.sub(" ", text[:LONGEST_SENTENCE])
        if not self.may_answer(text):
            return 0
        return sum(all(pattern.search(text) for pattern in sign) for sign in self.signs)

    def may_answer(self, text: str) -> bool:
        """Whether a sentence has what every answer has, and nothing that none has.

        >>> size = signs_of([["rows"]], unless="unknown", needs="{number}")
        >>> [size.may_answer(text) for text in ("There are 40 rows.", "There are rows.", "40 or so, unknown.")]
        [True, False, False]
        """
        text = text[:LONGEST_SENTENCE]
        is_ruled_out = self.unless is not None and self.unless.search(text)
        return not is_ruled_out and (self.needs is None or bool(self.needs.search(text)))


def signs_of(signs: Sequence[Sequence[str]], unless: str = "", needs: str = "") -> Signs:
    """Signs from their patterns as they stand in the catalogue. Raises `re.error` where one is none."""
    return _compiled(tuple(map(tuple, signs)), unless, needs)


@lru_cache(maxsize=256)
def _compiled(signs: tuple[tuple[str, ...], ...], unless: str, needs: str) -> Signs:
    rules = (_pattern(text) if text else None for text in (unless, needs))
    return Signs(tuple(tuple(map(_pattern, sign)) for sign in signs), *rules)


def _pattern(text: str) -> re.Pattern[str]:
    for name, form in _FORMS.items():
        text = text.replace(name, f"(?:{form})")
    return re.compile(rf"(?<!\w)(?:{text})", re.IGNORECASE)
