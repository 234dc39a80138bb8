"""Which part of the analysis an artifact asks for."""

import re
from enum import StrEnum

from prefect_harmonic.planners.artifact import Artifact


class Focus(StrEnum):
    """A side of the code that an artifact is about."""

    DEPENDENCIES = "dependencies"
    DEBT = "debt"
    STRUCTURE = "structure"
    BOUNDARIES = "boundaries"
    HISTORY = "history"
    OVERALL = "overall"


_STEMS = {
    Focus.DEPENDENCIES: ("cycle", "cyclic", "circular", "depend", "coupl", "import"),
    Focus.DEBT: ("debt", "complex", "hotspot", "hot", "smell", "refactor", "quality", "long", "blocker", "maintain"),
    Focus.STRUCTURE: ("structure", "layer", "module", "architect", "overview", "inventory", "package", "component"),
    Focus.BOUNDARIES: (
        "boundar",
        "service",
        "microservice",
        "split",
        "extract",
        "seam",
        "domain",
        "context",
        "decompos",
    ),
    Focus.HISTORY: ("history", "churn", "commit", "change", "author", "owner"),
}
_OUTSIDE = "What lies outside the code was not compared"
_BEYOND = {
    ("bottleneck", "latency", "performance", "slow", "throughput", "gain", "recover"): "Behaviour at run time was not "
    "measured",
    ("candidate", "compar", "scor"): _OUTSIDE,
}
_USES = frozenset("use uses usage usages caller callers occurrence occurrences".split())  # noqa: SIM905 - a list
_ABOUT_GOAL = ("concern", "attach", "affect")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def beyond(artifact: Artifact) -> str:
    """What an artifact asks for by name and this analysis cannot find out, as a gap, or nothing.

    >>> beyond(Artifact(id="BottleneckAnalysis"))
    'Behaviour at run time was not measured: the analysis reads the structure, size and history of code and runs none.'
    >>> beyond(Artifact(id="DependencyMap"))
    ''
    """
    words = {word.lower() for word in _WORD.findall(f"{artifact.id} {' '.join(artifact.produces)}")}
    for stems, missing in _BEYOND.items():
        if any(word.startswith(stems) for word in words):
            return f"{missing}: the analysis reads the structure, size and history of code and runs none."
    return ""


def is_outside(unanswered: str) -> bool:
    """Whether nothing of the code bears on what an artifact asks for, so that its figures would be beside the point.

    >>> is_outside(beyond(Artifact(id="CandidateScoring"))), is_outside(beyond(Artifact(id="BottleneckAnalysis")))
    (True, False)
    """
    return unanswered.startswith(_OUTSIDE)


def is_about_uses(artifact: Artifact) -> bool:
    """Whether an artifact asks where something is used, by its id, its file or what it produces.

    >>> is_about_uses(Artifact(id="UseInventory")), is_about_uses(Artifact(id="UserModel"))
    (True, False)
    """
    text = f"{artifact.id} {artifact.produces_file or ''} {' '.join(artifact.produces)}"
    return any(word.lower() in _USES for word in _WORD.findall(text))


def is_about_goal(artifact: Artifact) -> bool:
    """Whether an artifact asks which code the goal is about: what it concerns, or what it attaches to.

    >>> is_about_goal(Artifact(id="A", description="The modules that refunds concern")), is_about_goal(Artifact(id="A"))
    (True, False)
    """
    return any(word.lower().startswith(_ABOUT_GOAL) for word in _WORD.findall(artifact.description))


def is_check(artifact: Artifact) -> bool:
    """Whether an artifact is to be looked at after a change, by its kind: it verifies what others have made.

    >>> is_check(Artifact(id="GainReport", domain_type="verification")), is_check(Artifact(id="DependencyMap"))
    (True, False)
    """
    kinds = (artifact.domain_type or "", *_WORD.findall(artifact.id))
    return any(kind.lower().startswith(("verif", "validation")) for kind in kinds)


def focus_of(artifact: Artifact) -> Focus:
    """What an artifact asks for, by its words: its id and what it produces count most, then the rest.

    >>> focus_of(Artifact(id="DependencyMap")), focus_of(Artifact(id="Analysis"))
    (<Focus.DEPENDENCIES: 'dependencies'>, <Focus.OVERALL: 'overall'>)
    """
    texts = (
        (artifact.id, 5),
        (" ".join(artifact.produces), 3),
        (artifact.produces_file or "", 2),
        (artifact.description, 1),
        (artifact.contract, 1),
    )
    marks = dict.fromkeys(_STEMS, 0)
    for text, weight in texts:
        for word in {each.lower() for each in _WORD.findall(text)}:
            for focus, stems in _STEMS.items():
                marks[focus] += weight * word.startswith(stems)
    best = max(marks.values())
    return next(focus for focus, mark in marks.items() if mark == best) if best else Focus.OVERALL
