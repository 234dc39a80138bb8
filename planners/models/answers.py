r"""The JSON object in what a model wrote, whatever it wrote around it.

Owns leniency towards text: code fences, prose before and after, trailing commas, raw control characters. What a model
left out at the end is never made up: a text that stops early is an error that says so.
"""

import json
import re
from typing import Any

from prefect_harmonic.errors import CutOffAnswerError, UnreadableAnswerError

_THOUGHT, _THOUGHT_END = re.compile("<think>", re.IGNORECASE), re.compile("</think>", re.IGNORECASE)
_MOST_STARTS = 20
_MOST_READ = 3
"""How often a text is read on the search for the end of what begins in it; a short one oftener."""

_SHORT = 20_000
_SHOWN = 80


def document_in(text: str) -> dict[str, Any]:
    r"""The one JSON object of an answer.

    A list is taken for the artifacts of a plan, and an object that holds nothing but another one for that one.

    >>> document_in('Here it is:\n```json\n{"artifacts": [{"id": "A"},],}\n```')
    {'artifacts': [{'id': 'A'}]}

    Raises:
        UnreadableAnswerError: There is none, or it stops early.
    """
    text = _without_thoughts(text).strip().lstrip("\ufeff")
    try:
        return _as_document(json.loads(text, strict=False))
    except RecursionError:
        raise UnreadableAnswerError("the answer is nested too deeply") from None
    except ValueError:
        return _embedded(text)


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
    """The text without what a model thought aloud before it answered."""
    kept, at = [], 0
    while (begin := _THOUGHT.search(text, at)) and (end := _THOUGHT_END.search(text, begin.end())):
        kept.append(text[at : begin.start()])
        at = end.end()
    return "".join([*kept, text[at:]])


def _embedded(text: str) -> dict[str, Any]:
    """The first object or list in a text that is JSON, once trailing commas are gone."""
    start = _opening(text, 0)
    if start < 0:
        raise UnreadableAnswerError(f"the answer holds no JSON: {_beginning(text)}")
    is_cut_off, left = False, max(_MOST_READ * len(text), _MOST_STARTS * _SHORT)
    for _ in range(_MOST_STARTS):
        end = _closing(text, start)
        left -= (end if end > 0 else len(text)) - start
        is_cut_off = is_cut_off or end < 0
        if end > 0:
            try:
                return _as_document(json.loads(_without_trailing_commas(text[start:end]), strict=False))
            except RecursionError:
                raise UnreadableAnswerError("the answer is nested too deeply") from None
            except ValueError:
                is_cut_off = False
        elif text[start] == "{" and '"' in text[start : start + 40]:
            break
        start = _opening(text, start + 1)
        if start < 0 or left < 0:
            break
    if is_cut_off:
        raise CutOffAnswerError(f"the answer is cut off after {len(text):,} characters")
    raise UnreadableAnswerError(f"the answer is no valid JSON: {_beginning(text)}")


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
