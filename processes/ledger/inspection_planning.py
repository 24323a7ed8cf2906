"""How much is inspected: the history that decides the mode, and the sample list from its seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.services import ServiceContext
from processes.ledger import items, plans, site_days, supplier_history, suppliers
from processes.ledger.attribute_sampling import one_step_tighter, sampling_plan
from processes.ledger.inspection_lots import InspectionLot, Sampling
from processes.ledger.items import Item
from processes.ledger.nonconformity import supply_stops
from processes.ledger.plans import Plan
from processes.ledger.purchasing import certificates, rows, waivers
from processes.ledger.receipts import ReceiptLine
from processes.ledger.sample_selection import sample_units
from processes.ledger.supplier_history import SupplierEvent
from processes.ledger.switching import switching_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """What the decision on the inspection mode said (IQ-01).

    `level` replaces the inspection level of AQL rules; with `documents_only` nothing is sampled.
    With `by_class` each class of characteristics is inspected as its own switching says, and
    `severity` counts for none of them.
    """

    mode: str
    severity: str
    level: str | None = None
    documents_only: bool = False
    by_class: bool = False

    def severity_of(self, defect_class: str, switched: Mapping[str, str]) -> str:
        """Give the severity that a class is inspected with: a stopped one is tightened."""
        if not self.by_class:
            return self.severity
        found = switched.get(defect_class, "normal")
        return "tightened" if found == "discontinued" else found


def history_for(context: ServiceContext, line: ReceiptLine, item: Item) -> dict[str, Any]:
    """Give what the decision on the mode looks at: supplier, history, what changed (IQ-01, IQ-03).

    `skip_position` counts accepted lots in a row modulo 3: skip-lot inspects every third. How far
    back a nonconformity and a delivery count says the customer (`inspection_rules.history_months`).
    `stopped_by` is the request to the supplier that stops its receipts (IQ-03).
    """
    db, tenant_id = context.db, context.tenant_id
    source = suppliers.find(db, tenant_id, line.supplier_id)
    supply = suppliers.supply(db, tenant_id, line.supplier_id, item.item_id, line.site)
    events = [
        event
        for event in supplier_history.history(db, tenant_id, line.supplier_id, item.item_id)
        if event.received_at <= context.now  # a revision of next month changes nothing yet
    ]
    rules = context.configuration("inspection_rules")
    state = switching_state(events, rules)
    first_lots = rules["first_lots_tightened"]
    changed = state.lots_since_change is not None and state.lots_since_change < first_lots
    stop = supply_stops.stopping(db, tenant_id, line.supplier_id, item.item_id)
    conditional = source.status == "conditional" or supply is None or supply.status == "conditional"
    waiver = waivers.of_receipt(db, tenant_id, line.receipt_line_id)
    return {
        "supplier_conditional": conditional or waiver is not None,
        "waiver": None
        if waiver is None
        else {"number": waiver.number, "controls": waiver.controls},
        "rating": 0 if supply is None else supply.rating,
        "lots_inspected": state.lots_inspected,
        "first_lots": state.lots_inspected < first_lots,
        "changed": changed,
        "last_lot_rejected": state.last_lot_rejected,
        "accepted_in_row": state.accepted_in_row,
        "skip_position": state.accepted_in_row % 3,
        "nonconformity_lately": _lately(context, line, events, "nonconformity"),
        "delivered_lately": _lately(context, line, events, "lot_inspected"),
        "certificates_in_force": not certificates.missing(
            db,
            tenant_id,
            line.supplier_id,
            certificates.required_for(rows.rules(context), item),
            site_days.today(context, line.site),
        ),
        "stopped_by": None if stop is None else stop[0],
        "severity": state.severity,
        "severities": state.severities,
        "switching_score": state.score,
    }


def _lately(
    context: ServiceContext, line: ReceiptLine, events: Sequence[SupplierEvent], kind: str
) -> bool:
    """Tell whether something of a kind lies within as many months as the customer counts back."""
    months = context.configuration("inspection_rules")["history_months"][kind]
    since = site_days.months_later(site_days.today(context, line.site), -months)
    return any(
        each.kind == kind
        and site_days.day_of(context.configuration, each.received_at, line.site) >= since
        for each in events
    )


def plan_samples(
    context: ServiceContext,
    inspection: InspectionLot,
    plan: Plan,
    mode: Mode,
    seed: str,
    *,
    switched: Mapping[str, str],
) -> list[Sampling]:
    """Work out the sampling of every characteristic and draw the units from the seed.

    `switched` is the severity of each class by the switching rules.

    One list of units is drawn for the whole inspection lot; a characteristic takes as many from its
    beginning as it needs, so that one unit serves several characteristics.
    """
    if mode.documents_only:
        return []
    table = context.configuration("sampling_tables")
    size = lot_size(context, inspection, plan)
    found = [
        (
            each.number,
            severity := mode.severity_of(each.defect_class, switched),
            plans.sampling_for(each, table, lot_size=size, severity=severity, level=mode.level),
        )
        for each in plan.characteristics
    ]
    largest = max((each.sample_size for _, _, each in found), default=0)
    drawn = sample_units(seed, size, largest)
    return [
        Sampling(
            characteristic_number=number,
            plan=each,
            severity=severity,
            sample_units=tuple(_spread(drawn, each.sample_size)),
        )
        for number, severity, each in found
    ]


def lot_size(context: ServiceContext, inspection: InspectionLot, plan: Plan) -> int:
    """Give the lot size in units that can be drawn: pieces; of bulk goods, whole stock units."""
    item = items.find(context.db, context.tenant_id, plan.item_id)
    unit = items.stock_unit(context.db, context.tenant_id, item)
    units: int = -(-inspection.quantity // 10**unit.decimals)  # rounded up
    return max(1, units)


def tighter_acceptance(
    context: ServiceContext, inspection: InspectionLot, plan: Plan
) -> dict[int, int]:
    """Give the acceptance numbers one step tighter, by characteristic (for the switching score)."""
    table = context.configuration("sampling_tables")
    size = lot_size(context, inspection, plan)
    found: dict[int, int] = {}
    for each in plan.characteristics:
        rule = each.sampling
        tighter = one_step_tighter(table, rule["aql"]) if rule["rule"] == "aql" else None
        if tighter is not None:
            found[each.number] = sampling_plan(
                table, lot_size=size, aql=tighter, level=rule["level"], severity="normal"
            ).acceptance_number
    return found


def to_measure(
    plan: Plan,
    samplings: Sequence[Sampling],
    instruments_by_type: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    only: Sequence[int] | None = None,
    attempt: int = 1,
) -> list[dict[str, Any]]:
    """Give the characteristics to be inspected as the diagram and its form see them."""
    by_number = {each.number: each for each in plan.characteristics}
    chosen = [
        each
        for each in samplings
        if each.plan.sample_size and (only is None or each.characteristic_number in only)
    ]
    found = []
    for sampling in chosen:
        each = by_number[sampling.characteristic_number]
        found.append(
            {
                "number": each.number,
                "names": dict(each.names),
                "class": each.defect_class,
                "severity": sampling.severity,
                "kind": each.kind,
                "method": each.method,
                "requirement": dict(each.requirement) if each.requirement else None,
                "unit": each.unit_code,
                "nominal": each.nominal,
                "lower_limit": each.lower_limit,
                "upper_limit": each.upper_limit,
                "decimals": _decimals(each),
                "instrument_type": each.instrument_type,
                "instruments": list(instruments_by_type.get(each.instrument_type or "", ())),
                "destructive": each.destructive,
                "laboratory": each.laboratory,
                "basis": dict(sampling.plan.basis),
                "sample_size": sampling.plan.sample_size,
                "acceptance_number": sampling.plan.acceptance_number,
                "rejection_number": sampling.plan.rejection_number,
                "samples": [
                    {"sample": place, "unit": unit}
                    for place, unit in enumerate(sampling.sample_units, start=1)
                ],
                "attempt": attempt,
            }
        )
    return found


def _decimals(each: plans.Characteristic) -> int:
    """Give how many decimals a reading may have: one more than the limits are written with."""
    limits = [limit for limit in (each.lower_limit, each.upper_limit, each.nominal) if limit]
    finest = min((int(limit.as_tuple().exponent) for limit in limits), default=0)
    return max(0, -finest) + 1


def _spread(drawn: Sequence[int], size: int) -> list[int]:
    """Take `size` of the drawn units, evenly spread over the lot."""
    if not size:
        return []
    return [drawn[place * len(drawn) // size] for place in range(size)]
