"""The plan as a Mermaid diagram, for Markdown that a Prefect server or a code host shows."""

from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, mermaid_text, shortened
from prefect_harmonic.tasks.views.heading import heading_of
from prefect_harmonic.tasks.views.picture import PlanPicture, effort_words

MOST_NODES = 60
"""Past this many artifacts a diagram cannot be read, and Mermaid soon refuses it."""


def plan_mermaid(graph: ArtifactGraph) -> str:
    """The plan as a fenced Mermaid block; a list of its artifacts past 60 of them.

    Ids are numbered, so that nothing in a name can be read as syntax.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> print(plan_mermaid(ArtifactGraph([Artifact(id="end", requires="A"), Artifact(id="A")])))
    ```mermaid
    flowchart LR
      n0["A"]
      n1["end"]
      n0 --> n1
    ```
    """
    picture = PlanPicture(graph)
    if len(graph) > MOST_NODES:
        return artifact_list(picture)
    lines = ["```mermaid", "flowchart LR"]
    for number, group in enumerate(picture.groups if picture.group_label == "Phase" else ()):
        lines.append(f'  subgraph g{number}["{mermaid_text(shortened(group, 60))}"]')
        lines += [f"  {_node(picture, name)}" for name in _members(picture, group)]
        lines.append("  end")
    lines += [_node(picture, name) for name in _members(picture, "")]
    lines += _edges(picture)
    return "\n".join([*lines, "```"])


def plan_markdown(graph: ArtifactGraph, *, reason: str = "") -> str:
    """The artifacts as a list in the order in which they can be made, and the diagram below it.

    The list comes first because one of Prefect's two interfaces draws no diagram, and would open with its source.
    """
    picture = PlanPicture(graph)
    parts = [f"## {markdown_text(heading_of(graph.goal) or 'Plan')}"]
    if reason:
        parts.append(markdown_text(reason))
    parts.append(f"{counted(len(graph), 'artifact')} in {counted(graph.depth, 'wave')}.")
    parts.append(artifact_list(picture))
    if len(graph) <= MOST_NODES:
        parts.append(plan_mermaid(graph))
    return "\n\n".join(parts) + "\n"


def artifact_list(picture: PlanPicture) -> str:
    """One item for each artifact, in the order in which they can be made."""
    return "\n".join(_item(picture, name) for name in picture.graph.order)


def _members(picture: PlanPicture, group: str) -> list[str]:
    """Artifacts of a phase; without phases, all of them under no group."""
    if picture.group_label != "Phase":
        return [] if group else list(picture.graph.order)
    return [name for name in picture.graph.order if picture.group(picture.graph.artifacts[name]) == group]


def _node(picture: PlanPicture, name: str) -> str:
    return f'  n{picture.number[name]}["{mermaid_text(shortened(name, 60))}"]'


def _edges(picture: PlanPicture) -> list[str]:
    numbers = sorted((picture.number[start], picture.number[end]) for start, end in picture.graph.network.edges)
    return [f"  n{start} --> n{end}" for start, end in numbers]


def _item(picture: PlanPicture, name: str) -> str:
    artifact = picture.graph.artifacts[name]
    facts = [word for word in (artifact.agent or "", effort_words(artifact)) if word]
    required = picture.graph.requirements_of(name)
    if required:
        facts.append("after " + ", ".join(required))
    text = f"- {markdown_code(name)}"
    if artifact.description:
        text += f" {markdown_text(artifact.description)}"
    return f"{text} ({'; '.join(markdown_text(fact) for fact in facts)})" if facts else text
