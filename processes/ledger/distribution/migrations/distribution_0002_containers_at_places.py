"""Containers lie at places and hold what lies there.

What was packed before was compared with no place: its content is kept as declared, and nothing is
claimed of where it is (state `unknown`).
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.identifiers import new_id
from engine.store.base import Id, Instant
from engine.store.guards import guard_statements

APPEND_ONLY = ["container_event"]
_KEY = ("tenant_id", "container_id")

_EVENT = (
    *("tenant_id", "container_event_id", "command_id", "container_id", "kind", "lot_id"),
    *("serial_unit_id", "quantity", "document_kind", "document_id", "actor", "recorded_at"),
)

revision = "distribution_0002"
down_revision = "distribution_0001"
branch_labels = None
depends_on = "ledger_0002"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE container ADD COLUMN kind TEXT DEFAULT 'case' NOT NULL"
        " CONSTRAINT ck_container_kind CHECK (kind IN ('case', 'tote', 'pallet'))"
    )
    op.create_table(
        "container_state",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("container_id", Id(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("parent_id", Id(), nullable=True),
        sa.CheckConstraint(
            "(state = 'here') = (location_id IS NOT NULL)",
            name=op.f("ck_container_state_somewhere"),
        ),
        sa.CheckConstraint(
            "parent_id IS NULL OR parent_id <> container_id",
            name=op.f("ck_container_state_parent"),
        ),
        sa.CheckConstraint(
            "state IN ('here', 'left', 'unknown')", name=op.f("ck_container_state_state")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "container_id"],
            ["container.tenant_id", "container.container_id"],
            name=op.f("fk_container_state_tenant_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_container_state_tenant_id_location_id_location"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["container.tenant_id", "container.container_id"],
            name="fk_container_state_parent",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "container_id", name=op.f("pk_container_state")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_container_state_location",
        "container_state",
        ["tenant_id", "location_id"],
        unique=False,
    )
    op.create_index(
        "ix_container_state_parent", "container_state", ["tenant_id", "parent_id"], unique=False
    )
    op.create_table(
        "container_stock",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("container_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_container_stock_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "container_id"],
            ["container.tenant_id", "container.container_id"],
            name=op.f("fk_container_stock_tenant_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_container_stock_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "container_id", "lot_id", "status", name=op.f("pk_container_stock")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_container_stock_lot", "container_stock", ["tenant_id", "lot_id"], unique=False
    )
    _events()
    _carry_over()
    op.drop_table("container_content")
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)


def _events() -> None:
    op.create_table(
        "container_event",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("container_event_id", Id(), nullable=False),
        sa.Column("container_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=True),
        sa.Column("serial_unit_id", Id(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("package_level_id", Id(), nullable=True),
        sa.Column("location_id", Id(), nullable=True),
        sa.Column("parent_id", Id(), nullable=True),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("process_instance_id", Id(), nullable=True),
        sa.Column("command_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(lot_id IS NULL) = (quantity IS NULL)", name=op.f("ck_container_event_content")
        ),
        sa.CheckConstraint(
            "kind IN ('made', 'packed', 'unpacked', 'moved', 'put_inside', 'left', 'declared')",
            name=op.f("ck_container_event_kind"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_container_event_quantity")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{table}.tenant_id", f"{table}.{column}"],
                name=op.f(f"fk_container_event_tenant_id_{column}_{table}"),
            )
            for table, column in (
                ("container", "container_id"),
                ("location", "location_id"),
                ("lot", "lot_id"),
                ("package_level", "package_level_id"),
                ("serial_unit", "serial_unit_id"),
            )
        ),
        sa.PrimaryKeyConstraint("tenant_id", "container_event_id", name=op.f("pk_container_event")),
    )
    op.create_index(
        "ix_container_event_container",
        "container_event",
        ["tenant_id", "container_id"],
        unique=False,
    )
    op.create_index(
        "ix_container_event_lot", "container_event", ["tenant_id", "lot_id"], unique=False
    )


def _column(name: str) -> "sa.ColumnClause[Any]":
    if name in ("packed_at", "recorded_at"):
        return sa.column(name, Instant())
    if name == "quantity":
        return sa.column(name, sa.BigInteger())
    known = name.endswith("_id") and name not in ("tenant_id", "document_id")
    return sa.column(name, Id() if known else sa.Text())


def _carry_over() -> None:
    """Keep what was declared of each container, and say that nobody knows where it is."""
    box = sa.table(
        "container",
        *(_column(name) for name in ("tenant_id", "container_id", "sscc", "actor", "packed_at")),
    )
    names = ("tenant_id", "container_id", "lot_id", "serial_unit_id", "quantity")
    held = sa.table("container_content", *map(_column, names))
    state = sa.table(
        "container_state", *(sa.column(n) for n in ("tenant_id", "container_id", "state"))
    )
    db = op.get_bind()
    chosen = sa.select(box.c.tenant_id, box.c.container_id, sa.literal_column("'unknown'"))
    db.execute(sa.insert(state).from_select(["tenant_id", "container_id", "state"], chosen))
    together = sa.and_(*(held.c[name] == box.c[name] for name in _KEY))
    was = sa.select(held, box.c.sscc, box.c.actor, box.c.packed_at).join_from(held, box, together)
    event = sa.table("container_event", *map(_column, _EVENT))
    for row in db.execute(was).all():
        made = {
            "tenant_id": row.tenant_id,
            "container_event_id": new_id(),
            "command_id": new_id(),
            "container_id": row.container_id,
            "kind": "declared",
            "lot_id": row.lot_id,
            "serial_unit_id": row.serial_unit_id,
            "quantity": row.quantity,
            "document_kind": "container",
            "document_id": row.sscc,
            "actor": row.actor,
            "recorded_at": row.packed_at,
        }
        db.execute(sa.insert(event), made)
