"""YAML with a memory of where each value stands.

Owns the step from text to checked values: every complaint names file, line and field. Nothing is constructed but
texts, numbers, truth values, lists and mappings; tags and aliases are refused.
"""

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn

import yaml

from prefect_harmonic.errors import MethodLibraryError

MAX_FILE_SIZE = 1_000_000
"""Bytes of one file of methods; more is a mistake, not a method."""

MAX_NESTING = 12

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader in C where PyYAML was built with it: the packaged methods are read eight times as fast."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a file of methods, with its line and the way that leads to it."""

    file: str
    node: yaml.Node
    path: str = ""

    @property
    def line(self) -> int:
        """Line in the file, counted from 1."""
        return 1 if self.node.start_mark is None else self.node.start_mark.line + 1

    def refuse(self, problem: str) -> NoReturn:
        """Ends reading with what is wrong here."""
        raise MethodLibraryError(self.file, self.line, self.path or "file", problem)

    def entries(self, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, "Place"]:
        """The values of a mapping by key; an unknown, repeated or missing key is refused."""
        found = dict(self.pairs())
        for key, place in found.items():
            if key not in allowed:
                place.refuse(f"unknown key{suggestion(key, allowed)}; known are {', '.join(sorted(allowed))}")
        missing = sorted(set(required) - set(found))
        if missing:
            self.refuse(f"lacks {', '.join(map(repr, missing))}")
        return found

    def pairs(self) -> Iterator[tuple[str, "Place"]]:
        """Keys and values of a mapping, in order."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse(f"must be a mapping, not {self.kind}")
        seen: set[str] = set()
        for key_node, value_node in self.node.value:
            key = Place(self.file, key_node, self.path).text()
            place = Place(self.file, value_node, f"{self.path}.{key}" if self.path else key)
            if key in seen:
                Place(self.file, key_node, place.path).refuse("is given twice")
            seen.add(key)
            yield key, place

    def items(self) -> tuple["Place", ...]:
        """The values of a list; a lone text is a list of one."""
        if isinstance(self.node, yaml.ScalarNode) and not self.is_empty:
            return (self,)
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse(f"must be a list, not {self.kind}")
        return tuple(Place(self.file, node, f"{self.path}[{at}]") for at, node in enumerate(self.node.value))

    def text(self) -> str:
        """The value as a text that is not blank."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse(f"must be a text, not {self.kind}")
        text = " ".join(str(self.node.value).split())
        if not text or self.is_empty:
            self.refuse("is empty")
        return text

    def texts(self) -> tuple[str, ...]:
        """The value as a list of texts."""
        return tuple(place.text() for place in self.items())

    def choice(self, allowed: Collection[str]) -> str:
        """The value as one of those allowed."""
        text = self.text()
        if text not in allowed:
            self.refuse(f"{text!r} is none of {', '.join(sorted(allowed))}{suggestion(text, allowed)}")
        return text

    def choices(self, allowed: Collection[str]) -> frozenset[str]:
        """The value as a list of those allowed."""
        return frozenset(place.choice(allowed) for place in self.items())

    def number(self, least: float, most: float) -> float:
        """The value as a number within bounds, both included."""
        try:
            number = float(self.text())
        except ValueError:
            self.refuse(f"must be a number, not {self.text()!r}")
        if not least <= number <= most:
            self.refuse(f"is {number:g} and must be from {least:g} to {most:g}")
        return number

    def truth(self) -> bool:
        """The value as true or false."""
        return self.choice(("true", "false")) == "true"

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands here."""
        return bool(self.node.tag == "tag:yaml.org,2002:null")

    @property
    def is_text(self) -> bool:
        """Whether a plain value stands here, no list or mapping."""
        return isinstance(self.node, yaml.ScalarNode)

    @property
    def kind(self) -> str:
        """What stands here, in words."""
        if self.is_empty:
            return "nothing"
        if isinstance(self.node, yaml.MappingNode):
            return "a mapping"
        return "a list" if isinstance(self.node, yaml.SequenceNode) else f"the text {self.node.value!r}"


def suggestion(given: str, allowed: Collection[str]) -> str:
    """The end of a message about an unknown name: the one that may have been meant, or nothing.

    >>> suggestion("bilder", {"builder", "researcher"})
    "; did you mean 'builder'?"
    """
    close = difflib.get_close_matches(given, sorted(allowed), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def document_of(content: bytes, file: str) -> Place:
    """The document in a file of methods.

    Raises:
        MethodLibraryError: It is no UTF-8, no YAML, empty, or holds a tag or an alias.
    """
    if len(content) > MAX_FILE_SIZE:
        raise MethodLibraryError(file, 1, "file", f"has {len(content):,} bytes and may have {MAX_FILE_SIZE:,}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise MethodLibraryError(file, line, "file", f"is not UTF-8 text (byte {error.start})") from None
    try:
        _refuse_events(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _as_library_error(error, file) from None
    except RecursionError:
        raise MethodLibraryError(file, 1, "file", "is nested too deeply to be methods") from None
    if node is None:
        raise MethodLibraryError(file, 1, "file", "is empty; it needs a list of 'methods'")
    return Place(file, node)


def _refuse_events(text: str, file: str) -> None:
    """Refuses what could construct objects, repeat itself without end, or nest beyond reading."""
    nesting = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise MethodLibraryError(file, line, f"*{event.anchor}", "aliases are not allowed; write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise MethodLibraryError(file, line, str(tag), "tags are not allowed; write plain values")
        if isinstance(event, yaml.CollectionStartEvent):
            nesting += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            nesting -= 1
        if nesting > MAX_NESTING:
            raise MethodLibraryError(file, line, "file", f"is nested more than {MAX_NESTING} levels deep")


def _as_library_error(error: yaml.YAMLError, file: str) -> MethodLibraryError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    return MethodLibraryError(file, 1 if mark is None else mark.line + 1, "file", f"is not valid YAML: {problem}")
