"""The libraries that a project names with one version, and which of them have a published weakness known here."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from prefect_harmonic.tasks.agents.code_analyzer.security.rules import Advisory, advisory_catalogue
from prefect_harmonic.tasks.project_files import lines_of

_REQUIREMENTS = re.compile(r"(^|/)((requirements|constraints)[^/]*\.(txt|in|lock)|requirements/[^/]+\.(txt|in))$")
_LOCK = re.compile(r"(^|/)(poetry|uv|pdm)\.lock$")
_DECLARED = re.compile(r"(^|/)(pyproject\.toml|setup\.py|setup\.cfg|Pipfile)$")
_PINNED = re.compile(r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*(?P<version>\d[\w.]*)")
_QUOTED = re.compile(r"""["'](?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*(?P<version>\d[\w.]*)""")
_NAMED = re.compile(r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:$|[<>=!~;#])")
_LOCKED = re.compile(r'^name = "(?P<name>[^"]+)"\nversion = "(?P<version>[^"]+)"', re.MULTILINE)
_IMPORTS = {"pillow": "PIL", "pyyaml": "yaml", "python-jose": "jose", "python-multipart": "multipart", "pyjwt": "jwt"}


@dataclass(frozen=True, slots=True)
class Pin:
    """One library at one version, and where that stands. Without a version it is named and left open."""

    library: str
    version: str
    path: str
    line: int


def names_libraries(path: str) -> bool:
    """Whether a file is one in which a project names the libraries it needs."""
    return any(pattern.search(path) for pattern in (_REQUIREMENTS, _LOCK, _DECLARED))


def pins_in(path: str, text: str) -> tuple[Pin, ...]:
    r"""The libraries that a file names.

    >>> [(pin.library, pin.version, pin.line) for pin in pins_in("requirements.txt", "requests==2.19.1\nflask>=2\n")]
    [('requests', '2.19.1', 1), ('flask', '', 2)]
    """
    if _LOCK.search(path):
        found = ((match, text.count("\n", 0, match.start()) + 2) for match in _LOCKED.finditer(text))
        return tuple(Pin(_normal(match["name"]), match["version"], path, line) for match, line in found)
    return tuple(_by_line(path, text, is_list=_REQUIREMENTS.search(path) is not None))


def _by_line(path: str, text: str, *, is_list: bool) -> Iterator[Pin]:
    for number, line in enumerate(lines_of(text), start=1):
        for match in (_PINNED if is_list else _QUOTED).finditer(line):
            yield Pin(_normal(match["name"]), match["version"], path, number)
        loose = None if not is_list or _PINNED.match(line) else _NAMED.match(line)
        if loose is not None:
            yield Pin(_normal(loose["name"]), "", path, number)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def known_weaknesses(pin: Pin) -> tuple[Advisory, ...]:
    """The published weaknesses of a pinned library that are known here."""
    return tuple(each for each in advisory_catalogue().advisories if each.library == pin.library and _has(pin, each))


def _has(pin: Pin, advisory: Advisory) -> bool:
    version = _number(pin.version)
    if not version:
        return False
    fixed = [_number(each) for each in advisory.fixed]
    in_line = [each for each in fixed if each[:2] == version[:2]]
    return version < min(in_line) if in_line else version < max(fixed)


def mended_by(advisories: Iterable[Advisory], pin: Pin) -> str:
    """The least version without any of some weaknesses of a pinned library."""
    version = _number(pin.version)
    return max((next(one for one in each.fixed if _number(one) > version) for each in advisories), key=_number)


def _number(version: str) -> tuple[int, ...]:
    """The version as numbers; nothing if it is of another form, which is not compared.

    >>> _number("2.19.1"), _number("5.4"), _number("2.0rc1"), _number("3.²")
    ((2, 19, 1), (5, 4, 0), (), ())
    """
    parts = version.split(".")
    if not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        return ()
    return (*(int(part) for part in parts), *(0,) * (3 - len(parts)))


def importers(library: str, sources: Mapping[str, str]) -> tuple[str, ...]:
    """Places that import a library, the first of each file, sorted by file."""
    name = _IMPORTS.get(library, library.replace("-", "_"))
    pattern = re.compile(rf"^[ \t]*(?:import|from)[ \t]+{re.escape(name)}\b", re.MULTILINE | re.IGNORECASE)
    found = ((path, pattern.search(sources[path])) for path in sorted(sources))
    return tuple(f"{path}:{sources[path].count(chr(10), 0, match.start()) + 1}" for path, match in found if match)
