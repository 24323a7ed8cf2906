"""The people of a nonconformance, and what they do with a lot of screws."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.commands.attachments import StoreAttachment
from engine.identifiers import new_id
from engine.outcomes import Outcome
from engine.store import contents
from processes.ledger import balances, lots, status
from processes.ledger.nonconformity import nonconformities
from processes.ledger.nonconformity.nonconformities import Nonconformity
from tests.people import ANN, DORA, Person
from tests.scenario import TENANT, Scenario

SCREW = "00841132112939"
FINN = Person("finn", "Finn Zhou", "周帆", ("BUY", "REQ"))
HANA = Person("hana", "Hana Wu", "吴涵", ("QE",))
IVAN = Person("ivan", "Ivan Luo", "罗一凡", ("ENG",))
JIN = Person("jin", "Jin Xu", "徐瑾", ("RA",))
NORA = Person("nora", "Nora Qian", "钱诺", ("PRD", "PLN", "REQ"))
OMAR = Person("omar", "Omar Shen", "沈欧", ("GM", "MR"))
PIA = Person("pia", "Pia Deng", "邓琵", ("SQE",))
QUALITY = (FINN, HANA, IVAN, JIN, NORA, OMAR, PIA)

VALID: Mapping[str, Any] = {
    "verdict": "valid",
    "requirement": "D-2112 rev B, 4",
    "product_kind": "purchased",
    "severity": "S3",
    "probability": 2,
    "safety_characteristic": False,
    "regulatory": False,
    "safety_related": False,
    "deviation_without_effect": False,
    "single_event": True,
    "supplier_caused": False,
}
_PICTURE = b"\xff\xd8\xff a scrapped screw"


@dataclass(frozen=True, slots=True)
class Nonconformance:
    """One nonconformance on its way, and the lot that it is about."""

    company: Scenario
    instance: UUID
    lot_number: str | None = None

    @property
    def case(self) -> Mapping[str, Any]:
        return self.company.variables(self.instance)

    @property
    def status(self) -> str:
        return self.company.status(self.instance)

    @property
    def record(self) -> Nonconformity:
        with self.company.database.reading() as db:
            return nonconformities.by_number(db, TENANT, self.case["nc"]["number"])

    def open_activities(self) -> list[str]:
        return sorted(
            item.activity_id for item in self.company.items(self.instance) if item.status == "open"
        )

    def do(self, activity_id: str, by: Person, **data: Any) -> Any:
        return self.company.do(activity_id, by, self.instance, **data)

    def attempt(self, activity_id: str, by: Person, **data: Any) -> Outcome:
        return self.company.attempt(activity_id, by, self.instance, **data)

    def triage(self, **more: Any) -> None:
        self.do("Triage", HANA, **{**VALID, **more})

    def scope(self, *rows: Mapping[str, Any], **more: Any) -> None:
        found = rows or tuple(
            {"finding": "affected"}
            if each["via"] == "reported"
            else {
                "finding": "clear",
                "evidence": "inspected",
            }
            for each in self.case["reach"]["candidates"]
        )
        lots_of = {"lots": list(found)} if found else {}
        self.do("Scope", HANA, **{**lots_of, "narrow": False, **more})

    def investigate(self, cause: str = "method") -> None:
        self.do(
            "Investigate",
            HANA,
            method="five_why",
            findings="deburring was left out",
            cause_code=cause,
            engineer="Ivan Luo",
            risk_before="cosmetic",
            risk_after="none",
        )

    def to_disposition(self, *, cause: str = "method", **triage: Any) -> None:
        """Go from the triage to where a disposition is proposed."""
        self.triage(**triage)
        self.scope()
        self.investigate(cause)

    def propose(self, *splits: tuple[str, str], lot_number: str | None = None) -> None:
        rows = [
            {
                "lot_number": lot_number or self.lot_number,
                "quantity": quantity,
                "disposition": disposition,
                "reason": "burrs",
            }
            for quantity, disposition in splits
        ]
        self.do("Propose", HANA, splits=rows)

    def vote(self, *, against: str | None = None) -> None:
        """Let every member of the board vote that has been asked."""
        voters = {
            "VoteEngineering": IVAN,
            "VoteProduction": NORA,
            "VoteQuality": DORA,
            "VoteRegulatory": JIN,
            "VoteSourcing": PIA,
        }
        for activity in self.open_activities():
            if activity in voters:
                if activity == against:
                    no = {"agrees": False, "reason": "sort it first"}
                    self.do(activity, voters[activity], **no)
                else:
                    self.do(activity, voters[activity], agrees=True)

    def approve(self, *splits: tuple[str, str], lot_number: str | None = None) -> None:
        """Propose, vote with one mind, approve."""
        self.propose(*splits, lot_number=lot_number)
        self.vote()
        self.do("Approve", DORA, decision="approve", rejected_location="R-01")

    def scrap(self) -> None:
        self.do(
            "Scrap",
            ANN,
            defaced=True,
            method="sawn through",
            weight="0.2 kg",
            waste_record="W-1",
            photos=[self.photo()],
        )
        self.do("Witness", DORA, seen=True)

    def photo(self) -> Mapping[str, Any]:
        """Send a photo to the server, as the phone does, and name it."""
        digest = contents.content_hash(_PICTURE).hex()
        stored = StoreAttachment(
            command_id=new_id(), sha256=digest, media_type="image/jpeg", data=_PICTURE
        )
        self.company.must(self.company.ask(stored, ANN))
        return {
            "sha256": digest,
            "name": "scrap.jpg",
            "mime": "image/jpeg",
            "size": len(_PICTURE),
        }

    def close(self, *, capa: bool = False) -> None:
        """Decide on a CAPA and close."""
        if capa:
            self.do("DecideCapa", DORA, start=True, keep_open=False)
        else:
            self.do("DecideCapa", DORA, start=False, reason="single event, cause removed")
        self.do("Close", DORA, complete=True, exceptions_reviewed=True, reason="all done")

    def stock(self, lot_number: str | None = None) -> dict[tuple[str, str], int]:
        with self.company.database.reading() as db:
            lot = lots.by_number(db, TENANT, lot_number or str(self.lot_number))
            found = balances.of_lot(db, TENANT, lot.lot_id)
            assert balances.differences(db, TENANT) == []
        return {(each.location_code, each.status): each.quantity for each in found}

    def holds(self, lot_number: str | None = None) -> list[str]:
        with self.company.database.reading() as db:
            lot = lots.by_number(db, TENANT, lot_number or str(self.lot_number))
            return [each.document for each in status.open_holds(db, TENANT, lot.lot_id)]

    def sent(self, name: str) -> list[Mapping[str, Any]]:
        """Give the payloads of the messages and signals of a name that the process sent."""
        return [
            event["payload"]
            for event in self.company.events(self.instance)
            if event["event"] in ("message.thrown", "signal.thrown") and event["name"] == name
        ]


def receive(company: Scenario, supplier_lot: str = "HX-77", quantity: str = "10") -> str:
    """Receive screws; give the number of their lot, which waits in quarantine."""
    receiving = company.start("receiving", by=ANN)
    company.do(
        "Receive",
        ANN,
        receiving,
        supplier="S-1001",
        delivery_note="DN-1",
        item_number=SCREW,
        supplier_lot=supplier_lot,
        quantity=quantity,
        containers=1,
        packages_whole=True,
        location="Q-01",
    )
    return str(company.variables(receiving)["receipt"]["lot_number"])


def report(company: Scenario, lot_number: str | None = None, **more: Any) -> Nonconformance:
    """Report burrs on a lot."""
    instance = company.start("nonconformance", by=NORA)
    data = {"what": "burrs on the thread", "where": "in_process", **more}
    if lot_number is not None:
        data["lot_number"] = lot_number
    company.do("Report", NORA, instance, **data)
    return Nonconformance(company, instance, lot_number)
