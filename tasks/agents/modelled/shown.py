"""All that a model was shown in one piece of work: what its claims may rest on, and nothing else."""

import re
from collections.abc import Iterable, Mapping

from prefect_harmonic.planners.evidence import Claim, Grade, Source
from prefect_harmonic.tasks.agents.modelled.observation import Line, Observation

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PLACE = re.compile(r"^(?P<path>.+?)(?::(?P<line>\d+)(?:-\d+)?)?$", re.DOTALL)
_LONGEST_QUOTE = 400
_SHORTEST_QUOTE = 8
_LEAST_GRADES = {Grade.MEASURED: 3, Grade.DOCUMENTED: 2, Grade.DERIVED: 1, Grade.ASSUMED: 0}


class UnshownSourceError(Exception):
    """A source names no place that was shown, or quotes what does not stand there."""


class Shown:
    """Lines by place, and findings by number.

    Args:
        findings: The findings that were given, by the numbers under which claims may name them.
    """

    def __init__(self, findings: Mapping[str, Claim]) -> None:
        self.findings = dict(findings)
        self._lines: dict[str, list[tuple[Line, Grade]]] = {}

    def take(self, observation: Observation) -> None:
        """Takes note of what was shown and may be a source."""
        for line in observation.lines if observation.is_source else ():
            self._lines.setdefault(line.path, []).append((line, observation.grade))

    def sources(self, at: str, quote: str) -> tuple[Source, ...]:
        """What a claim rests on, with the line on which the quote really stands.

        Raises:
            UnshownSourceError: Nothing of the kind was shown.
        """
        at, quote = " ".join(at.split()), plain(quote)
        if at in self.findings:
            return self._of_finding(at, quote)
        match = _PLACE.match(at)
        path = match["path"].removeprefix("./") if match else at
        if path not in self._lines:
            raise UnshownSourceError(f"{at!r} is no place that was shown, and no number of a finding")
        line = int(match["line"]) if match and match["line"] else None
        return (self._of_line(path, line, quote),)

    def _of_finding(self, number: str, quote: str) -> tuple[Source, ...]:
        claim = self.findings[number]
        words = plain(" ".join([claim.text, *(source.quote for source in claim.sources)]))
        if quote and quote.casefold() not in words.casefold():
            raise UnshownSourceError(f"{quote!r} does not stand in {number}")
        return tuple(
            source.model_copy(update={"grade": min(source.grade, Grade.DERIVED, key=_LEAST_GRADES.__getitem__)})
            for source in claim.sources
        )

    def _of_line(self, path: str, number: int | None, quote: str) -> Source:
        shown = self._lines[path]
        if len(quote) < _SHORTEST_QUOTE and quote not in {plain(line.text) for line, _ in shown}:
            raise UnshownSourceError(f"the quote from {path} is too short to carry anything")
        nearest = sorted(shown, key=lambda pair: abs((pair[0].number or 0) - (number or 0)))
        for line, grade in nearest:
            if quote.casefold() in plain(line.text).casefold():
                return Source(path=path, line=line.number, quote=quote[:_LONGEST_QUOTE], grade=grade)
        # A sentence may be wrapped over lines.
        ordered = sorted({line.number: line.text for line, _ in shown if line.number is not None}.items())
        for at, (start, text) in enumerate(ordered):
            following = [text, *(other for _, other in ordered[at + 1 : at + 4])]
            joined = plain(" ".join(following)).casefold()
            if 0 <= joined.find(quote.casefold()) < len(plain(text)):
                return Source(path=path, line=start, quote=quote[:_LONGEST_QUOTE], grade=Grade.DOCUMENTED)
        raise UnshownSourceError(f"{quote!r} does not stand in what was shown of {path}")


def plain(text: str) -> str:
    """A text on one line, without the marks that Markdown has around words."""
    return " ".join(text.replace("`", "").replace("**", "").split())


def unsupported_figures(text: str, sources: Iterable[Source], words: str) -> tuple[str, ...]:
    """Figures in a text that stand neither in the quotes of its sources nor in their places.

    >>> unsupported_figures("It takes 40 minutes.", [Source(path="a.md", quote="It takes 30 minutes.")], "")
    ('40',)
    """
    known = set(_NUMBER.findall(words))
    for source in sources:
        known |= set(_NUMBER.findall(f"{source.quote} {source}"))
    return tuple(figure for figure in dict.fromkeys(_NUMBER.findall(text)) if figure not in known)
