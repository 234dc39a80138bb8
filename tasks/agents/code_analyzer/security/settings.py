"""Settings that open a program to others, read from the syntax tree of Python files: our own rules beside bandit's."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_CHECKED: dict[str, tuple[str, bool]] = {
    "DEBUG": ("debug-on", True),
    "DEBUG_PROPAGATE_EXCEPTIONS": ("debug-on", True),
    "CORS_ALLOW_ALL_ORIGINS": ("any-origin", True),
    "CORS_ORIGIN_ALLOW_ALL": ("any-origin", True),
    "SESSION_COOKIE_SECURE": ("open-cookie", False),
    "SESSION_COOKIE_HTTPONLY": ("open-cookie", False),
    "CSRF_COOKIE_SECURE": ("open-cookie", False),
    "REMEMBER_COOKIE_SECURE": ("open-cookie", False),
    "REMEMBER_COOKIE_HTTPONLY": ("open-cookie", False),
    "WTF_CSRF_ENABLED": ("protection-off", False),
    "WTF_CSRF_CHECK_DEFAULT": ("protection-off", False),
}
_LISTS = {"ALLOWED_HOSTS": "any-host", "allow_origins": "any-origin", "CORS_ALLOWED_ORIGINS": "any-origin"}
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_SETTINGS = frozenset({"settings", "setting", "config", "configuration", "conf", "prod", "production"})
_ELSEWHERE = frozenset({"dev", "devel", "develop", "development", "local", "test", "testing", "tests", "debug"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that opens something: the rule, its line, how sure, and why it is likely harmless if it is."""

    rule: str
    line: int
    sure: float
    doubt: str = ""


def open_settings(path: str, tree: ast.Module) -> tuple[Setting, ...]:
    """The settings of a file that open the program to others."""
    found = []
    for name, value, where in _assigned(tree, ""):
        rule = _rule(name, value)
        if rule is None:
            continue
        words = _words(f"{path} {where}")
        doubt = "it is set for development or tests" if words & _ELSEWHERE else ""
        sure = 0.9 if words & _SETTINGS or rule != "debug-on" else 0.6
        found.append(Setting(rule, value.lineno, sure, doubt))
    return tuple(sorted(found, key=lambda each: (each.line, each.rule)))


def _rule(name: str, value: ast.expr) -> str | None:
    if isinstance(value, ast.Constant):
        rule, wrong = _CHECKED.get(name, ("", None))
        return rule if rule and value.value is wrong else None
    if isinstance(value, ast.List | ast.Tuple) and name in _LISTS:
        holds_all = any(isinstance(each, ast.Constant) and each.value == "*" for each in value.elts)
        return _LISTS[name] if holds_all else None
    return None


def _assigned(node: ast.AST, where: str) -> Iterator[tuple[str, ast.expr, str]]:
    """Names with what they are set to, and the classes they stand in: by assignments, and by arguments of calls."""
    pending: list[tuple[ast.AST, str]] = [(node, where)]
    while pending:
        here, inside = pending.pop()
        if isinstance(here, ast.Assign):
            yield from ((_name(target), here.value, inside) for target in here.targets)
        elif isinstance(here, ast.AnnAssign) and here.value is not None:
            yield _name(here.target), here.value, inside
        elif isinstance(here, ast.keyword) and here.arg:
            yield here.arg, here.value, inside
        within = f"{inside} {here.name}" if isinstance(here, ast.ClassDef) else inside
        pending += [(child, within) for child in ast.iter_child_nodes(here)]


def _name(target: ast.expr) -> str:
    """What is set: a name, the last part of a dotted one, or the key within brackets."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    is_key = isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant)
    return str(target.slice.value) if is_key else ""  # type: ignore[attr-defined]


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(text)}
