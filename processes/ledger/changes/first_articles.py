"""The first article after a change: the first lot of a new revision is inspected as one (CHG-62).

A change that brings a revision into force asks for it. Until an article of the revision has passed,
nothing of it leaves quarantine as released. The article is the oldest lot that was made or received
at the revision; where one has failed, the next lot is the article.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import items, lots
from processes.ledger.changes.orders import Change
from processes.ledger.changes.tables import (
    FIRST_ARTICLE_RESULTS,
    change_order,
    first_article,
    first_article_required,
)
from processes.ledger.columns import rows_of
from processes.ledger.lots import Lot
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import lot

BEGINNING = ("purchased", "produced")
"""Where a lot may come from that is an article: split off and reworked ones have been there."""

_REQUIRE = insert(first_article_required)
_REQUIRED = (
    select(first_article_required.c.change_id, change_order.c.change_number)
    .join(
        change_order,
        (change_order.c.tenant_id == first_article_required.c.tenant_id)
        & (change_order.c.change_id == first_article_required.c.change_id),
    )
    .where(first_article_required.c.tenant_id == bindparam("tenant_id"))
    .where(first_article_required.c.item_id == bindparam("item_id"))
    .where(first_article_required.c.item_revision == bindparam("item_revision"))
)
_OF_CHANGE = rows_of(first_article_required, "change_id")
_RECORD = insert(first_article)
_RESULTS = rows_of(first_article, "item_id", "item_revision", "attempt")
_LOTS = (
    select(lot.c.lot_id, lot.c.lot_number)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.item_id == bindparam("item_id"))
    .where(lot.c.item_revision == bindparam("item_revision"))
    .where(lot.c.origin.in_(BEGINNING))
    .order_by(lot.c.created_at, lot.c.lot_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What a first article inspection found; `reference` is its report."""

    result: str
    reference: str
    remark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A revision whose first article has not passed; `lot_number` is the article, where it is."""

    item_number: str
    item_revision: str
    lot_number: str | None


class FirstArticleOpen(LedgerRefusal):
    """Nothing of a new revision is released before its first article has passed."""

    def __init__(self, about: Lot, change_number: str, article: str | None) -> None:
        super().__init__(
            f"Lot {about.number} has revision {about.item_revision} of {about.item_number}, new by "
            f"{change_number}. Its first article is lot {article or about.number}: record its "
            "inspection in the change first.",
            f"批次 {about.number} 为物料 {about.item_number} 的新版本 {about.item_revision}"
            f"（{change_number}）。首件为批次 {article or about.number}，"
            "请先在该变更中登记首件检验合格。",
            expected="first article passed",
            found=about.number,
        )


class NotTheFirstArticle(LedgerRefusal):
    """The article is the oldest lot at the revision that has not failed."""

    def __init__(self, found: Lot, article: str | None) -> None:
        super().__init__(
            f"Lot {found.number} is not the first article; that is {article or 'still to come'}. "
            "Correct the lot number.",
            f"批次 {found.number} 不是首件，首件为 {article or '尚未产生的批次'}，请更正批号。",
            expected=article,
            found=found.number,
        )


class NoSuchResult(LedgerRefusal):
    """A first article passes or fails, with its report."""

    def __init__(self, result: str) -> None:
        super().__init__(
            "Say whether the first article passed or failed, and name its report.",
            "请填写首件检验结论（合格或不合格）及报告编号。",
            expected=" / ".join(FIRST_ARTICLE_RESULTS),
            found=result,
        )


def require(context: ServiceContext, change: Change, item_number: str, revision: str) -> None:
    """Ask for a first article of a revision that a change has brought; asked once."""
    item = items.by_number(context.db, context.tenant_id, item_number)
    key = {"tenant_id": context.tenant_id, "item_id": item.item_id, "item_revision": revision}
    if context.db.execute(_REQUIRED, key).first() is not None:
        return
    row = {**key, "change_id": change.change_id, "required_at": context.now}
    context.db.execute(_REQUIRE, row)
    context.record(
        {
            "event": "first_article.required",
            "change": change.number,
            "item": item_number,
            "revision": revision,
        }
    )


def require_passed(db: Connection, tenant_id: str, about: Lot) -> None:
    """Refuse the release of a lot at a revision whose first article has not passed."""
    key = _key(tenant_id, about)
    asked = db.execute(_REQUIRED, key).first()
    if asked is None:
        return
    if any(row.result == "passed" for row in db.execute(_RESULTS, key)):
        return
    raise FirstArticleOpen(about, asked.change_number, _article(db, key))


def awaited(db: Connection, tenant_id: str, change: Change) -> list[Awaited]:
    """List the revisions of a change whose first article has not passed yet."""
    found = []
    asked = {"tenant_id": tenant_id, "change_id": change.change_id}
    for row in db.execute(_OF_CHANGE, asked).all():
        key = {"tenant_id": tenant_id, "item_id": row.item_id, "item_revision": row.item_revision}
        if any(each.result == "passed" for each in db.execute(_RESULTS, key)):
            continue
        number = items.find(db, tenant_id, row.item_id).number
        awaits = Awaited(
            item_number=number, item_revision=row.item_revision, lot_number=_article(db, key)
        )
        found.append(awaits)
    return sorted(found, key=lambda each: each.item_number)


def record(context: ServiceContext, change: Change, lot_number: str, found: Inspected) -> Lot:
    """Keep the result of a first article inspection; give the lot.

    Refused: a lot that is not the article, and a result that is none.
    """
    about = lots.by_number(context.db, context.tenant_id, lot_number)
    key = _key(context.tenant_id, about)
    asked = context.db.execute(_REQUIRED, key).first()
    article = None if asked is None else _article(context.db, key)
    if asked is None or asked.change_id != change.change_id or article != about.number:
        raise NotTheFirstArticle(about, article)
    if found.result not in FIRST_ARTICLE_RESULTS or not found.reference.strip():
        raise NoSuchResult(found.result)
    row = {
        **key,
        "attempt": len(context.db.execute(_RESULTS, key).all()) + 1,
        "change_id": change.change_id,
        "lot_id": about.lot_id,
        "result": found.result,
        "reference": found.reference,
        "remark": found.remark,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_RECORD, row)
    context.record(
        {
            "event": "first_article.inspected",
            "change": change.number,
            "item": about.item_number,
            "revision": about.item_revision,
            "lot": about.number,
            "result": found.result,
            "reference": found.reference,
        }
    )
    return about


def _article(db: Connection, key: dict[str, Any]) -> str | None:
    """Give the number of the oldest lot at a revision that has not failed; None without one."""
    failed = {row.lot_id for row in db.execute(_RESULTS, key) if row.result == "failed"}
    rows: Iterable[Any] = db.execute(_LOTS, key)
    return next((row.lot_number for row in rows if row.lot_id not in failed), None)


def _key(tenant_id: str, about: Lot) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "item_id": about.item_id,
        "item_revision": about.item_revision,
    }
