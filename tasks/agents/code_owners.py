"""Who answers for which files of a project, as its CODEOWNERS file says."""

from collections.abc import Iterable
from dataclasses import dataclass

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file may lie in a project; the first that is there counts."""

_MOST_RULES = 2_000
_MOST_STARS = 8
_LONGEST_PATTERN = 400


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern as its parts between slashes, and who answers for what it fits."""

    parts: tuple[str, ...]
    is_anchored: bool
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The rules of the file, in its order."""

    rules: tuple[_Rule, ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        r"""Who answers for a file; the last rule that fits counts, and may name nobody.

        >>> owners = code_owners("* @all\n/shop/orders/ @booking @desk\n*.sql")
        >>> owners.of("shop/orders/api.py"), owners.of("shop/x.py"), owners.of("shop/orders/a.sql")
        (('@booking', '@desk'), ('@all',), ())
        """
        parts = tuple(path.strip("/").split("/"))
        for rule in reversed(self.rules):
            if _fits(rule, parts):
                return rule.owners
        return ()

    def of_all(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Who answers for any of some files, each once, in the order of the files."""
        return tuple(dict.fromkeys(owner for path in paths for owner in self.of(path)))


NOBODY = CodeOwners()
"""What is known of a project without such a file."""


def code_owners(text: str) -> CodeOwners:
    """The rules of a CODEOWNERS file. Comments, section headings and lines that no rule can be are passed over."""
    rules = []
    for line in text.splitlines()[: 10 * _MOST_RULES]:
        words = line.split("#", 1)[0].split()
        if not words or words[0].startswith(("[", "^[", "!")) or len(words[0]) > _LONGEST_PATTERN:
            continue
        if words[0].count("*") <= _MOST_STARS:
            rules.append(_rule(words[0], tuple(words[1:])))
    return CodeOwners(tuple(rules[:_MOST_RULES]))


def _rule(pattern: str, owners: tuple[str, ...]) -> _Rule:
    """A slash before the end ties a pattern to the root; one at the end, or none, takes all below."""
    inner = pattern.strip("/")
    is_anchored = "/" in pattern.rstrip("/")
    return _Rule(tuple(inner.split("/")) if inner else ("*",), is_anchored, owners)


def _fits(rule: _Rule, parts: tuple[str, ...]) -> bool:
    """Whether a pattern fits a file, or a folder above it."""
    if rule.parts == ("*",):
        return not rule.is_anchored or len(parts) == 1
    starts = (0,) if rule.is_anchored else range(len(parts))
    return any(_fits_from(rule.parts, parts[start:]) for start in starts)


def _fits_from(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(_fits_from(pattern[1:], parts[skipped:]) for skipped in range(len(parts) + 1))
    if not parts or not _fits_part(pattern[0], parts[0]):
        return False
    # A star at the end of a longer pattern stands for files of one folder, not for what lies deeper.
    is_one_level = len(pattern) == 1 and pattern[0] == "*" and len(parts) > 1
    return not is_one_level and _fits_from(pattern[1:], parts[1:])


def _fits_part(pattern: str, name: str) -> bool:
    """Whether a name fits, with `*` for any letters and `?` for one; greedy, so never slow."""
    star = -1
    at = place = mark = 0
    while place < len(name):
        if at < len(pattern) and pattern[at] in (name[place], "?") and pattern[at] != "*":
            at, place = at + 1, place + 1
        elif at < len(pattern) and pattern[at] == "*":
            star, mark, at = at, place, at + 1
        elif star >= 0:
            mark += 1
            at, place = star + 1, mark
        else:
            return False
    return all(letter == "*" for letter in pattern[at:])
