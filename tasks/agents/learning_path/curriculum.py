"""What is asked for, put into an order: the topics, what they need first, and the stages of learning them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import networkx as nx

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Decision, Evidence, Grade, Source
from prefect_harmonic.planners.words import spaced
from prefect_harmonic.tasks.agents.closing.settling import SETTLEMENT
from prefect_harmonic.tasks.agents.learning_path.topics import Topic, TopicCatalogue, asked_for
from prefect_harmonic.tasks.agents.wording import clipped

_DURATION = re.compile(r"\b(\d+(?:\.\d+)?|one|two|three|four|five|six)[ -](hour|day|week|month)s?\b", re.IGNORECASE)
_MOST_ASKED = 8
DEFAULT_HOURS = 40.0
"""Two weeks beside other work, where the contract names no duration."""
ASKED_FOR = 6.0
"""Least weight of a reason by which the artifact itself or a decision asks for a topic."""
_LACKING = re.compile(r"\b(?:nobody|no one|never|not yet|has to be learned|do not know)\b", re.IGNORECASE)
_CODE = re.compile(r"\.(?:py|sql|js|ts|tsx|go|java|rs|rb|css|html|ya?ml|toml|sh)$")
_WORD_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
# Hours of learning in a unit, beside other work: four a day, five days a week.
_LEARNING_HOURS = {"hour": 1.0, "day": 4.0, "week": 20.0, "month": 80.0}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a topic is in the curriculum: what asks for it and where that stands."""

    weight: float
    text: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A topic in the curriculum, with the files of the project in which a finding speaks of it."""

    topic: Topic
    reason: Reason
    is_prerequisite: bool = False
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Lessons in stages, each stage needing only the ones before it.

    Attributes:
        stages: The lessons.
        budget: Hours that the contract allows, or the usual ones.
        is_budget_named: Whether the contract names a duration.
        left_out: Topics that did not fit into the budget, the least asked for.
    """

    stages: tuple[tuple[Lesson, ...], ...]
    budget: float = DEFAULT_HOURS
    is_budget_named: bool = False
    left_out: tuple[Lesson, ...] = ()

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """All lessons in order."""
        return tuple(lesson for stage in self.stages for lesson in stage)

    @property
    def hours(self) -> float:
        """Hours of all lessons."""
        return sum(lesson.topic.hours for lesson in self.lessons)


def curriculum_for(assignment: Assignment, known: TopicCatalogue) -> Curriculum:
    """The curriculum that artifact, decisions and findings ask for, within the duration that the contract allows."""
    reasons: dict[str, Reason] = {}
    for reason in _reasons(assignment):
        for topic in asked_for(reason.text, known.topics):
            if topic.id not in reasons or reason.weight > reasons[topic.id].weight:
                reasons[topic.id] = reason
    named = duration_hours(f"{assignment.artifact.contract} {assignment.artifact.description}")
    budget = DEFAULT_HOURS if named is None else named
    wanted = sorted(reasons, key=lambda topic: (-reasons[topic].weight, topic))
    taken: list[str] = []
    for name in wanted:
        more = [*taken, name]
        fits = _hours(_with_needs(more, known), known) <= budget
        if fits and len(taken) < _MOST_ASKED:
            taken = more
    files = _files(assignment, known)
    lessons = {name: replace(each, files=files.get(name, ())) for name, each in _lessons(taken, reasons, known).items()}
    left_out = tuple(Lesson(known.by_id[name], reasons[name]) for name in wanted if name not in lessons)
    return Curriculum(_stages(lessons, known), budget, named is not None, left_out)


def duration_hours(text: str) -> float | None:
    """Hours of learning in a duration that a text names, four a day beside other work; nothing if it names none.

    >>> duration_hours("a curriculum of 2 weeks"), duration_hours("soon")
    (40.0, None)
    """
    match = _DURATION.search(text)
    if match is None:
        return None
    number = match[1].lower()
    return float(_WORD_NUMBERS.get(number) or number) * _LEARNING_HOURS[match[2].lower()]


def _reasons(assignment: Assignment) -> Iterator[Reason]:
    """Everything that may ask for a topic, with how much it counts: the artifact most, then decisions and findings."""
    artifact = assignment.artifact
    own = (spaced(artifact.id), artifact.description, artifact.contract)
    for text in own:
        yield Reason(7.0, text, Source(path=artifact.id, quote=clipped(text, 200)) if text else None)
    for text in artifact.covers:
        yield Reason(2.5, text, Source(path=artifact.id, quote=clipped(text, 200)))
    for known, weight in ((assignment.inputs, 1.0), (assignment.background, 0.8)):
        for name in sorted(known):
            evidence = known[name]
            for decision in _taken(evidence):
                source = Source(path=decision.file or name, quote=decision.title)
                yield Reason(6.0, decision.title, source)
                yield Reason(2.0, " ".join(decision.consequences), source)
            for risk in evidence.risks:
                yield Reason(2.0 * weight, f"{risk.title}. {risk.mitigation}", Source(path=name, quote=risk.title))
            for claim in evidence.claims:
                if _asks(claim):
                    yield Reason(3.0 * weight * claim.confidence, claim.text, _source(claim, name))
    yield Reason(3.0, assignment.goal, Source(path="goal", quote=clipped(assignment.goal, 200)))


def _asks(claim: Claim) -> bool:
    """Whether a finding may ask for a topic: what was measured in the code, or what people are said not to know yet.

    A document that names a technology by the way says that it is in use, and so that it is known.
    """
    is_measured = not claim.sources or any(
        source.grade in (Grade.MEASURED, Grade.DERIVED) or _CODE.search(source.path) for source in claim.sources
    )
    return is_measured or _LACKING.search(claim.text) is not None


def _taken(evidence: Evidence) -> Iterator[Decision]:
    """The decisions that somebody carries out; which of two statements holds asks nobody to learn anything."""
    return (decision for decision in evidence.decisions if not decision.title.startswith(SETTLEMENT))


def _files(assignment: Assignment, known: TopicCatalogue) -> dict[str, tuple[str, ...]]:
    """For each topic the files of code that findings speak of it in, those of the first findings first."""
    files: dict[str, list[str]] = {}
    for evidence in (*assignment.inputs.values(), *assignment.background.values()):
        for claim in evidence.claims:
            paths = [source.path for source in claim.sources if _CODE.search(source.path)]
            for topic in asked_for(claim.text, known.topics) if paths else ():
                files.setdefault(topic.id, []).extend(paths)
    return {topic: tuple(dict.fromkeys(paths)) for topic, paths in files.items()}


def _source(claim: Claim, name: str) -> Source:
    return claim.sources[0] if claim.sources else Source(path=name, quote=clipped(claim.text, 200))


def _with_needs(topics: list[str], known: TopicCatalogue) -> set[str]:
    network = known.network
    return {need for topic in topics for need in (topic, *nx.ancestors(network, topic))}


def _hours(topics: set[str], known: TopicCatalogue) -> float:
    by_id = known.by_id
    return sum(by_id[topic].hours for topic in topics)


def _lessons(taken: list[str], reasons: dict[str, Reason], known: TopicCatalogue) -> dict[str, Lesson]:
    """The topics taken and what they need; what is only needed says for what."""
    by_id, network = known.by_id, known.network
    lessons = {}
    for topic in sorted(_with_needs(taken, known)):
        if topic in reasons:
            lessons[topic] = Lesson(by_id[topic], reasons[topic])
        else:
            needing = min(t for t in taken if topic in nx.ancestors(network, t))
            lessons[topic] = Lesson(by_id[topic], Reason(0.0, f"{by_id[needing].title} needs it"), is_prerequisite=True)
    return lessons


def _stages(lessons: dict[str, Lesson], known: TopicCatalogue) -> tuple[tuple[Lesson, ...], ...]:
    within = known.network.subgraph(lessons)
    return tuple(
        tuple(lessons[topic] for topic in sorted(stage, key=lambda t: (-lessons[t].reason.weight, t)))
        for stage in nx.topological_generations(within)
    )
