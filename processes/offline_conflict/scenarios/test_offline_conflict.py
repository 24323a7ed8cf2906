"""A handheld comes back: what could not be carried out is decided by a person, with a signature."""

from typing import Any

import pytest

from processes.incoming_inspection.scenarios.inspection import Inspection, deliver
from tests.handheld import Handheld, Written, receipts
from tests.people import ADA, BEA, BEN, DORA, Person
from tests.scenario import Scenario


@pytest.fixture
def inspection(company: Scenario) -> Inspection:
    return deliver(company)


def check(device: Handheld, inspection: Inspection, by: Person, **more: Any) -> Written:
    """Check the documents of the delivery on a device, without a network."""
    company = inspection.company
    if by.username not in device.secrets:
        device.give_key(by)
    item = company.open("CheckDocuments", by, inspection.instance)
    data = company.shown(
        item,
        {
            "documents": [{"finding": "conforming"}, {"finding": "conforming"}],
            "identity_ok": True,
            "shelf_life_ok": True,
        },
    )
    return device.complete(item, by, data, **more)


def conflicts(company: Scenario, person: Person) -> list[str]:
    return [each.activity_id for each in company.worklist(person) if "Decide" in each.activity_id]


def test_what_cannot_be_proven_is_carried_out_when_somebody_answers_for_it(
    company: Scenario, inspection: Inspection
) -> None:
    device = Handheld(company, BEN)
    written = check(device, inspection, BEN, lease=None)
    (said,) = receipts(device.hand_in())
    assert (said["outcome"], said["reason"], said["final"]) == ("parked", "no_lease", "no")
    assert inspection.open_activities() == ["CheckDocuments"]
    assert conflicts(company, ADA) == ["DecideSecurity"]
    company.do("DecideSecurity", ADA, choice="apply", reason="Ben was seen at the dock", values=[])
    company.clock.advance(minutes=2)
    company.background.run_until_idle()
    assert "CheckDocuments" not in inspection.open_activities()
    (said,) = receipts(device.hand_in(written))
    assert (said["outcome"], said["reason"], said["final"]) == ("flagged", "ruled", "yes")
    assert company.verify().differences == []


def test_two_checked_the_same_and_the_second_is_kept_as_evidence(
    company: Scenario, inspection: Inspection
) -> None:
    first, second = Handheld(company, BEN), Handheld(company, BEA)
    written = check(second, inspection, BEA)
    check(first, inspection, BEN)
    assert first.outcomes() == ["accepted"]
    assert second.outcomes() == ["superseded"]  # the same data: a confirmation
    assert conflicts(company, DORA) == []
    assert second.outcomes(written) == ["superseded"]
    assert company.verify().differences == []


def test_a_decision_is_made_once(company: Scenario, inspection: Inspection) -> None:
    device = Handheld(company, BEN)
    check(device, inspection, BEN, lease=None)
    device.hand_in()
    company.do("DecideSecurity", ADA, choice="keep", reason="He was on leave that day", values=[])
    (said,) = receipts(device.hand_in())
    assert (said["outcome"], said["final"]) == ("superseded", "yes")
    assert said["message"]["en"].startswith("ada decided: kept as evidence")
    assert company.verify().differences == []


def test_what_a_device_lost_is_somebodys_task(company: Scenario) -> None:
    device = Handheld(company, BEN)
    device.write({"kind": "process_instance.start", **nothing(device)}, BEN)
    kept = device.outbox.pop()
    device.hand_in()  # only the mark arrives: the server knows that there is one more
    device.enrol(BEN, kept=False)  # the storage was erased
    company.background.run_until_idle()
    (item,) = [each for each in company.worklist(DORA) if each.activity_id == "Decide"]
    assert item.title == "Handheld 1"
    company.do("Decide", DORA, choice="noted", reason="Ben enters it again", values=[])
    assert kept.seq == 1
    assert company.verify().differences == []


def nothing(device: Handheld) -> dict[str, Any]:
    return {
        "target": {"process_instance": str(device.device_id), "process": "receiving"},
        "definition": {"process": "receiving", "version": "1", "hash": "00" * 32, "form": None},
        "data": {},
    }
