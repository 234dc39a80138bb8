"""Names for generated code, made from ids and paths that may be anything."""

import builtins
import hashlib
import keyword
import re
from pathlib import PurePosixPath

from prefect_harmonic.planners.words import words_of

_LONGEST = 60
_SOFT_KEYWORDS = frozenset({"match", "case", "type", "self", "cls", "test"})


def snake_name(text: str, fallback: str = "artifact") -> str:
    """An ASCII name for a function or variable.

    >>> snake_name("UserModel"), snake_name("api.v2-docs"), snake_name("class"), snake_name("2fa")
    ('user_model', 'api_v2_docs', 'class_', 'n2fa')
    """
    name = "_".join(word for word in map(_ascii, words_of(text)) if word)[:_LONGEST].strip("_")
    if not name:
        return f"{fallback}_{_digest(text)}" if text.strip() else fallback
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in _SOFT_KEYWORDS else name


def function_name(text: str) -> str:
    """A name for a function that hides none of Python's own.

    >>> function_name("create user"), function_name("tuple")
    ('create_user', 'tuple_')
    """
    name = snake_name(text, "operation")
    return f"{name}_" if hasattr(builtins, name) else name


def class_name(text: str) -> str:
    """An ASCII name for a class; one that is already written so stays.

    >>> class_name("HTTPServer"), class_name("user-model"), class_name("None")
    ('HTTPServer', 'UserModel', 'None_')
    """
    plain = text if re.fullmatch(r"[A-Z][A-Za-z0-9]{0,59}", text) else ""
    name = plain or "".join(part.capitalize() for part in snake_name(text, "artifact").strip("_").split("_"))
    return f"{name}_" if keyword.iskeyword(name) or hasattr(builtins, name) else name


def module_name(path: str) -> str | None:
    """The dotted name under which a Python file can be imported from the workspace, or nothing if it has none.

    >>> module_name("src/models/user.py"), module_name("app/__init__.py"), module_name("my-api/v1.py")
    ('src.models.user', 'app', None)
    """
    pure = PurePosixPath(path)
    if pure.suffix != ".py" or pure.is_absolute() or ".." in pure.parts:
        return None
    parts = [*pure.parts[:-1], *([] if pure.stem == "__init__" else [pure.stem])]
    importable = all(part.isidentifier() and part.isascii() and not keyword.iskeyword(part) for part in parts)
    return ".".join(parts) if parts and importable else None


def unique(names: list[str]) -> list[str]:
    """The names with numbers behind repeated ones.

    >>> unique(["read", "read", "write"])
    ['read', 'read_2', 'write']
    """
    taken: set[str] = set()
    given = []
    for name in names:
        fresh, number = name, 2
        while fresh in taken:
            fresh, number = f"{name}_{number}", number + 1
        taken.add(fresh)
        given.append(fresh)
    return given


def _ascii(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
