"""The statements of a posting: one on PostgreSQL, three or four on SQLite.

A step may book several movements, and a statement costs its caller more than the database. So all
that a movement has to know (lot, places, holds, the statuses of the target) is asked for together,
and anew each time: what is not kept cannot be stale. `free` says that nothing speaks against the
movement. What does, and in which words it is refused, is for the functions that own the rules
(status, locations, balances): movements.post asks them when nothing was booked.

PostgreSQL reads and writes in one statement (engine/store/writes.py says why): stock is taken only
where the movement is free, and nothing else is written where it was not taken. SQLite, which has
no such statement and no round trips, gets the parts one after another.
"""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Numeric,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert as insert_or

from processes.ledger import balances
from processes.ledger.balances import Place
from processes.ledger.columns import AnyRow
from processes.ledger.locations import PICKING_ZONES
from processes.ledger.lots import WITH_SERIALS
from processes.ledger.tables import (
    hold,
    hold_release,
    item,
    location,
    location_status,
    lot,
    package_level,
    stock_balance,
    stock_movement,
    unit_of_measure,
)

_KEYS = {column.name: f"c{n}" for n, column in enumerate(stock_movement.c)}
"""Parameters by column: short, for psycopg keeps what it knows of a statement only up to 4 KB."""
_OF_ROW = {c.name: bindparam(_KEYS[c.name], type_=c.type) for c in stock_movement.c}
_OURS = [name for name in _KEYS if name not in ("from_consigned", "to_consigned")]
"""The columns of a movement of what is ours: nothing of it is consigned, by default."""
_USES = bindparam("uses", type_=Boolean)
_OWNED = bindparam("own", type_=Boolean)
_ON = bindparam("on", type_=Date)
_PACKED = bindparam("box", type_=BigInteger)
_source, _target = location.alias("source"), location.alias("target")
_l, _i, _u, _p = (
    lot.alias("l"),
    item.alias("i"),
    unit_of_measure.alias("u"),
    package_level.alias("p"),
)
_h, _r, _s = hold.alias("h"), hold_release.alias("r"), location_status.alias("s")


def _words(words: Any) -> ColumnElement[Any]:
    """Give words of ours as they stand in a statement: a list of parameters is written anew."""
    return literal_column("(" + ", ".join(f"'{word}'" for word in sorted(words)) + ")")


_has_serials = _i.c.tracking.op("IN", is_comparison=True)(_words(WITH_SERIALS))
_one = literal_column("'1'", Text).concat(
    func.substr(literal_column("'000000000'"), literal_column("1"), _u.c.decimals)
)
"""One stock unit as a stored integer, as text: the one way of writing it that both know."""
_held = exists(
    select(_h.c.hold_id)
    .outerjoin(
        _r,
        and_(_r.c.tenant_id == _h.c.tenant_id, _r.c.hold_id == _h.c.hold_id),
    )
    .where(_h.c.tenant_id == _l.c.tenant_id)
    .where(_h.c.lot_id == _l.c.lot_id)
    .where(_r.c.hold_id.is_(None))
    .where(or_(_h.c.serial_unit_id.is_(None), _h.c.serial_unit_id == _OF_ROW["serial_unit_id"]))
    .correlate(_l)
)
_fits = exists(
    select(_s.c.status)
    .where(_s.c.tenant_id == _l.c.tenant_id)
    .where(_s.c.location_id == _OF_ROW["to_location_id"])
    .where(_s.c.status == _OF_ROW["to_status"])
    .correlate(_l)
)
_free = and_(
    _has_serials == _OF_ROW["serial_unit_id"].is_not(None),
    or_(_OF_ROW["serial_unit_id"].is_(None), cast(_OF_ROW["quantity"], Text) == _one),
    or_(_OF_ROW["from_location_id"].is_(None), _source.c.location_id.is_not(None)),
    or_(_OF_ROW["to_location_id"].is_(None), _fits),
    or_(_l.c.owner_id.is_(None), _OWNED),
    or_(
        not_(_USES),
        and_(
            _source.c.zone.op("IN", is_comparison=True)(_words(PICKING_ZONES)),
            or_(_l.c.expiry.is_(None), _l.c.expiry >= _ON),
            not_(_held),
        ),
    ),
)
_CIRCUMSTANCES = (
    select(
        _l.c.lot_number,
        _l.c.owner_id,
        _u.c.unit_code,
        _u.c.decimals,
        _p.c.package_level_id,
        _source.c.code.label("source_code"),
        _target.c.code.label("target_code"),
        _free.label("free"),
    )
    .select_from(_l)
    .join(_i, and_(_i.c.tenant_id == _l.c.tenant_id, _i.c.item_id == _l.c.item_id))
    .join(
        _u,
        and_(
            _u.c.tenant_id == _i.c.tenant_id,
            _u.c.unit_code == _i.c.unit_code,
        ),
    )
    .join(
        _p,
        and_(
            _p.c.tenant_id == _i.c.tenant_id,
            _p.c.item_id == _i.c.item_id,
            _p.c.level == literal_column("0"),  # of the index
        ),
    )
    .outerjoin(
        _source,
        and_(
            _source.c.tenant_id == _l.c.tenant_id,
            _source.c.location_id == _OF_ROW["from_location_id"],
        ),
    )
    .outerjoin(
        _target,
        and_(
            _target.c.tenant_id == _l.c.tenant_id,
            _target.c.location_id == _OF_ROW["to_location_id"],
        ),
    )
    .where(_l.c.tenant_id == _OF_ROW["tenant_id"])
    .where(_l.c.lot_id == _OF_ROW["lot_id"])
)
_INSERT = insert(stock_movement)
_SOURCE = ("tenant_id", "lot_id", "from_location_id", "from_status", "quantity")
_TARGET = ("tenant_id", "lot_id", "to_location_id", "to_status", "quantity")
_ASKED = (
    "tenant_id",
    "lot_id",
    "serial_unit_id",
    "quantity",
    "from_location_id",
    "to_location_id",
    "to_status",
)


def write(
    db: Connection,
    row: dict[str, Any],
    *,
    uses: bool,
    on: date,
    packed: int = 0,
    owned: bool = False,
) -> tuple[AnyRow | None, bool]:
    """Write a movement and bring the balances up to date, or write nothing.

    `row` has the columns of `stock_movement`; where `entered_unit` is None, the stock unit and the
    base package of the lot's item are written. `uses` is True for what only released stock may do,
    `on` is the day by which it must not have expired; `packed` of it moves with the containers that
    it lies in, and the rest is taken from what is loose; `owned` says that the shares of the lot's
    owner stand in the row: a lot that has an owner is written with them or not at all. Gives the
    circumstances (`lot_number`, `owner_id`, `unit_code`, `decimals`, `source_code`,
    `target_code`), None where there is no such lot, and whether the movement was booked.
    """
    if db.dialect.name == "postgresql" and not owned:
        statement = _together(
            row["from_location_id"] is not None, row["to_location_id"] is not None
        )
        parameters = {_KEYS[name]: row[name] for name in _OURS}
        asked = parameters | {"uses": uses, "on": on, "box": packed, "own": False}
        found = db.execute(statement, asked).one_or_none()
        return found, found is not None and found.booked == 1
    asked = {_KEYS[name]: row[name] for name in _ASKED}
    told = {"uses": uses, "on": on, "own": owned}
    there = db.execute(_CIRCUMSTANCES, asked | told).one_or_none()
    if there is None or not there.free:
        return there, False
    return there, (_with_owner if owned else _in_turn)(db, row, there, packed)


def _in_turn(db: Connection, row: dict[str, Any], there: AnyRow, packed: int) -> bool:
    """Write the parts one after another; False, and nothing written, when there is too little."""
    tenant_id, lot_id, quantity = row["tenant_id"], row["lot_id"], row["quantity"]
    if row["from_location_id"] is not None:
        source = Place(row["from_location_id"], row["from_status"])
        if not balances.take(db, tenant_id, lot_id, source, quantity, packed):
            return False
    if row["to_location_id"] is not None:
        target = Place(row["to_location_id"], row["to_status"])
        balances.put(db, tenant_id, lot_id, target, quantity, packed)
    db.execute(_INSERT, row | _entered(row, there))
    return True


def _with_owner(db: Connection, row: dict[str, Any], there: AnyRow, packed: int) -> bool:
    """Write the parts of a movement whose lot has an owner, with the owner's shares."""
    tenant_id, lot_id = row["tenant_id"], row["lot_id"]
    before, after = row["from_consigned"], row["to_consigned"]
    source = Place(row["from_location_id"], row["from_status"])
    target = Place(row["to_location_id"], row["to_status"])
    if source == target:  # goods stay where they are and change their owner
        booked = balances.change_owner(db, tenant_id, lot_id, source, after - before)
        if booked:
            db.execute(_INSERT, row | _entered(row, there))
        return booked
    if before and not balances.change_owner(db, tenant_id, lot_id, source, -before):
        return False
    if not _in_turn(db, row, there, packed):
        return False
    return not after or balances.change_owner(db, tenant_id, lot_id, target, after)


@cache
def _together(takes: bool, puts: bool) -> Select[*tuple[Any, ...]]:  # noqa: FBT001  # which of three statements
    """Give the one statement of a movement; its two balances are never the same row."""
    there = _CIRCUMSTANCES.cte("there")
    may: ColumnElement[bool] = there.c.free
    parts = []
    if takes:
        wanted: list[Any] = [*(_OF_ROW[name] for name in _SOURCE), _PACKED]
        taken = (
            balances.taking(*wanted)
            .where(exists(select(there.c.free).where(there.c.free)))
            .returning(literal_column("1").label("one"))
            .cte("taken")
        )
        may = exists(select(taken.c.one))
        parts.append(taken)
    if puts:
        there_too = select(*(_OF_ROW[name].label(_KEYS[name]) for name in _TARGET), _PACKED)
        put = insert_or(stock_balance).from_select(
            [column for column in stock_balance.c if column.name != "consigned"],
            there_too.select_from(there).where(may),
        )
        parts.append(balances.putting(put).cte("put"))
    moved = insert(stock_movement).from_select(
        [stock_movement.c[name] for name in _OURS], _whole_row(there).where(may)
    )
    booked = moved.returning(literal_column("1").label("one")).cte("moved")
    shown = [column for column in there.c if column.name not in ("free", "package_level_id")]
    counted = select(func.count()).select_from(booked).scalar_subquery()
    return select(*shown, counted.label("booked")).add_cte(*parts)


def _whole_row(there: Any) -> Select[*tuple[Any, ...]]:
    """Give the row of a movement, with the stock unit where it was counted in no other."""
    quantity, decimals = _OF_ROW["quantity"], there.c.decimals
    power = func.power(literal_column("10.0"), decimals)
    exact = cast(quantity, Numeric).op("/")(power)
    known = {
        "unit_code": there.c.unit_code,
        "entered_quantity": cast(func.round(exact, decimals), Text),
        "entered_unit": there.c.unit_code,
        "package_level_id": there.c.package_level_id,
    }
    chosen = (
        (func.coalesce(bound, known[name]) if name in known else bound).label(_KEYS[name])
        for name, bound in _OF_ROW.items()
        if name in _OURS
    )
    return select(*chosen).select_from(there)


def _entered(row: dict[str, Any], there: AnyRow) -> dict[str, Any]:
    """Give the columns of a row that follow from the lot's item."""
    if row["entered_unit"] is not None:
        return {"unit_code": there.unit_code}
    return {
        "unit_code": there.unit_code,
        "entered_quantity": Decimal(row["quantity"]).scaleb(-there.decimals),
        "entered_unit": there.unit_code,
        "package_level_id": there.package_level_id,
    }
