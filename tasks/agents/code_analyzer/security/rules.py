"""What is looked for, in plain words: a packaged catalogue."""

import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.tasks.agents.catalogue import catalogue
from prefect_harmonic.tasks.agents.weaknesses import Harm


class Side(StrEnum):
    """What a weakness is about: each side is told on a page of its own."""

    INPUTS = "inputs"
    SECRETS = "secrets"
    CRYPTOGRAPHY = "cryptography"
    SETTINGS = "settings"
    DEPENDENCIES = "dependencies"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Entry):
    """One kind of weakness."""

    id: str = Field(min_length=1)
    side: Side
    harm: Harm = Field(description="What it can lead to at worst.")
    cwe: int = Field(description="Its number in the Common Weakness Enumeration.")
    title: str = Field(min_length=1)
    why: str = Field(min_length=1, description="What can happen, as a clause.")
    remedy: str = Field(min_length=1, description="What to do, as a sentence without its full stop.")

    @property
    def is_bandits(self) -> bool:
        """Whether bandit looks for it; the others are our own."""
        return self.id[0] == "B" and self.id[1:].isdigit()


class Advisory(_Entry):
    """A published weakness of a library."""

    library: str = Field(description="Its name on PyPI, in lower case with hyphens.")
    id: str
    fixed: tuple[str, ...] = Field(min_length=1, description="First releases without it, the oldest line first.")
    harm: Harm
    about: str


class _Rules(_Entry):
    rules: tuple[Rule, ...]


class Advisories(_Entry):
    """Published weaknesses up to a day."""

    as_of: datetime.date
    advisories: tuple[Advisory, ...]


@cache
def rule_catalogue() -> dict[str, Rule]:
    """All rules by their id."""
    found = catalogue(Path(__file__).with_name("rules.yaml"), _Rules)
    return {rule.id: rule for rule in found.rules}


@cache
def advisory_catalogue() -> Advisories:
    """The published weaknesses that are known here."""
    return catalogue(Path(__file__).with_name("advisories.yaml"), Advisories)
