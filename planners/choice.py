"""The options among which a goal wants a choice: "choose between A and B", "A, B or C", "A vs B", "whether A or B".

Owns the phrases that name options and the clause that says what they are for. Without options that are named there is
no choice: "choose a database" leaves open which there are, and a study of the field is another kind of work.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from prefect_harmonic.planners.constraints import constraint_start
from prefect_harmonic.planners.words import STOP_WORDS, phrase_of, words_of

MOST_OPTIONS = 8
_MOST_WORDS = 6
_MOST_WORDS_OF_LIST = 3

_CHOOSING = r"(?:choose|select|pick|decide(?:\s+(?:on|for))?|settle(?:\s+on)?|go\s+(?:for|with))"
_LOOKING = r"(?:compare|evaluate|assess|weigh(?:\s+up)?|research|investigate|study|analy[sz]e|explore|review|consider)"
_ASKING = r"(?:decide|choose|find\s+out|evaluate|assess|investigate|clarify|settle)"
_POLITE = (
    r"(?:please\s+|help\s+(?:me|us)\s+(?:to\s+)?|let['\u2019]?s\s+"
    r"|(?:i|we)\s+(?:want|need|have|must|should)\s+(?:to\s+)?)?"
)
_OPENINGS = tuple(
    (re.compile(rf"{_POLITE}{opening}", re.IGNORECASE), kind)
    for opening, kind in (
        (rf"(?:{_CHOOSING}|compare)(?:\s+(?P<topic>\S[^:]{{0,60}}?))?\s*:\s+", "list"),
        (rf"{_LOOKING}\s+(?P<topic>\S[^:]{{0,60}}?)\s*:\s+", "either"),
        (
            rf"(?:{_CHOOSING}|{_LOOKING})\s+(?:(?P<topic>\S.{{0,60}}?)\s+)?(?:between|(?:from\s+)?among|out\s+of|from)\s+",
            "list",
        ),
        (rf"{_ASKING}\s+(?:if|whether)\s+(?:(?:we|i)\s+should\s+|to\s+)", "deed"),
        (rf"{_ASKING}\s+(?:if|whether)\s+", "either"),
        (r"(?:is|are)\s+(?=.*\b(?:better|best|right)\b)", "either"),
        (r"should\s+(?:we|i)\s+(?:use|choose|take|pick|select|adopt|run|prefer|go\s+(?:for|with))\s+", "either"),
        (r"should\s+(?:we|i)\s+", "deed"),
        (
            r"should\s+(?P<topic>(?!(?:we|i)\b)\S.{0,60}?)\s+(?:be|use|become|run\s+on|stay\s+with|move\s+to)\s+",
            "either",
        ),
        (rf"{_CHOOSING}\s+", "either"),
        (r"compare\s+", "pair"),
        (rf"{_LOOKING}\s+", "names"),
        (r"", "versus"),
    )
)
"""How a choice begins, and how its options may be joined; the first that fits counts."""

_VERSUS = r"vs\.?|versus|or|rather\s+than"
_JOINTS = {
    "list": rf"{_VERSUS}|and|against",
    "deed": r"or(?:\s+(?:should\s+(?:we|i)\s+|to\s+)?)?",
    "either": rf"{_VERSUS}|against",
    "pair": rf"{_VERSUS}|and|against|with|to",
    "names": rf"{_VERSUS}|against",
    "versus": r"vs\.?|versus",
}
_PURPOSE = re.compile(
    r"\s+(?:(?:(?:is|are)\s+)?(?:the\s+)?(?:better|best|right)\b\s*(?:one|choice|option)?\s*)?"
    r"(?:for|as|in|on|to|within|when|where|by|with|without|under|at\s+most|regarding|concerning|considering|"
    r"(?:should|shall|can|could|would|will|must|may)(?!\s+not\b))\b",
    re.IGNORECASE,
)
_NEXT_DEED = re.compile(
    r"\s*,?\s+and\s+(?:then\s+)?(?=(?:add|adopt|adapt|build|change|connect|convert|create|deploy|describe|document|"
    r"estimate|explain|implement|install|integrate|introduce|make|migrate|move|plan|port|prepare|provide|replace|"
    r"report|rewrite|roll\s+out|set\s+up|show|switch|tell|test|update|write)\s+\S)",
    re.IGNORECASE,
)
"""Where a goal goes on, after its choice, to something to be done."""
_PURPOSE_OF_DEED = re.compile(r"\s+(?:for|because|considering|without|by|within)\b", re.IGNORECASE)
_ENDING = re.compile(r"\s+(?:(?:is|are)\s+)?(?:the\s+)?(?:better|best|right)\b.*$", re.IGNORECASE)
_LEADING = re.compile(
    r"^(?:(?:(?:is|are)\s+)?(?:the\s+)?(?:better|best|right)\s+(?:one\s+|choice\s+|option\s+)?)?"
    r"(?:for|as|to|regarding|concerning|considering|should|shall|can|could|would|will|must|may)\s+",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\bvs\.)(?<!\bVS\.)\s+(?=\S)|\n")
_BESIDE = re.compile(r"\s*[,;]|\s+with\b", re.IGNORECASE)
_TO_HAVE = re.compile(r"^(?:be|use[sd]?\s+(?:as|for)|serve\s+as|become)\s+", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:either\s+|both\s+)?(?:(?:using|the|an?|our)\s+)*", re.IGNORECASE)
_AROUND = " ,-\"'`“”"
_NO_OPTION = frozenset("not no it one what which who how why when where then else nothing both".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice that a goal asks for.

    Attributes:
        options: What is chosen among, two or more, as the goal calls them.
        purpose: What they are for, as words to go after them; empty where the goal does not say it.
        remainder: What else the goal says.
    """

    options: tuple[str, ...]
    purpose: str = ""
    remainder: str = ""


@lru_cache(maxsize=1024)
def choice_in(goal: str) -> Choice | None:
    """The choice that a goal asks for; nothing where it names no options.

    >>> choice_in("Choose between Kafka and RabbitMQ for order events")
    Choice(options=('Kafka', 'RabbitMQ'), purpose='order events', remainder='')
    >>> choice_in("Decide whether Redis or PostgreSQL should hold the sessions").purpose
    'hold the sessions'
    >>> choice_in("Evaluate Flask vs FastAPI vs Django").options
    ('Flask', 'FastAPI', 'Django')
    >>> choice_in("Should we keep support for v1 or drop it?").options
    ('keep support for v1', 'drop it')
    >>> choice_in("Choose a database for the shop") is None
    True
    """
    return next((found for each in _SENTENCE.split(goal) if (found := _choice_of_sentence(each)) is not None), None)


def _choice_of_sentence(sentence: str) -> Choice | None:
    text, _, further = " ".join(sentence.split()).rstrip(" .!?").partition(";")
    for opening, kind in _OPENINGS:
        match = opening.match(text)
        if match is not None:
            topic = (match.groupdict().get("topic") or "").strip()
            found = _choice(text[match.end() :], kind, topic)
            if found is not None:
                beside = "; ".join(filter(None, (found.remainder, further.strip())))
                return replace(found, remainder=beside)
    return None


def _choice(told: str, kind: str, topic: str) -> Choice | None:
    """What is said after the opening, taken apart at the joints of its kind."""
    joint = re.compile(rf"\s*,?\s+(?:{_JOINTS[kind]})\s+", re.IGNORECASE)
    first = joint.search(told)
    if first is None:
        return None
    deed = None if kind == "deed" else _NEXT_DEED.search(told, first.end())
    told, further = (told, "") if deed is None else (told[: deed.start()], told[deed.end() :])
    *firsts, last = joint.split(told)
    ending = (_PURPOSE_OF_DEED if kind == "deed" else _PURPOSE).search(last)
    cut = len(last) if ending is None else ending.start()
    comma = last.find(", ")
    cut = min(cut, comma) if comma > 0 else cut
    parts = [each for part in firsts for each in part.split(", ")] + [_ENDING.sub("", last[:cut])]
    options = _with_shared_object([_ARTICLE.sub("", part.strip(_AROUND)) for part in parts], kind)
    if not _are_options(options, kind):
        return None
    purpose, beside = _purpose_and_remainder(topic, last[cut:].strip(" ,"))
    return Choice(tuple(options), purpose, "; ".join(filter(None, (beside, further))))


def _purpose_and_remainder(topic: str, rest: str) -> tuple[str, str]:
    """What the options are for, by the clause after them or else the words before them, and what is left."""
    leading = _LEADING.match(rest)
    if leading is None:
        return _ARTICLE.sub("", topic), rest
    told = rest[leading.end() :]
    ends = [at for at in (constraint_start(told), _BESIDE.search(told)) if at is not None]
    cut = min((at if isinstance(at, int) else at.start() for at in ends), default=len(told))
    purpose = _ARTICLE.sub("", _TO_HAVE.sub("", told[:cut].strip(_AROUND))).strip(_AROUND)
    return purpose or _ARTICLE.sub("", topic), told[cut:].strip(" ,")


def _with_shared_object(options: list[str], kind: str) -> list[str]:
    """'keep or drop the cache' are two deeds to one thing: each gets its object."""
    words = options[-1].split()
    if kind == "deed" and len(words) > 1 and all(len(each.split()) == 1 for each in options[:-1]):
        return [*(f"{each} {' '.join(words[1:])}" for each in options[:-1]), options[-1]]
    return options


def _are_options(options: list[str], kind: str) -> bool:
    """Whether these are names or short descriptions of things to choose from, no two the same."""
    keys = {phrase_of(each) for each in options}
    if not 2 <= len(options) <= MOST_OPTIONS or len(keys) < len(options):
        return False
    return all(_is_option(each, kind) for each in options)


def _is_option(text: str, kind: str) -> bool:
    words = words_of(text)
    telling = [word for word in words if word not in STOP_WORDS]
    if not telling or len(text.split()) > _MOST_WORDS or words[0] in _NO_OPTION:
        return False
    if kind in {"pair", "versus"}:
        return len(text.split()) <= _MOST_WORDS_OF_LIST and "of" not in words
    return kind != "names" or text[:1].isupper() or any(each.isupper() for each in text.split())
