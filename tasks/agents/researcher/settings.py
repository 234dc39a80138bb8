"""What a project's settings say of it, set against what its documents say: versions it needs, ports it listens on.

Precise rather than eager, as everywhere where statements are set against each other: only what a setting says once is
compared, and only with a sentence that says one thing of the kind. A project is read, nothing of it is run.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from prefect_harmonic.planners.evidence import Claim, Contradiction, Grade, Source
from prefect_harmonic.planners.quantities import versions_in
from prefect_harmonic.tasks.agents.wording import clipped
from prefect_harmonic.tasks.project_files import content, lines_of, project_files

_PORT, _PYTHON = "port", "least version of Python"
_MOST_FILES = 400
_ASIDE = re.compile(r"(?:^|/)(?:tests?|examples?|samples?|docs?|node_modules|vendor|benchmarks?)/", re.IGNORECASE)
_RECORDS = re.compile(r"(?:^|[/_-])(?:changelog|changes|history|news|releases?|decisions?|adrs?)(?:[./_-]|$)", re.I)
_SETTINGS = {
    "pyproject.toml": ((_PYTHON, re.compile(r"""^requires-python\s*=\s*["']\s*>=\s*(\d+\.\d+)[^"']*["']""")),),
    "setup.cfg": ((_PYTHON, re.compile(r"^python_requires\s*=\s*>=\s*(\d+\.\d+)")),),
    "setup.py": ((_PYTHON, re.compile(r"""^\s*python_requires\s*=\s*["']\s*>=\s*(\d+\.\d+)""")),),
    "dockerfile": ((_PORT, re.compile(r"^EXPOSE\s+(\d{2,5})(?:/tcp)?\s*$", re.IGNORECASE)),),
    ".env": ((_PORT, re.compile(r"^(?:[A-Z]+_)?PORT\s*=\s*[\"']?(\d{2,5})[\"']?\s*$")),),
    ".env.example": ((_PORT, re.compile(r"^(?:[A-Z]+_)?PORT\s*=\s*[\"']?(\d{2,5})[\"']?\s*$")),),
    "settings.py": ((_PORT, re.compile(r"^PORT(?:\s*:\s*int)?\s*=\s*(\d{2,5})\s*(?:#.*)?$")),),
    "config.py": ((_PORT, re.compile(r"^PORT(?:\s*:\s*int)?\s*=\s*(\d{2,5})\s*(?:#.*)?$")),),
}
_COMPOSE = re.compile(r"^(?:docker-)?compose(?:\.[a-z]+)?\.ya?ml$")
_PUBLISHED = re.compile(r"[\"']?(?<![\d.:])(?:\d+\.\d+\.\d+\.\d+:)?(\d{2,5}):\d{2,5}(?:/tcp)?[\"']?")
_PORTS = re.compile(r"^\s*(?:ports:\s*\[|-\s*[\"']?(?:\d+\.\d+\.\d+\.\d+:)?\d{2,5}:\d{2,5}(?:/tcp)?[\"']?\s*$)")
_IMAGE = re.compile(r"^\s*image:\s*[\"']?(?:[\w.-]+/)*([a-z]+):(\d+(?:\.\d+)*)")
_IMAGES = {"postgres": "postgresql", "mongo": "mongodb"}
_OTHER_SERVICES = frozenset(
    "5432 3306 6379 27017 5672 15672 9092 2181 9200 11211 1433 1521 9090 4317".split()  # noqa: SIM905 - a list
)
"""Ports of databases, brokers and watchers, which a document on the service itself does not mean."""
_LEAST_PYTHON = re.compile(
    r"(?<!\()\bPython\s+(?:version\s+)?(?:>=\s*)?(?P<version>3\.\d+)(?:\.\d+)?\s*(?:\+|(?:or|and)\s+(?:later|newer|higher|above|up)\b)"
    r"|\bPython\s*>=\s*(?P<at_least>3\.\d+)",
    re.IGNORECASE,
)
_PROSE = frozenset({".md", ".rst", ".txt", ""})
_OTHER_TIME = re.compile(
    r"\b(?:was|were|used to|formerly|until|no longer|instead of|previously|will|would|next|changed in|deprecat\w*"
    r"|since)\b",
    re.IGNORECASE,
)
_NEEDING = re.compile(r"\b(?:requires?|needs?|supports?|minimum|at least|runs? (?:on|with)|works? (?:on|with))\b", re.I)
_LONGEST_ITEM = 5
"""Words of an item that names what is needed and says no more: "Python 3.9+"."""
_ON_PORT = re.compile(r"\bport\s+(\d{2,5})\b|\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a settings file says: of what kind, which value, and as a claim with file and line."""

    kind: str
    value: str
    claim: Claim


def against_settings(claims: Iterable[Claim], root: Path) -> tuple[Contradiction, ...]:
    """The sentences among some claims that say something else than the project's settings do. Blocks for a moment."""
    stated = [
        (kind, value, claim) for claim in claims if _is_of_document(claim) for kind, value in _said_in(claim.text)
    ]
    if not stated:
        return ()
    settings = settings_of(root)
    by_text = {(kind, claim.text): (kind, claim) for kind, value, claim in stated if _differs(kind, value, settings)}
    return tuple(
        Contradiction(subject=kind, one=claim, other=next(each.claim for each in settings if each.kind == kind))
        for kind, claim in by_text.values()
    )


def settings_of(root: Path) -> tuple[Setting, ...]:
    """What the settings files of a project say, those of its examples and tests left out."""
    found: list[Setting] = []
    read = 0
    for file in project_files(root.resolve()):
        name = file.path.name.casefold()
        if _ASIDE.search(file.relative) or not (name in _SETTINGS or _COMPOSE.match(name)) or read >= _MOST_FILES:
            continue
        read += 1
        try:
            text = content(file.path).decode("utf-8", "replace")
        except OSError:
            continue
        for number, line in enumerate(lines_of(text), start=1):
            for kind, value in _set_in(name, line):
                source = Source(path=file.relative, line=number, quote=clipped(line, 200), grade=Grade.MEASURED)
                told = f"The settings give {value} as the {kind}."
                found.append(Setting(kind, value, Claim(text=told, sources=(source,), confidence=0.95)))
    return tuple(found)


def _set_in(name: str, line: str) -> Iterator[tuple[str, str]]:
    for kind, pattern in _SETTINGS.get(name, ()):
        if (match := pattern.search(line)) is not None:
            yield kind, match[1]
    if _COMPOSE.match(name):
        if (image := _IMAGE.match(line)) is not None:
            yield f"version of {_IMAGES.get(image[1], image[1])}", image[2]
        if _PORTS.match(line):
            yield from ((_PORT, port) for port in _PUBLISHED.findall(line) if port not in _OTHER_SERVICES)


def _said_in(text: str) -> Iterator[tuple[str, str]]:
    """What a sentence says of the things that settings say too; nothing of a kind of which it says two."""
    is_need = _NEEDING.search(text) or len(text.split()) <= _LONGEST_ITEM
    pythons = (
        set() if not is_need else {match["version"] or match["at_least"] for match in _LEAST_PYTHON.finditer(text)}
    )
    ports = {one or other for one, other in _ON_PORT.findall(text)}
    yield from ((kind, next(iter(found))) for kind, found in ((_PYTHON, pythons), (_PORT, ports)) if len(found) == 1)
    for version in versions_in(text):
        if version.product != "python":
            name = _IMAGES.get(version.product, version.product)
            yield f"version of {name}", ".".join(map(str, version.version))


def _differs(kind: str, value: str, settings: Sequence[Setting]) -> bool:
    """Whether the settings say one other value of a kind; where they say several, a document may mean any."""
    values = {each.value for each in settings if each.kind == kind}
    if len(values) != 1:
        return False
    (own,) = values
    if not kind.startswith("version"):
        return own != value
    one, other = own.split("."), value.split(".")
    shorter = min(len(one), len(other))
    return one[:shorter] != other[:shorter]


def _is_of_document(claim: Claim) -> bool:
    """Whether a claim stands in a document on what is, and not in a module, an example, or a record of what was."""
    if not claim.sources or claim.sources[0].line is None or _OTHER_TIME.search(claim.text):
        return False
    path = claim.sources[0].path
    is_prose = PurePosixPath(path).suffix.casefold() in _PROSE
    return is_prose and not _RECORDS.search(path) and not _ASIDE.search(path.removeprefix("docs/"))
