"""What the product asks of a supplier is kept in both languages."""

import sqlalchemy as sa
from alembic import op

revision = "nonconformity_0002"
down_revision = "nonconformity_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplier_request", sa.Column("problem_zh", sa.Text(), nullable=True))
