"""What a run may spend, and what was reserved and spent of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

ID = sa.String(26)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UNITS = ("calls", "tokens", "money", "gpu_seconds", "wall_seconds")


def upgrade() -> None:
    """Creates the two tables."""
    op.create_table(
        "kb_budget",
        sa.Column("root_id", ID, nullable=False),
        sa.Column("limits", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["root_id"], ["kb_entity.id"], name=op.f("fk_kb_budget_root_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_budget")),
        sa.UniqueConstraint("root_id", name=op.f("uq_kb_budget_root_id")),
    )
    op.create_table(
        "kb_reservation",
        sa.Column("id", ID, nullable=False),
        sa.Column("root_id", ID, nullable=False),
        sa.Column("node_id", ID, nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        *(sa.Column(unit, sa.BigInteger(), nullable=False) for unit in UNITS),
        sa.Column("promised", JSON, nullable=False),
        sa.Column("reserved_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("number", NUMBER, nullable=False),
        sa.CheckConstraint("state IN ('open', 'settled', 'released')", name=op.f("ck_kb_reservation_state")),
        sa.ForeignKeyConstraint(["node_id"], ["kb_entity.id"], name=op.f("fk_kb_reservation_node_id")),
        sa.ForeignKeyConstraint(["root_id"], ["kb_entity.id"], name=op.f("fk_kb_reservation_root_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kb_reservation")),
        sa.UniqueConstraint("id", name=op.f("uq_kb_reservation_id")),
        sa.UniqueConstraint("root_id", "key", name=op.f("uq_kb_reservation_root_id_key")),
    )
    op.create_index(op.f("ix_kb_reservation_node_id"), "kb_reservation", ["node_id"], unique=False)
