"""The story: what is ordered, what is found, what is changed, what is made and shipped, and what is
called back. Each step is a person's, in the process that it belongs to."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from api.story.teller import TaleRefused, Teller
from engine.commands.attachments import StoreAttachment
from engine.commands.identities import CreateAccount
from engine.store import contents
from processes import demo
from processes.ledger.commands import RegisterItem, RegisterLocation
from processes.ledger.distribution.commands import RegisterConsignee, RegisterInMarket
from processes.ledger.distribution.consignees import Licence, NewConsignee
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.item_registration import Identifier, NewItem, NewPackage
from processes.ledger.locations import NewLocation
from processes.ledger.production.commands import (
    BookGenerated,
    BookOutput,
    FinishWorkOrder,
    IssueMaterial,
    PrintLabels,
    ReleaseWorkOrder,
)
from processes.recall import example

SCREW = "00841132112939"
"""What is bought: a bone screw of the demo's devices."""
PLATE = "PLATE-27"
"""What the company makes of two of them."""
TIGHTER, A_LITTLE = Decimal("56.20"), Decimal("0.01")
"""The screw's length after the first change, and by how much each later telling tightens it."""
LONG_AGO = date(2024, 1, 1)
MORE_PEOPLE = (
    ("olga", "Olga Ren", "任欧", ("PRD",)),
    ("isla", "Isla Mao", "毛岚", ("ENG",)),
    ("mo", "Mo Shen", "沈默", ("MR",)),
)
_PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
"""The smallest photograph: what it shows is not what the story is about."""


def tell(teller: Teller) -> dict[str, str]:
    """Found the company and tell it all; give the lots by the names that the story has for them."""
    found_the_company(teller)
    return happen(teller)


def happen(teller: Teller, telling: int = 1) -> dict[str, str]:
    """Tell what happens in a company that was founded, the first time or once more (the bench does,
    to see that the book may grow): each telling has supplier lots and a limit of its own."""
    teller.chapter("1. An order goes out", "一、下订单")
    purchase = order(teller, "30")
    teller.chapter("2. The first ten are bad", "二、首批十件不合格")
    inspection = deliver(teller, purchase, f"{telling}-1")
    bad = str(teller.variables(inspection)["inspection"]["lot_number"])
    inspect(teller, inspection, scratched=3)
    teller.do("UsageDecision", "dora", inspection, decision="REJECT", reason="scratched surfaces")
    teller.do("RefuseRelease", "dora", inspection, severity="major")
    teller.chapter("3. Their nonconformity", "三、不合格品处理")
    nonconformity = waiting(teller, "Triage")
    dispose(teller, nonconformity, bad)
    second = deliver(teller, purchase, f"{telling}-2")
    teller.chapter("4. The inspection plan is changed", "四、变更检验方案")
    change(teller, waiting(teller, "Screen"), TIGHTER - (telling - 1) * A_LITTLE)
    no_capa = {"start": False, "reason": "single event, cause removed"}
    teller.do("DecideCapa", "dora", nonconformity, **no_capa)
    done = {"complete": True, "exceptions_reviewed": True, "reason": "all done"}
    teller.do("Close", "dora", nonconformity, **done)
    teller.chapter("5. The next ten are good, by the new plan", "五、第二批按新方案检验合格")
    good = accept(teller, second)
    teller.chapter("6. Plates are made, released and shipped", "六、生产、放行并发货")
    plates = make(teller, good)
    for hospital in ("H-CN", "H-US"):
        ship(teller, plates, hospital)
    teller.chapter("7. Threads break: a recall", "七、螺纹断裂：召回")
    recall(teller, good, plates)
    teller.chapter("8. What the book says", "八、账目核对")
    return {"bad screws": bad, "good screws": good, "plates": plates}


# --- the company


def found_the_company(teller: Teller) -> None:
    """Add what the demo's company lacks: three people, a product, two places, two customers."""
    for username, english, chinese, roles in MORE_PEOPLE:
        teller.passwords[username] = f"{username}-tells-it-1"
        teller.install(
            CreateAccount(
                command_id=teller.new_id(),
                username=username,
                names={"en": english, "zh": chinese},
                roles=roles,
                zone="Asia/Shanghai",
                password=teller.passwords[username],
            )
        )
    teller.install(RegisterItem(command_id=teller.new_id(), item=_plate()))
    for code, zone, en, zh in (
        ("D-01", "shipping", "Dock 1", "发货区 1"),
        ("T-01", "return", "Returns", "退货区"),
    ):
        place = NewLocation(code=code, names={"en": en, "zh": zh}, site="SZ01", zone=zone)
        teller.install(RegisterLocation(command_id=teller.new_id(), location=place))
    bill = {"act": "bill", "item": PLATE, "lines": [(SCREW, 2)]}
    teller.install(BookGenerated(command_id=teller.new_id(), acts=(bill,)))
    for number, market in (("H-CN", "CN"), ("H-US", "US")):
        found_a_hospital(teller, number, market)


def _plate() -> NewItem:
    identifier = Identifier(issuing_agency="GS1", value="06901234000019")
    return NewItem(
        number=PLATE,
        names={"en": "Bone plate 2.7 mm", "zh": "2.7 mm 接骨板"},
        item_type="finished",
        criticality="A",
        tracking="lot",
        unit_code="ea",
        packages=(NewPackage(name="each", identifiers=(identifier,)),),
        status="released",
        expiry_required=True,
        catalogue_number="P-27",
        model="27-2",
    )


def found_a_hospital(teller: Teller, number: str, market: str) -> None:
    """Take a hospital on, and have the plate registered in its market."""
    kind = "medical_institution"
    consignee = NewConsignee(
        number=number,
        name=f"Hospital {number}",
        kind="hospital",
        country=market,
        market=market,
        region="east",
        address="1 High Street",
        contact="Store 100",
        recall_contact="Dr Li",
        recall_phone="101",
        language="zh" if market == "CN" else "en",
        licences=(Licence(kind=kind, number=f"L-{number}", valid_from=LONG_AGO),),
    )
    teller.install(RegisterConsignee(command_id=teller.new_id(), consignee=consignee))
    registration = NewRegistration(
        item_number=PLATE,
        market=market,
        number=f"REG-{market}",
        holder="Countersign Demo Ltd",
        valid_from=LONG_AGO,
        expected_life="10 years",
    )
    teller.install(RegisterInMarket(command_id=teller.new_id(), registration=registration))


# --- what is bought and inspected


def order(teller: Teller, quantity: str) -> UUID:
    """Go from the need to an order that the supplier has confirmed."""
    today = demo.today_there(teller.dispatcher)
    promised = (today + timedelta(days=6)).isoformat()
    line = {"quantity": quantity, "unit_price": "12.50", "promised_date": promised}
    instance = teller.start("procurement", "nora")
    teller.do(
        "Request",
        "nora",
        instance,
        site="SZ01",
        item_number=SCREW,
        quantity=quantity,
        need_date=(today + timedelta(days=30)).isoformat(),
        purpose="stock",
        cost_centre="4100",
        estimated_price="12.50",
        currency="CNY",
        emergency=False,
    )
    everybody_approves(teller, instance, "Requisition")
    teller.do(
        "Source",
        "finn",
        instance,
        decision="order",
        supplier="S-1001",
        unit_price="12.50",
        currency="CNY",
        lead_time_days=6,
        incoterm="DAP",
        single_source=False,
        reason="best offer",
    )
    clauses = teller.variables(instance)["template"]["clauses"]
    teller.do(
        "Build",
        "finn",
        instance,
        decision="order",
        ship_to="SZ01",
        bill_to="Countersign Demo Ltd",
        payment_terms="net_30",
        currency="CNY",
        incoterm="DAP",
        lines=[line],
        specification="D-2112 rev B",
        clauses=[{"agreed": each["agreed"]} for each in clauses],
    )
    everybody_approves(teller, instance, "Order")
    teller.do("Send", "finn", instance, channel="mail", recipient="sales")
    confirmed = [{**line, "item_revision": "A"}]
    teller.do("Confirmation", "finn", instance, confirmed=True, reference="OC-1", lines=confirmed)
    return instance


APPROVERS = {
    "PRD": "olga",
    "QE": "hana",
    "PUM": "gao",
    "QA": "dora",
    "SQE": "pia",
    "FIN": "kai",
    "RA": "jin",
    "ENG": "ivan",
    "GM": "omar",
}


def everybody_approves(teller: Teller, instance: UUID, step: str) -> None:
    """Let everybody approve whom the rules ask."""
    while asked := [each for each in teller.open(instance) if each.activity_id.startswith(step)]:
        role = asked[0].activity_id.removeprefix(step)
        teller.complete(asked[0], APPROVERS[role], decision="approve")


def deliver(teller: Teller, purchase: UUID, number: str) -> UUID:
    """Take ten of what was ordered in; give the inspection that begins by message."""
    instance = teller.start("receiving", "ann")
    ordered = teller.variables(purchase)["order"]["number"]
    teller.do(
        "Receive",
        "ann",
        instance,
        order_line=f"{ordered}/1",
        supplier="S-1001",
        delivery_note=f"DN-{number}",
        item_number=SCREW,
        supplier_lot=f"L{number}",
        quantity="10",
        containers=1,
        packages_whole=True,
        location="Q-01",
    )
    lot_number = str(teller.variables(instance)["receipt"]["lot_number"])
    return waiting(teller, "CheckDocuments", lot_number)


def waiting(teller: Teller, activity_id: str, named: str = "") -> UUID:
    """Give the newest instance whose work this is and whose title names something."""
    found = [
        item
        for item in teller.of_everybody()
        if item.activity_id == activity_id and named in (item.title or "")
    ]
    if not found:
        message = f"{activity_id} {named}: nobody has this work."
        raise TaleRefused(message)
    return found[-1].work_item_id.process_instance_id


def inspect(teller: Teller, instance: UUID, *, scratched: int = 0) -> None:
    """Check the papers, draw and measure as the plan says, have another person review."""
    conforming = [{"finding": "conforming"}, {"finding": "conforming"}]
    papers = {"documents": conforming, "identity_ok": True, "shelf_life_ok": True}
    teller.do("CheckDocuments", "ben", instance, **papers)
    teller.do("DrawSamples", "ben", instance, drawn=5, marked=True)
    for instrument, value in (("MIC-0003", "2.680"), ("CAL-0007", "56.00")):
        readings = [{"value": value}] * samples(teller, instance)
        teller.do("Measure", "ben", instance, instrument=instrument, readings=readings)
    bad: dict[str, Any] = {"conforming": False, "defects": 1, "note": "scratch"}
    good = [{"conforming": True}] * (samples(teller, instance) - scratched)
    teller.do("Measure", "ben", instance, findings=[bad] * scratched + good)
    agreed = {"complete": True, "retests_justified": True, "agrees": True}
    teller.do("Review", "cleo", instance, **agreed)


def samples(teller: Teller, instance: UUID) -> int:
    """Say how many units the plan wants measured next: after bad lots they are more."""
    asked = teller.context(teller.items("Measure", instance)[0])
    return len(asked["characteristic"]["samples"])


def accept(teller: Teller, instance: UUID) -> str:
    """Inspect a waiting lot by the plan that is in force by now; give the lot when it is stored."""
    teller.do("DecidePlan", "cleo", instance, action="replan", reason="the limit is tighter")
    lot_number = str(teller.variables(instance)["inspection"]["lot_number"])
    again = waiting(teller, "CheckDocuments", lot_number)
    inspect(teller, again)
    teller.do("UsageDecision", "dora", again, decision="ACCEPT", accepted_quantity="10")
    teller.do("Release", "dora", again)
    teller.do("PutAway", "ann", again, label_applied=True, location="A-01-01")
    return lot_number


# --- what does not conform, and what is changed


def dispose(teller: Teller, instance: UUID, lot_number: str) -> None:
    """The board has the lot scrapped; the cause asks for a change."""
    teller.do(
        "Triage",
        "hana",
        instance,
        verdict="valid",
        requirement="D-2112 rev B, 4",
        product_kind="purchased",
        severity="S3",
        probability=2,
        safety_characteristic=False,
        regulatory=False,
        safety_related=False,
        deviation_without_effect=False,
        single_event=True,
        supplier_caused=False,
    )
    reach = teller.context(teller.items("Scope", instance)[0])["reach"]["candidates"]
    affected = {"finding": "affected"}
    clear = {"finding": "clear", "evidence": "measured with the same gauge, by itself good"}
    found = [affected if each["lot_number"] == lot_number else clear for each in reach]
    teller.do("Scope", "hana", instance, lots=found, narrow=False)
    teller.do(
        "Investigate",
        "hana",
        instance,
        method="five_why",
        findings="longer screws scratch each other in the tray",
        cause_code="method",
        engineer="Ivan Luo",
        risk_before="cosmetic",
        risk_after="none",
        change_needed=True,
        change_title="Inspect the length of screws more tightly",
    )
    split = {"lot_number": lot_number, "quantity": "10", "disposition": "SCRAP"}
    teller.do("Propose", "hana", instance, splits=[{**split, "reason": "scratched"}])
    for voter, by in (("Engineering", "ivan"), ("Production", "nora"), ("Quality", "dora")):
        teller.do(f"Vote{voter}", by, instance, agrees=True)
    teller.do("Approve", "dora", instance, decision="approve", rejected_location="R-01")
    teller.do(
        "Scrap",
        "ann",
        instance,
        defaced=True,
        method="sawn through",
        weight="0.2 kg",
        waste_record="W-1",
        photos=[photo(teller)],
    )
    teller.do("Witness", "dora", instance, seen=True)


def photo(teller: Teller) -> Mapping[str, Any]:
    """Send a photo to the server, as the phone does, and name it."""
    digest = contents.content_hash(_PICTURE).hex()
    command = StoreAttachment(
        command_id=teller.new_id(), sha256=digest, media_type="image/jpeg", data=_PICTURE
    )
    teller.ask(command, "ann", "scrap.jpg")
    return {"sha256": digest, "name": "scrap.jpg", "mime": "image/jpeg", "size": len(_PICTURE)}


def change(teller: Teller, instance: UUID, limit: Decimal) -> None:
    """A tighter limit goes its whole way to the plan that inspection uses."""
    tighter = {
        "kind": "inspection_plan",
        "key": SCREW,
        "field": "characteristics.2.upper_limit",
        "new": format(limit, "f"),
    }
    teller.do(
        "Screen",
        "hana",
        instance,
        decision="accept",
        aspects=[{"aspect": "test_method"}],
        criticality="A",
        objects=[tighter],
    )
    for role, by in (("PRD", "nora"), ("QA", "dora"), ("QE", "hana"), ("RA", "jin")):
        if any(each.activity_id == f"Impact{role}" for each in teller.open(instance)):
            topics = [{"topic": "inspection_plans"}]
            seen = {"answer": "no_impact", "topics": topics, "reason": f"seen by {role}"}
            teller.do(f"Impact{role}", by, instance, **seen)
    decided = [
        {"outcome": outcome, "rationale": "an inspection limit, inside the registered requirement"}
        for outcome in ("QMS_ONLY", "LETTER_TO_FILE", "INTERNAL")
    ]
    teller.do("Regulatory", "jin", instance, decisions=decided, notify=False)
    teller.do(
        "AssessQuality",
        "hana",
        instance,
        risk_file=True,
        vv_plan="measure 30 parts",
        revalidation=False,
        clinical=False,
        training=True,
        cost="0",
    )
    for role, by in (("ENG", "ivan"), ("PRD", "nora"), ("PUM", "gao"), ("RA", "jin")):
        if any(each.activity_id == f"Vote{role}" for each in teller.open(instance)):
            teller.do(f"Vote{role}", by, instance, opinion="approve")
    teller.do("Board", "dora", instance, decision="approve")
    teller.do("Approve", "dora", instance)
    carry_out(teller, instance)


def carry_out(teller: Teller, instance: UUID) -> None:
    """Plan the change, do it, verify it, release it."""
    today = demo.today_there(teller.dispatcher)
    task = {
        "kind": "document",
        "description": "inspection instruction revised",
        "owner": "QE",
        "due_on": (today + timedelta(days=27)).isoformat(),
        "evidence": "report",
    }
    teller.do(
        "Plan",
        "ivan",
        instance,
        tasks=[task],
        effectivity="date",
        effective_from=today.isoformat(),
        interchangeable=True,
        stock="use up",
        wip="finish",
        open_orders="deliver as ordered",
        shipped="none",
        criterion="no lot refused for it in 5; one in three before",
    )
    teller.do("ApprovePlan", "dora", instance, approved=True)
    teller.do("TaskQE", "hana", instance, state="done", evidence="R-1")
    trained = {"role": "PRD", "people": 4, "trained": 4, "reference": "T-1"}
    teller.do(
        "Verify",
        "hana",
        instance,
        vv_passed=True,
        documents_effective=True,
        old_documents_withdrawn=True,
        orders_and_wip_decided=True,
        training=[trained],
    )
    teller.do("ReleaseQA", "dora", instance)
    teller.do("ReleaseENG", "isla", instance)


# --- what is made and shipped


def make(teller: Teller, screws: str) -> str:
    """Five plates are made of ten screws; their record is reviewed and they are released."""
    today = demo.today_there(teller.dispatcher)
    released = teller.ask(
        ReleaseWorkOrder(
            command_id=teller.new_id(),
            item_number=PLATE,
            quantity=Decimal(5),
            site="SZ01",
            planned_start=today,
            planned_end=today,
            expiry=today + timedelta(days=1800),
        ),
        "nora",
        f"5 × {PLATE}",
    )
    number = str(released["work_order"])
    issue = IssueMaterial(
        command_id=teller.new_id(),
        work_order=number,
        lot_number=screws,
        location="A-01-01",
        quantity=Decimal(10),
    )
    teller.ask(issue, "nora", f"{number} ← 10 × {screws}")
    printed = PrintLabels(
        command_id=teller.new_id(),
        work_order=number,
        template="plate rev. 2",
        printed=6,
        data={},
    )
    teller.ask(printed, "nora", f"{number}: 6 labels")
    output = BookOutput(
        command_id=teller.new_id(), work_order=number, quantity=Decimal(5), location="Q-01"
    )
    teller.ask(output, "nora", f"{number} → 5 × {released['lot_number']}")
    finish = FinishWorkOrder(command_id=teller.new_id(), work_order=number)
    teller.ask(finish, "nora", f"{number} ✓")
    instance = waiting(teller, "CountLabels", number)
    counted = [{"applied": 5, "destroyed": 1, "retained": 0}]
    teller.do("CountLabels", "nora", instance, rows=counted)
    teller.do("Review", "dora", instance, finding="complete")
    teller.do("Release", "dora", instance)
    teller.do("PutAway", "ann", instance, location="A-01-02")
    return str(released["lot_number"])


def ship(teller: Teller, plates: str, consignee: str) -> None:
    """Two plates go to a hospital, past every gate."""
    instance = teller.start("shipping", "mei")
    line = {"lot_number": plates, "location": "A-01-02", "unit": "ea", "quantity": "2"}
    entered = {"order_number": f"SO-{consignee}", "consignee": consignee, "site": "SZ01"}
    teller.do("Order", "mei", instance, **entered, lines=[line])
    teller.do("Pick", "ann", instance, rows=[{"scanned": plates}], dock="D-01")
    teller.do("Load", "ann", instance, carrier="SF", seal="S-1")
    at = teller.dispatcher.clock().isoformat()
    teller.do("Deliver", "ann", instance, received_by="Store", at=at, proof="POD")


# --- what is called back


def recall(teller: Teller, screws: str, plates: str) -> None:
    """What is left is frozen by the signature that opens it; both hospitals answer; it closes."""
    instance = teller.start("recall", "dora")
    now = teller.dispatcher.clock().isoformat()
    teller.do(
        "Open",
        "dora",
        instance,
        mode="real",
        title="Screws break",
        description="Threads break under load",
        aware_at=now,
        aware_evidence="telephone call to sales",
        affected=[{"lot": screws}],
    )
    evaluate(teller, instance, now)
    teller.do("Strategy", "mei", instance, **STRATEGY)
    report(teller, instance)
    teller.do("ApproveNotices", "dora", instance, approved=True)
    teller.do("ReleaseNotices", "jin", instance, approved=True)
    for item in teller.items("HandOver", instance):
        tried = [{"channel": "phone", "reached": True, "at": now, "proof": "call noted"}]
        stated = [{"used": "1", "returned": "1"} for _ in teller.context(item)["letter"]["lines"]]
        answer = {"answered": True, "understood": True, "name": "Dr Li", "stated": stated}
        teller.complete(item, "mei", deliveries=tried, **answer)
    for consignee in ("H-CN", "H-US"):
        row = {
            "consignee": consignee,
            "lot": plates,
            "kind": "returned",
            "unit": "ea",
            "quantity": "1",
            "reference": f"RMA-{consignee}",
            "location": "T-01",
        }
        teller.do("Returns", "ann", instance, rows=[row])
        teller.do("VerifyReturns", "hana", instance, agreed=True)
    asked = ("received", "understood", "acted", "none_found", "passed_on")
    for item in teller.items("Check", instance):
        good = dict.fromkeys(asked, True)
        teller.complete(item, "dora", spoken_to="Dr Li", method="phone", **good)
    finish(teller, instance, plates)


def evaluate(teller: Teller, instance: UUID, now: str) -> None:
    """Gather the facts, evaluate the hazard, decide."""
    teller.do("Convene", "mei", instance, members="all", meeting_at=now)
    teller.do(
        "Facts",
        "hana",
        instance,
        defect="thread breaks",
        cause="heat treatment",
        how_found="complaints",
        complaints=3,
        injuries="one second operation",
    )
    teller.do("Evaluate", "lena", instance, **example.HAZARD)
    teller.do("EvaluateQa", "dora", instance, agreed=True)
    teller.do("EvaluateRa", "jin", instance, agreed=True)
    classes = {"class_china": "II", "class_fda": "II", "class_eu": "fsca"}
    decision = {"action_type": "recall", "reason": "as evaluated", **classes}
    teller.do("Decide", "omar", instance, **decision)
    teller.do("DecideQa", "dora", instance, agreed=True)
    teller.do("DecideRa", "jin", instance, agreed=True)


def report(teller: Teller, instance: UUID) -> None:
    """Send every report that waits for its receipt."""
    now = teller.dispatcher.clock()
    for item in teller.items("Package", instance):
        package = teller.context(item)["package"]
        more: dict[str, Any] = {}
        if package["missing"]:
            later = (demo.today_there(teller.dispatcher) + timedelta(days=14)).isoformat()
            more = {"missing_explained": "the laboratory is still at it", "missing_by": later}
        receipt = f"ACK-{package['number']}"
        sent = {"submitted_at": now.isoformat(), "reference": receipt, "accepted": True}
        teller.complete(item, "jin", **sent, **more)


def finish(teller: Teller, instance: UUID, plates: str) -> None:
    """Find the cause, destroy what came back with a witness, report, close."""
    cause = {"root_cause": "heat treatment skipped", "capa": False}
    teller.do("RootCause", "dora", instance, **cause, why_not="supplier is replaced")
    teller.do("Dispose", "dora", instance, method="crushing", authority_present=False)
    destroyed = {
        "lot": plates,
        "unit": "ea",
        "quantity": "2",
        "disposition": "destroy",
        "reference": "CERT-1",
    }
    witness = {"witness_name": "Wang Gong", "witness_of": "Waste Ltd."}
    teller.do("Perform", "ann", instance, rows=[destroyed])
    teller.do("Witness", "dora", instance, seen=True, **witness)
    report(teller, instance)
    teller.do("ClosurePackage", "mei", instance, conclusion="effective")
    for step, by in (("CloseMr", "mo"), ("CloseQa", "dora"), ("CloseRa", "jin")):
        teller.do(step, by, instance, agreed=True)


STRATEGY = {
    **example.STRATEGY,
    "texts": [
        {
            "language": "en",
            "product": "Bone plate 2.7 mm with screws",
            "reason": "The thread may break under load; three breakages were reported.",
            "hazard": "A broken screw may need another operation.",
            "instructions": "Stop using the plates, keep them apart and send them back.",
        },
        {
            "language": "zh",
            "product": "2.7 mm 接骨板（含螺钉）",
            "reason": "螺纹在受力时可能断裂，已收到三起断裂报告。",
            "hazard": "螺钉断裂可能导致再次手术。",
            "instructions": "停止使用，单独存放，并将产品寄回。",
        },
    ],
}
