"""Recalls that were published: each is run as it was, as far as the public record tells.

Product, reason, lots or serial numbers, class and countries come from the FDA's file; what it does
not tell (who bought, what came back) is made up, and so are the classes of China and the EU, which
the rules propose. A recall that was expanded is extended here with later lots.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from processes.ledger.clocks import clocks
from processes.ledger.field_actions import notices, reconciliation, reports, scope
from processes.ledger.lots import Lot
from processes.recall.scenarios.field_action import (
    MEI,
    TEXT,
    TEXT_ZH,
    Company,
    Recall,
    open_action,
)
from tests.people import DORA
from tests.scenario import TENANT

FILE = Path(__file__).resolve().parents[4] / "shared/data/recalls/medical-device-recalls.csv"
CLASSES = {"Class I": "I", "Class II": "II", "Class III": "III"}
NUMBERS = (
    "Z-2038-2014",  # two references with several lots each
    "Z-0057-2017",  # class III, five lots
    "Z-2580-2021",  # a range of serial numbers, many countries
    "Z-1718-2015",  # single serial numbers, many countries, China among them
    "Z-0817-2018",  # expanded by later lots
    "Z-1862-2021",  # UDI and lot
    "Z-0546-2018",  # cases, class II, two lots
)
COUNTRIES = {
    "China": ("CN", "CN"),
    "Austria": ("AT", "EU"),
    "Denmark": ("DK", "EU"),
    "Greece": ("GR", "EU"),
    "Australia": ("AU", "AU"),
    "Brazil": ("BR", "BR"),
    "Canada": ("CA", "CA"),
    "Korea": ("KR", "KR"),
}
"""Country and market of some names in the FDA's file; CANADA is Canada."""
LOTS, PLACES = 4, 5
"""How many lots and countries of a record are told here, at most."""
SHIPPED, USED = 5, 2
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the published recalls lie in ../shared/data/recalls, which is absent"
)


def published(number: str) -> Mapping[str, str]:
    with FILE.open(newline="", encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["recall_number"] == number)


def numbers_of(row: Mapping[str, str]) -> list[str]:
    """Give the lots, or the serial numbers, that the record names, as such numbers may be."""
    found = re.findall(r"(?<![/\d-])[0-9A-Z]*\d{3,}[0-9A-Z-]*\b(?!/\d)", row["code_info"])
    return list(dict.fromkeys(each[:20] for each in found))


def range_of(row: Mapping[str, str]) -> tuple[str, str] | None:
    """Give the first and the last serial number where the record names a range."""
    found = re.search(r"[Ss]erial [Nn]umber range: ?(\d+)-(\d+)", row["code_info"])
    return None if found is None else (found[1], found[2])


def countries_of(row: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give the United States and the countries that are named, China first."""
    pattern = row["distribution_pattern"].casefold()
    named = [place for name, place in COUNTRIES.items() if name.casefold() in pattern]
    return [("US", "US"), *named][:PLACES]


@dataclass(frozen=True, slots=True)
class Goods:
    """What was made and sent, and how a form names it."""

    lots: tuple[Lot, ...]
    affected: tuple[Mapping[str, str], ...]
    sent: tuple[tuple[str, Lot, str | None], ...]  # to whom, of which lot, which unit
    serials: tuple[str, ...] = ()  # of the units in reach


def in_lots(maker: Company, named: list[str], people: list[str]) -> Goods:
    """Make lots and send some of each to a consignee, so that most have several lots."""
    made = tuple(maker.lot(each, 60, where="D-01") for each in named)
    sent = []
    for at, lot in enumerate(made):
        for person in {people[at % len(people)], people[0]}:
            maker.ship(lot, person, SHIPPED)
            sent.append((person, lot, None))
    return Goods(made, tuple({"lot": lot.number} for lot in made), tuple(sent))


def by_serial(
    maker: Company, row: Mapping[str, str], people: list[str], markets: list[str]
) -> Goods:
    """Make units in and out of the published reach, and send one of those in it to each."""
    ends = range_of(row)
    if ends is None:
        reach = numbers_of(row)[: len(people)]
        others = ["99991001", "99991002"]
        named = [{"serial_from": each} for each in reach]
    else:
        low, high = map(int, ends)
        reach = [str(low + at * (high - low) // (len(people) - 1)) for at in range(len(people))]
        others = [str(low - 1), str(high + 1)]
        named = [{"serial_from": ends[0], "serial_to": ends[1]}]
    lot = maker.serial_lot("UNITS-1", [*reach, *others], *dict.fromkeys(markets))
    for person, serial in zip(people, reach, strict=True):
        maker.ship_units(lot, person, serial)
    maker.ship_units(lot, people[0], others[0])
    return Goods(
        (lot,),
        tuple({"lot": lot.number, **each} for each in named),
        tuple((person, lot, serial) for person, serial in zip(people, reach, strict=True)),
        tuple(reach),
    )


@pytest.mark.parametrize("number", NUMBERS)
def test_a_published_recall_runs_from_freeze_to_closure(maker: Company, number: str) -> None:
    row = published(number)
    named = numbers_of(row)
    assert named, row["code_info"]
    places = countries_of(row)
    people = [f"C-{at}" for at, _ in enumerate(places, start=1)]
    maker.set_up()
    for person, (country, market) in zip(people, places, strict=True):
        maker.consignee(person, market, country=country)
    markets = [market for _, market in places]
    if "erial" in row["code_info"]:
        goods = by_serial(maker, row, people, markets)
    else:
        goods = in_lots(maker, named[:LOTS], people)
    recall = open_action(maker, *goods.affected)
    reached_as_published(recall, goods)
    decided_by_class(recall, row, markets)
    told_and_answered(maker, recall, row, goods, china="CN" in markets)
    if "expanded" in row["code_info"]:
        expanded(maker, recall, named[LOTS])
    recall.check_effect()
    recall.finish(disposed(goods))
    assert recall.case["gate"]["ready"] is True, recall.case["closing"]
    recall.close()
    assert recall.action().status == "closed"
    accounts = recall.read(reconciliation.of_action)
    assert (accounts.complete, str(accounts.percent)) == (True, "100.0")
    assert all(reports.is_accepted(each) for each in recall.read(reports.of_action))
    assert maker.scenario.verify().differences == []


def reached_as_published(recall: Recall, goods: Goods) -> None:
    lines = recall.read(scope.lines_of)
    assert {each.lot_number for each in lines} == {lot.number for lot in goods.lots}
    if goods.serials:
        assert {each.serial_number for each in lines} == set(goods.serials)
    else:
        assert len(lines) == len(goods.sent)


def decided_by_class(recall: Recall, row: Mapping[str, str], markets: list[str]) -> None:
    """The FDA's class is the published one; the other two are fields of their own."""
    harm = {"I": "serious_probable", "II": "temporary_or_remote", "III": "unlikely"}
    severity = CLASSES[row["classification"]]
    recall.evaluate(harm=harm[severity])
    assert recall.case["proposed_fda"]["proposed"] == severity
    china = recall.case["proposed_china"]["proposed"] if "CN" in markets else "unclassified"
    eu = recall.case["proposed_eu"]["proposed"] if "EU" in markets else "none"
    recall.decide("recall", class_china=china, class_fda=severity, class_eu=eu)
    action = recall.action()
    kept = [action.class_in_force(region) for region in ("china", "fda", "eu")]
    assert kept == [china, severity, eu]


def told_and_answered(
    maker: Company, recall: Recall, row: Mapping[str, str], goods: Goods, *, china: bool
) -> None:
    """What the public record says becomes the notice; its words pass the linter as they are."""
    text = {
        **TEXT,
        "product": row["product_description"][:300],
        "reason": row["reason_for_recall"][:2000],
    }
    chinese = [{"language": "zh", **TEXT_ZH}] if china else []
    recall.plan(texts=[{"language": "en", **text}, *chinese])
    with maker.scenario.database.reading() as db:
        started = {
            each.rule_code for each in clocks.of_subject(db, TENANT, "field_action", recall.number)
        }
    assert "US-806" in started
    assert ("CN-RPT" in started) == china
    recall.report_to_authorities()
    recall.release_notices()
    written = recall.read(notices.of_action)
    assert text["reason"][:40] in written[0].body
    if china:
        assert [each.language for each in written if each.market == "CN"] == ["zh"]
    if goods.serials:
        recall.deliver({"on_hand": "0", "returned": "1"})
    else:
        recall.deliver({"on_hand": "0", "used": str(USED), "returned": str(SHIPPED - USED)})
    recall.returned([came_back(*each) for each in goods.sent])


def came_back(consignee: str, lot: Lot, serial: str | None) -> dict[str, Any]:
    unit = {} if serial is None else {"serial_number": serial}
    return {
        "consignee": consignee,
        "lot": lot.number,
        "kind": "returned",
        "unit": "ea",
        "quantity": "1" if serial else str(SHIPPED - USED),
        "reference": "RMA-1",
        "location": "T-01",
        **unit,
    }


def expanded(maker: Company, recall: Recall, later: str) -> None:
    lot = maker.lot(later, 10, where="D-01")
    maker.ship(lot, "C-1", 2)
    affected = [{"lot": lot.number}]
    recall.do("Review", MEI, what="extend", minutes="expanded, as published", affected=affected)
    recall.do("ApproveExtension", DORA, agreed=True)
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver({"on_hand": "0", "used": str(USED)})


def disposed(goods: Goods) -> list[dict[str, Any]]:
    """Give a row for each lot, or for each unit, that came back."""
    common = {"unit": "ea", "disposition": "destroy", "reference": "CERT"}
    if goods.serials:
        return [
            {**common, "lot": lot.number, "serial_number": serial, "quantity": "1"}
            for _, lot, serial in goods.sent
        ]
    each = SHIPPED - USED
    return [
        {
            **common,
            "lot": lot.number,
            "quantity": str(each * sum(1 for _, of, _ in goods.sent if of is lot)),
        }
        for lot in goods.lots
    ]
