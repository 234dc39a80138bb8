"""The weaknesses of a project, found once and shared by all artifacts of a plan that ask for them."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from prefect_harmonic.tasks.agents.code_analyzer.modules import is_test
from prefect_harmonic.tasks.agents.code_analyzer.remembered import Remembered
from prefect_harmonic.tasks.agents.code_analyzer.security.judging import (
    judged,
    mark_in,
    showable,
    without_literals,
)
from prefect_harmonic.tasks.agents.code_analyzer.security.pins import (
    Pin,
    importers,
    known_weaknesses,
    mended_by,
    names_libraries,
    pins_in,
)
from prefect_harmonic.tasks.agents.code_analyzer.security.rules import Side, rule_catalogue
from prefect_harmonic.tasks.agents.code_analyzer.security.scanning import Hit, scanned
from prefect_harmonic.tasks.agents.code_analyzer.security.settings import open_settings
from prefect_harmonic.tasks.agents.code_analyzer.security.texts import is_settings_file, secrets_in, secrets_in_code
from prefect_harmonic.tasks.agents.code_analyzer.survey import Survey, surveyed
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.agents.weaknesses import Harm, Weakness, ranked
from prefect_harmonic.tasks.project_files import content, content_digest, lines_of

_KEPT = 4
_MOST_FILES = 10_000
_MOST_BYTES = 200_000_000
_LONGEST_QUOTE = 160
_OTHER_LANGUAGES = {
    "c": "C", "cc": "C++", "cpp": "C++", "cs": "C#", "go": "Go", "java": "Java", "js": "JavaScript",
    "jsx": "JavaScript", "kt": "Kotlin", "php": "PHP", "pyx": "Cython", "rb": "Ruby", "rs": "Rust", "scala": "Scala",
    "sh": "shell", "swift": "Swift", "ts": "TypeScript", "tsx": "TypeScript",
}  # fmt: skip


@dataclass(frozen=True)
class Review:
    """What was found, and what was looked at to find it.

    Attributes:
        weaknesses: Those to be told, in the order in which to mend them.
        marked: Those that a comment of the project declares harmless, as far as nothing else does.
        doubted: Those that are likely harmless, each with why.
        python: Paths of the Python files that were looked at.
        texts: Paths of the files of settings that were looked at for secrets.
        tests: Number of test files that were passed over.
        unread: Paths of files that could not be looked at, with why.
        pins: Libraries that the project names, those with one version and those without.
        languages: Number of files of other languages, by its name.
        is_truncated: Whether there were more files than are looked at.
    """

    weaknesses: tuple[Weakness, ...] = ()
    marked: tuple[Weakness, ...] = ()
    doubted: tuple[tuple[Weakness, str], ...] = ()
    python: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    tests: int = 0
    unread: tuple[tuple[str, str], ...] = ()
    pins: tuple[Pin, ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    is_truncated: bool = False
    digest: str = ""
    """Changes with the name or content of any file that is read."""

    def of(self, sides: frozenset[Side]) -> tuple[Weakness, ...]:
        """The weaknesses of some sides."""
        return tuple(one for one in self.weaknesses if one.side in sides)

    @cached_property
    def pinned(self) -> tuple[Pin, ...]:
        """Libraries that are named with one version."""
        return tuple(pin for pin in self.pins if pin.version)


_known: Remembered[Review] = Remembered(_KEPT)


def security_review(root: Path) -> Review:
    """The weaknesses of a project as its files stand now.

    Computed once however many threads ask, and again when a file has changed. Takes seconds for a large project and
    blocks: call it in a thread.
    """
    survey = surveyed(root)
    files = _Files.of(survey)
    digest = hashlib.sha256()
    for path in files.all:
        digest.update(f"{path}\0{content_digest(survey.root / path)}\0".encode())
    key = digest.hexdigest()
    return _known.value((str(survey.root), key), lambda: replace(_Reviewing(survey, files).review(), digest=key))


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a project by what they are looked at for."""

    python: tuple[str, ...]
    texts: tuple[str, ...]
    libraries: tuple[str, ...]
    tests: int
    languages: tuple[tuple[str, int], ...]
    is_truncated: bool

    @classmethod
    def of(cls, survey: Survey) -> "_Files":
        there = sorted({survey.real(path) for path in survey.files_under("")})
        tests = [path for path in there if path.endswith(".py") and is_test(path)]
        python = [path for path in there if path.endswith(".py") and not is_test(path)]
        texts = [path for path in there if is_settings_file(path) and not is_test(path)]
        others = Counter(_OTHER_LANGUAGES.get(path.rpartition(".")[2].lower(), "") for path in there)
        return cls(
            python=tuple(python[:_MOST_FILES]),
            texts=tuple(texts[:_MOST_FILES]),
            libraries=tuple(path for path in there if names_libraries(path)),
            tests=len(tests),
            languages=tuple(sorted((name, count) for name, count in others.items() if name)),
            is_truncated=survey.is_truncated or len(python) > _MOST_FILES or len(texts) > _MOST_FILES,
        )

    @property
    def all(self) -> tuple[str, ...]:
        """All that is read, each once."""
        return tuple(sorted({*self.python, *self.texts, *self.libraries}))


class _Reviewing:
    """One pass over a project."""

    def __init__(self, survey: Survey, files: _Files) -> None:
        self.root, self.files = survey.root, files
        self.unread: dict[str, str] = {}
        self.left = _MOST_BYTES
        self.sources = {path: text for path in files.all if (text := self._text(path)) is not None}
        self.lines: dict[str, list[str]] = {}
        self.weaknesses: list[Weakness] = []
        self.doubted: list[tuple[Weakness, str]] = []

    def review(self) -> Review:
        read = [path for path in self.files.python if path in self.sources]
        rules = [rule.id for rule in rule_catalogue().values() if rule.is_bandits]
        scan = scanned(self.root, read, rules)
        self.unread |= dict(scan.unread)
        for path, hit in scan.hits:
            self._add_hit(path, hit)
        for path in scan.read:
            self._add_own(path)
        for path in self.files.texts:
            for one in secrets_in(self.sources.get(path, "")):
                self._add(one.rule, path, one.line, one.sure, one.doubt, quote=one.shown)
        pins = [
            pin for path in self.files.libraries if path in self.sources for pin in pins_in(path, self.sources[path])
        ]
        self._add_advisories(pins)
        secret = {(one.path, one.line) for one in self.weaknesses if one.side == Side.SECRETS}
        found = ranked(_without_secret(one, secret) for one in self.weaknesses)
        return Review(
            weaknesses=tuple(one for one in found if not one.marked),
            marked=tuple(one for one in found if one.marked),
            doubted=tuple(sorted(self.doubted, key=lambda each: (each[0].path, each[0].line, each[0].rule))),
            python=scan.read,
            texts=tuple(path for path in self.files.texts if path in self.sources),
            tests=self.files.tests,
            unread=tuple(sorted(self.unread.items())),
            pins=tuple(sorted(set(pins), key=lambda pin: (pin.path, pin.line, pin.library))),
            languages=self.files.languages,
            is_truncated=self.files.is_truncated,
        )

    def _text(self, path: str) -> str | None:
        try:
            held = content(self.root / path)
        except OSError as error:
            self.unread[path] = error.strerror or type(error).__name__
            return None
        self.left -= len(held)
        if self.left < 0:
            self.unread[path] = f"beyond {_MOST_BYTES:,} bytes in all"
            return None
        return held.decode("utf-8", errors="replace")

    def _lines(self, path: str, *numbers: int) -> str:
        lines = self.lines.get(path)
        if lines is None:
            lines = self.lines[path] = lines_of(self.sources[path])
        return "\n".join(lines[number - 1] for number in numbers if 0 < number <= len(lines))

    def _add_hit(self, path: str, hit: Hit) -> None:
        text = self._lines(path, *hit.lines)
        judgement = judged(hit, text)
        if judgement is not None:
            rule = judgement.rule
            self._add(
                rule.id, path, hit.line, judgement.sure, judgement.doubt, harm=judgement.harm, marked=mark_in(text)
            )

    def _add_own(self, path: str) -> None:
        """What our own rules find in a Python file."""
        try:
            tree = syntax_tree(self.sources[path])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for setting in open_settings(path, tree):
            marked = mark_in(self._lines(path, setting.line))
            self._add(setting.rule, path, setting.line, setting.sure, setting.doubt, marked=marked)
        for one in secrets_in_code(tree):
            marked = mark_in(self._lines(path, one.line))
            self._add(one.rule, path, one.line, one.sure, one.doubt, quote=one.shown, marked=marked)

    def _add_advisories(self, pins: list[Pin]) -> None:
        python = {path: self.sources[path] for path in self.files.python if path in self.sources}
        for pin in pins:
            known = known_weaknesses(pin)
            if not known:
                continue
            places = importers(pin.library, python)
            reached = f"imported at {places[0]}" if places else "no file of the project imports it by itself"
            told = "; ".join(f"{each.id}: {each.about}" for each in known)
            self._add(
                "advisory", pin.path, pin.line, 0.85 if places else 0.6, "",
                harm=Harm.HIGH if any(each.harm is Harm.HIGH for each in known) else Harm.MEDIUM,
                title=f"{pin.library} {pin.version}, which has published weaknesses",
                why=f"{told} ({reached})",
                remedy=f"Upgrade {pin.library} to {mended_by(known, pin)} or later",
            )  # fmt: skip

    def _add(
        self,
        name: str,
        path: str,
        line: int,
        sure: float,
        doubt: str,
        *,
        harm: Harm | None = None,
        marked: str = "",
        quote: str = "",
        title: str = "",
        why: str = "",
        remedy: str = "",
    ) -> None:
        rule = rule_catalogue()[name]
        shown = quote or showable(" ".join(self._lines(path, line).split()))[:_LONGEST_QUOTE]
        weakness = Weakness(
            rule=rule.id,
            side=rule.side.value,
            title=title or rule.title,
            path=path,
            line=line,
            quote=shown,
            harm=harm or rule.harm,
            sure=sure,
            cwe=rule.cwe,
            why=why or rule.why,
            remedy=remedy or rule.remedy,
            marked=marked,
        )
        if doubt:
            hidden = weakness.model_copy(update={"quote": without_literals(weakness.quote)})
            self.doubted.append((hidden, doubt))
        else:
            self.weaknesses.append(weakness)


def _without_secret(one: Weakness, secret: set[tuple[str, int]]) -> Weakness:
    """The same without the texts of its line, where one of them is a secret."""
    if (one.path, one.line) not in secret:
        return one
    return one.model_copy(update={"quote": without_literals(one.quote)})
