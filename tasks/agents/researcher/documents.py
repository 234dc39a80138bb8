"""The documents of a project as passages that know their file and line.

Reads Markdown, reStructuredText, plain text and the docstrings of Python modules. Nothing is executed, nothing outside
the project's folder is read, and what version control ignores is passed over.
"""

import ast
import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from inspect import cleandoc
from itertools import accumulate, islice
from pathlib import Path

from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.agents.researcher.instructions import is_for_agents, is_order
from prefect_harmonic.tasks.key_files import holds_keys
from prefect_harmonic.tasks.project_files import MAX_FILE_BYTES, content, content_digest, lines_of, project_files

MAX_FILES = 5_000
_PROSE = frozenset({".md", ".markdown", ".rst", ".txt"})
_MARKDOWN = (".md", ".markdown")
_NOT_PROSE = re.compile(
    r"requirements[^/]*\.txt$|(?:^|/)requirements/|\.(?:egg|dist)-info/|(?:^|/)CMakeLists\.txt$"
    r"|(?:^|/)(?:robots|licen[cs]e[^/]*|copying[^/]*)(?:\.txt|\.md|\.rst)?$|\.lock$",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^([=\-~^\"'`#*+])\1{2,}\s*$")
_TAG = re.compile(
    r"^\s*</?(?:a|br|center|details|div|h\d|iframe|img|li|link|meta|ol|p|picture|script|section|source|span|strong|style|summary|table|td"
    r"|th|tr|ul|video)\b[^>]*>"
)
_LITERAL = re.compile(
    r"^(?!\s*\.\. )(?:.*[^:])?::\s*$|^\s*\.\. (?:code|code-block|sourcecode|parsed-literal|toctree|auto\w+|math|raw"
    r"|image|figure|list-table|csv-table|productionlist|highlight)::"
)
"""What is followed by an indented block of code in reStructuredText. Other directives, such as notes, hold prose."""

_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULE_ROW = re.compile(r"^[\s|:-]+$")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z`\"'(*\d])")
_EMPHASIS = re.compile(r"\*\*([^*]+)\*\*")
_LONGEST_ABBREVIATION = 12
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|cf|vs|approx|fig|dr|mr|mrs|ms)|\b[A-Z])\.$", re.IGNORECASE)
_NUMBERED = re.compile(r"\bno\.\s+\d", re.IGNORECASE)
"""The one abbreviation that is a word as well: "this is a no." ends a sentence, "hat no. 3" does not."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a file on one line, the line on which it begins, and the words as they stand there.

    The two texts differ for a row of a table, whose cells are named by their headings.
    """

    text: str
    line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, list item, table row or docstring.

    Attributes:
        path: File relative to the project.
        heading: The headings it stands under, outermost first, and the words that introduce its list.
        sentences: What it says.
        is_row: Whether it is a row of a table.
    """

    path: str
    heading: str
    sentences: tuple[Sentence, ...]
    is_row: bool = False

    @property
    def is_document(self) -> bool:
        """Whether it stands in a document and not in the docstring of a module."""
        return not self.path.endswith(".py")

    @property
    def nearest_heading(self) -> str:
        """The innermost of its headings."""
        return self.heading.rpartition(" > ")[2]

    @property
    def text(self) -> str:
        """All its sentences."""
        return " ".join(sentence.text for sentence in self.sentences)


def document_paths(root: Path) -> tuple[str, ...]:
    """Paths of the project's files that may hold prose, relative to the root, sorted.

    Links are never followed, and nothing is read that holds keys by its name: what is read here is quoted.
    """
    found = (file for file in project_files(root.resolve()) if _may_hold_prose(file.relative))
    shown = (file for file in found if not holds_keys(file.relative))
    readable = (file.relative for file in shown if _is_encodable(file.relative) and _is_plain_file(file.path))
    return tuple(islice(readable, MAX_FILES))


def fingerprint_of(root: Path, paths: tuple[str, ...]) -> str:
    """A digest that changes when a file comes, goes or has another content."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path}\0{content_digest(root / path)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def passages_of(root: Path, path: str) -> tuple[Passage, ...]:
    """The passages of one file; none if it is binary, unreadable or no valid Python."""
    try:
        raw = content(root / path)
    except OSError:
        return ()
    if b"\0" in raw[:8192]:
        return ()
    return passages_in(path, raw.decode("utf-8", errors="replace"))


def passages_in(path: str, text: str) -> tuple[Passage, ...]:
    r"""The passages of a text: the docstrings where its name is that of a module, else the prose.

    >>> [passage.text for passage in passages_in("notes.md", "# Notes\n\nIt rains.")]
    ['It rains.']
    """
    if path.endswith(".py"):
        return tuple(_docstrings(path, text))
    passages = _prose(path, text)
    return tuple(_without_orders(passages) if is_for_agents(path) else passages)


def _without_orders(passages: Iterable[Passage]) -> Iterator[Passage]:
    """What is stated in a file of instructions: how agents are to work says nothing about the project."""
    for passage in passages:
        stated = tuple(each for each in passage.sentences if not is_order(each.text))
        if stated:
            yield replace(passage, sentences=stated)


def _may_hold_prose(path: str) -> bool:
    name = path.rsplit("/", 1)[-1].lower()
    if name.endswith(".py"):
        is_test = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
        return not is_test and not path.startswith("tests/") and "/tests/" not in path
    return (Path(name).suffix in _PROSE or name in {"readme", "changelog", "contributing"}) and not _NOT_PROSE.search(
        path
    )


def _is_plain_file(path: Path) -> bool:
    try:
        return not path.is_symlink() and path.is_file() and path.stat().st_size <= MAX_FILE_BYTES
    except OSError:
        return False


def _is_encodable(path: str) -> bool:
    """Whether a name is text: JSON and Markdown cannot hold the lone surrogates of one that is not."""
    return path.encode("utf-8", "replace").decode() == path


def _docstrings(path: str, text: str) -> Iterator[Passage]:
    try:
        tree = syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node, clean=False)
            if told and told.strip():
                blank = told[: len(told) - len(told.lstrip())].count("\n")
                first = node.body[0].lineno + blank
                yield from _prose(path, cleandoc(told.lstrip()), first=first, heading=getattr(node, "name", ""))


def _prose(path: str, text: str, first: int = 1, heading: str = "") -> list[Passage]:
    """Paragraphs, items and rows with the headings they stand under; code blocks are passed over."""
    reader = _Reader(path, heading)
    for number, line in enumerate(lines_of(text), start=first):
        reader.read(number, line)
    reader.close()
    return reader.passages


class _Reader:
    """Takes a document line by line and collects its passages."""

    def __init__(self, path: str, heading: str) -> None:
        self.passages: list[Passage] = []
        self._path, self._heading = path, heading
        self._headings: list[tuple[int, str]] = []
        self._block: list[tuple[int, str]] = []
        self._columns: list[str] = []
        self._in_code = False
        self._literal: int | None = None
        self._introduction = ""
        self._is_item = False

    def read(self, number: int, line: str) -> None:
        """Take the next line."""
        if line.lstrip().startswith(("```", "~~~")):
            self.close()
            self._in_code = not self._in_code
        elif self._is_literal(line) or self._in_code or self._is_markup(line):
            return
        elif (match := _HEADING.match(line)) is not None:
            self._open(len(match[1]), match[2])
        elif _UNDERLINE.match(line) and len(self._block) == 1:
            self._open(1 if line.startswith("=") else 2, self._block.pop()[1].strip())
        elif not line.strip():
            self.close()
            self._columns = []
        elif _ROW.match(line):
            self._row(number, line)
        else:
            if _ITEM.match(line):
                self.close()
                self._is_item = True
            self._block.append((number, _ITEM.sub("", line)))

    def _is_markup(self, line: str) -> bool:
        """Whether a line is a directive, a comment, a prompt, or a tag that does not stand within a paragraph."""
        return line.lstrip().startswith((">>>", ".. ", "<!--")) or (not self._block and _TAG.match(line) is not None)

    def _is_literal(self, line: str) -> bool:
        """Whether a line belongs to a block of code by being indented further than what announced it."""
        if not line.strip() or self._path.endswith(_MARKDOWN):
            return False
        indented = len(line) - len(line.lstrip())
        if self._literal is not None and indented > self._literal:
            return True
        self._literal = indented if _LITERAL.search(line) else None
        return False

    def close(self) -> None:
        """End the passage that is being read."""
        sentences = _sentences(self._block)
        if sentences and not self._is_item:
            self._introduction = sentences[-1].text if sentences[-1].text.endswith(":") else ""
        self._add(sentences)
        self._block, self._is_item = [], False

    def _add(self, sentences: tuple[Sentence, ...], *, is_row: bool = False) -> None:
        if sentences:
            introduced = self._introduction if self._is_item else ""
            titles = " > ".join(filter(None, [self._heading, *(title for _, title in self._headings), introduced]))
            self.passages.append(Passage(self._path, titles, sentences, is_row))

    def _open(self, level: int, title: str) -> None:
        self.close()
        self._introduction = ""
        self._headings = [*(each for each in self._headings if each[0] < level), (level, title)]

    def _row(self, number: int, line: str) -> None:
        """A table's row: the first names the columns, each other one is a passage with its cells under these names."""
        self.close()
        cells = [each.strip() for each in line.strip().strip("|").split("|")]
        if not self._columns:
            self._columns = cells
        elif not _RULE_ROW.match(line):
            named = [
                f"{title}: {value}" if title else value for title, value in zip(self._columns, cells, strict=False)
            ]
            told = "; ".join(each for each, value in zip(named, cells, strict=False) if value)
            self._add((Sentence(told, number, line.strip()),) if told else (), is_row=True)


def _sentences(block: list[tuple[int, str]]) -> tuple[Sentence, ...]:
    """The sentences of a paragraph that is wrapped over lines, each with the line it begins on."""
    lines = [" ".join(line.split()) + " " for _, line in block]
    numbers = [number for number, _ in block]
    places = [0, *accumulate(map(len, lines))]
    joined = "".join(lines)
    found = []
    start = 0
    for end in [*_ends(joined), len(joined)]:
        text = joined[start:end].strip()
        if text:
            begins = numbers[bisect_right(places, start) - 1]
            found.append(Sentence(_EMPHASIS.sub(r"\1", text), begins, text))
        start = end
    return tuple(found)


def _ends(text: str) -> list[int]:
    return [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if not _ABBREVIATION.search(text, max(0, match.start() - _LONGEST_ABBREVIATION), match.start())
        and not _NUMBERED.match(text, max(0, match.start() - len("no.")))
    ]
