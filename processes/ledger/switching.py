"""Switching between severities of inspection, from the history of supplier and item (IQ-03).

Each class of characteristics (critical, major, minor) has its own state: a lot that fails in its
minor characteristics tightens those and no others. A fold over the events in order of receipt;
resubmitted lots do not count (ISO 2859-1). The limits are the customer's document
`inspection_rules`. Reduced inspection begins by a decision, never by itself, and ends by itself.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from engine.services import ServiceContext
from processes.ledger import supplier_history
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.supplier_history import SupplierEvent
from processes.ledger.tables import JUDGED_CLASSES, SEVERITIES

_SCORED_BY_TIGHTER_PLAN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassState:
    """Where one class of characteristics stands, with the counts that decide its next switch.

    `severity` is "reduced", "normal", "tightened" or "discontinued". `score` is the switching score
    that reduced inspection asks for.
    """

    severity: str = "normal"
    recent: tuple[bool, ...] = ()
    accepted_in_row: int = 0
    rejected_while_tightened: int = 0
    score: int = 0


def _all_normal() -> dict[str, ClassState]:
    return dict.fromkeys(JUDGED_CLASSES, ClassState())


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchingState:
    """Where supplier and item stand: each class, and what the lots as a whole have come to."""

    classes: Mapping[str, ClassState] = field(default_factory=_all_normal)
    accepted_in_row: int = 0
    lots_inspected: int = 0
    last_lot_rejected: bool = False
    lots_since_change: int | None = None

    @property
    def severity(self) -> str:
        """The strictest of the classes."""
        return max((each.severity for each in self.classes.values()), key=SEVERITIES.index)

    @property
    def severities(self) -> dict[str, str]:
        """The severity of each class."""
        return {name: each.severity for name, each in self.classes.items()}

    @property
    def score(self) -> int:
        """The lowest score of a class: what reduced inspection of all of them would ask for."""
        return min(each.score for each in self.classes.values())


class ReducedNotAllowed(LedgerRefusal):
    """Reduced inspection needs the customer's will, a table, and a history that earned it."""

    def __init__(self, why_en: str, why_zh: str, *, expected: str, found: str) -> None:
        super().__init__(
            f"Reduced inspection cannot begin: {why_en}.",
            f"不能转为放宽检验：{why_zh}。",
            expected=expected,
            found=found,
        )


class NoSuchSeverity(LedgerRefusal):
    """A person sets one of three severities, of one of three classes."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "Name the class (critical, major, minor) and the severity (reduced, normal, "
            "tightened); inspection is discontinued by the history alone.",
            "请指定缺陷等级（critical、major、minor）和严格度（reduced、normal、tightened）；"
            "暂停检验只由检验履历决定。",
            expected="critical/major/minor, reduced/normal/tightened",
            found=found,
        )


class SeverityNeedsReason(LedgerRefusal):
    """A decision about how strictly goods are inspected has its reason on the record."""

    def __init__(self) -> None:
        super().__init__(
            "Say why the severity of inspection changes.", "请说明改变检验严格度的原因。"
        )


def switching_state(events: Iterable[SupplierEvent], rules: Mapping[str, Any]) -> SwitchingState:
    """Give the state after a supplier's history of an item, oldest event first."""
    state = SwitchingState()
    for event in events:
        if event.kind == "lot_inspected" and not event.resubmission:
            state = _after_lot(state, event, rules["switching"])
        elif event.kind == "severity_set" and event.severity is not None:
            state = _set_by_decision(state, event, event.severity)
        elif event.kind == "nonconformity":
            state = replace(state, classes=_without_score(state))
        elif event.kind == "item_changed":
            state = replace(state, lots_since_change=0, classes=_without_score(state))
    return state


def tighten_after(
    context: ServiceContext,
    number: str,
    supplier_id: UUID | None,
    item_id: UUID | None,
    severity: str,
) -> None:
    """Inspect tightened from now on what a supplier's grave nonconformity was found in.

    From which severity on says the customer (`inspection_rules`); nothing happens below it, where
    supplier or item is unknown, or to classes whose inspection is stricter than normal already.
    """
    limit = context.configuration("inspection_rules")["switching"]["tightened_from_severity"]
    if supplier_id is None or item_id is None or severity < limit:
        return
    _set_where(
        context, supplier_id, item_id, ("reduced", "normal"), "tightened", f"{number}, {severity}"
    )


def resume(context: ServiceContext, supplier_id: UUID, item_id: UUID, why: str) -> None:
    """Begin again, tightened, where inspection was discontinued (ISO 2859-1, 9.4).

    Called when the supplier has been qualified anew; nothing happens otherwise.
    """
    _set_where(context, supplier_id, item_id, ("discontinued",), "tightened", why)


def decide(
    context: ServiceContext,
    supplier_id: UUID,
    item_id: UUID,
    *,
    defect_class: str,
    severity: str,
    reason: str,
) -> None:
    """Set the severity of a class because a person decided so, with the reason on the record.

    Reduced is refused unless the customer offers it, the sampling table has it, the class is under
    normal inspection and its score is reached (ISO 2859-1, 9.3.3).
    """
    if defect_class not in JUDGED_CLASSES or severity not in ("reduced", "normal", "tightened"):
        raise NoSuchSeverity(f"{defect_class}, {severity}")
    if not reason.strip():
        raise SeverityNeedsReason
    if severity == "reduced":
        _require_reducible(context, _state(context, supplier_id, item_id).classes[defect_class])
    _set_severity(context, supplier_id, item_id, severity, reason, [defect_class])


def _require_reducible(context: ServiceContext, found: ClassState) -> None:
    rules = context.configuration("inspection_rules")["switching"]["reduced"]
    if (
        rules["offered"] is not True
        or "reduced" not in (context.configuration("sampling_tables")["severities"])
    ):
        raise ReducedNotAllowed(
            "the document inspection_rules or the sampling table does not offer it",
            "检验规则或抽样表未启用放宽检验",
            expected="offered",
            found="not offered",
        )
    if found.severity != "normal" or found.score < rules["score"]:
        raise ReducedNotAllowed(
            f"the class is under {found.severity} inspection with a score of {found.score}",
            f"该类检验项目当前为 {found.severity}，转移得分 {found.score}",
            expected=f"normal, {rules['score']}",
            found=f"{found.severity}, {found.score}",
        )


def _state(context: ServiceContext, supplier_id: UUID, item_id: UUID) -> SwitchingState:
    events = supplier_history.history(context.db, context.tenant_id, supplier_id, item_id)
    return switching_state(events, context.configuration("inspection_rules"))


def _set_where(
    context: ServiceContext,
    supplier_id: UUID,
    item_id: UUID,
    now: Collection[str],
    severity: str,
    why: str,
) -> None:
    """Set the severity of the classes that are under one of those named now."""
    found = _state(context, supplier_id, item_id).severities
    classes = [name for name, each in found.items() if each in now]
    _set_severity(context, supplier_id, item_id, severity, why, classes)


def _set_severity(
    context: ServiceContext,
    supplier_id: UUID,
    item_id: UUID,
    severity: str,
    why: str,
    classes: Collection[str],
) -> None:
    """Add one event for all classes, or one for each of some."""
    named = [None] if len(classes) == len(JUDGED_CLASSES) else list(classes)
    for each in named:
        event = SupplierEvent(
            kind="severity_set", received_at=context.now, severity=severity, defect_class=each
        )
        supplier_history.record_event(context, supplier_id, item_id, event, note=why)


def _set_by_decision(state: SwitchingState, event: SupplierEvent, severity: str) -> SwitchingState:
    """Begin counting anew in the class that was decided about, or in all of them."""
    begun = {
        name: replace(
            each, severity=severity, recent=(), accepted_in_row=0, rejected_while_tightened=0
        )
        if event.defect_class in (None, name)
        else each
        for name, each in state.classes.items()
    }
    return replace(state, classes=begun, accepted_in_row=0)


def _without_score(state: SwitchingState) -> dict[str, ClassState]:
    return {name: replace(each, score=0) for name, each in state.classes.items()}


def _after_lot(
    state: SwitchingState, event: SupplierEvent, rules: Mapping[str, Any]
) -> SwitchingState:
    accepted = bool(event.accepted)
    counted = {
        name: _after_class(each, outcome, rules)
        for name, each in state.classes.items()
        if (outcome := _outcome(event, name)) is not None
    }
    switched = any(
        each.severity != state.classes[name].severity and each.severity == "tightened"
        for name, each in counted.items()
    )
    return replace(
        state,
        classes={**state.classes, **counted},
        accepted_in_row=state.accepted_in_row + 1 if accepted and not switched else 0,
        lots_inspected=state.lots_inspected + 1,
        last_lot_rejected=not accepted,
        lots_since_change=(
            None if state.lots_since_change is None else state.lots_since_change + 1
        ),
    )


def _outcome(event: SupplierEvent, name: str) -> Mapping[str, Any] | None:
    """Give what a lot came to in a class; None where nothing of the class was inspected."""
    if event.classes is None:
        return {
            "accepted": bool(event.accepted),
            "accepted_one_step_tighter": bool(event.accepted_one_step_tighter),
            "acceptance_number": event.acceptance_number or 0,
        }
    return event.classes.get(name)


def _after_class(
    state: ClassState, outcome: Mapping[str, Any], rules: Mapping[str, Any]
) -> ClassState:
    accepted = outcome["accepted"] is True
    counted = replace(
        state,
        recent=(*state.recent, accepted)[-rules["normal_window"] :],
        accepted_in_row=state.accepted_in_row + 1 if accepted else 0,
        score=_score(state, outcome),
    )
    begun = ClassState()
    if state.severity == "normal":
        if counted.recent.count(False) >= rules["normal_rejected"]:
            return replace(begun, severity="tightened")
    elif state.severity == "reduced":
        if not accepted:
            return begun
    elif state.severity == "tightened":
        rejected = state.rejected_while_tightened + (not accepted)
        if rejected >= rules["tightened_rejected"]:
            return replace(counted, severity="discontinued", rejected_while_tightened=rejected)
        if counted.accepted_in_row >= rules["tightened_accepted"]:
            return replace(begun, accepted_in_row=counted.accepted_in_row)
        return replace(counted, rejected_while_tightened=rejected)
    return counted


def _score(state: ClassState, outcome: Mapping[str, Any]) -> int:
    """Give the switching score after a lot.

    Three points for a lot that a tighter plan would accept as well (acceptance number 2 and more),
    two for an accepted lot under acceptance number 0 or 1, else back to zero.
    """
    if state.severity != "normal" or not outcome["accepted"]:
        return 0
    if outcome["acceptance_number"] >= _SCORED_BY_TIGHTER_PLAN:
        return state.score + 3 if outcome["accepted_one_step_tighter"] else 0
    return state.score + 2
