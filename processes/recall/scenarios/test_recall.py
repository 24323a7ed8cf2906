"""A recall from the first suspicion to three signatures, and what it refuses on the way."""

from processes.ledger import status
from processes.ledger.clocks import clocks
from processes.ledger.field_actions import reconciliation
from processes.recall.scenarios.field_action import (
    Company,
    open_action,
)
from tests.scenario import TENANT


def test_a_recall_is_frozen_decided_carried_out_and_closed(maker: Company) -> None:
    part, device = maker.set_up("CN", "US")
    recall = open_action(maker, part)
    assert (recall.case["reach"]["lots"], recall.case["reach"]["holds"]) == (2, 2)
    with maker.scenario.database.reading() as db:
        assert status.open_holds(db, TENANT, device.lot_id)
    recall.evaluate()
    assert recall.case["proposal"]["action_type"] == "recall"
    recall.decide()
    with maker.scenario.database.reading() as db:
        running = clocks.of_subject(db, TENANT, "field_action", recall.number)
    assert sorted(each.rule_code for each in running) == ["CN-N2", "CN-PLAN", "CN-RPT", "US-806"]
    recall.plan()
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver({"on_hand": "1", "used": "0", "returned": "3"})
    recall.take_back("C-1", device, "4")
    recall.take_back("C-2", device, "4")
    recall.check_effect()
    row = {
        "lot": device.number,
        "unit": "ea",
        "quantity": "8",
        "disposition": "destroy",
        "reference": "CERT-1",
    }
    recall.finish([row])
    assert recall.case["gate"]["ready"] is True, recall.case["gate"]
    recall.close()
    assert recall.status == "completed"
    assert recall.action().status == "closed"
    assert recall.read(reconciliation.of_action).complete
    assert recall.stock(device) == {("D-01", "RELEASED"): 12}
    assert maker.scenario.verify().differences == []
