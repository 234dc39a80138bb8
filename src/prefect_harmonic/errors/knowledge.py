"""The knowledge base refused, or its database failed; nothing was written."""

from collections.abc import Sequence
from typing import ClassVar

from prefect_harmonic.errors.harmonic_error import HarmonicError


class KnowledgeError(HarmonicError):
    """The knowledge base did not do what was asked, and wrote nothing of it."""


class UnknownRecordError(KnowledgeError):
    """Nothing in the knowledge base has this id. `kind` says what was looked for, such as entity or evaluation."""

    def __init__(self, kind: str, ids: Sequence[str]) -> None:
        super().__init__(kind, tuple(ids))
        self.kind, self.ids = kind, tuple(ids)

    def __str__(self) -> str:
        return f"no {self.kind} has the id {', '.join(map(repr, self.ids))}; check it, or add one first"


class RefusedValueError(KnowledgeError):
    """Values outside what is allowed, each as field, value and what is allowed instead."""

    def __init__(self, problems: Sequence[tuple[str, str, str]]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "; ".join(f"{field} cannot be {value}: {allowed}" for field, value, allowed in self.problems)


class IllegalStepError(KnowledgeError):
    """A status that cannot follow the present one."""

    def __init__(self, entity: str, before: str, after: str, problem: str) -> None:
        super().__init__(entity, before, after, problem)
        self.entity, self.before, self.after, self.problem = entity, before, after, problem

    def __str__(self) -> str:
        return f"{self.entity} cannot go from {self.before} to {self.after}: {self.problem}"


class LinkRefusedError(KnowledgeError):
    """A link that cannot be."""

    def __init__(self, source: str, target: str, link_type: str, problem: str) -> None:
        super().__init__(source, target, link_type, problem)
        self.source, self.target, self.link_type, self.problem = source, target, link_type, problem

    def __str__(self) -> str:
        return f"cannot link {self.source} {self.link_type} {self.target}: {self.problem}"


class LinkCycleError(LinkRefusedError):
    """A link that would close a cycle. `cycle` is in order, the first id repeated at its end."""

    def __init__(self, source: str, target: str, link_type: str, cycle: Sequence[str]) -> None:
        # The payload is the arguments, not what the parent takes: this is what pickling calls the class with.
        super().__init__(source, target, link_type, f"it closes the cycle {' → '.join(cycle)}")
        self.args = (source, target, link_type, tuple(cycle))
        self.cycle = tuple(cycle)


class TreeLimitError(KnowledgeError):
    """The tree may not grow at this place, because of its depth or of how many there are in it."""

    def __init__(self, entity: str, problem: str) -> None:
        super().__init__(entity, problem)
        self.entity, self.problem = entity, problem

    def __str__(self) -> str:
        return f"nothing can be added below {self.entity}: {self.problem}; do the work there instead"


class BudgetSpentError(KnowledgeError):
    """The budget of a run does not allow what was asked for; nothing of it was reserved.

    `shortages` are all limits that stand in the way, each as unit, limit, what is left of it and what was asked for.
    """

    def __init__(self, root: str, shortages: Sequence[tuple[str, str, str, str]]) -> None:
        super().__init__(root, tuple(shortages))
        self.root, self.shortages = root, tuple(shortages)

    def __str__(self) -> str:
        told = "; ".join(
            f"{unit}: {left} of {limit} left, {asked} asked for" for unit, limit, left, asked in self.shortages
        )
        return (
            f"the budget of {self.root} is used up ({told}); raise the limit, ask for less, or end with what there is"
        )


class DatabaseError(KnowledgeError):
    """The database cannot be read or written. `address` is without user and password."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(address, problem)
        self.address, self.problem = address, problem

    def __str__(self) -> str:
        return f"the knowledge base at {self.address} {self.problem}; nothing was written"


class DatabaseBusyError(DatabaseError):
    """Others have been writing for longer than we waited."""

    retryable: ClassVar[bool] = True
