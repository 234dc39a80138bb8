"""All that a specialist can look into when it closes something: documents, tables of figures, earlier findings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, Source
from prefect_harmonic.planners.words import telling_stems
from prefect_harmonic.tasks.agents.closing.dated import date_of
from prefect_harmonic.tasks.agents.closing.figures import table_rows
from prefect_harmonic.tasks.agents.earlier_claims import LONGEST_QUOTE, earlier_claims
from prefect_harmonic.tasks.agents.researcher.answers import NO_STATEMENT, is_open
from prefect_harmonic.tasks.agents.researcher.documents import Passage, Sentence
from prefect_harmonic.tasks.agents.researcher.search import PassageIndex, index_of
from prefect_harmonic.tasks.agents.wording import clipped

_SHORT_SENTENCE = 4
_MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with all that says how far it carries.

    Attributes:
        text: The sentence; a row of a table with its cells named.
        source: Where it stands.
        around: The stems of what stands beside it in its passage.
        above: The stems of the headings it stands under, and of its file's name.
        heading: Those headings.
        date: When its document was written, as far as that is known.
        is_open: Whether it stands where its document tells what is not decided or not known.
        is_row: Whether it is a row of a table.
    """

    text: str
    source: Source
    around: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()
    heading: str = ""
    date: str = ""
    is_open: bool = False
    is_row: bool = False

    @property
    def is_stating(self) -> bool:
        """Whether it says something at all: labels, questions and fragments do not, a short sentence does."""
        is_short_sentence = (
            len(self.text.split()) == _SHORT_SENTENCE and self.text.endswith(".") and ":" not in self.text
        )
        return self.is_row or is_short_sentence or not NO_STATEMENT.search(self.text)

    @property
    def is_code(self) -> bool:
        """Whether it stands in the docstring of a module."""
        return self.source.path.endswith(".py")

    def as_claim(self, confidence: float) -> Claim:
        """The statement as a claim, in its own words."""
        return Claim(text=clipped(self.text, LONGEST_QUOTE), sources=(self.source,), confidence=confidence)


class Library:
    """The documents and figures of a project and the findings of an assignment, searchable for statements."""

    def __init__(self, assignment: Assignment) -> None:
        root = Path(assignment.project) if assignment.project else None
        is_there = root is not None and root.is_dir()
        self.index = index_of(root) if root is not None and is_there else PassageIndex(())
        self.rows = table_rows(root) if root is not None and is_there else ()
        self.known: Mapping[str, Evidence] = {**assignment.background, **assignment.inputs}
        self.findings = tuple(earlier_claims(self.known))
        self._by_path: dict[str, list[Passage]] = defaultdict(list)
        for passage in self.index.passages:
            self._by_path[passage.path].append(passage)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look into."""
        return not (self.index.documents or self.rows or self.findings)

    @property
    def files(self) -> int:
        """How many files it has."""
        return self.index.documents + len({row.path for row in self.rows})

    def date(self, path: str) -> str:
        """When a document was written, as far as it says so."""
        return date_of(path, self._by_path.get(path, ()))

    def passages(self, path: str) -> tuple[Passage, ...]:
        """The passages of one document."""
        return tuple(self._by_path.get(path, ()))

    def statements(self, words: Iterable[str], most: int = 80) -> tuple[Statement, ...]:
        """The statements of the passages, rows and findings that have some of the words, each once."""
        wanted = tuple(dict.fromkeys(words))
        stems = telling_stems(" ".join(wanted))
        found = [
            statement for hit in self.index.hits(wanted, most=most) for statement in self._statements_in(hit.passage)
        ]
        found += [statement for row in self._rows_with(wanted, stems) for statement in self._statements_in(row)]
        found += [
            Statement(claim.text, claim.sources[0]) for claim in self.findings if stems & telling_stems(claim.text)
        ]
        return tuple({(each.source.path, each.source.line, each.text): each for each in reversed(found)}.values())[::-1]

    def located(self, text: str) -> Claim:
        """The claim that a text is: one that was found before, or the sentence of a document; without a source if none.

        A text that was cut ("…") is recognised by its beginning.
        """
        wanted = " ".join(text.split())
        begins = wanted.removesuffix("…")
        for claim in self.findings:
            if claim.text == wanted or (begins != wanted and claim.text.startswith(begins)):
                return claim
        for passage in self.index.passages:
            for each in passage.sentences:
                if each.text == wanted or (begins != wanted and each.text.startswith(begins)):
                    return Claim(text=each.text, sources=(_source(passage, each),), confidence=0.8)
        return Claim(text=wanted or "nothing", confidence=0.5)

    def _rows_with(self, wanted: tuple[str, ...], stems: frozenset[str]) -> list[Passage]:
        """The rows of figures that have a number that is looked for, where there is one, and two of the words."""
        numbers = [word.replace(",", "") for word in wanted if word[0].isdigit()]
        rows = (
            row
            for row in self.rows
            if (not numbers or any(number in row.text.replace(",", "") for number in numbers))
            and len(stems & telling_stems(f"{row.text} {row.heading}")) > 1
        )
        return list(islice(rows, _MOST_ROWS))

    def _statements_in(self, passage: Passage) -> Iterator[Statement]:
        above = telling_stems(f"{passage.heading} {_spoken(passage.path)}")
        around = telling_stems(passage.text)
        date = self.date(passage.path)
        for each in passage.sentences:
            yield Statement(
                each.text,
                _source(passage, each),
                around,
                above,
                passage.heading,
                date,
                is_open(passage),
                passage.is_row,
            )


def _source(passage: Passage, sentence: Sentence) -> Source:
    grade = Grade.MEASURED if passage.path.lower().endswith((".csv", ".tsv")) else Grade.DOCUMENTED
    return Source(path=passage.path, line=sentence.line, quote=clipped(sentence.quote, LONGEST_QUOTE), grade=grade)


def _spoken(path: str) -> str:
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("-", " ").replace("_", " ")
