"""Every disposition of NC-03 carried out by the people who sign for it, and given back."""

import pytest

from engine.outcomes import Rejected
from processes.ledger import lots
from processes.ledger.genealogy import mass_balance
from processes.ledger.genealogy.mass_balance import MassBalance
from processes.nonconformance.scenarios.nonconformance import (
    FINN,
    HANA,
    IVAN,
    JIN,
    NORA,
    Nonconformance,
    receive,
    report,
)
from tests.people import ANN, CLEO, DORA
from tests.scenario import TENANT, Scenario

WRITTEN = {
    "document": "RW-12 rev A",
    "steps": "deburr, wash, dry",
    "adverse_effect": "none on strength, see R-7",
    "inspection": "burrs, thread",
}


def in_process(company: Scenario) -> Nonconformance:
    nc = report(company, receive(company))
    nc.to_disposition(product_kind="in_process")
    return nc


def purchased(company: Scenario) -> Nonconformance:
    nc = report(company, receive(company))
    nc.to_disposition()
    return nc


def rework(nc: Nonconformance, good: str) -> None:
    nc.do("Instruction", IVAN, **WRITTEN)
    nc.do("ApproveInstruction", DORA, decision="approve", location="H-01")
    nc.do("Rework", NORA, done_as_written=True, location="Q-01")
    nc.do("Reinspect", CLEO, sample_size=10, nonconforming=0, report="IR-1")
    decided = {"good": good, "reason": "reinspected"}
    nc.do("DecideRework", DORA, **decided, **({"location": "A-01-01"} if good != "0" else {}))


def test_returned_to_the_supplier(company: Scenario) -> None:
    nc = purchased(company)
    nc.approve(("10", "RETURN"))
    nc.do("ArrangeReturn", FINN, accepted=True, rma="RMA-1", settlement="credit", cost="120")
    nc.do("ShipReturn", ANN, carrier="SF", tracking="SF1", packages=1)
    assert nc.stock() == {}
    nc.close()
    assert nc.status == "completed"


def test_a_return_that_the_supplier_refuses_goes_back_to_the_board(company: Scenario) -> None:
    nc = purchased(company)
    nc.approve(("10", "RETURN"))
    nc.do("ArrangeReturn", FINN, accepted=False, note="insolvent")
    assert nc.open_activities() == ["Propose"]
    nc.approve(("10", "SCRAP"))
    assert nc.case["board"]["round"] == 2
    nc.scrap()
    assert nc.stock() == {}
    nc.close()


def test_three_ways_at_once(company: Scenario) -> None:
    nc = purchased(company)
    nc.approve(("6", "RETURN"), ("1", "RETAIN"), ("3", "SCRAP"))
    assert nc.open_activities() == ["ArrangeReturn", "Retain", "Scrap"]
    nc.do("Retain", ANN, location="S-01", labelled=True)
    nc.scrap()
    nc.do("ArrangeReturn", FINN, accepted=True, rma="RMA-1", settlement="replacement")
    nc.do("ShipReturn", ANN, carrier="SF", tracking="SF1", packages=1)
    assert nc.stock() == {("S-01", "SAMPLE"): 1}
    nc.close()
    assert {each["disposition"] for each in nc.sent("nc.closed")[0]["dispositions"]} == {
        *("RETURN", "RETAIN", "SCRAP"),
    }


def test_rework_to_an_approved_instruction_and_inspected_again(company: Scenario) -> None:
    nc = in_process(company)
    nc.approve(("10", "REWORK"))
    rework(nc, "10")
    made = f"{nc.lot_number}-R1"
    assert nc.stock() == {}
    assert nc.stock(made) == {("Q-01", "RELEASED"): 10}
    assert nc.holds(made)  # until the record is closed
    nc.close()
    assert nc.holds(made) == []
    assert [each["lot_number"] for each in nc.sent("lot.released")] == [nc.lot_number, made]


def balance(nc: Nonconformance, lot_number: str) -> MassBalance:
    with nc.company.database.reading() as db:
        lot = lots.by_number(db, TENANT, lot_number)
        return mass_balance.of_lot(db, TENANT, lot.lot_id)


def sent_to_the_supplier(nc: Nonconformance) -> None:
    nc.approve(("10", "SUPPLIER_REWORK"))
    nc.do("Instruction", IVAN, **WRITTEN)
    nc.do("ApproveInstruction", DORA, decision="approve", location="H-01")
    ours = nc.attempt("SendOut", ANN, location="H-01", carrier="SF", tracking="SF1", packages=1)
    assert isinstance(ours, Rejected)
    nc.do("SendOut", ANN, location="V-01", carrier="SF", tracking="SF1", packages=1)
    assert nc.stock() == {("V-01", "REWORK"): 10}
    there = balance(nc, str(nc.lot_number))
    assert (there.on_hand, there.at_supplier, there.unexplained) == (10, 10, 0)


def test_reworked_by_the_supplier_and_inspected_again(company: Scenario) -> None:
    """NC-03: it is counted while it is away; what the supplier keeps is booked out."""
    nc = purchased(company)
    sent_to_the_supplier(nc)
    unsaid = nc.attempt("TakeBack", ANN, kept="2", report="R-1", location="Q-01")
    assert isinstance(unsaid, Rejected)
    nc.do("TakeBack", ANN, kept="2", report="R-1", operator_note="credited", location="Q-01")
    made = f"{nc.lot_number}-R1"
    assert (nc.stock(), nc.stock(made)) == ({}, {("Q-01", "QUARANTINE"): 8})
    nc.do("Reinspect", CLEO, sample_size=8, nonconforming=1, report="IR-1")
    more = nc.attempt("DecideRework", DORA, good="9", reason="all", location="A-01-01")
    assert isinstance(more, Rejected)
    nc.do("DecideRework", DORA, good="7", reason="reinspected", location="A-01-01")
    assert nc.stock(made)[("Q-01", "RELEASED")] == 7
    nc.approve(("1", "SUPPLIER_REWORK"), lot_number=made)
    nc.do("Instruction", IVAN, **WRITTEN)
    nc.do("ApproveInstruction", DORA, decision="approve", location="H-01")
    assert nc.open_activities() == ["Propose"]  # no further time, wherever it is done
    nc.approve(("1", "SCRAP"), lot_number=made)
    nc.scrap()
    nc.close()
    gone = balance(nc, str(nc.lot_number))
    assert (gone.on_hand, gone.returned_to_supplier, gone.to_lots, gone.unexplained) == (0, 2, 8, 0)
    assert company.verify().differences == []


def test_a_supplier_keeps_all_of_what_it_was_to_rework(company: Scenario) -> None:
    nc = purchased(company)
    sent_to_the_supplier(nc)
    nc.do("TakeBack", ANN, kept="10", report="R-1", operator_note="replaced", location="Q-01")
    assert nc.stock() == {}
    nc.close()
    assert balance(nc, str(nc.lot_number)).returned_to_supplier == 10


def test_what_rework_did_not_mend_is_decided_again_and_not_reworked_twice(
    company: Scenario,
) -> None:
    nc = in_process(company)
    nc.approve(("10", "REWORK"))
    rework(nc, "7")
    assert nc.open_activities() == ["Propose"]
    made = f"{nc.lot_number}-R1"
    assert nc.case["left"]["choices"] == [made]
    nc.approve(("3", "REWORK"), lot_number=made)
    nc.do("Instruction", IVAN, **WRITTEN)
    nc.do("ApproveInstruction", DORA, decision="approve", location="H-01")
    assert nc.open_activities() == ["Propose"]  # the limit of cycles is reached
    nc.approve(("3", "SCRAP"), lot_number=made)
    nc.scrap()
    nc.close()
    assert nc.stock(made) == {("Q-01", "RELEASED"): 7}


def test_an_instruction_is_revised_and_refused(company: Scenario) -> None:
    nc = in_process(company)
    nc.approve(("10", "REPAIR"))
    refused = nc.attempt("Instruction", IVAN, **WRITTEN)
    assert isinstance(refused, Rejected)  # a repair needs its validation
    nc.do("Instruction", IVAN, **WRITTEN, validation="VAL-3")
    nc.do("ApproveInstruction", DORA, decision="revise", reason="say how it is washed")
    nc.do("Instruction", IVAN, **WRITTEN, validation="VAL-3")
    nc.do("ApproveInstruction", DORA, decision="refuse", reason="not worth it")
    assert nc.open_activities() == ["Propose"]


def test_use_as_is_takes_two_concessions(company: Scenario) -> None:
    nc = purchased(company)
    nc.propose(("10", "USE_AS_IS"))
    assert "VoteRegulatory" in nc.open_activities()
    nc.vote()
    nc.do("Approve", DORA, decision="approve", rejected_location="R-01")
    never = nc.attempt(
        "ConcessionRegulatory", JIN, registered_requirement=True, agrees=True, reason="minor"
    )
    assert isinstance(never, Rejected)
    nc.do("ConcessionRegulatory", JIN, registered_requirement=False, agrees=True, reason="cosmetic")
    nc.do(
        "ConcessionQuality",
        DORA,
        agrees=True,
        justification="not visible when mounted",
        risk_benefit="risk unchanged",
        valid_until="2027-01-31",
        record_note="concession, see DHR",
    )
    assert nc.stock() == {("Q-01", "RELEASED"): 10}
    assert nc.holds()
    nc.close()
    assert nc.holds() == []
    signed = [e["meaning"] for e in company.events(nc.instance) if e["event"] == "signature.made"]
    assert signed.count("CONC") == 2


@pytest.mark.parametrize("who", ["regulatory", "quality"])
def test_a_concession_that_is_not_granted_goes_back(company: Scenario, who: str) -> None:
    nc = purchased(company)
    nc.approve(("10", "USE_AS_IS"))
    nc.do(
        "ConcessionRegulatory",
        JIN,
        registered_requirement=False,
        agrees=who == "quality",
        reason="seen",
    )
    if who == "quality":
        nc.do("ConcessionQuality", DORA, agrees=False, justification="too many by now")
    assert nc.open_activities() == ["Propose"]
    assert nc.stock() == {("Q-01", "REJECTED"): 10}


def test_sorting_releases_the_good_and_scraps_the_bad(company: Scenario) -> None:
    nc = purchased(company)
    nc.approve(("10", "SORT"))
    nc.do("Sort", CLEO, good="8", criterion="no burr at 30 cm")
    assert nc.stock() == {("Q-01", "QUARANTINE"): 10}
    nc.do("DecideSorted", DORA, good="8", reason="sorted")
    assert nc.stock() == {("Q-01", "RELEASED"): 8, ("Q-01", "REJECTED"): 2}
    assert nc.open_activities() == ["Propose"]
    nc.approve(("2", "SCRAP"))
    nc.scrap()
    nc.close()
    assert nc.stock() == {("Q-01", "RELEASED"): 8}


def test_regraded_to_an_item_of_a_lower_grade(company: Scenario) -> None:
    nc = purchased(company)
    nc.approve(("10", "REGRADE"))
    nc.do(
        "Regrade",
        HANA,
        item_number="00817470007305",
        label="training only",
        justification="dimension not used",
    )
    nc.do("DecideRegrade", DORA, agrees=True, location="Q-01", reason="training")
    assert nc.stock() == {}
    nc.close()


def test_a_regrade_that_is_refused_goes_back(company: Scenario) -> None:
    nc = purchased(company)
    nc.approve(("10", "REGRADE"))
    nc.do("Regrade", HANA, item_number="00817470007305", label="x", justification="y")
    nc.do("DecideRegrade", DORA, agrees=False, reason="same drawing")
    assert nc.open_activities() == ["Propose"]


def test_what_is_not_allowed_is_refused_where_it_is_proposed(company: Scenario) -> None:
    nc = purchased(company)  # purchased goods are reworked by the supplier
    row = {"lot_number": nc.lot_number, "quantity": "10", "reason": "burrs"}
    refused = nc.attempt("Propose", HANA, splits=[{**row, "disposition": "REWORK"}])
    assert isinstance(refused, Rejected)
    assert [error.path for error in refused.errors] == ["/splits/0/disposition"]


def test_the_witness_is_another_person(company: Scenario) -> None:
    nc = purchased(company)
    nc.approve(("10", "SCRAP"))
    lies = {"defaced": False, "method": "m", "weight": "w", "waste_record": "r"}
    refused = nc.attempt("Scrap", ANN, **lies, photos=[nc.photo()])
    assert isinstance(refused, Rejected)
    nc.do("Scrap", ANN, **{**lies, "defaced": True}, photos=[nc.photo()])
    refused = nc.attempt("Witness", DORA, seen=False)
    assert isinstance(refused, Rejected)
    assert nc.stock() == {("Q-01", "REJECTED"): 10}


def test_a_board_that_is_not_of_one_mind_leaves_it_to_quality(company: Scenario) -> None:
    nc = purchased(company)
    nc.propose(("10", "SCRAP"))
    nc.vote(against="VoteProduction")
    assert nc.case["votes"]["unanimous"] is False
    silent = nc.attempt("Approve", DORA, decision="approve", rejected_location="R-01")
    assert isinstance(silent, Rejected)
    nc.do("Approve", DORA, decision="return", reason="sort first, production is right")
    assert nc.open_activities() == ["Propose"]
    nc.propose(("10", "SORT"))
    nc.vote(against="VoteEngineering")
    nc.do("Approve", DORA, decision="approve", rejected_location="R-01", reason="worth trying")
    assert nc.open_activities() == ["Sort"]
