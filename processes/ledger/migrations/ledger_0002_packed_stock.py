"""How much of what lies at a place lies in containers, and which unit in which."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id

revision = "ledger_0002"
down_revision = "ledger_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE stock_balance ADD COLUMN packed BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_stock_balance_packed CHECK (packed = 0 OR packed BETWEEN 1 AND quantity)"
    )
    op.add_column("serial_position", sa.Column("container_id", Id(), nullable=True))
