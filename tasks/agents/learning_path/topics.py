"""Topics that can be learned, with what each needs first. The catalogue is checked when it is read; it has no cycle."""

from functools import cache
from pathlib import Path
from typing import Self

import networkx as nx
from pydantic import BaseModel, ConfigDict, Field, model_validator

from prefect_harmonic.planners.words import STOP_WORDS, stem, words_of
from prefect_harmonic.tasks.agents.catalogue import catalogue


class Topic(BaseModel):
    """Something to learn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    hours: float = Field(gt=0, le=100, description="For an engineer who knows what it needs, exercises included.")
    needs: tuple[str, ...] = Field(default=(), description="Topics that come first.")
    after: str = Field(min_length=1, description="What one can do afterwards.")
    aliases: tuple[str, ...] = Field(min_length=1, description="Phrases by which findings ask for it.")


class TopicCatalogue(BaseModel):
    """All topics."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: tuple[Topic, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_acyclic(self) -> Self:
        ids = [topic.id for topic in self.topics]
        if len(ids) != len(set(ids)):
            raise ValueError(f"two topics have the id {next(each for each in ids if ids.count(each) > 1)!r}")
        for topic in self.topics:
            if unknown := sorted(set(topic.needs) - set(ids)):
                raise ValueError(f"topic {topic.id!r} needs {', '.join(unknown)}, which is no topic")
        if not nx.is_directed_acyclic_graph(self.network):
            cycle = " → ".join(edge[0] for edge in nx.find_cycle(self.network))
            raise ValueError(f"the topics {cycle} need each other in a ring")
        return self

    @property
    def network(self) -> "nx.DiGraph[str]":
        """The topics as a graph, edges from what comes first to what needs it."""
        network: nx.DiGraph[str] = nx.DiGraph()
        network.add_nodes_from(topic.id for topic in self.topics)
        network.add_edges_from((need, topic.id) for topic in self.topics for need in topic.needs)
        return network

    @property
    def by_id(self) -> dict[str, Topic]:
        """The topics by id."""
        return {topic.id: topic for topic in self.topics}


@cache
def topic_catalogue() -> TopicCatalogue:
    """The packaged topics."""
    return catalogue(Path(__file__).with_name("topics.yaml"), TopicCatalogue)


def asked_for(text: str, topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
    """The topics that a text names, by an alias or its title, whose words follow each other in the text.

    >>> known = (Topic(id="cd", title="Delivery", hours=1, after="release", aliases=("feature flag",)),)
    >>> [topic.id for topic in asked_for("Use feature flags.", known)], asked_for("A flag is a feature.", known)
    (['cd'], ())
    """
    stems = _stems(text)
    return tuple(topic for topic in topics if any(_follows(phrase, stems) for phrase in _phrases(topic)))


def _phrases(topic: Topic) -> tuple[str, ...]:
    """What a topic is recognised by; a title of one word is too common a word."""
    return (*topic.aliases, *([topic.title] if " " in topic.title else []))


def _follows(phrase: str, stems: tuple[str, ...]) -> bool:
    wanted = _stems(phrase)
    return bool(wanted) and any(stems[at : at + len(wanted)] == wanted for at in range(len(stems) - len(wanted) + 1))


def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words_of(text) if word not in STOP_WORDS)
