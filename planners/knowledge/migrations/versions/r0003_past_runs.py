"""The pursuits that made all of their plan, for later planning to learn from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

ID = sa.String(26)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "kb_past_run",
        sa.Column("root_id", ID, nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("planned", JSON, nullable=False),
        sa.Column("proven", JSON, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.CheckConstraint("seconds IS NULL OR seconds > 0", name=op.f("ck_kb_past_run_seconds")),
        sa.ForeignKeyConstraint(["root_id"], ["kb_entity.id"], name=op.f("fk_kb_past_run_root_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_past_run")),
        sa.UniqueConstraint("root_id", name=op.f("uq_kb_past_run_root_id")),
    )
    op.create_index(op.f("ix_kb_past_run_project"), "kb_past_run", ["project"], unique=False)
