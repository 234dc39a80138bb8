"""What the evidence shows that the remaining plan does not reckon with: complexity, and orders that it leaves out.

Only what is measured or declared counts. A specialist's prose is too often about what others do for a dependency to
be read out of it; the reason for which an artifact failed or is blocked is about that artifact, and an id in it is
taken at its word.

What specialists may declare in `Evidence.data`, beside their figures:

- `unexpected`: sentences, each of which is one thing more involved than was to be expected;
- `needs`: ids of artifacts of the plan without which the artifact is not right.

Source: second design document, table of replanning triggers.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.further_orders import FurtherOrders
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.json_reading import number_in
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind, gap_key, one_line, opening_key
from prefect_harmonic.planners.words import words_of

_TOKEN = re.compile(r"\w[\w.:+-]*")


class NewDependency(BaseModel):
    """An order that came to light while the plan was carried out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artifact: str = Field(description="What has to wait.")
    requires: str = Field(description="What it has to wait for.")
    because: str = Field(description="Who says so, in words.")


@dataclass(frozen=True, slots=True)
class MeasuredComplexity:
    """A figure that specialists measure, and from where on it makes work that a plan has to provide for.

    Attributes:
        figure: Its name in `Evidence.data`.
        above: The greatest value that is nothing unusual.
        told: What is open, with `{}` for the value.
        known_by: Words of which one stands in every plan that reckons with it.
        matters_to: Words of which one stands in every plan that it can upset; whoever drops a library takes no
            ring of modules apart for it.
    """

    figure: str
    above: float
    told: str
    known_by: frozenset[str]
    matters_to: frozenset[str]


_OF_STRUCTURE = frozenset(
    "architecture boundaries boundary decouple decoupled extract extracted extraction layer layers microservice "  # noqa: SIM905 - a list
    "microservices modular module modules monolith package packages refactor refactoring restructure service services "
    "split structure structures".split()
)

MEASURED_COMPLEXITIES = (
    MeasuredComplexity(
        figure="import_cycle_count",
        above=10,
        told="how to resolve {} circular dependencies between modules",
        known_by=frozenset({"cycle", "cycles", "cyclic", "circular"}),
        matters_to=_OF_STRUCTURE,
    ),
    MeasuredComplexity(
        figure="largest_cycle",
        above=20,
        told="how to take apart {} modules that import each other in one ring",
        known_by=frozenset({"cycle", "cycles", "cyclic", "circular", "ring"}),
        matters_to=_OF_STRUCTURE,
    ),
)
"""The figures of the packaged specialists that count. A handful of cycles is usual in grown code, tens are not."""


def complexities(
    evidence: Mapping[str, Evidence], graph: ArtifactGraph, finished: Collection[str], closed: Collection[str] = ()
) -> tuple[Opening, ...]:
    """Unexpected complexity, each as an opening, sorted by key.

    A measured figure is unexpected if it is above its limit, and no artifact that is still to be made speaks of it,
    while one of them or the goal speaks of what it can upset; what is declared as unexpected is. Where nothing is left
    to be made, no plan can be upset.
    """
    remaining = [artifact for name, artifact in graph.artifacts.items() if name not in finished]
    if not remaining:
        return ()
    words = frozenset(words_of(graph.goal)).union(*map(_words, remaining))
    found: dict[str, Opening] = {}
    for name in sorted(evidence):
        for key, text in _told(evidence[name].data, words):
            origins = (*found[key].origins, name) if key in found else (name,)
            first = found.get(key, Opening(key=key, kind=OpeningKind.COMPLEXITY, text=text))
            found[key] = first.model_copy(update={"origins": origins})
    return tuple(found[key] for key in sorted(found) if key not in closed)


def new_dependencies(
    evidence: Mapping[str, Evidence], failed: Mapping[str, str], graph: ArtifactGraph
) -> tuple[NewDependency, ...]:
    """Orders that the evidence names and the plan leaves out, sorted; together with the plan's they have no cycle.

    They come from `needs`, from blockers, and from the reasons of failures. In the latter two an artifact is named
    only by an id of several words (`UserModel`), since a single one (`App`) may be an ordinary word.

    >>> plan = ArtifactGraph([Artifact(id="Page"), Artifact(id="UserModel")])
    >>> [(one.requires, one.artifact) for one in new_dependencies({}, {"Page": "there is no UserModel yet"}, plan)]
    [('UserModel', 'Page')]
    """
    further = FurtherOrders(graph)
    found = sorted(_named(evidence, failed, graph), key=lambda each: (each.artifact, each.requires))
    return tuple(
        one
        for one in found
        if not graph.is_ordered(one.artifact, one.requires) and further.take(one.requires, one.artifact)
    )


def _words(artifact: Artifact) -> frozenset[str]:
    return frozenset(words_of(f"{artifact.id} {artifact.description} {artifact.contract}"))


def _told(figures: Mapping[str, JsonValue], words: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The key and text of each unexpected thing that one specialist measured or declared."""
    for each in MEASURED_COMPLEXITIES:
        value = figures.get(each.figure)
        number = number_in(value)
        if number is not None and number > each.above and words & each.matters_to and not words & each.known_by:
            yield opening_key(OpeningKind.COMPLEXITY, each.figure), each.told.format(value)
    for sentence in _texts(figures.get("unexpected")):
        yield opening_key(OpeningKind.COMPLEXITY, gap_key(sentence)), one_line(sentence)


def _texts(value: JsonValue) -> tuple[str, ...]:
    """A text, or those of a list; whatever else a specialist puts there says nothing."""
    listed = value if isinstance(value, list) else [value]
    return tuple(each for each in listed if isinstance(each, str) and each.strip())


def _named(
    evidence: Mapping[str, Evidence], failed: Mapping[str, str], graph: ArtifactGraph
) -> Iterator[NewDependency]:
    told = [(name, blocker) for name, one in evidence.items() for blocker in one.blockers]
    for name, text in [*told, *failed.items()]:
        tokens = {token.rstrip(".:+-") for token in _TOKEN.findall(text)}
        for other in sorted(tokens & graph.artifacts.keys() - {name}):
            if name in graph and len(words_of(other)) > 1:
                yield NewDependency(artifact=name, requires=other, because=f"without it: {one_line(text)}")
    for name, one in evidence.items():
        for other in _texts(one.data.get("needs")):
            if name in graph and other in graph and other != name:
                yield NewDependency(artifact=name, requires=other, because=f"{one.agent} found that it is needed")
