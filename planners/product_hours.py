"""Hours by what artifacts hand over, so that making several things as one artifact is no less work.

Where nobody says how much work anything is, every artifact counts the same, and one that makes three things seems to
take a third of the time. What other plans make of the same things tells better.
"""

from collections.abc import Callable, Mapping, Sequence

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.graph import ArtifactGraph

Work = tuple[str, str, tuple[str, ...]]
"""What makes artifacts of different plans the same work: id, kind and products."""
Content = tuple[str, ...]
"""A thing that plans make: a product by its name, or an artifact that names no product by its id and kind."""
Hours = Mapping[str, float]


def work_of(artifact: Artifact) -> Work:
    """What an artifact is recognised by in other plans.

    >>> work_of(Artifact(id="Login", domain_type="service", produces="session"))
    ('Login', 'service', ('session',))
    """
    return artifact.id, artifact.domain_type or "", artifact.produces


def contents_of(artifact: Artifact) -> tuple[Content, ...]:
    """The things that an artifact makes; at least one.

    >>> contents_of(Artifact(id="Login", produces=["session", "token"]))
    (('session',), ('token',))
    >>> contents_of(Artifact(id="Login", domain_type="service"))
    (('Login', 'service'),)
    """
    return tuple((name,) for name in artifact.produces) or ((artifact.id, artifact.domain_type or ""),)


def hours_by_content(
    graphs: Sequence[ArtifactGraph], hours: Sequence[Hours], is_stated: Callable[[Artifact], bool]
) -> tuple[tuple[Hours, ...], Mapping[Content, float]]:
    """For each plan the hours of its artifacts, each the sum of what it makes; and the hours of each thing.

    A thing takes the largest share that any artifact has for it: four hours if some plan makes it as an artifact of
    its own that takes four, two if all make it with one other. Hours that are stated stand, and say nothing of others.

    Args:
        graphs: The plans.
        hours: For each plan the hours of each artifact.
        is_stated: Whether the hours of an artifact are known rather than assumed.
    """
    largest: dict[Content, float] = {}
    for graph, own in zip(graphs, hours, strict=True):
        for name, artifact in graph.artifacts.items():
            if not is_stated(artifact):
                contents = contents_of(artifact)
                for content in contents:
                    largest[content] = max(largest.get(content, 0.0), own[name] / len(contents))
    summed = tuple(
        {
            name: own[name] if is_stated(artifact) else sum(largest[content] for content in contents_of(artifact))
            for name, artifact in graph.artifacts.items()
        }
        for graph, own in zip(graphs, hours, strict=True)
    )
    return summed, largest
