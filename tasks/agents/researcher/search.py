"""Full-text search over the passages of a project.

SQLite's FTS5 ranks by BM25 over the stems of `planners.words`; its own stemmer takes a customer for something custom.
How much of a question a passage answers is measured apart from that: the words of the question that it has, each
weighted by how rare it is in the documents. A word that stands nowhere weighs most, so that a question about something
the documents do not know cannot be answered by its common words.
"""

import math
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect_harmonic.planners.words import stem, telling_stems, words_of
from prefect_harmonic.tasks.agents.researcher.documents import (
    Passage,
    document_paths,
    fingerprint_of,
    passages_of,
)

_KEPT_INDEXES = 4
_HEADING_WEIGHT = 0.6
_ALTERNATIVE_QUALITY = 0.45
_SYNONYMS = (
    ("auth", "authentication", "login", "signin"),
    ("database", "db", "postgresql", "sql"),
    ("team", "people", "staff", "engineers", "developers"),
    ("boundary", "owner", "ownership", "module", "modules"),
    ("microservices", "services", "service"),
    ("migrate", "migration", "split", "splitting"),
    ("performance", "latency", "slow", "throughput", "p99"),
    ("incident", "outage", "failure"),
    ("deploy", "deployment", "release", "rollout"),
    ("debt", "hurts", "legacy", "problem"),
    ("constraint", "constraints", "limit"),
    ("dependencies", "dependency", "import", "coupling"),
    ("risk", "risks", "danger"),
    ("cost", "costs", "budget"),
    ("broker", "queue", "messaging"),
    ("skill", "skills", "experience", "worked"),
    ("rollback", "reversible", "rolled"),
)
_OFTEN = {"day": "daily", "days": "daily", "daily": "day"}
"""The one period whose two forms have two stems."""

_ALTERNATIVES = {word: group for group in _SYNONYMS for word in group}


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a question found.

    Attributes:
        passage: What was found.
        share: How much of the question's weight its words carry, 0 to 1.
        words: The question's words that stand in it.
    """

    passage: Passage
    share: float
    words: frozenset[str]


class PassageIndex:
    """Passages that can be searched. Safe to share between threads."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        self.documents = len({passage.path for passage in passages})
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute("CREATE VIRTUAL TABLE passages USING fts5(heading, path, body, tokenize = 'unicode61')")
        self._database.executemany(
            "INSERT INTO passages (rowid, heading, path, body) VALUES (?, ?, ?, ?)",
            (
                (at, *map(_stemmed, (each.heading, _spoken_path(each.path), each.text)))
                for at, each in enumerate(self.passages)
            ),
        )

    def rarities(self, words: Sequence[str]) -> dict[str, float]:
        """How much each word tells: the more, the fewer passages have it."""
        with self._lock:
            counts = {word: len(self._rows(word)) for word in words}
        return {word: _rarity(len(self.passages), count) for word, count in counts.items()}

    def hits(self, words: Sequence[str], most: int = 8) -> tuple[Hit, ...]:
        """The passages for a question's words, the best first, ties by file and line."""
        words = tuple(dict.fromkeys(words))
        if not words or not self.passages:
            return ()
        with self._lock:
            found = {word: self._rows(word) for word in words}
            ranks = self._ranks(words)
        total = len(self.passages)
        weights = {word: _rarity(total, len(found[word])) for word in words}
        whole = sum(weights.values())
        hits = []
        for row in ranks:
            held = {word: found[word][row] for word in words if row in found[word]}
            share = sum(weights[word] * part for word, part in held.items()) / whole
            is_in_body = any(part == 1.0 for part in held.values())
            # What stands under a fitting heading is read in its own order.
            hits.append((share, ranks[row] if is_in_body else 0.0, row, frozenset(held)))
        best = sorted(hits, key=lambda hit: (-round(hit[0], 6), hit[1], hit[2]))[:most]
        return tuple(Hit(self.passages[row], share, held) for share, _, row, held in best)

    def under(self, headings: Sequence[str]) -> tuple[Passage, ...]:
        """The passages of documents whose innermost heading has all words of one of some headings, as they stand."""
        wanted = [telling_stems(heading) for heading in headings]
        return tuple(
            passage
            for passage in self.passages
            if passage.is_document and any(words <= telling_stems(passage.nearest_heading) for words in wanted if words)
        )

    def _rows(self, word: str) -> dict[int, float]:
        """The rows that have a word: whole in the body, in part in a heading or path, and by an alternative."""
        rows: dict[int, float] = {}
        for alternative in _ALTERNATIVES.get(word, (word,)):
            quality = 1.0 if alternative == word else _ALTERNATIVE_QUALITY
            for column, weight in (("body", 1.0), ("{heading path}", _HEADING_WEIGHT)):
                query = f"{column} : ({_asked_for(alternative)})"
                for (row,) in self._database.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (query,)):
                    rows[row] = max(rows.get(row, 0.0), weight * quality)
        return rows

    def _ranks(self, words: Sequence[str]) -> dict[int, float]:
        every = dict.fromkeys(other for word in words for other in _ALTERNATIVES.get(word, (word,)))
        query = " OR ".join(_asked_for(word) for word in every)
        statement = "SELECT rowid, bm25(passages, 2.0, 1.0, 1.0) FROM passages WHERE passages MATCH ?"
        return dict(self._database.execute(statement, (query,)))


def alternatives_of(word: str) -> tuple[str, ...]:
    """The words that are taken for a word, itself among them."""
    return _ALTERNATIVES.get(word, (word,))


def _rarity(total: int, holding: int) -> float:
    return math.log(1 + total / (0.5 + holding))


def _asked_for(word: str) -> str:
    """A word and how often it comes: days for what is daily.

    >>> _asked_for("monthly"), _asked_for("days")
    ('"month"', '"day" OR "dai"')
    """
    other = _OFTEN.get(word)
    return _quoted(word) if other is None else f"{_quoted(word)} OR {_quoted(other)}"


def _quoted(word: str) -> str:
    """The stems of a word as an FTS5 string, in which nothing but a quotation mark means anything."""
    return f'"{_stemmed(word)}"'


def _stemmed(text: str) -> str:
    """The stems of a text, which have no quotation marks.

    >>> _stemmed("Customers' custom deployments")
    'customer custom deploi'
    """
    return " ".join(map(stem, words_of(text)))


def _spoken_path(path: str) -> str:
    return path.replace("/", " ").replace("_", " ").replace("-", " ").rsplit(".", 1)[0]


_indexes: OrderedDict[tuple[str, str], PassageIndex] = OrderedDict()
_building = threading.Lock()


def index_of(root: Path) -> PassageIndex:
    """The index of a project, built once for each state of its files in this process, the last four kept."""
    resolved = root.resolve()
    with _building:
        paths = document_paths(resolved)
        key = (str(resolved), fingerprint_of(resolved, paths))
        if key not in _indexes:
            _indexes[key] = PassageIndex([each for path in paths for each in passages_of(resolved, path)])
        _indexes.move_to_end(key)
        while len(_indexes) > _KEPT_INDEXES:
            _indexes.popitem(last=False)
        return _indexes[key]
