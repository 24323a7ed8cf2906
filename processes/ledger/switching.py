"""Switching between normal and tightened inspection, from the history of supplier and item (IQ-03).

A fold over the events in order of receipt; resubmitted lots do not count (ISO 2859-1). The limits
are the customer's document `inspection_rules`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from engine.services import ServiceContext
from processes.ledger import supplier_history
from processes.ledger.supplier_history import SupplierEvent

_SCORED_BY_TIGHTER_PLAN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchingState:
    """Where supplier and item stand: severity, and the counts that decide the next switch.

    `severity` is "normal", "tightened" or "discontinued". `score` is the switching score for
    reduced inspection, shown to the quality manager; reduced inspection itself is not offered.
    """

    severity: str = "normal"
    recent: tuple[bool, ...] = ()
    accepted_in_row: int = 0
    rejected_while_tightened: int = 0
    score: int = 0
    lots_inspected: int = 0
    last_lot_rejected: bool = False
    lots_since_change: int | None = None


def switching_state(events: Iterable[SupplierEvent], rules: Mapping[str, Any]) -> SwitchingState:
    """Give the state after a supplier's history of an item, oldest event first."""
    state = SwitchingState()
    for event in events:
        if event.kind == "lot_inspected" and not event.resubmission:
            state = _after_lot(state, event, rules["switching"])
        elif event.kind == "severity_set" and event.severity is not None:
            state = replace(
                state,
                severity=event.severity,
                recent=(),
                accepted_in_row=0,
                rejected_while_tightened=0,
            )
        elif event.kind == "nonconformity":
            state = replace(state, score=0)
        elif event.kind == "item_changed":
            state = replace(state, lots_since_change=0, score=0)
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
    supplier or item is unknown, or where inspection is stricter than normal already.
    """
    limit = context.configuration("inspection_rules")["switching"]["tightened_from_severity"]
    if supplier_id is None or item_id is None or severity < limit:
        return
    if _severity_now(context, supplier_id, item_id) == "normal":
        _set_severity(context, supplier_id, item_id, "tightened", f"{number}, {severity}")


def resume(context: ServiceContext, supplier_id: UUID, item_id: UUID, why: str) -> None:
    """Begin again, tightened, after inspection was discontinued (ISO 2859-1, 9.4).

    Called when the supplier has been qualified anew; nothing happens otherwise.
    """
    if _severity_now(context, supplier_id, item_id) == "discontinued":
        _set_severity(context, supplier_id, item_id, "tightened", why)


def _severity_now(context: ServiceContext, supplier_id: UUID, item_id: UUID) -> str:
    events = supplier_history.history(context.db, context.tenant_id, supplier_id, item_id)
    return switching_state(events, context.configuration("inspection_rules")).severity


def _set_severity(
    context: ServiceContext, supplier_id: UUID, item_id: UUID, severity: str, why: str
) -> None:
    event = SupplierEvent(kind="severity_set", received_at=context.now, severity=severity)
    supplier_history.record_event(context, supplier_id, item_id, event, note=why)


def _after_lot(
    state: SwitchingState, event: SupplierEvent, rules: Mapping[str, int]
) -> SwitchingState:
    accepted = bool(event.accepted)
    window = rules["normal_window"]
    counted = replace(
        state,
        recent=(*state.recent, accepted)[-window:],
        accepted_in_row=state.accepted_in_row + 1 if accepted else 0,
        lots_inspected=state.lots_inspected + 1,
        last_lot_rejected=not accepted,
        score=_score(state, event),
        lots_since_change=(
            None if state.lots_since_change is None else state.lots_since_change + 1
        ),
    )
    if state.severity == "normal":
        if counted.recent.count(False) >= rules["normal_rejected"]:
            return replace(
                counted,
                severity="tightened",
                recent=(),
                accepted_in_row=0,
                score=0,
                rejected_while_tightened=0,
            )
        return counted
    if state.severity == "tightened":
        rejected = state.rejected_while_tightened + (not accepted)
        counted = replace(counted, rejected_while_tightened=rejected)
        if rejected >= rules["tightened_rejected"]:
            return replace(counted, severity="discontinued")
        if counted.accepted_in_row >= rules["tightened_accepted"]:
            return replace(
                counted, severity="normal", recent=(), rejected_while_tightened=0, score=0
            )
    return counted


def _score(state: SwitchingState, event: SupplierEvent) -> int:
    """Give the switching score after a lot.

    Three points for a lot that a tighter plan would accept as well (acceptance number 2 and more),
    two for an accepted lot under acceptance number 0 or 1, else back to zero.
    """
    if state.severity != "normal" or not event.accepted:
        return 0
    if (event.acceptance_number or 0) >= _SCORED_BY_TIGHTER_PLAN:
        return state.score + 3 if event.accepted_one_step_tighter else 0
    return state.score + 2
