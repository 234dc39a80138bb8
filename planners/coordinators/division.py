"""When a piece of research is several, and into which parts it falls.

A leaf becomes a sub-planner by a rule that can be read off its words, so that the same plan always grows the same tree:

1. It names two or more things to be weighed against each other: "compare X with Y", "X versus Y", "X, Y and Z
   compared", or a list of proper names ("REBCO tape and Bi-2212 wire"). Each thing is a part, and a pipeline that
   compares them is the last one.
2. It lists three or more questions that each stand alone: every item has two telling words or more of its own, and no
   two items share one. What is said of all of them after the list ("with what others found") is no item. An item that
   compares is done by a pipeline once the others are there.

What a divided question, a pipeline or a swarm asks for is a part already and is not divided again; an artifact of a
plan and a part of a hierarchical planner may be. The deeper a leaf stands, the more it must hold to be divided, and no
leaf takes more than half of what is left of the tree's budget, so that those beside it have theirs.

Source: semantics, "Spawning"; second design document, "Recursive Agent Spawning".
"""

import re
from dataclasses import dataclass

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.coordinators.coordinator import Coordinator
from prefect_harmonic.planners.words import telling_stems

MOST_PARTS = 6
"""A leaf falls into so many parts at most."""

SHALLOW = 3
"""Down to this depth two things to compare are enough; below, each level asks for one part more."""

_RESEARCHER = "researcher"
_COMPARED = re.compile(
    r"\b(?:compare|comparing|comparison (?:of|between)|weigh)\s+(?P<one>[^,;.:]+?)"
    r"(?:\s+(?:with|and|to|against|versus|vs\.?)\s+)(?P<other>[^,;.:]+)",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"(?P<one>[^,;.:]+?)\s+(?:versus|vs\.?)\s+(?P<other>[^,;.:]+)", re.IGNORECASE)
_ALL_COMPARED = re.compile(r"^(?P<things>.+?),?\s+(?:are\s+)?(?:compared|weighed)\b(?P<rest>.*)$", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,\s*and\b|,\s*or\b|,|;|\band\b)\s*", re.IGNORECASE)
_CLAUSE = re.compile(r"[.;:!?\n]+")
_COMPARING = re.compile(r"^(?:then\s+)?(?:a\s+)?(?:compar|rank|weigh|score)", re.IGNORECASE)
# What begins like this goes on from what stands before it.
_LEANING = re.compile(
    r"^(?:their|its|which|that|who|whose|how|others?|with|without|from|in|into|on|at|by|as|for|to|of|when|where|while|"
    r"then|so|but|not|each|every|any|one|what|checked|read)\b",
    re.IGNORECASE,
)
_SAID_OF_ALL = re.compile(r"^(?:with|without)\b", re.IGNORECASE)
_PROPER = re.compile(r"\b(?:[A-Z]{2,}[A-Za-z0-9]*|[A-Z][a-z]*-?\d[\w-]*)\b")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a piece of research: what it is called, what it asks, who does it, and whether it needs the others."""

    title: str
    content: str
    agent: str = _RESEARCHER
    is_last: bool = False


def parts_of(artifact: Artifact, *, depth: int, max_depth: int, remaining: int) -> tuple[Part, ...]:
    """The parts that a piece of research falls into; none if it is one piece, or there is no room for parts.

    Args:
        artifact: What is to be researched; its description and its contract say what it asks.
        depth: Where it stands in its tree.
        max_depth: How deep the tree may become.
        remaining: How many nodes the tree may still get.

    >>> magnets = Artifact(id="HtsMagnets", description="Field coils: REBCO tape and Bi-2212 wire, their cost")
    >>> [part.title for part in parts_of(magnets, depth=2, max_depth=5, remaining=40)]
    ['REBCO tape', 'Bi-2212 wire', 'Compare REBCO tape and Bi-2212 wire']
    >>> parts_of(magnets, depth=2, max_depth=5, remaining=4)
    ()
    """
    if depth >= max_depth:
        return ()
    parts = _compared(artifact) or _listed(artifact)
    least = 2 + max(0, depth - SHALLOW)
    questions = [part for part in parts if not part.is_last]
    if len(questions) < least or len(parts) > MOST_PARTS or 2 * len(parts) > remaining:
        return ()
    # A pipeline at the depth limit could give its stages to nobody.
    return tuple(parts if depth + 1 < max_depth else questions)


def _compared(artifact: Artifact) -> list[Part]:
    texts = (artifact.description, artifact.contract)
    clauses = [clause.strip() for text in texts for clause in _CLAUSE.split(text) if clause.strip()]
    for clause in clauses:
        things = _things(clause)
        if len(things) > 1 and not _overlap(things):
            # A part is not asked about the others: words that its answer cannot have would keep it from being found.
            asked = ". ".join([*_asked_of_each(clause, things), *(each for each in clauses if each != clause)])
            parts = [Part(thing, f"{thing}. {asked}".strip(" .")) for thing in things]
            title = f"Compare {', '.join(things[:-1])} and {things[-1]}"
            stages = f"Stage 1: Gather properties. Stage 2: Score and rank. {asked}".strip(" .")
            return [*parts, Part(title, stages, Coordinator.PIPELINE_MANAGER.value, is_last=True)]
    return []


def _asked_of_each(clause: str, things: list[str]) -> list[str]:
    """What a clause asks of each of its things: "their making, scaling and cost"."""
    listed = _ALL_COMPARED.match(clause)
    if listed is not None:
        rest = _plain(listed["rest"])
        # "By measurement" says how they are compared, not what is asked of each.
        return [rest] if telling_stems(rest) and not rest.casefold().startswith("by ") else []
    items = [_plain(item) for item in _LIST.split(clause)]
    first = next((at for at, item in enumerate(items) if _LEANING.match(item)), len(items))
    return [", ".join(items[first:])] if first < len(items) and not set(items[first:]) & set(things) else []


def _things(clause: str) -> list[str]:
    """The things that a clause weighs against each other."""
    found = _COMPARED.search(clause) or _VERSUS.search(clause)
    if found is not None:
        return [_plain(found["one"]), _plain(found["other"])]
    listed = _ALL_COMPARED.match(clause)
    if listed is not None:
        return [_plain(item) for item in _LIST.split(listed["things"]) if item.strip()]
    items = [_plain(item) for item in _LIST.split(clause)]
    named = [item for item in items if _PROPER.search(item) and not _COMPARING.match(item)]
    # Items without a name say what is asked of each: "their making, scaling and cost".
    is_plain_rest = all(_LEANING.match(item) or len(telling_stems(item)) == 1 for item in items if item not in named)
    return named if len(named) > 1 and is_plain_rest else []


def _listed(artifact: Artifact) -> list[Part]:
    for clause in _CLAUSE.split(artifact.description):
        items = _heading_items([_plain(item) for item in _LIST.split(clause) if item.strip()])
        stand_alone = all(len(telling_stems(item)) > 1 and not _LEANING.match(item) for item in items)
        if len(items) > 2 and stand_alone and not _overlap([item for item in items if not _COMPARING.match(item)]):
            return [_item(item, artifact) for item in items]
    return []


def _heading_items(items: list[str]) -> list[str]:
    """The items of a list without what is said of all of them at its end: "with what others found to work"."""
    last = next((at for at, item in enumerate(items) if at > 0 and _SAID_OF_ALL.match(item)), len(items))
    return items[:last]


def _item(item: str, artifact: Artifact) -> Part:
    if _COMPARING.match(item):
        content = f"Stage 1: Gather properties. Stage 2: Score and rank. {item}"
        return Part(item, content, Coordinator.PIPELINE_MANAGER.value, is_last=True)
    return Part(item, f"{item}. {artifact.contract}".strip())


def _overlap(items: list[str]) -> bool:
    """Whether two items have a telling word in common, so that they are no questions apart."""
    stems = [telling_stems(item) for item in items]
    return any(one & other for at, one in enumerate(stems) for other in stems[:at]) or not all(stems)


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .,()")
