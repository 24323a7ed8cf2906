"""A temporary change may be a substitute for an item of a bill of material."""

import sqlalchemy as sa
from alembic import op

revision = "changes_0002"
down_revision = "changes_0001"
branch_labels = None
depends_on = None

_STANDS_IN = sa.text("ended_at IS NULL AND instead_of IS NOT NULL")


def upgrade() -> None:
    op.add_column("temporary_authorisation", sa.Column("instead_of", sa.Text(), nullable=True))
    op.create_index(
        "ix_temporary_authorisation_instead_of",
        "temporary_authorisation",
        ["tenant_id", "valid_until"],
        unique=False,
        sqlite_where=_STANDS_IN,
        postgresql_where=_STANDS_IN,
    )
    op.create_index(
        "ix_temporary_use_document",
        "temporary_use",
        ["tenant_id", "document_id"],
        unique=False,
    )
