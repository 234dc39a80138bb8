"""Entities, their links, tasks, evaluations, claims, decisions, effort and spawns; and the index to search them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

# The types as they were when this was written: what becomes of the tables later must not change what ran before.
ID = sa.String(26)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_SQLITE_SEARCH = (
    """CREATE VIRTUAL TABLE kb_entity_search USING fts5(
        title_words, content_words, content='kb_entity', content_rowid='number',
        tokenize='unicode61 remove_diacritics 0'
    )""",
    """CREATE TRIGGER kb_entity_added AFTER INSERT ON kb_entity BEGIN
        INSERT INTO kb_entity_search(rowid, title_words, content_words)
        VALUES (new.number, new.title_words, new.content_words);
    END""",
    """CREATE TRIGGER kb_entity_changed AFTER UPDATE OF title_words, content_words ON kb_entity BEGIN
        INSERT INTO kb_entity_search(kb_entity_search, rowid, title_words, content_words)
        VALUES ('delete', old.number, old.title_words, old.content_words);
        INSERT INTO kb_entity_search(rowid, title_words, content_words)
        VALUES (new.number, new.title_words, new.content_words);
    END""",
    """CREATE TRIGGER kb_entity_removed AFTER DELETE ON kb_entity BEGIN
        INSERT INTO kb_entity_search(kb_entity_search, rowid, title_words, content_words)
        VALUES ('delete', old.number, old.title_words, old.content_words);
    END""",
)
_POSTGRESQL_SEARCH = (
    """ALTER TABLE kb_entity ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple'::regconfig, title_words), 'A')
        || setweight(to_tsvector('simple'::regconfig, content_words), 'B')
    ) STORED""",
    "CREATE INDEX ix_kb_entity_search ON kb_entity USING gin (search)",
)


def upgrade() -> None:
    """Creates everything."""
    _entity()
    _claim()
    _decision()
    _effort()
    _evaluation()
    _link()
    _spawn()
    _task()
    _claim_source()
    _evaluation_entry()
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _POSTGRESQL_SEARCH if is_postgresql else _SQLITE_SEARCH:
        op.execute(statement)


def _entity() -> None:
    op.create_table(
        "kb_entity",
        sa.Column("id", ID, nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=100), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("title_words", sa.Text(), nullable=False),
        sa.Column("content_words", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.CheckConstraint(
            "type <> 'plan' OR status IN ('planning', 'executing', 'completed', 'blocked')",
            name=op.f("ck_kb_entity_plan_status"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_entity")),
        sa.UniqueConstraint("id", name=op.f("uq_kb_entity_id")),
    )
    op.create_index(op.f("ix_kb_entity_status"), "kb_entity", ["status"], unique=False)
    op.create_index(op.f("ix_kb_entity_type"), "kb_entity", ["type"], unique=False)


def _claim() -> None:
    op.create_table(
        "kb_claim",
        sa.Column("entity_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name=op.f("ck_kb_claim_confidence")),
        sa.ForeignKeyConstraint(["entity_id"], ["kb_entity.id"], name=op.f("fk_kb_claim_entity_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_claim")),
    )
    op.create_index(op.f("ix_kb_claim_entity_id"), "kb_claim", ["entity_id"], unique=False)


def _decision() -> None:
    op.create_table(
        "kb_decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("entity_id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("record", JSON, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["kb_entity.id"], name=op.f("fk_kb_decision_entity_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_decision")),
        sa.UniqueConstraint("id", name=op.f("uq_kb_decision_id")),
    )
    op.create_index(op.f("ix_kb_decision_entity_id"), "kb_decision", ["entity_id"], unique=False)


def _effort() -> None:
    op.create_table(
        "kb_effort",
        sa.Column("entity_id", ID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("ended_as", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("number", NUMBER, nullable=False),
        sa.CheckConstraint("finished_at IS NULL OR finished_at >= started_at", name=op.f("ck_kb_effort_order")),
        sa.ForeignKeyConstraint(["entity_id"], ["kb_entity.id"], name=op.f("fk_kb_effort_entity_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_effort")),
    )
    op.create_index("ix_kb_effort_entity_id", "kb_effort", ["entity_id"], unique=False)
    op.create_index(
        "ix_kb_effort_one_open",
        "kb_effort",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def _evaluation() -> None:
    op.create_table(
        "kb_evaluation",
        sa.Column("id", ID, nullable=False),
        sa.Column("entity_id", ID, nullable=False),
        sa.Column("criteria", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["kb_entity.id"], name=op.f("fk_kb_evaluation_entity_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_evaluation")),
        sa.UniqueConstraint("id", name=op.f("uq_kb_evaluation_id")),
    )
    op.create_index(op.f("ix_kb_evaluation_entity_id"), "kb_evaluation", ["entity_id"], unique=False)


def _link() -> None:
    op.create_table(
        "kb_link",
        sa.Column("source_id", ID, nullable=False),
        sa.Column("target_id", ID, nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_kb_link_two_ends")),
        sa.ForeignKeyConstraint(["source_id"], ["kb_entity.id"], name=op.f("fk_kb_link_source_id")),
        sa.ForeignKeyConstraint(["target_id"], ["kb_entity.id"], name=op.f("fk_kb_link_target_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_link")),
        sa.UniqueConstraint("source_id", "target_id", "type", name=op.f("uq_kb_link_source_id_target_id_type")),
    )
    op.create_index(
        "ix_kb_link_one_parent",
        "kb_link",
        ["target_id"],
        unique=True,
        sqlite_where=sa.text("type IN ('decomposes_to', 'spawned')"),
        postgresql_where=sa.text("type IN ('decomposes_to', 'spawned')"),
    )
    op.create_index("ix_kb_link_target_id", "kb_link", ["target_id"], unique=False)


def _spawn() -> None:
    op.create_table(
        "kb_spawn",
        sa.Column("root_id", ID, nullable=False),
        sa.Column("parent_id", ID, nullable=False),
        sa.Column("child_id", ID, nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("spawned_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["kb_entity.id"], name=op.f("fk_kb_spawn_child_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["kb_entity.id"], name=op.f("fk_kb_spawn_parent_id")),
        sa.ForeignKeyConstraint(["root_id"], ["kb_entity.id"], name=op.f("fk_kb_spawn_root_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_spawn")),
        sa.UniqueConstraint("child_id", name=op.f("uq_kb_spawn_child_id")),
        sa.UniqueConstraint("root_id", "place", name=op.f("uq_kb_spawn_root_id_place")),
    )
    op.create_index(op.f("ix_kb_spawn_parent_id"), "kb_spawn", ["parent_id"], unique=False)


def _task() -> None:
    op.create_table(
        "kb_task",
        sa.Column("id", ID, nullable=False),
        sa.Column("entity_id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["kb_entity.id"], name=op.f("fk_kb_task_entity_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_task")),
        sa.UniqueConstraint("id", name=op.f("uq_kb_task_id")),
    )
    op.create_index(op.f("ix_kb_task_entity_id"), "kb_task", ["entity_id"], unique=False)
    op.create_index(op.f("ix_kb_task_status"), "kb_task", ["status"], unique=False)


def _claim_source() -> None:
    op.create_table(
        "kb_claim_source",
        sa.Column("claim_number", NUMBER, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_number"], ["kb_claim.number"], name=op.f("fk_kb_claim_source_claim_number"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_claim_source")),
    )
    op.create_index(op.f("ix_kb_claim_source_claim_number"), "kb_claim_source", ["claim_number"], unique=False)


def _evaluation_entry() -> None:
    op.create_table(
        "kb_evaluation_entry",
        sa.Column("evaluation_id", ID, nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("gaps", JSON, nullable=False),
        sa.Column("contradictions", JSON, nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name=op.f("ck_kb_evaluation_entry_confidence")),
        sa.CheckConstraint("iteration >= 1", name=op.f("ck_kb_evaluation_entry_iteration")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["kb_evaluation.id"], name=op.f("fk_kb_evaluation_entry_evaluation_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_evaluation_entry")),
    )
    op.create_index(
        op.f("ix_kb_evaluation_entry_evaluation_id"), "kb_evaluation_entry", ["evaluation_id"], unique=False
    )
