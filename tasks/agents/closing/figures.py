"""Rows of a project's tables of figures (CSV, TSV) as passages that know their file and line.

Prose is read by the researcher; figures are looked up only where two statements are to be settled or a figure is asked
for, since a row without its question says nothing.
"""

import csv
import io
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from prefect_harmonic.tasks.agents.researcher.documents import Passage, Sentence, fingerprint_of
from prefect_harmonic.tasks.project_files import MAX_FILE_BYTES, content, lines_of, project_files

MAX_TABLES = 200
MAX_ROWS = 20_000
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_KEPT = 4
_read: OrderedDict[tuple[str, str], tuple[Passage, ...]] = OrderedDict()
_reading = Lock()


def table_rows(root: Path) -> tuple[Passage, ...]:
    """The rows of a project's tables of figures, each cell named by its column. Links are never followed."""
    resolved = root.resolve()
    paths = _table_paths(resolved)
    key = (str(resolved), fingerprint_of(resolved, paths))
    with _reading:
        if key not in _read:
            _read[key] = tuple(row for path in paths for row in _rows(resolved, path))[:MAX_ROWS]
        _read.move_to_end(key)
        while len(_read) > _KEPT:
            _read.popitem(last=False)
        return _read[key]


def _table_paths(root: Path) -> tuple[str, ...]:
    found = (file for file in project_files(root) if file.suffix in _SEPARATORS and not file.path.is_symlink())
    readable = [file.relative for file in found if _is_small(file.path) and file.relative.isprintable()]
    return tuple(readable[:MAX_TABLES])


def _is_small(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size <= MAX_FILE_BYTES
    except OSError:
        return False


def _rows(root: Path, path: str) -> list[Passage]:
    try:
        raw = content(root / path)
    except OSError:
        return []
    if b"\0" in raw[:8192]:
        return []
    text = raw.decode("utf-8-sig", errors="replace")
    lines = lines_of(text)
    reader = csv.reader(io.StringIO(text), delimiter=_SEPARATORS[Path(path).suffix.lower()])
    passages: list[Passage] = []
    columns: list[str] = []
    try:
        for cells in reader:
            if not columns:
                columns = [cell.strip() for cell in cells]
            elif any(cell.strip() for cell in cells):
                passages.append(_passage(path, columns, cells, lines, reader.line_num))
    except csv.Error:  # a field too long for the reader: what was read so far stands
        pass
    return passages


def _passage(path: str, columns: list[str], cells: list[str], lines: list[str], line: int) -> Passage:
    named = [f"{title}: {cell.strip()}" for title, cell in zip(columns, cells, strict=False) if cell.strip()]
    quote = lines[line - 1] if line <= len(lines) else ""
    title = Path(path).stem.replace("-", " ").replace("_", " ")
    return Passage(path, title, (Sentence("; ".join(named), max(1, line), quote.strip()),), is_row=True)
