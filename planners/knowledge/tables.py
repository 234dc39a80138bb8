"""The tables. Rules that a single row can break are also checked by the database itself."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import JsonValue
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from prefect_harmonic.planners.knowledge.identity import ID_LENGTH

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
TREE_LINK = "type IN ('decomposes_to', 'spawned')"


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, with its zone wherever Python sees it: SQLite itself keeps no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: D102
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: D102
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Id = String(ID_LENGTH)
Number = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


class Table(DeclarativeBase):
    """What all tables have: a number that tells in which order rows were written."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        float: Double(),
        dict[str, JsonValue]: Json,
        list[JsonValue]: Json,
    }

    number: Mapped[int] = mapped_column(Number, primary_key=True)


class EntityRow(Table):
    """Something that is known: a node of a plan, a finding, a note."""

    __tablename__ = "kb_entity"
    __table_args__ = (
        CheckConstraint(
            "type <> 'plan' OR status IN ('planning', 'executing', 'completed', 'blocked')", name="plan_status"
        ),
    )

    id: Mapped[str] = mapped_column(Id, unique=True)
    type: Mapped[str] = mapped_column(String(100), index=True)
    status: Mapped[str | None] = mapped_column(String(100), index=True)
    title: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, JsonValue]] = mapped_column()
    title_words: Mapped[str] = mapped_column(Text)
    content_words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column()


class LinkRow(Table):
    """A link from one entity to another. The tree's links give an entity one parent."""

    __tablename__ = "kb_link"
    __table_args__ = (
        UniqueConstraint("source_id", "target_id", "type"),
        CheckConstraint("source_id <> target_id", name="two_ends"),
        Index(
            "ix_kb_link_one_parent",
            "target_id",
            unique=True,
            sqlite_where=text(TREE_LINK),
            postgresql_where=text(TREE_LINK),
        ),
        Index("ix_kb_link_target_id", "target_id"),
    )

    source_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"))
    target_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"))
    type: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column()


class TaskRow(Table):
    """Something that an agent is told to do for an entity."""

    __tablename__ = "kb_task"

    id: Mapped[str] = mapped_column(Id, unique=True)
    entity_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    instruction: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), index=True)
    details: Mapped[dict[str, JsonValue]] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column()


class EvaluationRow(Table):
    """That an entity is evaluated, and by which criteria."""

    __tablename__ = "kb_evaluation"

    id: Mapped[str] = mapped_column(Id, unique=True)
    entity_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), index=True)
    criteria: Mapped[dict[str, JsonValue]] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class EvaluationEntryRow(Table):
    """What an evaluation said after one update. Entries are only added, the last of an iteration holds."""

    __tablename__ = "kb_evaluation_entry"
    __table_args__ = (
        CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence"),
        CheckConstraint("iteration >= 1", name="iteration"),
    )

    evaluation_id: Mapped[str] = mapped_column(ForeignKey("kb_evaluation.id"), index=True)
    iteration: Mapped[int] = mapped_column()
    confidence: Mapped[float] = mapped_column()
    gaps: Mapped[list[JsonValue]] = mapped_column()
    contradictions: Mapped[list[JsonValue]] = mapped_column()
    decision: Mapped[str | None] = mapped_column(String(20))
    rationale: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column()


class ClaimRow(Table):
    """A statement that was found out for an entity."""

    __tablename__ = "kb_claim"
    __table_args__ = (CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence"),)

    entity_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column()
    recorded_at: Mapped[datetime] = mapped_column()


class SourceRow(Table):
    """Where a claim comes from."""

    __tablename__ = "kb_claim_source"

    claim_number: Mapped[int] = mapped_column(ForeignKey("kb_claim.number", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(Text)
    line: Mapped[int | None] = mapped_column()
    quote: Mapped[str] = mapped_column(Text)
    grade: Mapped[str] = mapped_column(String(20))


class DecisionRow(Table):
    """A choice that was made for an entity, with all that it was made from."""

    __tablename__ = "kb_decision"

    id: Mapped[str] = mapped_column(Id, unique=True)
    entity_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    record: Mapped[dict[str, JsonValue]] = mapped_column()
    recorded_at: Mapped[datetime] = mapped_column()


class EffortRow(Table):
    """One stretch of work on an entity, from its start to its end."""

    __tablename__ = "kb_effort"
    __table_args__ = (
        Index(
            "ix_kb_effort_one_open",
            "entity_id",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index("ix_kb_effort_entity_id", "entity_id"),
        CheckConstraint("finished_at IS NULL OR finished_at >= started_at", name="order"),
    )

    entity_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"))
    started_at: Mapped[datetime] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    ended_as: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)


class SpawnRow(Table):
    """That an entity was spawned, as the n-th of its tree. Two can never have the same place."""

    __tablename__ = "kb_spawn"
    __table_args__ = (UniqueConstraint("root_id", "place"),)

    root_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"))
    parent_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), index=True)
    child_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), unique=True)
    agent: Mapped[str] = mapped_column(String(200))
    depth: Mapped[int] = mapped_column()
    place: Mapped[int] = mapped_column()
    spawned_at: Mapped[datetime] = mapped_column()


class BudgetRow(Table):
    """What the run of a tree may spend."""

    __tablename__ = "kb_budget"

    root_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), unique=True)
    limits: Mapped[dict[str, JsonValue]] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column()


class ReservationRow(Table):
    """Something that is, or was, promised to one piece of work; two with one key are one.

    The amounts are in parts: those promised while it is open, those spent once it is settled, none once it is released.
    """

    __tablename__ = "kb_reservation"
    __table_args__ = (
        UniqueConstraint("root_id", "key"),
        CheckConstraint("state IN ('open', 'settled', 'released')", name="state"),
    )

    id: Mapped[str] = mapped_column(Id, unique=True)
    root_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"))
    node_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), index=True)
    agent: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    calls: Mapped[int] = mapped_column(BigInteger)
    tokens: Mapped[int] = mapped_column(BigInteger)
    money: Mapped[int] = mapped_column(BigInteger)
    gpu_seconds: Mapped[int] = mapped_column(BigInteger)
    wall_seconds: Mapped[int] = mapped_column(BigInteger)
    promised: Mapped[dict[str, JsonValue]] = mapped_column()
    reserved_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()


class PastRunRow(Table):
    """A pursuit that made all of its plan: what later planning learns from."""

    __tablename__ = "kb_past_run"
    __table_args__ = (CheckConstraint("seconds IS NULL OR seconds > 0", name="seconds"),)

    root_id: Mapped[str] = mapped_column(ForeignKey("kb_entity.id"), unique=True)
    project: Mapped[str] = mapped_column(String(64), index=True)
    model: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(20))
    workers: Mapped[int] = mapped_column()
    seconds: Mapped[float | None] = mapped_column()
    is_declared: Mapped[bool] = mapped_column()
    planned: Mapped[dict[str, JsonValue]] = mapped_column()
    proven: Mapped[dict[str, JsonValue]] = mapped_column()
    ended_at: Mapped[datetime] = mapped_column()
