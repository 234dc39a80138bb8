"""P008, P011, P013 to P016: whether the edges are the ones that the artifacts themselves speak of."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.gate.files import normalised
from prefect_harmonic.planners.gate.finding import Code, Finding
from prefect_harmonic.planners.gate.mentions import MentionIndex
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.words import words_of

Name = tuple[str, ...]


def product_name(text: str) -> Name:
    """A product's name as it is compared: its words, whatever their case and spacing."""
    return words_of(text) or (text,)


def products_of(artifact: Artifact) -> frozenset[Name]:
    """Names under which others may consume an artifact: what it produces, its id, its file."""
    file = () if artifact.produces_file is None else (artifact.produces_file, normalised(artifact.produces_file))
    return frozenset(map(product_name, (*artifact.produces, artifact.id, *file)))


def producers(graph: ArtifactGraph) -> Mapping[Name, tuple[str, ...]]:
    """For each product the ids of those that produce it, sorted."""
    by_product: dict[Name, list[str]] = defaultdict(list)
    for artifact in graph.artifacts.values():
        for product in products_of(artifact):
            by_product[product].append(artifact.id)
    return {product: tuple(ids) for product, ids in by_product.items()}


def hands_over(required: Artifact, dependent: Artifact) -> bool:
    """Whether something is consumed along the edge between two artifacts."""
    return bool(dependent.consumes) and not products_of(required).isdisjoint(map(product_name, dependent.consumes))


def needless_requirements(graph: ArtifactGraph) -> tuple[tuple[str, str], ...]:
    """Edges that can go, as sorted pairs of requirement and dependent: others imply them, and they hand nothing over.

    Evidence reaches only those that require its artifact themselves as input (`Assignment.inputs`), so that whoever
    consumes a product loses by an edge less, even where the order stays.
    """
    return tuple(
        (required, dependent)
        for required, dependent in graph.redundant_requirements
        if not hands_over(graph.artifacts[required], graph.artifacts[dependent])
    )


def unmet_consumption(graph: ArtifactGraph, provided: Collection[str]) -> Iterator[Finding]:
    """P008: something is consumed that is neither in the project nor produced before."""
    from_project = frozenset(map(product_name, provided))
    by_product = producers(graph)
    for artifact in graph.artifacts.values():
        for consumed in artifact.consumes:
            name = product_name(consumed)
            makers = by_product.get(name, ())
            if name in from_project or any(graph.is_before(maker, artifact.id) for maker in makers):
                continue
            others = [maker for maker in makers if maker != artifact.id]
            nobody = "nothing else in the plan produces it" if makers else "nothing in the plan produces it"
            remedy = f"require {others[0]}, which produces it" if others else nobody
            yield Finding(
                Code.UNMET_CONSUMPTION, artifact.id, f"consumes {consumed!r}: {remedy}", next(iter(others), None)
            )


def named_not_required(graph: ArtifactGraph) -> Iterator[Finding]:
    """P011: the text of an artifact names another one that is not among all that it requires.

    What requires the artifact may be named freely ("used by the login page"), and so may a name that several bear when
    one of them is required.
    """
    index = MentionIndex(graph.artifacts.values())
    for artifact in graph.artifacts.values():
        named: set[str] = set()
        for bearers in index.mentioned(f"{artifact.description}\n{artifact.contract}"):
            if artifact.id not in bearers and not any(graph.is_ordered(bearer, artifact.id) for bearer in bearers):
                named.add(bearers[0])
        for other in sorted(named):
            message = f"speaks of {other} without requiring it; require it or reword the text"
            yield Finding(Code.NAMED_NOT_REQUIRED, artifact.id, message, other)


def edge_findings(graph: ArtifactGraph) -> Iterator[Finding]:
    """P013 and P016: edges that others imply and that hand nothing over, and edges that nothing explains."""
    for required, dependent in needless_requirements(graph):
        message = f"requires {required}, which its other requirements imply; remove it"
        yield Finding(Code.REDUNDANT_EDGE, dependent, message, required)
    for artifact in graph.artifacts.values():
        for edge in artifact.requires:
            if (edge.because or "").strip() or hands_over(graph.artifacts[edge.id], artifact):
                continue
            message = f"requires {edge.id} without a reason, and consumes nothing of it; say what for"
            yield Finding(Code.UNEXPLAINED_EDGE, artifact.id, message, edge.id)


def end_findings(graph: ArtifactGraph) -> Iterator[Finding]:
    """P014 and P015: artifacts that hang in the air, and plans that nothing brings together."""
    if len(graph) < 2:
        return
    for artifact in graph.roots:
        if not graph.requirements_of(artifact):
            yield Finding(Code.CUT_OFF, artifact, "neither requires anything nor is required; connect it or remove it")
    if len(graph.roots) > 1:
        shown = ", ".join(graph.roots[:5]) + (", …" if len(graph.roots) > 5 else "")
        message = (
            f"the plan ends in {len(graph.roots)} artifacts that nothing requires ({shown}); nothing brings it together"
        )
        yield Finding(Code.SEVERAL_ROOTS, None, message)
