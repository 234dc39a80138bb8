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
    re.findall(
        r"\d+",
        "21 22 25 53 80 110 143 389 443 465 587 636 993 995 5432 3306 6379 27017 5672 15672 9092 2181 9200 11211 1433 "
        "1521 9090 4317 4318",
    )
)
"""Ports of databases, brokers and watchers, and well-known ones: none tells on what the service itself listens."""
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
_ON_PORT = re.compile(r"\bport\s+(\d{2,5})\b|\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})\b", re.IGNORECASE)
_MARKS = re.compile(r"^[^\w/]+|`")
_SELF = (
    r"(?:it|(?:(?:the|this|our)\s+)?(?:web\s+|http\s+|rest\s+|api\s+)?"
    r"(?:service|app|application|server|api|backend|project|package|library))"
)
"""The project itself as the subject of a sentence: "the database server" and "our client library" are others."""
_HERE = r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0):\d"
_LISTENS = re.compile(
    rf"(?:by default,?\s+)?{_SELF}\s+(?:listens?|runs?|starts?|serves?|answers?|binds?|is)\b"
    r"(?:\s+(?:by default|locally|up|listening|running|served|started|exposed|available|reached|reachable|bound|https?"
    rf"|requests|connections|traffic|for)\b,?)*\s+(?:on|at|to|under|via)\s+(?:(?:tcp|http)\s+)?(?:port\b|(?:https?://)?{_HERE})",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"(?i:(?:(?:then|now)\s+)?(?:(?:open|visit|browse to|go to|see|call|try|http|wget)\s+(?:it at\s+)?"
    rf"|curl\s+(?:-\S+\s+(?:[a-z]+\s+)?)*)?[\"'<(]*(?:https?://)?{_HERE})"
    r"(?!.*\b(?:[A-Z][a-z]|dashboard|metrics|front-?end|console|broker|database|mail|trac|proxy))"
)
"""A command or an address that reaches it on this machine, and names nothing else that would be reached."""
_NEEDS = re.compile(
    rf"(?:(?:{_SELF}|we|you)\s+)?(?:(?:only|currently|now|still)\s+)?"
    r"(?:requires?|needs?|supports?|minimum|at least|runs? (?:on|with)|works? (?:on|with))\b"
    r"|(?:(?:requirements?|prerequisites?|runtime|language):\s*)?python\b(?:.*\b(?:is|are)\s+(?:required|needed|supported)\b|\S*(?:\s+\S+){0,4}$)",
    re.IGNORECASE,
)
_USES = re.compile(
    rf"(?:(?:{_SELF}|we|you|(?:the|our)\s+(?:database|cache|broker|queue))\s+)?(?:(?:only|currently|now|still)\s+)?"
    r"(?:requires?|needs?|uses?|runs? (?:on|with|against)|works? (?:on|with)|is(?=\s+\w+\s+(?:version\s+)?v?\d))\b",
    re.IGNORECASE,
)
_IS_USED = re.compile(r"\s*(?:$|[.,;(]|(?:runs|holds|stores|serves|for|is (?:used|needed|required))\b)", re.IGNORECASE)
_ANOTHERS = re.compile(r"\b(?:of|from|than|for)\s+(?:an?\s+|the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a settings file says: of what kind, which value, and as a claim with file and line."""

    kind: str
    value: str
    claim: Claim


def against_settings(claims: Iterable[Claim], root: Path) -> tuple[Contradiction, ...]:
    """The sentences among some claims that say something else than the project's settings do. Blocks for a moment."""
    stated = [
        (kind, value, claim)
        for claim in claims
        if _is_of_document(claim)
        for kind, value in _said_in(_with_it(claim.text, root))
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
        if (match := pattern.search(line)) is not None and match[1] not in _OTHER_SERVICES:
            yield kind, match[1]
    if _COMPOSE.match(name):
        if (image := _IMAGE.match(line)) is not None:
            yield f"version of {_IMAGES.get(image[1], image[1])}", image[2]
        if _PORTS.match(line):
            yield from ((_PORT, port) for port in _PUBLISHED.findall(line) if port not in _OTHER_SERVICES)


def _with_it(text: str, root: Path) -> str:
    """A sentence without marks, "it" in place of the project's name: what its directory is called."""
    return re.sub(rf"^{re.escape(root.resolve().name)}(?![\w-])", "It", _MARKS.sub("", text), flags=re.IGNORECASE)


def _said_in(text: str) -> Iterator[tuple[str, str]]:
    """What a sentence says of the things that settings say too; nothing of a kind of which it says two.

    Only what it says of the project itself counts: other services have their ports, and other packages their needs.
    """
    if _NEEDS.match(text):
        yield from _alone(_PYTHON, {match["version"] or match["at_least"] for match in _LEAST_PYTHON.finditer(text)})
    if _LISTENS.match(text) or _COMMAND.match(text):
        yield from _alone(_PORT, {one or other for one, other in _ON_PORT.findall(text)})
    for version in versions_in(text):
        before, after = text[: version.span[0]], text[version.span[1] :]
        is_own = _USES.match(text) and not _ANOTHERS.search(before) if before else _IS_USED.match(after)
        if version.product != "python" and is_own:
            name = _IMAGES.get(version.product, version.product)
            yield f"version of {name}", ".".join(map(str, version.version))


def _alone(kind: str, values: set[str]) -> Iterator[tuple[str, str]]:
    if len(values) == 1 and not values & _OTHER_SERVICES:
        yield kind, next(iter(values))


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
