"""An inspection plan may count from a revision of its item on."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0003"
down_revision = "ledger_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inspection_plan", sa.Column("item_revision", sa.Text(), nullable=True))
