"""Which specialist makes an artifact, and why.

Looks at the kind of artifact first, then at its words and the file it writes, then at its phase. Every choice carries
its reason, so that a reader of the plan can disagree with it.

Source: second design document, "Task Assignment"; semantics, "Each leaf has exactly one agent".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.words import STOP_WORDS, stem, words_of

_FIELD_WEIGHTS = (("id", 3.0), ("description", 2.0), ("produces_file", 1.5), ("contract", 1.0))
_LEADING_WORD_BONUS = 2.0
_MAKER = "builder"


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """The specialist for one artifact, and the reason in words."""

    agent: str
    because: str


def chosen_agent(artifact: Artifact, specialists: Mapping[str, frozenset[str]]) -> AgentChoice:
    """The specialist that suits an artifact best.

    Args:
        artifact: What is to be made. If it names an agent, that agent is kept.
        specialists: For each specialist the kinds of artifact it is right for.

    Raises:
        OptionError: There is no specialist to choose from.

    >>> team = {"builder": frozenset({"model"}), "researcher": frozenset({"research"})}
    >>> chosen_agent(Artifact(id="UserModel", domain_type="model"), team)
    AgentChoice(agent='builder', because="its kind 'model' is what builder is for")
    >>> chosen_agent(Artifact(id="ResearchStorage"), team).agent
    'researcher'
    """
    if artifact.agent:
        return AgentChoice(artifact.agent, "the plan names it")
    if not specialists:
        raise OptionError("specialists", "none", "at least one specialist")
    return (
        _by_kind(artifact, specialists)
        or _by_words(artifact, specialists)
        or _by_phase(artifact, specialists)
        or _by_default(artifact, specialists)
    )


def _by_kind(artifact: Artifact, specialists: Mapping[str, frozenset[str]]) -> AgentChoice | None:
    if not artifact.domain_type:
        return None
    kind = _phrase(artifact.domain_type)
    fitting = [name for name in sorted(specialists) if kind in {_phrase(each) for each in specialists[name]}]
    if not fitting:
        return None
    also = f" (so is {', '.join(fitting[1:])}; the first by name is taken)" if len(fitting) > 1 else ""
    return AgentChoice(fitting[0], f"its kind {artifact.domain_type!r} is what {fitting[0]} is for{also}")


def _by_words(artifact: Artifact, specialists: Mapping[str, frozenset[str]]) -> AgentChoice | None:
    """The specialist whose expertise is named most weightily; the first word counts most, it says what to do."""
    points: dict[str, float] = {}
    found: dict[str, set[str]] = {}
    for field, weight in _FIELD_WEIGHTS:
        words = [word for word in words_of(getattr(artifact, field) or "") if word not in STOP_WORDS]
        stems = tuple(stem(word) for word in words)
        for name in sorted(specialists):
            for expertise in sorted(specialists[name]):
                if (place := _place(_phrase(expertise), stems)) is not None:
                    points[name] = points.get(name, 0.0) + weight + (_LEADING_WORD_BONUS if place == 0 else 0.0)
                    found.setdefault(name, set()).add(expertise)
    if not points:
        return None
    best = min(points, key=lambda name: (-points[name], name))
    return AgentChoice(best, f"its words name {', '.join(sorted(found[best]))}, which {best} is for")


def _by_phase(artifact: Artifact, specialists: Mapping[str, frozenset[str]]) -> AgentChoice | None:
    phase = _phrase(artifact.phase or "")
    for name in sorted(specialists):
        if phase and any(_place(_phrase(expertise), phase) is not None for expertise in specialists[name]):
            return AgentChoice(name, f"it belongs to the phase {artifact.phase!r}, which {name} is for")
    return None


def _by_default(artifact: Artifact, specialists: Mapping[str, frozenset[str]]) -> AgentChoice:
    if _MAKER in specialists:
        why = "it writes a file" if artifact.produces_file else "something must be made"
        return AgentChoice(_MAKER, f"nothing in it names an expertise; {why}, and {_MAKER} makes things")
    first = min(specialists)
    return AgentChoice(first, f"nothing in it names an expertise; {first} is the first specialist there is")


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words_of(text))


def _place(phrase: tuple[str, ...], stems: tuple[str, ...]) -> int | None:
    """Where a phrase begins among stems, or nothing."""
    length = len(phrase)
    for start in range(len(stems) - length + 1):
        if stems[start : start + length] == phrase and length:
            return start
    return None
