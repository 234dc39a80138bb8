"""What is drawn of the knowledge of a run: the sources that carry most, artifacts, decisions, and what ties them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prefect_harmonic.planners.evidence import Decision, Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.evaluation import distinct_contradictions
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import one_line

MOST_SOURCES = 13
"""Sources past these are drawn as one: a project has more files than anybody can look at."""

OTHERS = "source:…"
RESTS, ENABLES, DECIDES, CONTRADICTS = "rests", "enables", "decides", "contradicts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing to draw.

    Attributes:
        id: Its kind and name.
        kind: `source`, `artifact` or `decision`.
        label: What it is called.
        note: A line beneath it.
        hint: All of it, for when it is pointed at.
        group: Phase of an artifact; empty otherwise.
        wave: Wave of an artifact in its plan; 0 otherwise.
        state: What became of an artifact.
        confidence: How sure the findings of an artifact are, if there are any.
    """

    id: str
    kind: str
    label: str
    note: str = ""
    hint: str = ""
    group: str = ""
    wave: int = 0
    state: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True, order=True)
class Tie:
    """One line to draw, from the left to the right."""

    start: str
    end: str
    kind: str
    weight: int = 1
    hint: str = field(default="", compare=False)


def knowledge_nodes(
    graph: ArtifactGraph, evidence: Mapping[str, Evidence], states: Mapping[str, str]
) -> tuple[Node, ...]:
    """Sources, artifacts and decisions, in this order, each kind in an order of its own."""
    known = {name: evidence[name] for name in graph.order if name in evidence}
    return (*_sources(known), *_artifacts(graph, known, states), *_decisions(known))


def knowledge_ties(graph: ArtifactGraph, evidence: Mapping[str, Evidence]) -> tuple[Tie, ...]:
    """What rests on what, sorted."""
    known = {name: evidence[name] for name in graph.order if name in evidence}
    ties = [*_rests(known), *_contradictions(known)]
    ties += [Tie(f"artifact:{one}", f"artifact:{other}", ENABLES) for one, other in graph.network.edges]
    ties += [
        Tie(f"artifact:{name}", f"decision:{decision.title}", DECIDES, hint=f"chosen: {decision.chosen}")
        for name, found in known.items()
        for decision in found.decisions
    ]
    return tuple(sorted(set(ties)))


def _carried(known: Mapping[str, Evidence]) -> dict[str, Counter[str]]:
    """How many claims of each artifact each source carries, by path.

    What the run itself made is no source of its own: that one artifact rests on another is drawn between the two.
    """
    own = {*known, *(file.path for found in known.values() for file in found.files)}
    carried: dict[str, Counter[str]] = defaultdict(Counter)
    for name, found in known.items():
        for claim in found.claims:
            for path in sorted({source.path for source in claim.sources} - own):
                carried[path][name] += 1
    return carried


def _shown_sources(known: Mapping[str, Evidence]) -> list[str]:
    """Sources that contradict each other first, then those that carry most claims."""
    fighting = {path for one, other, _ in _fights(known) for path in (one, other)}
    carried = _carried(known)
    paths = sorted(
        {*carried, *fighting}, key=lambda path: (path not in fighting, -sum(carried.get(path, {}).values()), path)
    )
    return sorted(paths[:MOST_SOURCES])


def _sources(known: Mapping[str, Evidence]) -> Iterator[Node]:
    carried, shown = _carried(known), _shown_sources(known)
    for path in shown:
        number = sum(carried.get(path, {}).values())
        folder, _, name = path.rpartition("/")
        note = f"{counted(number, 'claim')}{f' · {folder}' if folder else ''}"
        yield Node(id=f"source:{path}", kind="source", label=name or path, note=note, hint=f"{path}: {note}")
    rest = carried.keys() - set(shown)
    if rest:
        number = sum(sum(carried[path].values()) for path in rest)
        told = f"{counted(number, 'claim')} in all"
        label = f"{counted(len(rest), 'further source')}"
        yield Node(id=OTHERS, kind="source", label=label, note=told, hint=f"{label}, {told}")


def _artifacts(graph: ArtifactGraph, known: Mapping[str, Evidence], states: Mapping[str, str]) -> Iterator[Node]:
    waves = {name: wave for wave, names in enumerate(graph.waves, 1) for name in names}
    for name in graph.order:
        artifact, found, state = graph.artifacts[name], known.get(name), states.get(name, "")
        facts = [counted(len(found.claims), "claim"), f"{found.confidence:.2f}"] if found else []
        if found and found.gaps:
            facts.append(counted(len(found.gaps), "gap"))
        note = " · ".join([state, *facts] if state and state != "done" else facts) or (artifact.agent or "")
        yield Node(
            id=f"artifact:{name}",
            kind="artifact",
            label=name,
            note=note,
            hint=f"{name} ({', '.join(part for part in (artifact.agent, state, *facts) if part)}): "
            f"{one_line(artifact.description)}",
            group=artifact.phase or "",
            wave=waves[name],
            state=state,
            confidence=found.confidence if found else None,
        )


def _decisions(known: Mapping[str, Evidence]) -> Iterator[Node]:
    told: dict[str, Decision] = {}
    for found in known.values():
        for decision in found.decisions:
            told.setdefault(decision.title, decision)
    for title, decision in told.items():
        subject = title.removesuffix(decision.chosen).rstrip(": ") if decision.chosen else title
        chosen = decision.chosen or "nothing is chosen yet"
        hint = f"{title}: {chosen}. {decision.rationale}"
        yield Node(id=f"decision:{title}", kind="decision", label=subject or title, note=chosen, hint=hint)


def _rests(known: Mapping[str, Evidence]) -> Iterator[Tie]:
    """From each source to each artifact that rests on it, as wide as there are claims."""
    shown = set(_shown_sources(known))
    weights: Counter[tuple[str, str]] = Counter()
    for path, artifacts in _carried(known).items():
        for name, number in artifacts.items():
            weights[f"source:{path}" if path in shown else OTHERS, name] += number
    for (source, name), number in weights.items():
        yield Tie(source, f"artifact:{name}", RESTS, number, f"{counted(number, 'claim')} of {name}")


def _contradictions(known: Mapping[str, Evidence]) -> Iterator[Tie]:
    shown = set(_shown_sources(known))
    for one, other, subject in _fights(known):
        if one in shown and other in shown:
            yield Tie(f"source:{one}", f"source:{other}", CONTRADICTS, hint=subject)


def _fights(known: Mapping[str, Evidence]) -> list[tuple[str, str, str]]:
    """Pairs of sources that say what cannot both hold, and about what."""
    fights = []
    for each in distinct_contradictions(tuple(known.values())):
        if each.one.sources and each.other.sources:
            one, other = sorted((each.one.sources[0].path, each.other.sources[0].path))
            if one != other:
                fights.append((one, other, each.subject))
    return sorted(set(fights))
