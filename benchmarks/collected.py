"""Real graphs and plans that were collected elsewhere, read from beside the repository where they are there.

They are measured with and never copied; see the README in their folder. Where the folder is absent, benchmarks that
need it say so and go on.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figure import Remark
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
RUNTIME, OPTIMAL, PLANS = "dags_runtime.jsonl", "dags_stg_optimal.jsonl", "goals_plans.jsonl"
MODELS = "model_plans.jsonl"


@dataclass(frozen=True)
class Collected:
    """One graph, with the seconds that each node really took where they are known.

    Attributes:
        id: Its name in the collection.
        graph: The nodes as artifacts, each with the kind of its node as its type.
        seconds: For each node; nothing where they were not measured.
        optimum: Proven shortest makespan by number of workers.
        texts: What each step says, where the graph is a plan in words.
        family: What it is a workflow of; empty where nobody says.
        is_measured: Whether its seconds were measured, not made up.
    """

    id: str
    graph: ArtifactGraph
    seconds: Mapping[str, float] = field(default_factory=dict)
    optimum: Mapping[int, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    family: str = ""
    is_measured: bool = True


def absence(file: str) -> Remark | None:
    """A line that says that a file is not there, or nothing if it is."""
    if (FOLDER / file).is_file():
        return None
    return Remark(f"{file} is not in {FOLDER}; what is measured with it is left out")


def collected(file: str, *, at_most: int | None = None) -> Iterator[Collected]:
    """The graphs of one file, in its order; with a limit, so many of them spread over the whole file."""
    lines = (FOLDER / file).read_text(encoding="utf-8").splitlines()
    step = 1 if at_most is None else max(1, len(lines) // at_most)
    for line in lines[::step]:
        yield _read(json.loads(line))


def _read(row: Mapping[str, Any]) -> Collected:
    """One line; graphs call their nodes nodes, plans call them steps."""
    if "artifacts" in row:
        return _made_by_model(row)
    nodes = row.get("nodes") or row["steps"]
    required: dict[str, list[Requirement]] = {node["id"]: [] for node in nodes}
    for before, after in row["edges"]:
        required[after].append(Requirement(id=before))
    artifacts = [
        Artifact(id=node["id"], requires=tuple(required[node["id"]]), domain_type=node.get("kind")) for node in nodes
    ]
    known = {node["id"]: node.get("runtime_s", node.get("duration_s")) for node in nodes}
    return Collected(
        id=row["id"],
        graph=ArtifactGraph(artifacts, goal=row.get("goal", "")),
        seconds={} if None in known.values() else {name: float(seconds) for name, seconds in known.items()},
        optimum={int(workers): value for workers, value in row.get("optimal_makespan", {}).items() if value},
        texts={node["id"]: node["text"] for node in nodes if "text" in node},
        family=row.get("family", ""),
        is_measured=row.get("origin", "measured").startswith("measured"),
    )


def _made_by_model(row: Mapping[str, Any]) -> Collected:
    """One line of what a language model answered, in the words of a plan file."""
    fields = ("id", "description", "domain_type", "produces_file", "requires")
    artifacts = [
        Artifact.model_validate({name: one[name] for name in fields if name in one}) for one in row["artifacts"]
    ]
    texts = {artifact.id: artifact.description for artifact in artifacts}
    return Collected(id=row["source"], graph=ArtifactGraph(artifacts, goal=row["goal"]), texts=texts)
