"""Look over master data for gaps and doubles; findings are a list that their owners work off.

The rules are the customer's document `data_quality_rules`, of three kinds: a field that is missing,
records that are the same, records that nothing refers to. A run adds what is new and closes what is
gone. A finding that was called corrected but is still there comes back; one that was accepted stays
accepted until what it is about changes.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from engine.outcomes import Reason, Rejection
from engine.services import ServiceContext
from processes.ledger.changes.tables import RESOLUTIONS, quality_check_run, quality_finding
from processes.ledger.columns import AnyRow
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.tables import (
    approved_supply,
    inspection_plan,
    item,
    location,
    supplier,
)

_ITEMS = select(item).where(item.c.tenant_id == bindparam("tenant_id"))
_SUPPLIERS = select(supplier).where(supplier.c.tenant_id == bindparam("tenant_id"))
_LOCATIONS = select(location).where(location.c.tenant_id == bindparam("tenant_id"))
_PLANS = (
    select(
        inspection_plan.c.plan_number,
        inspection_plan.c.item_id,
        inspection_plan.c.version,
        inspection_plan.c.documents_required,
        item.c.item_number,
    )
    .join(
        item,
        (item.c.tenant_id == inspection_plan.c.tenant_id)
        & (item.c.item_id == inspection_plan.c.item_id),
    )
    .where(inspection_plan.c.tenant_id == bindparam("tenant_id"))
    .order_by(inspection_plan.c.plan_number, inspection_plan.c.version)
)
_SUPPLIES = select(approved_supply.c.supplier_id, approved_supply.c.item_id).where(
    approved_supply.c.tenant_id == bindparam("tenant_id")
)
_FINDINGS = select(quality_finding).where(quality_finding.c.tenant_id == bindparam("tenant_id"))
_BY_ID = _FINDINGS.where(quality_finding.c.finding_id == bindparam("finding_id"))
_FIRST = UUID(int=0)
_WORK = (
    _FINDINGS.where(quality_finding.c.state.in_(("open", "assigned")))
    .where(quality_finding.c.owner_role.in_(bindparam("roles", expanding=True)))
    .where(quality_finding.c.finding_id > bindparam("after"))
    .order_by(quality_finding.c.finding_id)
    .limit(bindparam("limit"))
)
_INSERT_RUN = insert(quality_check_run)
_INSERT = insert(quality_finding)
_THIS = (
    update(quality_finding)
    .where(quality_finding.c.tenant_id == bindparam("key_tenant_id"))
    .where(quality_finding.c.finding_id == bindparam("key_finding_id"))
    .where(quality_finding.c.revision == bindparam("key_revision"))
)
_WRITE = _THIS.values(
    revision=quality_finding.c.revision + 1,
    state=bindparam("state"),
    assigned_to=bindparam("assigned_to"),
    due_on=bindparam("due_on"),
    resolution=bindparam("resolution"),
    reason=bindparam("reason"),
    resolved_by=bindparam("resolved_by"),
    resolved_at=bindparam("resolved_at"),
    detail=bindparam("detail"),
    fingerprint=bindparam("fingerprint"),
    last_run_id=bindparam("last_run_id"),
)

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a record that its owner clears up."""

    finding_id: UUID
    rule: str
    object_kind: str
    object_key: str
    detail: Mapping[str, Any]
    fingerprint: str
    severity: str
    owner_role: str
    state: str
    assigned_to: str | None
    due_on: date | None
    resolution: str | None
    reason: str | None
    resolved_by: str | None
    last_run_id: UUID
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a rule says of a record now."""

    rule: str
    object_kind: str
    object_key: str
    detail: Mapping[str, Any]
    severity: str
    owner_role: str

    @property
    def fingerprint(self) -> str:
        written = msgspec.json.encode(self.detail, order="deterministic")
        return hashlib.sha256(written).hexdigest()[:16]


class FindingMovedOn(Rejection):
    """Somebody else worked on the finding."""

    def __init__(self) -> None:
        super().__init__(
            Reason.STALE,
            {
                "en": "Somebody has worked on this finding meanwhile. Load the list again.",
                "zh": "该检查结果已被他人处理，请重新加载列表。",
            },
        )


class FindingClosed(LedgerRefusal):
    """What is resolved or gone is not worked on."""

    def __init__(self, state: str) -> None:
        super().__init__(
            f"This finding is {state} already.",
            f"该检查结果的状态为 {state}，无需处理。",
            expected="open",
            found=state,
        )


class NotResolvedThisWay(LedgerRefusal):
    """A finding is corrected or accepted, with a reason."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"Say whether it is {listed(RESOLUTIONS)}, and give the reason.",
            f"请选择处理结果（{listed(RESOLUTIONS)}）并填写理由。",
            expected=listed(RESOLUTIONS),
            found=found,
        )


def find(db: Connection, tenant_id: str, finding_id: UUID) -> Finding:
    """Give a finding by its id."""
    row = db.execute(_BY_ID, {"tenant_id": tenant_id, "finding_id": finding_id}).one_or_none()
    if row is None:
        raise NotInLedger("finding", "检查结果", finding_id)
    return _read(row)


def worklist(
    db: Connection, tenant_id: str, roles: Iterable[str], limit: int, *, after: UUID = _FIRST
) -> list[Finding]:
    """List so many open findings of some roles, first what was first found, from after this one."""
    key = {"tenant_id": tenant_id, "roles": sorted(roles), "limit": limit, "after": after}
    return [_read(row) for row in db.execute(_WORK, key)]


def run(context: ServiceContext) -> Mapping[str, Any]:
    """Look at everything once; give how much was looked at, found, new and gone."""
    rules = context.configuration("data_quality_rules")["rules"]
    book = _Book(context.db, context.tenant_id)
    seen = {
        (each.rule, each.object_kind, each.object_key): each
        for rule in rules
        for each in _CHECKS[rule["check"]](book, rule)
    }
    rows = context.db.execute(_FINDINGS, {"tenant_id": context.tenant_id})
    known = {(f.rule, f.object_kind, f.object_key): f for f in map(_read, rows)}
    new = [each for place, each in seen.items() if _is_new(known.get(place), each)]
    gone = [f for place, f in known.items() if place not in seen and f.state != "gone"]
    run_id = context.new_id()
    counted = {
        "objects_checked": book.count(),
        "found": len(seen),
        "new": len(new),
        "gone": len(gone),
    }
    context.db.execute(
        _INSERT_RUN,
        {
            "tenant_id": context.tenant_id,
            "run_id": run_id,
            "rules": rules,
            **counted,
            "actor": context.actor.username,
            "run_at": context.now,
        },
    )
    _keep(context, run_id, new, gone, known)
    context.record({"event": "data_quality.checked", "run": str(run_id), **counted})
    return {"run_id": str(run_id), **counted}


def _is_new(known: Finding | None, seen: Seen) -> bool:
    """An accepted finding is new again when what it is about has changed."""
    if known is None or known.state == "gone" or known.resolution == "corrected":
        return True
    return known.resolution == "accepted" and known.fingerprint != seen.fingerprint


def _keep(
    context: ServiceContext,
    run_id: UUID,
    new: Iterable[Seen],
    gone: Iterable[Finding],
    known: Mapping[tuple[str, str, str], Finding],
) -> None:
    for each in new:
        before = known.get((each.rule, each.object_kind, each.object_key))
        if before is None:
            _insert(context, run_id, each)
        else:
            opened = {"state": "open", "assigned_to": None, "due_on": None, "resolution": None}
            now = {"detail": dict(each.detail), "fingerprint": each.fingerprint}
            nobody = {"reason": None, "resolved_by": None, "resolved_at": None}
            _write(context, before, {**opened, **now, **nobody, "last_run_id": run_id})
    for finding in gone:
        away = {"state": "gone", "resolution": None, "last_run_id": run_id}
        _write(context, finding, away)


def _insert(context: ServiceContext, run_id: UUID, each: Seen) -> None:
    context.db.execute(
        _INSERT,
        {
            "tenant_id": context.tenant_id,
            "finding_id": context.new_id(),
            "rule": each.rule,
            "object_kind": each.object_kind,
            "object_key": each.object_key,
            "detail": dict(each.detail),
            "fingerprint": each.fingerprint,
            "severity": each.severity,
            "owner_role": each.owner_role,
            "state": "open",
            "first_run_id": run_id,
            "last_run_id": run_id,
            "found_at": context.now,
            "revision": 1,
        },
    )


def assign(
    context: ServiceContext, finding: Finding, revision: int, assignee: str, due_on: date | None
) -> None:
    """Give an open finding to somebody, until a day."""
    _require_open(finding)
    given = {"state": "assigned", "assigned_to": assignee, "due_on": due_on}
    _write(context, finding, given, revision)
    context.record(
        {
            "event": "data_quality.assigned",
            **_named(finding),
            "to": assignee,
            "due_on": None if due_on is None else due_on.isoformat(),
        }
    )


def resolve(
    context: ServiceContext, finding: Finding, revision: int, resolution: str, reason: str
) -> None:
    """Close a finding with a reason; the next run looks whether it is really gone."""
    _require_open(finding)
    if resolution not in RESOLUTIONS or not reason.strip():
        raise NotResolvedThisWay(resolution)
    closed = {
        "state": "resolved",
        "resolution": resolution,
        "reason": reason.strip(),
        "resolved_by": context.actor.username,
        "resolved_at": context.now,
    }
    _write(context, finding, closed, revision)
    context.record(
        {
            "event": "data_quality.resolved",
            **_named(finding),
            "resolution": resolution,
            "reason": reason,
        }
    )


def _require_open(finding: Finding) -> None:
    if finding.state not in ("open", "assigned"):
        raise FindingClosed(finding.state)


def _named(finding: Finding) -> dict[str, str]:
    return {
        "finding": str(finding.finding_id),
        "rule": finding.rule,
        "kind": finding.object_kind,
        "object": finding.object_key,
    }


def _write(
    context: ServiceContext, finding: Finding, new: Mapping[str, Any], revision: int | None = None
) -> None:
    row = {
        "key_tenant_id": context.tenant_id,
        "key_finding_id": finding.finding_id,
        "key_revision": finding.revision if revision is None else revision,
        "state": finding.state,
        "assigned_to": finding.assigned_to,
        "due_on": finding.due_on,
        "resolution": finding.resolution,
        "reason": finding.reason,
        "resolved_by": finding.resolved_by,
        "resolved_at": None,
        "detail": dict(finding.detail),
        "fingerprint": finding.fingerprint,
        "last_run_id": finding.last_run_id,
        **new,
    }
    if context.db.execute(_WRITE, row).rowcount != 1:
        raise FindingMovedOn


class _Book:
    """All master data, read once for a run."""

    def __init__(self, db: Connection, tenant_id: str) -> None:
        key = {"tenant_id": tenant_id}

        def rows(statement: Any) -> list[Record]:
            return [dict(row._mapping) for row in db.execute(statement, key)]  # noqa: SLF001

        items, suppliers = rows(_ITEMS), rows(_SUPPLIERS)
        # of each plan, the last version counts
        plans = {each["plan_number"]: each for each in rows(_PLANS)}
        supplies = rows(_SUPPLIES)
        self.records: Mapping[str, list[tuple[str, Record]]] = {
            "item": [(each["item_number"], each) for each in items],
            "supplier": [(each["supplier_number"], each) for each in suppliers],
            "inspection_plan": list(plans.items()),
            "location": [(each["code"], each) for each in rows(_LOCATIONS)],
        }
        self.referred: Mapping[tuple[str, str], frozenset[Any]] = {
            ("item", "inspection_plan"): frozenset(p["item_id"] for p in plans.values()),
            ("item", "approved_supply"): frozenset(s["item_id"] for s in supplies),
            ("supplier", "approved_supply"): frozenset(s["supplier_id"] for s in supplies),
        }

    def count(self) -> int:
        return sum(len(found) for found in self.records.values())


def _fitting(book: _Book, rule: Record) -> list[tuple[str, Record]]:
    """Give the records that the conditions of a rule name."""
    where: Mapping[str, list[Any]] = rule.get("where", {})
    return [
        (key, record)
        for key, record in book.records[rule["object"]]
        if all(record[field] in allowed for field, allowed in where.items())
    ]


def _missing(book: _Book, rule: Record) -> list[Seen]:
    return [
        _seen(rule, key, {"field": rule["field"]})
        for key, record in _fitting(book, rule)
        if record[rule["field"]] in (None, "", [], {})
    ]


def _same(book: _Book, rule: Record) -> list[Seen]:
    """Name records that agree in all of the fields; letters, spaces and case do not tell apart."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for key, record in _fitting(book, rule):
        values = tuple(_plain(record[field]) for field in rule["fields"])
        if all(values):
            groups.setdefault(values, []).append(key)
    return [
        _seen(rule, key, {"same_as": [other for other in keys if other != key]})
        for keys in groups.values()
        if len(keys) > 1
        for key in keys
    ]


def _plain(value: Any) -> str:
    return "" if value is None else "".join(str(value).casefold().split())


def _without(book: _Book, rule: Record) -> list[Seen]:
    referred = book.referred[rule["object"], rule["of"]]
    return [
        _seen(rule, key, {"without": rule["of"]})
        for key, record in _fitting(book, rule)
        if record[f"{rule['object']}_id"] not in referred
    ]


def _seen(rule: Record, key: str, detail: Mapping[str, Any]) -> Seen:
    return Seen(
        rule=rule["rule"],
        object_kind=rule["object"],
        object_key=key,
        detail={**detail, "names": rule["names"]},
        severity=rule["severity"],
        owner_role=rule["owner"],
    )


_CHECKS: Mapping[str, Callable[[_Book, Record], list[Seen]]] = MappingProxyType(
    {"missing": _missing, "same": _same, "without": _without}
)


def _read(row: AnyRow) -> Finding:
    return Finding(
        finding_id=row.finding_id,
        rule=row.rule,
        object_kind=row.object_kind,
        object_key=row.object_key,
        detail=row.detail,
        fingerprint=row.fingerprint,
        severity=row.severity,
        owner_role=row.owner_role,
        state=row.state,
        assigned_to=row.assigned_to,
        due_on=row.due_on,
        resolution=row.resolution,
        reason=row.reason,
        resolved_by=row.resolved_by,
        last_run_id=row.last_run_id,
        revision=row.revision,
    )
