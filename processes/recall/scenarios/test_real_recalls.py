"""Recalls that were published: each is run as it was, as far as the public record tells.

Product, reason, lots, class and markets come from the FDA's file; what it does not tell (who
bought, what came back) is made up. A recall that was expanded is extended here with later lots.
"""

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from processes.ledger.clocks import clocks
from processes.ledger.field_actions import notices, reconciliation, reports
from processes.recall.scenarios.field_action import MEI, TEXT, Company, open_action
from tests.people import DORA
from tests.scenario import TENANT

FILE = Path(__file__).resolve().parents[4] / "shared/data/recalls/medical-device-recalls.csv"
CLASSES = {"Class I": "I", "Class II": "II", "Class III": "III"}
NUMBERS = (
    "Z-2038-2014",  # a filter with two references and several lots
    "Z-0057-2017",  # class III
    "Z-2580-2021",  # serial numbers, many countries
    "Z-0817-2018",  # expanded by later lots
    "Z-1862-2021",  # UDI and lot
    "Z-0546-2018",  # cases, class II
)
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the published recalls lie in ../shared/data/recalls, which is absent"
)


def published(number: str) -> Mapping[str, str]:
    with FILE.open(newline="", encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["recall_number"] == number)


def lots_of(row: Mapping[str, str]) -> list[str]:
    """Give the first two lots or serial ranges that the record names, as lot numbers may be."""
    found = re.findall(r"\b[0-9A-Z]*\d{3,}[0-9A-Z-]*\b", row["code_info"])
    return list(dict.fromkeys(each[:20] for each in found))[:2]


def markets_of(row: Mapping[str, str]) -> tuple[str, ...]:
    wide = "orldwide" in row["distribution_pattern"] or "oreign" in row["distribution_pattern"]
    return ("US", "EU") if wide else ("US",)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_published_recall_runs_from_freeze_to_closure(maker: Company, number: str) -> None:
    row = published(number)
    named = lots_of(row)
    assert named, row["code_info"]
    markets = markets_of(row)
    maker.set_up()
    device = maker.lot(named[0], 30, where="D-01")
    for place, market in enumerate(markets, start=1):
        maker.consignee(f"C-{place}", market)
        maker.ship(device, f"C-{place}", 5)
    recall = open_action(maker, device)
    harm = {"I": "serious_probable", "II": "temporary_or_remote", "III": "unlikely"}
    severity = CLASSES[row["classification"]]
    recall.evaluate(harm=harm[severity])
    assert recall.case["proposed_fda"]["proposed"] == severity
    eu = recall.case["proposed_eu"]["proposed"] if "EU" in markets else "none"
    recall.decide("recall", class_china="unclassified", class_fda=severity, class_eu=eu)
    # What the public record says becomes the notice; its words pass the linter as they are.
    text = {
        **TEXT,
        "product": row["product_description"][:300],
        "reason": row["reason_for_recall"][:2000],
    }
    recall.plan(texts=[{"language": "en", **text}])
    with maker.scenario.database.reading() as db:
        started = clocks.of_subject(db, TENANT, "field_action", recall.number)
    assert "US-806" in {each.rule_code for each in started}
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver({"on_hand": "0", "used": "2", "returned": "3"})
    if "expanded" in row["code_info"]:
        later = maker.lot(named[1], 10, where="D-01")
        maker.ship(later, "C-1", 2)
        recall.do(
            "Review",
            MEI,
            what="extend",
            minutes="expanded, as published",
            affected=[{"lot": later.number}],
        )
        recall.do("ApproveExtension", DORA, agreed=True)
        recall.report_to_authorities()
        recall.release_notices()
        recall.deliver({"on_hand": "0", "used": "2"})
    for place, _ in enumerate(markets, start=1):
        recall.take_back(f"C-{place}", device, "3")
    recall.check_effect()
    disposed = {
        "lot": device.number,
        "unit": "ea",
        "quantity": str(3 * len(markets)),
        "disposition": "destroy",
        "reference": "CERT",
    }
    recall.finish([disposed])
    assert recall.case["gate"]["ready"] is True, recall.case["closing"]
    recall.close()
    assert recall.action().status == "closed"
    accounts = recall.read(reconciliation.of_action)
    assert (accounts.complete, str(accounts.percent)) == (True, "100.0")
    assert text["reason"][:40] in recall.read(notices.of_action)[0].body
    assert all(reports.is_accepted(each) for each in recall.read(reports.of_action))
    assert maker.scenario.verify().differences == []
