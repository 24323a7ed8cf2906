"""What the service tasks of a work order do; the rules live in ledger/production."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from engine.outcomes import Rejection
from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items, locations, lots, movements
from processes.ledger.balances import Place
from processes.ledger.lots import Lot
from processes.ledger.movements import Movement
from processes.ledger.production import (
    boms,
    equipment,
    gate,
    history_record,
    labels,
    shop_floor,
    stops,
    work_orders,
)
from processes.ledger.production.equipment import Use
from processes.ledger.production.gate import Asked
from processes.ledger.production.labels import LabelCount
from processes.ledger.production.shop_floor import Clearance
from processes.ledger.production.work_orders import (
    Issue,
    MoreThanNeeded,
    NewWorkOrder,
    WorkOrder,
)
from processes.ledger.quantities import case_number, scaled
from processes.ledger.refusals import LedgerRefusal
from processes.values import amount, context_of, identifier, rows, text

SERVICES = ServiceRegistry()
RULES = "production_rules"
ISSUE, END, FINISH = "issue", "end", "finish"


class ListChanged(LedgerRefusal):
    """What is accounted for is what is open now."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"What is open on this order changed meanwhile ({found}). Open the task again.",
            f"工单的待核对内容已有变化（{found}），请重新打开任务。",
            found=found,
        )


class AnotherPerson(LedgerRefusal):
    """What one did, another verifies, approves and counts."""

    def __init__(self, person: str) -> None:
        super().__init__(
            f"{person} did this. Another person has to agree.",
            f"该操作由 {person} 完成，须由另一人确认。",
            found=person,
        )


# --- before it begins --------------------------------------------------------------------------


@SERVICES.service("work_order.gate")
def examine(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say whether an order may begin, with everything that speaks against it on the record."""
    entered = context_of(inputs.get("planned")) or context_of(inputs.get("handed_in"))
    planned = _planned(entered)
    asked = _asked(planned)
    against = gate.against(context, asked)
    reopens = planned["reopens"]
    if reopens is not None:
        against += _refusals(lambda: shop_floor.require_ended(context, str(reopens)))
    for refusal in against:
        reason = dict(refusal.message)
        rule = type(refusal).__name__
        context.record({"event": "work_order.refused", "rule": rule, "reason": reason})
    return {
        **planned,
        **_described(context, asked, known=not against),
        "allowed": not against,
        "reason_en": " ".join(each.message["en"] for each in against),
        "reason_zh": "".join(each.message["zh"] for each in against),
        "due": context.configuration(RULES)["due"],
    }


def _planned(entered: Mapping[str, Any]) -> dict[str, Any]:
    """Give an order as a person planned it, or as another system handed it in."""
    names = ("item_number", "site", "planned_start", "planned_end")
    optional = ("expiry", "market", "lot_number", "first_serial", "change", "reopens", "reason")
    operators = [str(each["person"]) for each in rows(entered.get("operators"))]
    return {
        **{name: _text(entered[name]) for name in names},
        **{name: _text(entered.get(name)) for name in optional},
        "quantity": amount(entered["quantity"]),
        "operators": operators,
        "plan_number": text(entered.get("plan_number")),
    }


def _text(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else text(value)


def _asked(planned: Mapping[str, Any]) -> Asked:
    def day(name: str) -> date | None:
        return None if planned[name] is None else date.fromisoformat(str(planned[name]))

    first, last = day("planned_start"), day("planned_end")
    assert first is not None
    assert last is not None
    new = NewWorkOrder(
        item_number=str(planned["item_number"]),
        quantity=amount(planned["quantity"]),
        site=str(planned["site"]),
        planned_start=first,
        planned_end=last,
        expiry=day("expiry"),
        lot_number=planned["lot_number"],
        first_serial=planned["first_serial"],
        change=planned["change"],
    )
    return Asked(new=new, operators=planned["operators"], market=planned["market"])


def _refusals(question: Callable[[], object]) -> list[Rejection]:
    try:
        question()
    except Rejection as refusal:
        return [refusal]
    return []


def _described(context: ServiceContext, asked: Asked, *, known: bool) -> dict[str, Any]:
    """Give what the release form shows of an order that passed the gate."""
    if not known:
        return {"names": None, "unit": None, "bill": None, "examined": []}
    db, tenant_id, new = context.db, context.tenant_id, asked.new
    item = items.by_number(db, tenant_id, new.item_number)
    revision = items.effective_revision(
        db, tenant_id, item, new.planned_start, lot_number=new.lot_number
    )
    bill = boms.effective(db, tenant_id, item.item_id, item.number, revision, new.planned_start)
    return {
        "names": dict(item.names),
        "unit": items.stock_unit(db, tenant_id, item).code,
        "bill": f"{item.number} {revision} / {bill.version} ({bill.effective_from})",
        "examined": [
            *asked.operators,
            *([asked.market] if asked.market else []),
            bill.item_revision,
        ],
    }


@SERVICES.service("work_order.release")
def release(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open an order with its lot, past the gate once more, and keep its material."""
    planned = context_of(inputs["gate"])
    asked = _asked(planned)
    for refusal in gate.against(context, asked):
        raise refusal
    made = work_orders.release(context, asked.new)
    if planned["reopens"] is not None:
        because = planned["reason"] or str(planned["reopens"])
        shop_floor.reopen(context, made, str(planned["reopens"]), because)
    short = shop_floor.pick_list(context, made.number)
    return {**_progress(context, made.number), "short": short}


@SERVICES.service("work_order.pick")
def pick(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring what was picked to the line, where the picker names one."""
    number, picked = _number(inputs), context_of(inputs["picked"])
    known, found = rows(context_of(inputs["progress"]).get("picks")), rows(picked.get("rows"))
    if len(known) != len(found):
        raise ListChanged(f"{len(found)} ≠ {len(known)}")
    target = text(picked.get("line"))
    if target is not None:
        for each in known:
            _bring(context, number, each, target)
    return {**_progress(context, number), "short": []}


def _bring(context: ServiceContext, number: str, kept: Mapping[str, Any], target: str) -> None:
    """Move what was kept of a lot to the line; it stays kept for this order."""
    db, tenant_id = context.db, context.tenant_id
    found = lots.by_number(db, tenant_id, str(kept["lot_number"]))
    source, line = (
        Place(locations.by_code(db, tenant_id, code).location_id, "RELEASED")
        for code in (str(kept["location"]), target)
    )
    if source == line or found.has_serials:
        return  # units are named one by one when they go in
    movement = Movement(
        movement_type="PCK",
        lot_id=found.lot_id,
        quantity=scaled(amount(kept["quantity"]), found.unit),
        document=work_orders.by_number(db, tenant_id, number).document,
        source=source,
        target=line,
    )
    movements.post(context, movement)


# --- at the line -------------------------------------------------------------------------------


@SERVICES.service("work_order.note_line")
def note_line(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Note who cleared a line: the verification asks for somebody else."""
    return {**context_of(inputs["line"]), "by": context.actor.username}


@SERVICES.service("work_order.clear_line")
def clear_line(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the clearance that was verified in this command; what is not clear is cleared again."""
    number, line = _number(inputs), context_of(inputs["line"])
    verified = context_of(inputs["line_check"])
    if verified["clear"] is not True:
        event = {"event": "work_order.line_not_clear", "work_order": number, "line": line["line"]}
        context.record({**event, "found": verified.get("found")})
        return {"clear": False}
    found = Clearance(
        line=str(line["line"]), previous=str(line["previous"]), cleared_by=str(line["by"])
    )
    shop_floor.clear_line(context, number, found)
    return {"clear": True}


@SERVICES.service("work_order.look")
def look(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Look at what somebody did before it is booked: whether a second person has to agree."""
    number, act = _number(inputs), context_of(inputs["act"])
    what = str(act["what"])
    seen = {"what": what, "criticality": "-", "over": False, "performer": context.actor.username}
    if what == ISSUE:
        return {**seen, **_issue_seen(context, number, act)}
    if what == END:
        shop_floor.require_nothing_made(context, number)
    if what == FINISH:
        order = work_orders.by_number(context.db, context.tenant_id, number)
        stops.require_going(context.db, context.tenant_id, order.work_order_id, number)
        history_record.of_order(context, number)  # refused where nothing was made
    return {**seen, "reason": text(act.get("reason"))}


def _issue_seen(context: ServiceContext, number: str, act: Mapping[str, Any]) -> dict[str, Any]:
    found = work_orders.examine(context, number, _given(context, number, act))
    reason = text(act.get("reason"))
    unit = found.used.unit
    if found.over and reason is None:
        raise MoreThanNeeded(
            f"Work order {number} needs at most {found.most} {unit.names['en']} of "
            f"{found.used.item_number} in all. Say why more has to go in, or take less.",
            f"工单 {number} 对物料 {found.used.item_number} 的需求上限为 {found.most} "
            f"{unit.names['zh']}，请填写超额原因，或减少数量。",
            expected=str(found.most),
            found=str(case_number(found.with_this, unit)),
        )
    return {
        "lot_number": found.used.number,
        "item_number": found.used.item_number,
        "criticality": found.line.criticality,
        "over": found.over,
        "most": found.most,
        "quantity": amount(act["quantity"]),
        "unit": unit.code,
        "reason": reason,
    }


@SERVICES.service("work_order.second")
def second(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what a second person found, who is not the one that scanned."""
    _require_another(context, inputs)
    return {**context_of(inputs["second"]), "by": context.actor.username}


@SERVICES.service("work_order.post")
def post(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book what was done at the line, or leave it where a second person did not agree."""
    number, act, check = _number(inputs), context_of(inputs["act"]), context_of(inputs["check"])
    if check["what"] == ISSUE:
        _post_issue(context, number, act, inputs)
    else:
        _ACTS[str(act["what"])](context, number, act)
    return _progress(context, number)


def _post_issue(
    context: ServiceContext, number: str, act: Mapping[str, Any], inputs: Mapping[str, Any]
) -> None:
    check = context_of(inputs["check"])
    by_second, extra = context_of(inputs.get("second")), context_of(inputs.get("extra"))
    verified = check["criticality"] != "A" or by_second.get("right") is True
    if not verified or (check["over"] is True and extra.get("approved") is not True):
        because = extra.get("reason") if verified else by_second.get("found")
        event = {"event": "work_order.issue_not_agreed", "work_order": number, "because": because}
        context.record({**event, "lot": check["lot_number"]})
        return
    if check["over"] is True:
        _require_another(context, inputs)
    given = _given(context, number, act)
    work_orders.issue(context, number, given)
    used = lots.by_number(context.db, context.tenant_id, given.lot_number)
    shop_floor.take_kept(context, number, used, given.quantity)


def _return(context: ServiceContext, number: str, act: Mapping[str, Any]) -> None:
    given = _given(context, number, act)
    shop_floor.return_material(context, number, given, opened=act.get("opened") is True)


def _lose(context: ServiceContext, number: str, act: Mapping[str, Any]) -> None:
    used = _lot(context, act)
    work_orders.record_loss(
        context,
        number,
        used.number,
        kind=str(act["kind"]),
        quantity=scaled(amount(act["quantity"]), used.unit),
        reason=str(act["reason"]),
    )


def _use(context: ServiceContext, number: str, act: Mapping[str, Any]) -> None:
    use = Use(
        equipment_number=str(act["equipment_number"]),
        began_at=_instant(act["began_at"]),
        ended_at=_instant(act["ended_at"]),
        operation=text(act.get("operation")),
    )
    equipment.record(context, number, use)


def _print(context: ServiceContext, number: str, act: Mapping[str, Any]) -> None:
    made = _made(context, number)
    data = {
        "lot_number": made.number,
        "expiry": None if made.expiry is None else made.expiry.isoformat(),
        "udi": labels.udi(context.db, context.tenant_id, made),
    }
    printed = int(amount(act["printed"]))
    labels.print_job(context, number, template=str(act["template"]), data=data, printed=printed)


def _output(context: ServiceContext, number: str, act: Mapping[str, Any]) -> None:
    """Book what was made; each unit's UDI is on the record from here on."""
    made = _made(context, number)
    units = work_orders.output(
        context,
        number,
        quantity=scaled(amount(act["quantity"]), made.unit),
        location=str(act["location"]),
        serials=_serials(act),
    )
    udi = [labels.udi(context.db, context.tenant_id, made, serial) for serial in units or (None,)]
    event = {"event": "work_order.output", "work_order": number, "lot": made.number}
    context.record({**event, "quantity": act["quantity"], "udi": [each for each in udi if each]})


_ACTS: Mapping[str, Callable[[ServiceContext, str, Mapping[str, Any]], None]] = {
    "return": _return,
    "loss": _lose,
    "equipment": _use,
    "labels": _print,
    "output": _output,
}


# --- counted and handed over -------------------------------------------------------------------


@SERVICES.service("work_order.count")
def count(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say what is open: labels that nobody accounted for, class C material not booked."""
    number = _number(inputs)
    order = work_orders.by_number(context.db, context.tenant_id, number)
    return {
        "labels": labels.open_jobs(context.db, context.tenant_id, order.work_order_id),
        "small_parts": shop_floor.to_backflush(context, number),
    }


@SERVICES.service("work_order.finish")
def finish(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Account for labels and class C material; what is kept and not used is free again."""
    number, finished = _number(inputs), context_of(inputs["finished"])
    _require_another(context, inputs)
    ending = context_of(inputs["ending"])
    _reconcile(context, rows(ending.get("labels")), rows(finished.get("labels")))
    wanted, given = rows(ending.get("small_parts")), rows(finished.get("small_parts"))
    if len(wanted) != len(given):
        raise ListChanged(f"{len(given)} ≠ {len(wanted)}")
    for missing, row in zip(wanted, given, strict=True):
        if text(row.get("lot_number")) is not None:
            used = _lot(context, row)
            issue = Issue(
                lot_number=used.number,
                location=str(row["location"]),
                quantity=scaled(amount(missing["quantity"]), used.unit),
                operation="backflush",
            )
            shop_floor.backflush(context, number, issue)
    shop_floor.give_up_kept(context, number)
    return _progress(context, number)


def _reconcile(
    context: ServiceContext, jobs: list[Mapping[str, Any]], counted: list[Mapping[str, Any]]
) -> None:
    if len(jobs) != len(counted):
        raise ListChanged(f"{len(counted)} ≠ {len(jobs)}")
    for job, row in zip(jobs, counted, strict=True):
        found = LabelCount(
            applied=int(row["applied"]),
            destroyed=int(row["destroyed"]),
            retained=int(row["retained"]),
            explanation=text(row.get("explanation")),
        )
        labels.reconcile(context, str(job["label_job"]), found)


@SERVICES.service("work_order.hand_over")
def hand_over(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hand the order over to its release; refused while it stands still or labels are open."""
    number = _number(inputs)
    order = work_orders.by_number(context.db, context.tenant_id, number)
    stops.require_going(context.db, context.tenant_id, order.work_order_id, number)
    record = history_record.of_order(context, number)
    explained = text(context_of(inputs.get("explained")).get("explanation"))
    event = {"event": "work_order.handed_over", "work_order": number, "explained": explained}
    context.record({**event, "made": record["made"], "differences": record["differences"]})
    return {"done": True}


# --- its other ends ----------------------------------------------------------------------------


@SERVICES.service("work_order.wind_up")
def wind_up(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take material off the line that is in no goods, and account for labels."""
    number, given = _number(inputs), context_of(inputs["wound_up"])
    known = context_of(inputs["progress"])
    on_order, counted = rows(known.get("issued")), rows(given.get("rows"))
    if len(on_order) != len(counted):
        raise ListChanged(f"{len(counted)} ≠ {len(on_order)}")
    for used, row in zip(on_order, counted, strict=True):
        _take_off(context, number, {**row, **used}, str(given["reason"]))
    _reconcile(context, rows(known.get("labels_open")), rows(given.get("labels")))
    shop_floor.give_up_kept(context, number)
    return _progress(context, number)


def _take_off(context: ServiceContext, number: str, row: Mapping[str, Any], why: str) -> None:
    used = _lot(context, row)
    returned, scrapped = (
        scaled(amount(row.get(name) or 0), used.unit) for name in ("returned", "scrapped")
    )
    if returned:
        units = [
            lots.unit_of(context.db, context.tenant_id, used, each)
            for each in (text(row.get("serials")) or "").split()
        ]
        given = Issue(
            lot_number=used.number,
            location=str(row["location"]),
            quantity=returned,
            serial_unit_ids=units,
            reason=why,
        )
        shop_floor.return_material(context, number, given, opened=False)
    if scrapped:
        work_orders.record_loss(
            context, number, used.number, kind="scrap", quantity=scrapped, reason=why
        )


@SERVICES.service("work_order.end")
def end(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """End an order without a release, under the signature of its review (INV-10)."""
    number, closing = _number(inputs), context_of(inputs["closing"])
    made = work_orders.made_of(context.db, context.tenant_id, number)
    work_orders.close(
        context,
        number,
        explanation=str(closing["explanation"]),
        ends="closed" if made else "cancelled",
    )
    return {"by_quality": context_of(inputs.get("halt")).get("close") is True}


@SERVICES.service("work_order.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cancel the order when somebody cancels its instance, signed; refused with goods on it."""
    known = context_of(case.get("progress"))
    if known:
        shop_floor.cancel(context, str(known["work_order"]), str(case["why"]))
    return {}


# --- what it hears -----------------------------------------------------------------------------


@SERVICES.service("work_order.hear")
def hear(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the order stand still where what was held, recalled or blocked is on it.

    What is only kept for it is given up, and something else is kept instead.
    """
    number, signal, cause = _number(inputs), context_of(inputs["signal"]), str(inputs["kind"])
    order = work_orders.by_number(context.db, context.tenant_id, number)
    why = {"reason": text(signal.get("reason")) or "–", "source": _source(signal)}
    subject = _subject(context, order, cause, signal)
    made = None
    if subject is not None:
        made = stops.stop(context, order.work_order_id, cause=cause, subject=subject, why=why)
    return {
        "stops": [] if made is None else [made.shown()],
        "close": False,
        "reason": why["reason"],
    }


def _subject(
    context: ServiceContext, order: WorkOrder, cause: str, signal: Mapping[str, Any]
) -> str | None:
    """Say what of an order a signal is about; None where it stops nothing."""
    if cause == "supplier.blocked":
        supplier = str(signal.get("supplier"))
        concerned = [str(each) for each in signal.get("items") or ()]
        used = shop_floor.from_supplier(context, order, supplier, concerned)
        return f"{supplier}: {', '.join(used)}" if used else None
    lot_number = str(signal.get("lot_number"))
    where = shop_floor.concerns(context, order, lot_number)
    if where == "kept":
        shop_floor.give_up_kept(context, order.number, lot_number)
        shop_floor.pick_list(context, order.number)
    return lot_number if where == "issued" else None


def _source(signal: Mapping[str, Any]) -> str:
    if signal.get("source_number") is None:
        return f"supplier {signal.get('supplier')}"
    return f"{signal.get('source_kind')} {signal.get('source_number')}"


@SERVICES.service("work_order.decide")
def decide(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what quality decided, signed DISP in this command."""
    closing: Mapping[str, Any] = {}
    for each in rows(inputs["decisions"]):
        stop_id = identifier(each["stop_id"])
        made = stops.decide(context, stop_id, str(each["decision"]), str(each["reason"]))
        if made.decision == "close":
            closing = each
    return {
        "stops": [],
        "close": bool(closing),
        "reason": text(closing.get("reason")),
        "severity": text(closing.get("severity")),
    }


# --- reading the forms -------------------------------------------------------------------------


def _progress(context: ServiceContext, number: str) -> dict[str, Any]:
    return {**shop_floor.progress(context, number), "picks": shop_floor.picks(context, number)}


def _number(inputs: Mapping[str, Any]) -> str:
    return str(context_of(inputs["progress"])["work_order"])


def _lot(context: ServiceContext, row: Mapping[str, Any]) -> Lot:
    return lots.by_number(context.db, context.tenant_id, str(row["lot_number"]))


def _made(context: ServiceContext, number: str) -> Lot:
    order = work_orders.by_number(context.db, context.tenant_id, number)
    return lots.find(context.db, context.tenant_id, order.lot_id)


def _given(context: ServiceContext, number: str, act: Mapping[str, Any]) -> Issue:
    """Give an issue or a return as it was scanned."""
    db, tenant_id = context.db, context.tenant_id
    used = _lot(context, act)
    into: UUID | None = None
    if text(act.get("into_serial")) is not None:
        into = lots.unit_of(db, tenant_id, _made(context, number), str(act["into_serial"]))
    return Issue(
        lot_number=used.number,
        location=str(act["location"]),
        quantity=scaled(amount(act["quantity"]), used.unit),
        status=shop_floor.status_at(context, used, str(act["location"])),
        serial_unit_ids=[lots.unit_of(db, tenant_id, used, each) for each in _serials(act)],
        into_serial_id=into,
        operation=text(act.get("operation")),
        reason=text(act.get("reason")),
    )


def _serials(act: Mapping[str, Any]) -> list[str]:
    return [str(each["serial"]) for each in rows(act.get("serials"))]


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _require_another(context: ServiceContext, inputs: Mapping[str, Any]) -> None:
    performer = str(context_of(inputs["check"])["performer"])
    if performer == context.actor.username:
        raise AnotherPerson(performer)
