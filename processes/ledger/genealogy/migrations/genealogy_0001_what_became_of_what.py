"""What became of what."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements

APPEND_ONLY = [
    "genealogy_edge",
    "hold_reach",
]

revision = "genealogy_0001"
down_revision = None
branch_labels = ("genealogy",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "lot_link",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("from_lot_id", Id(), nullable=False),
        sa.Column("to_lot_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_lot_link_quantity")),
        sa.PrimaryKeyConstraint("tenant_id", "from_lot_id", "to_lot_id", name=op.f("pk_lot_link")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_lot_link_backward", "lot_link", ["tenant_id", "to_lot_id", "from_lot_id"], unique=False
    )
    op.create_table(
        "genealogy_edge",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("edge_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_lot_id", Id(), nullable=False),
        sa.Column("to_lot_id", Id(), nullable=False),
        sa.Column("from_serial_id", Id(), nullable=True),
        sa.Column("to_serial_id", Id(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("movement_id", Id(), nullable=True),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=True),
        sa.Column("command_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('consume', 'produce', 'split', 'merge', 'rework', 'repack', 'relabel', 'kit', 'sterilise', 'install', 'replace')",
            name=op.f("ck_genealogy_edge_kind"),
        ),
        sa.CheckConstraint("from_lot_id <> to_lot_id", name=op.f("ck_genealogy_edge_lots")),
        sa.CheckConstraint(
            "length(document_kind) > 0 AND length(document_id) > 0",
            name=op.f("ck_genealogy_edge_document"),
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_genealogy_edge_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name="fk_genealogy_edge_from_lot",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_serial_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name="fk_genealogy_edge_from_serial",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "movement_id"],
            ["stock_movement.tenant_id", "stock_movement.movement_id"],
            name=op.f("fk_genealogy_edge_tenant_id_movement_id_stock_movement"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name="fk_genealogy_edge_to_lot",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_serial_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name="fk_genealogy_edge_to_serial",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_code"],
            ["unit_of_measure.tenant_id", "unit_of_measure.unit_code"],
            name=op.f("fk_genealogy_edge_tenant_id_unit_code_unit_of_measure"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "edge_id", name=op.f("pk_genealogy_edge")),
    )
    op.create_index(
        "ix_genealogy_edge_document",
        "genealogy_edge",
        ["tenant_id", "document_kind", "document_id"],
        unique=False,
    )
    op.create_index(
        "ix_genealogy_edge_from", "genealogy_edge", ["tenant_id", "from_lot_id"], unique=False
    )
    op.create_index(
        "ix_genealogy_edge_from_serial",
        "genealogy_edge",
        ["tenant_id", "from_serial_id"],
        unique=False,
        sqlite_where=sa.text("from_serial_id IS NOT NULL"),
        postgresql_where=sa.text("from_serial_id IS NOT NULL"),
    )
    op.create_index(
        "ix_genealogy_edge_to", "genealogy_edge", ["tenant_id", "to_lot_id"], unique=False
    )
    op.create_index(
        "ix_genealogy_edge_to_serial",
        "genealogy_edge",
        ["tenant_id", "to_serial_id"],
        unique=False,
        sqlite_where=sa.text("to_serial_id IS NOT NULL"),
        postgresql_where=sa.text("to_serial_id IS NOT NULL"),
    )
    op.create_table(
        "hold_reach",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("hold_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "hold_id"],
            ["hold.tenant_id", "hold.hold_id"],
            name=op.f("fk_hold_reach_tenant_id_hold_id_hold"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "hold_id", name=op.f("pk_hold_reach")),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
