r"""The JSON object in what a model wrote, whatever it wrote around it.

Owns leniency towards text: code fences, prose before and after, trailing commas, raw control characters. What a model
left out at the end is never made up: a text that stops early is an error that says so.
"""

import json
import re
from typing import Any

from prefect_harmonic.errors import CutOffAnswerError, UnreadableAnswerError

_THOUGHT, _THOUGHT_END = re.compile("<think>", re.IGNORECASE), re.compile("</think>", re.IGNORECASE)
_LONE_END = re.compile(r"</think>(?=\s*(?:```|[{\[])|\s*\n)", re.IGNORECASE)
"""The end of thoughts that the server's template began, so that no beginning of them stands in the answer."""

_JSON_BEGINS = re.compile(r'\{\s*"|\[\s*[{\["]')
_MOST_STARTS = 200
_MOST_READ = 3
"""How often a text is read on the search for the end of what begins in it; a short one oftener."""

_SHORT, _READ_IF_SHORT = 20_000, 20
_SHOWN = 80


def document_in(text: str) -> dict[str, Any]:
    r"""The one JSON object of an answer.

    A list is taken for the artifacts of a plan, and an object that holds nothing but another one for that one.

    >>> document_in('Here it is:\n```json\n{"artifacts": [{"id": "A"},],}\n```')
    {'artifacts': [{'id': 'A'}]}

    Raises:
        UnreadableAnswerError: There is none, or it stops early.
    """
    text = text.strip().lstrip("\ufeff")
    try:
        return _as_document(json.loads(text, strict=False))
    except RecursionError:
        raise UnreadableAnswerError("the answer is nested too deeply") from None
    except ValueError:
        return _embedded(_without_thoughts(text))


def of_whole_characters(text: str) -> str:
    r"""The text with marks in place of halves of characters, which JSON can escape, and no file and no wire can hold.

    >>> of_whole_characters("half: \ud800, whole: \U0001f600") == "half: \ufffd, whole: \U0001f600"
    True
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _without_thoughts(text: str) -> str:
    """The text without what a model thought aloud before it answered. What its answer says of thoughts stays."""
    kept, at = [], 0
    while (begin := _THOUGHT.search(text, at)) and (end := _THOUGHT_END.search(text, begin.end())):
        if _JSON_BEGINS.search(text, at, begin.start()):
            break
        kept.append(text[at : begin.start()])
        at = end.end()
    rest = "".join([*kept, text[at:]])
    lone = None if _THOUGHT.search(rest) else _LONE_END.search(rest)
    return rest[lone.end() :] if lone else rest


def _embedded(text: str) -> dict[str, Any]:
    """The longest object or list of objects in a text that is JSON, once trailing commas are gone.

    Around the answer may stand shorter ones: an example, a draft, a number in brackets.
    """
    start = _opening(text, 0)
    if start < 0:
        raise UnreadableAnswerError(f"the answer holds no JSON: {_beginning(text)}")
    longest, answer = 0, None
    is_cut_off, cut, left = False, 0, max(_MOST_READ * len(text), _READ_IF_SHORT * _SHORT)
    for _ in range(_MOST_STARTS):
        end = _closing(text, start)
        left -= (end if end > 0 else len(text)) - start
        value = _parsed(text[start:end]) if end > 0 else None
        is_cut_off = end < 0 or (is_cut_off and value is not None)
        if end < 0 and _JSON_BEGINS.match(text, start):
            cut = cut or len(text) - start
            if text[start] == "{":
                break
        if _may_be_document(value) and end - start > longest:
            longest, answer = end - start, value
        start = _opening(text, start + 1 if value is None else end)
        if start < 0 or left < 0:
            break
    if longest > cut:
        return _as_document(answer)
    if is_cut_off or cut:
        raise CutOffAnswerError(f"the answer is cut off after {len(text):,} characters")
    raise UnreadableAnswerError(f"the answer is no valid JSON: {_beginning(text)}")


def _parsed(text: str) -> object:
    """The JSON in a text that is nothing else; nothing where it is none."""
    try:
        value: object = json.loads(_without_trailing_commas(text), strict=False)
    except RecursionError:
        raise UnreadableAnswerError("the answer is nested too deeply") from None
    except ValueError:
        return None
    return value


def _may_be_document(value: object) -> bool:
    """Whether JSON among other words may be what was asked for. A list without objects is a reference to something."""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def _as_document(value: object) -> dict[str, Any]:
    if isinstance(value, list):
        return {"artifacts": value}
    if not isinstance(value, dict):
        raise UnreadableAnswerError("the answer is JSON, but no object")
    if len(value) == 1:
        (inner,) = value.values()
        if isinstance(inner, dict) and {"artifacts", "requirements"} & inner.keys():
            return inner
    return value


def _opening(text: str, start: int) -> int:
    places = [place for place in (text.find("{", start), text.find("[", start)) if place >= 0]
    return min(places, default=-1)


def _closing(text: str, start: int) -> int:
    """Just after the bracket that closes the one at `start`; -1 if none does."""
    depth, is_text, is_escaped = 0, False, False
    for place in range(start, len(text)):
        letter = text[place]
        if is_text:
            is_text = is_escaped or letter != '"'
            is_escaped = letter == "\\" and not is_escaped
        elif letter == '"':
            is_text = True
        elif letter in "{[":
            depth += 1
        elif letter in "}]":
            depth -= 1
            if depth == 0:
                return place + 1
    return -1


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)


def _without_trailing_commas(text: str) -> str:
    """The text without commas before a closing bracket; those within strings stay."""
    return _TOKEN.sub(lambda match: "" if match.group() == "," else match.group(), text)


def _beginning(text: str) -> str:
    shown = " ".join(text.split())
    return repr(shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…")
