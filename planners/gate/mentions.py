"""Which artifacts a text speaks of.

Plans leave out dependencies more often than they invent them, and then the text still names what the edge does not
(P011). Names are looked up word by word in an index, so that the time grows with the text and not with the number of
artifacts.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.gate.files import normalised
from prefect_harmonic.planners.words import words_of

_TOKEN = re.compile(r"[\w./:+-]+")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_NO_NAMES = frozenset({"a", "i"})


class MentionIndex:
    """Finds the artifacts that a text names: by id, by file, or by what they produce.

    Ids and files are matched as they are written; what is produced, and ids of several words, in any case and spacing.

    >>> index = MentionIndex([Artifact(id="UserModel", produces=["user record"]), Artifact(id="App")])
    >>> list(index.mentioned("stores each User Record")), set(index.mentioned("an app for UserModel"))
    ([('UserModel',)], {('UserModel',)})
    """

    def __init__(self, artifacts: Iterable[Artifact]) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        phrases: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for artifact in artifacts:
            if _is_telling(artifact.id):
                names[artifact.id].add(artifact.id)
            if artifact.produces_file is not None:
                names[normalised(artifact.produces_file)].add(artifact.id)
            for phrase in _phrases(artifact):
                phrases[phrase].add(artifact.id)
        self._names = {name: tuple(sorted(bearers)) for name, bearers in names.items()}
        self._phrases = {phrase: tuple(sorted(bearers)) for phrase, bearers in phrases.items()}
        lengths: dict[str, set[int]] = defaultdict(set)
        for phrase in phrases:
            lengths[phrase[0]].add(len(phrase))
        self._lengths = {word: tuple(sorted(known)) for word, known in lengths.items()}

    def mentioned(self, text: str) -> Iterator[tuple[str, ...]]:
        """For each name in a text, the ids of the artifacts that bear it. A name may come several times."""
        for match in _TOKEN.finditer(text):
            token = match.group().strip(".:+-/")
            if token in self._names:
                yield self._names[token]
            elif token.count("/"):
                yield from (self._names[part] for part in token.split("/") if part in self._names)
        yield from self._phrases_in(text)

    def _phrases_in(self, text: str) -> Iterator[tuple[str, ...]]:
        """The bearers of each phrase that stands in the text by itself, not as a part of a longer joined word."""
        joined = [words_of(word) for word in _WORD.findall(text)]
        words = tuple(chain.from_iterable(joined))
        ends = frozenset(accumulate(map(len, joined)))
        for start in {0} | ends:
            for length in self._lengths.get(words[start], ()) if start < len(words) else ():
                if start + length in ends and (bearers := self._phrases.get(words[start : start + length])):
                    yield bearers


def _is_telling(name: str) -> bool:
    return not name.isdigit() and name.casefold() not in _NO_NAMES


def _phrases(artifact: Artifact) -> Iterator[tuple[str, ...]]:
    """Word sequences that name an artifact: what it produces, and its id where that has several words."""
    words = words_of(artifact.id)
    if len(words) > 1:
        yield words
    for product in artifact.produces:
        words = words_of(product)
        if words and _is_telling("".join(words)):
            yield words
