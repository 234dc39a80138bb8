"""Constraints and facts in the words of a goal: what must hold while it is pursued, as against what is to be made.

Owns the phrases, English and German, that open a constraint. A constraint never becomes a part of a plan of its own;
the pieces that decide and verify are held to it.
"""

import re
from functools import lru_cache

from prefect_harmonic.planners.words import words_of

_COUNTS = (
    r"(?:\d[\d.,\u00a0]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|a few|few|no|only)"
)
_DATES = (
    r"(?:the\s+)?(?:(?:end|start|middle|beginning)\s+of|next|this|tomorrow|tonight|q[1-4]\b|\d{4}\b|\d{1,2}[./-]\d|\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{3}|noon|midnight|christmas|"
    r"easter|launch|black\s+friday|year[- ]end|deadline|spring|summer|autumn|fall\b|winter|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b)"
)
_UNITS = r"(?:days?|weeks?|months?|quarters?|years?|sprints?|hours?|minutes?|seconds?)"

_INLINE = (
    r"without\b|while\s+keeping\b|whilst\s+keeping\b|keeping\s+(?=(?:the|our|all|every|its?|within|to|costs?)\b)|no\s+(?:more|less|fewer|later|earlier)\s+than\b|"
    r"not\s+(?:more|less|fewer|later|earlier)\s+than\b|at\s+most\b|at\s+the\s+latest\b|"
    rf"(?:less|fewer)\s+than\s+(?={_COUNTS})|(?:under|below)\s+(?=\d)|"
    rf"within\s+(?=(?:the\s+next\s+)?(?:an?|{_COUNTS})\s*(?:working\s+)?(?:{_UNITS}|ms\b|s\b|%|percent\b)|(?:the\s+|our\s+)?budget\b)|"
    rf"(?:by|before|until|till)\s+(?={_DATES})|"
    r"but\s+(?:not|never|no|do\s+not|don['\u2019]t)\b|(?:do\s+not|don['\u2019]t|must\s+not|mustn['\u2019]t|never)\b|"
    r"ohne\b|h(?:ö|oe)chstens\b|innerhalb\b|sp(?:ä|ae)testens\b|maximal\b|"
    r"bis\s+(?=(?:zum|zur|ende|anfang|mitte|sp(?:ä|ae)testens|n(?:ä|ae)chste\w*|\d|"
    r"(?:januar|februar|m(?:ä|ae)rz|april|mai|juni|juli|august|september|oktober|november|dezember|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)\b))"
)
_OPENING = (
    rf"{_INLINE}|(?:no|not|none|nothing|nobody|cannot|before|until|keeping)\b(?![-/])|"
    r"can['\u2019]t\b|shall\s+not\b|should\s+not\b|"
    r"given:|answers\s+“|(?:(?:it|this|that)\s+is\s+|we\s+are\s+)?(?:done|finished|accepted)\s+when\b|"
    r"nicht\b|kein\w*\b|nie\b|niemals\b|niemand\b|"
    rf"(?:we|i|they)\s+(?:only\s+|just\s+|currently\s+)?(?:have|are|employ|got)\s+(?:only\s+|just\s+|about\s+)?{_COUNTS}\b|"
    rf"(?:we|i)\s+(?:have|got)\s+(?:the\s+|our\s+)?(?:budget|deadline|time)\b|there\s+(?:is|are)\s+(?:only\s+)?{_COUNTS}\b|"
    rf"(?:with\s+)?{_COUNTS}\s+(?:\w+\s+)?(?:developers?|engineers?|programmers?|people|entwickler\w*)\s*$|"
    rf"(?:the|our)\s+team\s+(?:is|has|consists)\b|wir\s+(?:haben|sind)\b(?!\s+zu\b)|es\s+gibt\b|"
    r"(?:(?:the|our|a|das|unser|die|eine)\s+)?(?:budget|deadline|frist)\s*(?::|=|is\b|are\b|of\b|ist\b|von\b|betr(?:ä|ae)gt\b|"
    r"under\b|below\b|at\s+most\b|max\w*\b|bis\b|\d)|(?:max(?:imum)?|limit)\.?\s+(?:of\s+)?\d"
)
_WITHIN_CLAUSE = (
    r"(?:must|may|shall|should)\s+(?:not|never)\b|mustn['\u2019]t\b|shouldn['\u2019]t\b|"
    r"(?:darf|d(?:ü|ue)rfen|soll|sollen|muss|m(?:ü|ue)ssen)\b.{0,60}\b(?:nicht|kein\w*|nie)\b"
)
_RELATIVE = (
    r"(?:which|that|who)\s+(?:(?:can|must|may|shall|should|will|do|does|is|are)\s+(?:not|never)\b|(?:never|cannot)\b|"
    r"(?:must|should|do|does|is|are|ca|wo)n['\u2019]t\b)"
)
_AND_GOES_ON = re.compile(
    r"(?:which|that|while|without|keeping|done\s+when|do\s+not|don['\u2019]t|must\s+not|never|ohne)\b", re.IGNORECASE
)
_OPENS = re.compile(rf"\s*(?:and\s+|but\s+|und\s+|aber\s+|it\s+|that\s+)?(?:{_OPENING}|{_RELATIVE})", re.IGNORECASE)
_HOLDS_WITHIN = re.compile(rf"(?<![^\W_])(?<!which )(?<!that )(?:{_WITHIN_CLAUSE})", re.IGNORECASE)
_STARTS_INLINE = re.compile(rf"(?<=[\s(])(?:{_INLINE}|{_RELATIVE})", re.IGNORECASE)


@lru_cache(maxsize=16384)
def is_constraint(requirement: str) -> bool:
    """Whether a requirement says what must hold, or a mere fact, instead of something to be made.

    >>> [is_constraint(text) for text in ("without adding hardware", "we have two developers", "by end of March")]
    [True, True, True]
    >>> [is_constraint(text) for text in ("the belt must not stop", "the budget is 60,000 EUR", "bis Ende Juni")]
    [True, True, True]
    >>> is_constraint("two developers"), is_constraint("two developers edit a page at once")
    (True, False)
    >>> [is_constraint(text) for text in ("budget tracker", "notifications", "note taking", "checkout by half")]
    [False, False, False, False]
    """
    return bool(_OPENS.match(requirement) or _HOLDS_WITHIN.search(requirement))


def features_of(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """The requirements that ask for something to be made; the first where nothing but constraints is said.

    >>> features_of(("cache", "without downtime")), features_of(("no downtime", "by Friday"))
    (('cache',), ('no downtime',))
    """
    return tuple(each for each in requirements if not is_constraint(each)) or requirements[:1]


def constraints_of(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """The requirements that are no features, in their order.

    >>> constraints_of(("cache", "without downtime", "we have two developers"))
    ('without downtime', 'we have two developers')
    """
    features = set(features_of(requirements))
    return tuple(each for each in requirements if each not in features)


def constraint_start(clause: str) -> int | None:
    """Where within a clause a constraint begins; nothing if there is none, or if the clause begins with one.

    >>> constraint_start("Cut the latency by half without adding hardware")
    24
    """
    found = None if is_constraint(clause) else _STARTS_INLINE.search(clause)
    return None if found is None else found.start()


def goes_on(clause: str, separator: str, part: str) -> bool:
    """Whether what follows a clause in a list still belongs to the constraint that the clause is or ends in.

    >>> goes_on("without downtime", " and ", "data loss"), goes_on("at most 3 services", " and ", "login")
    (True, False)
    >>> goes_on("without downtime", ", ", "data loss or new hardware")
    True
    """
    start = constraint_start(clause)
    constraint = clause[start:] if start is not None else clause
    if not is_constraint(constraint) or not _AND_GOES_ON.search(constraint):
        return False
    return separator.strip().casefold() == "and" or " or " in part


def without_constraints(goal: str, constraints: tuple[str, ...]) -> str:
    """What a goal says beside its constraints; the goal itself where that is nothing.

    >>> without_constraints("Add search without downtime", ("without downtime",))
    'Add search'
    """
    for constraint in constraints:
        goal_left = goal.replace(constraint, " ")
        goal = goal_left if words_of(goal_left) else goal
    return "\n".join(kept for line in goal.splitlines() if (kept := " ".join(line.split())))
