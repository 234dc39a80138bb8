"""What a method library consists of: tasks, the methods that decompose them, and the pieces they end in.

Owns the vocabulary of the embedded planner as frozen values. Texts in a method are templates over the subject of the
task; `prefect_harmonic.planners.sources.methods.naming` fills them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from prefect_harmonic.planners.variance import Style

AGENTS = ("builder", "code-analyzer", "decision-log", "learning-path", "researcher")
"""Specialists that the packaged methods give work to."""

GOAL_TASK = "goal"
"""The task that every plan starts from; its methods are the frames of whole plans."""

FEATURE_TASK = "feature"
"""The task for a requirement that no other task is known for."""


class Anchor(StrEnum):
    """Which concern a decomposition starts from; a seeding variation draws on these in turn."""

    DATA_FIRST = "data_first"
    INTERFACE_FIRST = "interface_first"
    TEST_FIRST = "test_first"
    RISK_FIRST = "risk_first"
    OPERATIONS_FIRST = "operations_first"


WIDE = "wide"
"""The tag of pieces that are added where many things shall start at once."""

TAGS = (*(style.value for style in Style), *(anchor.value for anchor in Anchor), WIDE)
"""What methods and pieces may be for: styles, anchors, and plans that start wide."""


class Condition(StrEnum):
    """What a method or piece may ask of the project or of the goal."""

    HAS_CODE = "has_code"
    HAS_PYTHON = "has_python"
    HAS_DOCUMENTS = "has_documents"
    HAS_HISTORY = "has_history"
    STORES_RECORDS = "stores_records"
    """The goal or the project's files speak of stored records, or there is no project to tell."""
    UNCLEAR_GOAL = "unclear_goal"
    """The goal names no subject; a condition of the goal and not of the project, as is the next."""
    NAMED_OPTIONS = "named_options"
    """The goal names the options among which is chosen."""


class Scope(StrEnum):
    """Which requirements a step is repeated for."""

    ALL = "requirement"
    OTHERS = "other requirement"
    """Those that the frame itself does not answer."""
    OPTIONS = "option"
    """Those that the goal names as options to choose among."""


@dataclass(frozen=True, slots=True)
class Use:
    """Something a piece takes in.

    Attributes:
        thing: The name under which another piece produces it.
        because: What it is read for.
        only_in: Styles and anchors under which it is read; always, if empty.
    """

    thing: str
    because: str = ""
    only_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Need:
    """A piece that must be there first without anything being read from it, and why."""

    artifact: str
    because: str


@dataclass(frozen=True, slots=True)
class Share:
    """One of the pieces into which a piece can be split."""

    artifact: str
    description: str
    contract: str = ""
    produces_file: str | None = None
    consumes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """An artifact as a method describes it, before its subject is known.

    Attributes:
        artifact: Template of its id.
        description: What it is.
        contract: How to tell that it is done.
        consumes: What it reads.
        produces: What it hands on.
        needs: What must be there first for other reasons.
        gathers: Kinds of artifact whose results, where nothing else has read them, it brings together; `*` is all.
        informs: Kinds of artifact that read its result where they would otherwise start from nothing.
        contract_of: The results this piece is the contract of; a reader may be held to it instead of to the result.
        only_in: Styles and anchors that have the piece; all of them, if empty.
        merge_group: Id of the artifact that it becomes part of where pieces are merged.
        splittable: What it becomes where pieces are split.
        when: What the project must have.
        is_final: Whether it always reads real results, never their contracts.
        not_in: Styles and anchors that go without it.
        covers_all: Whether it answers every requirement of the goal.
        line: Where it stands in its file.
    """

    artifact: str
    description: str
    contract: str
    consumes: tuple[Use, ...] = ()
    produces: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    gathers: tuple[str, ...] = ()
    informs: tuple[str, ...] = ()
    contract_of: tuple[str, ...] = ()
    domain_type: str = "component"
    agent: str = "builder"
    effort: str = "medium"
    estimated_hours: float | None = None
    phase: str | None = None
    produces_file: str | None = None
    priority: str | None = None
    only_in: frozenset[str] = frozenset()
    not_in: frozenset[str] = frozenset()
    merge_group: str | None = None
    splittable: tuple[Share, ...] = ()
    when: frozenset[str] = frozenset()
    is_final: bool = False
    covers_all: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class SubTask:
    """A task that a method hands on.

    Attributes:
        task: Its name; for a repeated step, the task for requirements that no other task is known for.
        subject: Template of what it is about; the subject of the method itself, if left out.
        each: Which requirements it is repeated for; once, if left out.
        is_routed: Whether a repeated step goes to the task that knows the requirement.
        only_in: Styles and anchors that have the step; all of them, if empty.
        when: What the project must have.
        line: Where it stands in its file.
    """

    task: str
    subject: str = ""
    each: Scope | None = None
    is_routed: bool = True
    only_in: frozenset[str] = frozenset()
    when: frozenset[str] = frozenset()
    line: int = 0


Step = Piece | SubTask


@dataclass(frozen=True, slots=True)
class Method:
    """One way to decompose a task.

    Attributes:
        name: Unique in the library.
        task: What it decomposes.
        steps: Into what, in order.
        goals: Phrases of goals or requirements it is for, each with a weight from 0 to 1.
        only_for: Phrases of which the goal must have one; a method that is made for the goal goes before all others.
        when: What the project must have.
        affinity: How well it suits a style or anchor; 0 if not named.
        phases: Order of the phases of a plan that starts from it.
        priority: Priority of all its pieces.
        origin: File and line, for messages.
    """

    name: str
    task: str
    steps: tuple[Step, ...]
    goals: Mapping[str, float] = field(default_factory=dict)
    only_for: tuple[str, ...] = ()
    when: frozenset[str] = frozenset()
    affinity: Mapping[str, float] = field(default_factory=dict)
    phases: tuple[str, ...] = ()
    priority: str | None = None
    origin: tuple[str, int] = ("", 0)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Its steps that are pieces."""
        return tuple(step for step in self.steps if isinstance(step, Piece))

    @property
    def subtasks(self) -> tuple[SubTask, ...]:
        """Its steps that are tasks."""
        return tuple(step for step in self.steps if isinstance(step, SubTask))
