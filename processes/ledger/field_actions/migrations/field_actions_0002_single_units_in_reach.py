"""Single units of a lot in the reach of a field action, and what became of them."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id
from engine.store.guards import guard_statements

APPEND_ONLY = ["field_action_unit"]

revision = "field_actions_0002"
down_revision = "field_actions_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_action_unit",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=False),
        sa.Column("extension", sa.SmallInteger(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "extension"],
            [
                "field_action_extension.tenant_id",
                "field_action_extension.field_action_id",
                "field_action_extension.extension",
            ],
            name=op.f(
                "fk_field_action_unit_tenant_id_field_action_id_extension_field_action_extension"
            ),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "lot_id"],
            [
                "field_action_lot.tenant_id",
                "field_action_lot.field_action_id",
                "field_action_lot.lot_id",
            ],
            name=op.f("fk_field_action_unit_tenant_id_field_action_id_lot_id_field_action_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_field_action_unit_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "field_action_id", "serial_unit_id", name=op.f("pk_field_action_unit")
        ),
        sqlite_with_rowid=False,
    )
    op.add_column("recovered_disposition", sa.Column("serial_number", sa.Text(), nullable=True))
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
