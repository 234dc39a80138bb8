"""What a search for uses looks for: the subject of a goal, without the word that says what is done to it."""

import re
from dataclasses import dataclass

_VERB = re.compile(
    r"^(?:please\s+)?(?:"
    r"(?:drop|remove|end|discontinue)\s+(?:the\s+)?support\s+(?:for|of)|get\s+rid\s+of|phase\s+out|take\s+out|switch\s+off"
    r"|(?:migrate|move|switch|port|upgrade|update|change)\s+(?:away\s+)?(?:from|to)"
    r"|remove|delete|deprecate|drop|retire|replace|split|rename|extract|sunset|discontinue|eliminate|upgrade|update"
    r"|migrate|port|move)\s+(?:of\s+)?(?:(?:the|all|every|our|its|any|each)\s+)*"
    r"(?:(?:dependenc(?:e|y)|reliance)\s+(?:up)?on\s+|us(?:e|age)\s+of\s+)?(?:(?:the|our)\s+)?",
    re.IGNORECASE,
)
_DEED = re.compile(
    r"^(?:keep|stay\s+(?:with|on)|retain|drop|remove|replace|rewrite|mend|move\s+to|switch\s+to|adopt)\s+"
    r"(?:(?:the|our|its)\s+)?(?:support\s+(?:for|of)\s+)?",
    re.IGNORECASE,
)
"""Where an option is something to be done: what is used is that to which it is done."""

_PRONOUNS = frozenset({"it", "them", "this", "that"})
_REST = re.compile(
    r"\s+(?:by|with|in favou?r of|from|to|into|onto|in|before|until|without|and|so that|because|since)\s.*$"
    r"|[,;:!?].*$|\.(?=\s|$).*$",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r"[`\"“']([^`\"“”']{2,80})[`\"”']")
_NAME = re.compile(
    r"(?<![\w.])(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[A-Za-z]\w*_\w+|_\w+|[A-Za-z]+[a-z0-9][A-Z]\w*)(?![\w.])"
)
_VERSIONED = re.compile(r"^(?P<name>[A-Za-z][\w-]*)\s+v?(?P<version>\d+(?:\.\d+)*)$")
_KIND = re.compile(
    r"\s+(?:packages?|modules?|class(?:es)?|functions?|methods?|endpoints?|support|parameters?|arguments?|options?|flags?"
    r"|dependenc(?:y|ies)|librar(?:y|ies)|api|code|features?|calls?)$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^(?:please\s+)?(?:migrate|move|switch|port|convert|upgrade)\s+\S.*?\s+(?:away\s+)?from\s+(?P<old>[A-Za-z][\w.-]*)"
    r"(?:\s+v?\d[\d.]*)?\s+(?:in)?to\s",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[^\W_]+")
_SHORTEST = 3
_DISTRIBUTED = re.compile(r"^python-|-python$|-binary$", re.IGNORECASE)
_MODULES = {
    "attrs": "attr",
    "beautifulsoup4": "bs4",
    "djangorestframework": "rest_framework",
    "gitpython": "git",
    "mysqlclient": "MySQLdb",
    "opencv-python": "cv2",
    "pillow": "PIL",
    "pycryptodome": "Crypto",
    "pyjwt": "jwt",
    "pyserial": "serial",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}
"""Libraries that are imported by another name than the one they are known by."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is searched for.

    Attributes:
        text: How it is called.
        name: The name in code, with dots where it has parts; empty where it is only described.
        pattern: Finds it in a line of text.
    """

    text: str
    name: str
    pattern: re.Pattern[str]

    @property
    def last(self) -> bytes:
        """What stands in every Python file that uses the name, under whatever other name its parts are imported."""
        return (self.name.rpartition(".")[2] or self.text).encode()


def subjects_of(goal: str) -> tuple[Subject, ...]:
    """What a goal may be about, likeliest first: of `from A to B` it is A, and a library is imported in small letters.

    >>> [each.text for each in subjects_of("Migrate Prefect from pendulum to the standard library")]
    ['pendulum', 'Prefect', 'Prefect']
    >>> [each.name for each in subjects_of("Migrate from SQLAlchemy 1.4 to 2.0")]
    ['SQLAlchemy', 'sqlalchemy']
    """
    goal = " ".join(goal.split())  # blanks without end take the patterns minutes
    old = _FROM.match(goal)
    told = [_named(old["old"]) if old else None, subject_of(goal)]
    return tuple(each for subject in told if subject for each in (subject, imported_as(subject)) if each)


def subjects_named(name: str) -> tuple[Subject, ...]:
    """As `subjects_of`, where the thing itself is named and no goal.

    >>> [each.name for each in subjects_named("Redis")]
    ['Redis', 'redis']
    >>> [each.text for each in subjects_named("keep Pydantic v1 support")], subjects_named("drop it")
    (['Pydantic v1'], ())
    """
    deed = _DEED.match(name)
    told = _KIND.sub("", name[deed.end() :]) if deed else name
    subject = None if deed and told.casefold() in _PRONOUNS else _named(told)
    return tuple(each for each in (subject, imported_as(subject)) if each) if subject else ()


def imported_as(subject: Subject) -> Subject | None:
    """A library by the name it is imported by, where that is not the name it is called by.

    >>> [each and each.name for each in map(imported_as, subjects_of("Remove PyYAML"))]
    ['yaml', None]
    >>> [each.name for each in subjects_of("Drop the dependency on python-dateutil")]
    ['python-dateutil', 'dateutil']
    """
    plain = _DISTRIBUTED.sub("", subject.name.casefold())
    name = _MODULES.get(plain, plain.replace("-", "_"))
    if not re.fullmatch(r"[A-Za-z][\w-]*", subject.name) or name == subject.name:
        return None
    text = rf"{re.escape(name)}|{re.escape(subject.name)}"
    return Subject(subject.text, name, re.compile(rf"(?<![\w.])(?:{text})(?!\w)", re.IGNORECASE))


def subject_of(goal: str) -> Subject | None:
    """What a goal is about; nothing where no words are left to search for.

    >>> subject_of("Remove the networkx.drawing package").name
    'networkx.drawing'
    >>> subject_of("Drop support for Python 3.8").text, subject_of("Replace requests by httpx").name
    ('Python 3.8', 'requests')
    >>> subject_of("Deprecate the sync client").pattern.search("class SyncClient:").group()
    'SyncClient'
    """
    goal = " ".join(goal.split())
    verb = _VERB.match(goal)
    told = _REST.sub("", goal[verb.end() :] if verb else goal).strip()
    if named := _QUOTED.search(told) or _NAME.search(told):
        return _named(named[1] if named.re is _QUOTED else named[0])
    if version := _VERSIONED.match(told):
        return _versioned(told, version["name"], version["version"])
    plain = _KIND.sub("", told)
    return _named(plain) if re.fullmatch(r"[A-Za-z_][\w-]{2,}", plain) else _described(plain)


def _named(name: str) -> Subject | None:
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
        return _described(name)
    text = r"[./]".join(re.escape(part) for part in name.split("."))
    return Subject(name, name, re.compile(rf"(?<![\w.]){text}(?!\w)"))


def _versioned(told: str, name: str, version: str) -> Subject | None:
    """A version of Python by the ways in which it is written; of anything else by its name, whatever the version."""
    numbers = version.split(".")
    if name.casefold() != "python" or len(numbers) != 2:
        return _named(name)
    major, minor = numbers
    text = (
        rf"\b(?i:python)[^\n]{{0,40}}?(?<![\d.]){major}\.{minor}(?!\d)|['\"]{major}\.{minor}['\"]"
        rf"|\b(?:py|cp){major}{minor}\b|version_info[^\n]{{0,20}}\({major},\s*{minor}\b"
    )
    return Subject(told, "", re.compile(text))


def _described(told: str) -> Subject | None:
    """Its words in order, however they are joined: "sync client" is found in `SyncClient` and in `sync_client`."""
    words = _PARTS.findall(told)
    if not words or len("".join(words)) < _SHORTEST:
        return None
    return Subject(told, "", re.compile(r"[\s_-]{0,3}".join(map(re.escape, words)), re.IGNORECASE))
