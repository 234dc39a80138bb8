"""Names of artifacts and files, made of the words of a requirement.

Owns transliteration and the filling in of templates. A template holds `{subject}` (the words), `{Subject}` (for ids),
`{subject_file}` (for files), `{subject_slug}` (for documents), the same with `goal`, and `{number}` for records that
are numbered across a plan.
"""

import re
import unicodedata
from collections.abc import Mapping

from prefect_harmonic.planners.words import STOP_WORDS

MOST_WORDS = 4
LONGEST_NAME = 48
FIELDS = frozenset(f"{name}{ending}" for name in ("subject", "goal") for ending in ("", "_file", "_slug")) | frozenset(
    {"Subject", "Goal", "number"}
)
"""What may stand between braces in a template."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"})


def plain_words(text: str, fallback: str) -> tuple[str, ...]:
    """Up to four telling words of a text in plain letters and digits; the fallback where none is left.

    >>> plain_words("the Größe of Öl", "part")
    ('Grosse', 'Ol')
    >>> plain_words("构建", "part 3")
    ('part', '3')
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    words = re.findall(r"[A-Za-z0-9]+", "".join(c for c in decomposed if not unicodedata.combining(c)).replace("'", ""))
    telling = [word for word in words if word.casefold() not in STOP_WORDS] or words
    kept: list[str] = []
    for word in telling[:MOST_WORDS]:
        if sum(map(len, kept)) + len(word) <= LONGEST_NAME:
            kept.append(word)
    return tuple(kept) or tuple((telling[0][:LONGEST_NAME] if telling else fallback).split())


def camel_case(words: tuple[str, ...]) -> str:
    """The words as one id. Abbreviations become words, so that `REST API` and `rest api` give one id.

    >>> camel_case(("REST", "api")), camel_case(("2", "factor"))
    ('RestApi', 'The2Factor')
    """
    name = "".join(word[:1].upper() + (word[1:].lower() if word.isupper() else word[1:]) for word in words)
    return f"The{name}" if name[:1].isdigit() else name


def template_values(kind: str, text: str, fallback: str) -> dict[str, str]:
    """What a template may say about one subject.

    >>> template_values("subject", "rate limiting", "part")["Subject"]
    'RateLimiting'
    """
    words = plain_words(text, fallback)
    lower = [word.lower() for word in words]
    return {
        kind: text,
        kind.capitalize(): camel_case(words),
        f"{kind}_file": "_".join(lower),
        f"{kind}_slug": "-".join(lower),
    }


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its places filled in; `{number}` stays until the plan is complete.

    >>> filled("{Subject}Service for {subject}", {"Subject": "Auth", "subject": "auth"})
    'AuthService for auth'
    """
    return _PLACE.sub(lambda match: values.get(match[1], match[0]), template) if "{" in template else template


def unknown_places(template: str) -> tuple[str, ...]:
    """Places of a template that nothing fills in."""
    return tuple(sorted({name for name in _PLACE.findall(template) if name not in FIELDS}))
