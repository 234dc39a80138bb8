"""Decisions that come up again and again: their options, criteria and the evidence that moves the marks."""

from functools import cache
from pathlib import Path, PurePosixPath
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Risk
from prefect_harmonic.planners.words import stem, words_of
from prefect_harmonic.tasks.agents.catalogue import catalogue
from prefect_harmonic.tasks.agents.decision_log.conditions import condition
from prefect_harmonic.tasks.agents.decision_log.facts import FactKind

GENERAL = "build-buy-defer"
"""The topic for a decision that no other topic is about."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(_Entry):
    """One way a decision can go."""

    name: str = Field(min_length=1)
    marks: dict[str, float] = Field(description="Mark for each criterion, 0 to 1, before any evidence.")
    because: str = Field(min_length=1, description="What speaks for and against it in general.")
    consequences: tuple[str, ...] = Field(min_length=1)
    risks: tuple[Risk, ...] = ()

    @field_validator("marks")
    @classmethod
    def _are_marks(cls, marks: dict[str, float]) -> dict[str, float]:
        if wrong := sorted(name for name, mark in marks.items() if not 0 <= mark <= 1):
            raise ValueError(f"the marks for {', '.join(wrong)} are not from 0 to 1")
        return marks


class Rule(_Entry):
    """Evidence that moves one mark, and why."""

    when: str
    option: str
    criterion: str
    by: float = Field(ge=-1, le=1)
    because: str = Field(min_length=1)

    @field_validator("when")
    @classmethod
    def _is_condition(cls, text: str) -> str:
        condition(text)
        return text


class DecisionTopic(_Entry):
    """A kind of decision."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    aliases: tuple[str, ...] = Field(min_length=1, description="Phrases by which an artifact is recognised.")
    question: str = Field(min_length=1)
    criteria: dict[str, float] = Field(min_length=2, description="Default weight of each criterion.")
    options: tuple[Option, ...] = Field(min_length=2)
    needs: tuple[str, ...] = Field(default=(), description="Figures without which it is a proposal.")
    rules: tuple[Rule, ...] = ()
    begins_even: bool = Field(default=False, description="Whether no option is ahead of another before any evidence.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if any(weight <= 0 for weight in self.criteria.values()):
            raise ValueError("every weight must be above 0")
        names = [option.name for option in self.options]
        if len(names) != len(set(names)):
            raise ValueError("two options have the same name")
        for option in self.options:
            if set(option.marks) != set(self.criteria):
                raise ValueError(f"option {option.name!r} must have a mark for each criterion and no other")
        for rule in self.rules:
            if rule.option not in names:
                raise ValueError(f"a rule names the option {rule.option!r}, which is not there")
            if rule.criterion not in self.criteria:
                raise ValueError(f"a rule names the criterion {rule.criterion!r}, which is not there")
        return self


class DecisionCatalogue(_Entry):
    """All figures and topics."""

    facts: dict[str, FactKind]
    topics: tuple[DecisionTopic, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        ids = [topic.id for topic in self.topics]
        if len(ids) != len(set(ids)):
            raise ValueError("two topics have the same id")
        if GENERAL not in ids:
            raise ValueError(f"the topic {GENERAL!r} is missing")
        for topic in self.topics:
            asked = {*topic.needs, *(fact for rule in topic.rules if (fact := condition(rule.when).fact))}
            if unknown := sorted(asked - set(self.facts)):
                raise ValueError(f"topic {topic.id!r} asks for {', '.join(unknown)}, which is no fact of the catalogue")
        return self


@cache
def decision_catalogue() -> DecisionCatalogue:
    """The packaged catalogue."""
    return catalogue(Path(__file__).with_name("decisions.yaml"), DecisionCatalogue)


def topic_for(artifact: Artifact, goal: str, topics: tuple[DecisionTopic, ...]) -> DecisionTopic:
    """The topic an artifact is about, by the phrases of its id, its file's name, its results, description and contract.

    The goal only settles what the artifact leaves open. With nothing recognised it is the general topic.
    """
    texts = (
        (artifact.id, 4.0),
        (_file_name(artifact), 4.0),
        (". ".join(artifact.produces), 3.0),
        (artifact.description, 2.0),
        (artifact.contract, 1.0),
        (goal, 0.25),
    )
    spoken = [(tuple(stem(word) for word in words_of(text)), weight) for text, weight in texts]
    points = {topic.id: sum(weight * _fit(topic, stems) for stems, weight in spoken) for topic in topics}
    best = max(topics, key=lambda topic: points[topic.id])
    artifact_points = sum(weight * _fit(best, stems) for stems, weight in spoken[:-1])
    return best if artifact_points > 0 else next(topic for topic in topics if topic.id == GENERAL)


def _file_name(artifact: Artifact) -> str:
    """The words of the name of its file: `decisions/0002-technology-stack.md` is about the technology stack."""
    return PurePosixPath(artifact.produces_file or "").stem.lstrip("0123456789-")


def _fit(topic: DecisionTopic, stems: tuple[str, ...]) -> float:
    """How well a text fits: the longest alias whose words it has, longer ones being surer, in order counting more."""
    best = 0.0
    for alias in topic.aliases:
        wanted = tuple(stem(word) for word in words_of(alias))
        if set(wanted) <= set(stems):
            in_order = any(stems[at : at + len(wanted)] == wanted for at in range(len(stems)))
            best = max(best, len(wanted) + (0.5 if in_order else 0.0))
    return best
