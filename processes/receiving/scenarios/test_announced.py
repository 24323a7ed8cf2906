"""A shipment that its supplier announced: receiving opens with the lots that are to come."""

from typing import Any

import pytest

from engine.commands.handed_in import HandInMessage
from engine.identifiers import new_id
from engine.outcomes import Outcome, Rejected
from processes.receiving.scenarios.test_receiving import LENA, SCREW, delivery
from tests.people import ANN
from tests.scenario import Scenario

NOTICE: dict[str, Any] = {
    "notice": "S-1001/ASN-7",
    "supplier": "S-1001",
    "delivery_note": "DN-7",
    "lines": [
        {"item_number": SCREW, "supplier_lot": "HX-77", "quantity": "10", "sscc": "3" * 18},
        {"item_number": SCREW, "supplier_lot": "HX-78", "quantity": "5"},
    ],
}


def announce(company: Scenario, **more: Any) -> Outcome:
    payload = {**NOTICE, **more}
    command = HandInMessage(command_id=new_id(), name="shipping.announced", payload=payload)
    outcome = company.ask(command, LENA)
    company.background.run_until_idle()
    return outcome


def test_receiving_opens_with_what_was_announced(company: Scenario) -> None:
    company.add(LENA)
    company.must(announce(company))
    (item,) = [each for each in company.worklist(ANN) if each.activity_id == "Receive"]
    instance = item.work_item_id.process_instance_id
    case = company.variables(instance)
    assert (
        case["choices"]["announced"]["summary"]
        == f"S-1001/ASN-7: {SCREW} · HX-77 · 10 · {'3' * 18}"
    )
    assert case["choices"]["announced_left"] == 1
    company.do("Receive", ANN, instance, **delivery(delivery_note="DN-7", more=True))
    assert "HX-78" in company.variables(instance)["choices"]["announced"]["summary"]
    last = delivery(delivery_note="DN-7", supplier_lot="HX-78", quantity="5", more=False)
    company.do("Receive", ANN, instance, **last)
    assert company.status(instance) == "completed"
    assert company.variables(instance)["receipt"]["line"] == 2  # one receipt for the notice
    assert company.must(announce(company))["new"] is False  # announced once
    assert company.verify().differences == []


@pytest.mark.parametrize(
    "lines", [[], "HX-77", [{"item_number": 7}], [{"quantity": "x" * 401}], [["HX-77"]]]
)
def test_a_notice_that_cannot_be_read_is_refused(company: Scenario, lines: Any) -> None:
    company.add(LENA)
    refused = announce(company, lines=lines)
    assert isinstance(refused, Rejected)
    assert [each.path for each in refused.errors] == ["/payload/lines"]
