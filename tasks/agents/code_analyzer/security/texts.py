"""Secrets in files of settings, and in addresses anywhere: read line by line, and never repeated."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from prefect_harmonic.tasks.agents.code_analyzer.security.judging import doubt_about, is_known_key
from prefect_harmonic.tasks.project_files import lines_of

_ENDINGS = (".env", ".ini", ".cfg", ".conf", ".toml", ".yaml", ".yml", ".json", ".properties", ".pem", ".key", ".xml")
_PATTERNS_ONLY = re.compile(r"example|sample|template|\.dist\b|schema|\.lock$|-lock\.|(^|/)locales?/|(^|/)i18n/", re.I)
_SECRET = re.compile(
    r"""^\s*(?:export\s+|-\s+)?["']?(?P<key>[\w.-]*(?:passw(?:or)?d|pwd|secret|secret_?key|api_?key|access_?key|token))["']?"""
    r"""\s*[:=]\s*(?P<quote>["']?)(?P<value>[^"'\s#,;]+)(?P=quote)\s*(?:[,;#].*)?$""",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"""\b(?P<scheme>[a-z][a-z0-9+]*)://(?:(?P<user>[^\s:/@'"]*):(?P<value>[^\s'"/]+)"""
    r"""|(?P<word>[\w-]*):(?!\d{1,5}/|[{%$<])(?P<parts>(?:[^\s@'"/]|/(?!/))+))@(?!sha(?:256|512):)(?P<host>[^\s/:@'"]*)"""
)
"""A password with a "/" is read as one only behind a plain name, and not where a port or what is filled in stands.
Before the digest of an image stand its name and tag."""
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*(\n|\\n|$)")
_LONGEST_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """A secret: the rule, its line, what may be shown of it, how sure, and why it is likely none if it is so."""

    rule: str
    line: int
    shown: str
    sure: float
    doubt: str = ""


def is_settings_file(path: str) -> bool:
    """Whether a file is one that settings stand in, and no pattern for one.

    >>> is_settings_file("deploy/app.yaml"), is_settings_file(".env.example"), is_settings_file("poetry.lock")
    (True, False, False)
    """
    name = path.rpartition("/")[2].lower()
    return (name.endswith(_ENDINGS) or name.startswith(".env")) and not _PATTERNS_ONLY.search(path.lower())


def secrets_in(text: str) -> tuple[Found, ...]:
    """The secrets in a file of settings."""
    found: list[Found] = []
    for number, line in enumerate(lines_of(text), start=1):
        found += _in_text(number, line)
        if len(line) <= _LONGEST_LINE and (secret := _SECRET.match(line)) is not None:
            doubt = _doubt_about_setting(secret["value"])
            found.append(Found("secret-in-file", number, f"{secret['key']}: …", 0.75, doubt))
    return tuple(found)


def secrets_in_code(tree: ast.Module) -> tuple[Found, ...]:
    """The addresses with a password and the private keys in the texts of Python code, those of docstrings aside."""
    described = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in described)
    found = [each for node in texts if isinstance(node.value, str) for each in _in_text(node.lineno, node.value)]
    return tuple(sorted(found, key=lambda each: (each.line, each.rule, each.shown)))


def _in_text(number: int, text: str) -> Iterator[Found]:
    if _PRIVATE_KEY.search(text):
        yield Found("private-key", number, "-----BEGIN … PRIVATE KEY-----", 0.9)
    if len(text) <= _LONGEST_LINE and (address := _ADDRESS.search(text)) is not None:
        shown = f"{address['scheme']}://…@{address['host']}"
        yield Found("secret-in-address", number, shown, 0.75, _doubt_about_address(address))


def _doubt_about_address(address: "re.Match[str]") -> str:
    user, value = address["user"] or address["word"] or "", address["value"] or address["parts"]
    if re.match(r"(localhost|127\.|host$|.*example)", address["host"]):
        return "the address is of this machine or an example"
    if is_known_key(user):
        return ""
    if "/" in value and not re.search("[0-9]", value):
        return "the text is a path and no secret"
    return doubt_about(value) or ("the text is a name and no secret" if len(user) == 1 else "")


def _doubt_about_setting(value: str) -> str:
    """In a file of settings plain words stand for many things, so a secret has to look like one."""
    return doubt_about(value) or ("the text is a plain word" if value.isalpha() or len(value) < 6 else "")
