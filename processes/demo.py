"""Demo data: a small company with real devices, filled in through commands like everything else."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.actors import Actor, engine_actor
from engine.commands.base import Command
from engine.commands.identities import CreateAccount
from engine.dispatcher import Dispatcher
from engine.outcomes import Accepted, Rejected
from processes.ledger import locations
from processes.ledger.commands import (
    ApproveSupply,
    RecordCalibration,
    RegisterInspectionPlan,
    RegisterInstrument,
    RegisterItem,
    RegisterLocation,
    RegisterSupplier,
    RegisterUnits,
)
from processes.ledger.item_registration import Identifier, NewItem, NewPackage
from processes.ledger.locations import NewLocation
from processes.ledger.purchasing.certificates import Agreement, Certificate
from processes.ledger.purchasing.commands import RegisterAgreement, RegisterCertificate
from processes.ledger.units import Conversion, Unit

HERE = Path(__file__).parent / "demo_data"
SITE = "SZ01"
ZONE = "Asia/Shanghai"
_IN_FORCE = timedelta(days=400)
"""How long ago approvals and plans came into force."""
_PAPERS_LAST = timedelta(days=700)
_CALIBRATED = timedelta(days=90)
_CALIBRATION_LASTS = {"in_calibration": timedelta(days=365), "overdue": timedelta(days=60)}


class DemoRefused(RuntimeError):
    """The demo data and the rules of the product do not fit together."""


def accounts() -> list[Mapping[str, Any]]:
    """List the demo accounts with their passwords, to be printed and shown at sign-in."""
    return [
        {
            "username": each["username"],
            "password": each["password"],
            "name": each["names"],
            "roles": each["roles"],
        }
        for each in _data()["accounts"]
    ]


def today_there(dispatcher: Dispatcher) -> date:
    """Give today's date where the demo company is."""
    local = dispatcher.clock().astimezone(ZoneInfo(ZONE))
    return local.date()


def seed(dispatcher: Dispatcher, tenant_id: str) -> bool:
    """Fill an empty installation with people and master data; False when there are some already."""
    with dispatcher.database.reading() as db:
        if locations.every(db, tenant_id):
            return False
    actor = engine_actor(tenant_id, "demo")
    for command in (*_people(dispatcher), *master_data(dispatcher)):
        _ask(dispatcher, command, actor)
    return True


def seed_master_data(dispatcher: Dispatcher, tenant_id: str) -> None:
    """Fill in places, suppliers, devices, plans and instruments, but no people."""
    actor = engine_actor(tenant_id, "demo")
    for command in master_data(dispatcher):
        _ask(dispatcher, command, actor)


def master_data(dispatcher: Dispatcher) -> Iterator[Command]:
    """Give the commands that make the demo's master data, in their order."""
    yield from _basics(dispatcher)
    for item in demo_items():
        yield RegisterItem(command_id=_id(dispatcher), item=item)
    yield from _supplies(dispatcher)
    yield from _papers(dispatcher)
    yield from _instruments(dispatcher)
    yield from _plans(dispatcher)


@cache
def demo_items() -> tuple[NewItem, ...]:
    """Give the demo's devices: taken from the FDA's file, with their real barcodes."""
    return tuple(
        NewItem(
            number=each["number"],
            names=each["names"],
            item_type="finished",
            criticality=each["criticality"],
            tracking=each["tracking"],
            unit_code="ea",
            status="released",
            sterile=each["sterile"],
            expiry_required=each["expiry_required"],
            min_remaining_life_days=180 if each["expiry_required"] else None,
            manufacturer=each["manufacturer"],
            catalogue_number=each["catalogue_number"],
            model=each["model"],
            source="FDA GUDID",
            packages=tuple(
                NewPackage(
                    name=package["name"],
                    contains=package["contains"],
                    contained_quantity=package["contained_quantity"],
                    identifiers=tuple(Identifier(**one) for one in package["identifiers"]),
                )
                for package in each["packages"]
            ),
        )
        for each in _read("items.json")["items"]
    )


def _people(dispatcher: Dispatcher) -> Iterator[Command]:
    for each in _data()["accounts"]:
        yield CreateAccount(
            command_id=_id(dispatcher),
            username=each["username"],
            names=each["names"],
            roles=tuple(each["roles"]),
            zone=ZONE,
            password=each["password"],
        )


def _basics(dispatcher: Dispatcher) -> Iterator[Command]:
    data = _data()
    yield RegisterUnits(
        command_id=_id(dispatcher),
        units=tuple(Unit(**each) for each in data["units"]),
        conversions=tuple(
            Conversion(from_unit=each["from"], to_unit=each["to"], numerator=each["numerator"])
            for each in data["conversions"]
        ),
    )
    for each in data["locations"]:
        location = NewLocation(**{"site": SITE, **each})
        yield RegisterLocation(command_id=_id(dispatcher), location=location)
    for each in data["suppliers"]:
        yield RegisterSupplier(command_id=_id(dispatcher), **each)


def _supplies(dispatcher: Dispatcher) -> Iterator[Command]:
    today = today_there(dispatcher)
    for each in _data()["supplies"]:
        for number in each["items"]:
            yield ApproveSupply(
                command_id=_id(dispatcher),
                supplier_number=each["supplier"],
                item_number=number,
                site=SITE,
                rating=each["rating"],
                valid_from=today - _IN_FORCE,
            )


def _papers(dispatcher: Dispatcher) -> Iterator[Command]:
    """Give what lets a supplier deliver critical items: a certificate, a quality agreement."""
    today = today_there(dispatcher)
    since, until = today - _IN_FORCE, today + _PAPERS_LAST
    for each in _data()["papers"]:
        number = each["supplier"]
        yield RegisterCertificate(
            command_id=_id(dispatcher),
            supplier_number=number,
            certificate=Certificate(
                kind="iso13485",
                number=f"MD-{number}",
                scope=each["scope"]["en"],
                body="demo notified body",
                valid_from=since,
                valid_to=until,
            ),
        )
        yield RegisterAgreement(
            command_id=_id(dispatcher),
            supplier_number=number,
            agreement=Agreement(
                number=f"QAG-{number}",
                terms={"scope": each["scope"]["zh"]},
                signed_for_supplier=each["signed_for_supplier"],
                signed_for_us="王朵",
                valid_from=since,
                valid_to=until,
            ),
        )


def _instruments(dispatcher: Dispatcher) -> Iterator[Command]:
    now = dispatcher.clock()
    for each in _data()["instruments"]:
        yield RegisterInstrument(
            command_id=_id(dispatcher),
            number=each["number"],
            instrument_type=each["type"],
            names=each["names"],
            unit_code=each["unit"],
            resolution=each["resolution"],
        )
        calibrated_at = now - _CALIBRATED
        yield RecordCalibration(
            command_id=_id(dispatcher),
            instrument_number=each["number"],
            calibrated_at=calibrated_at,
            due_on=today_there(dispatcher) - _CALIBRATED + _CALIBRATION_LASTS[each["calibrated"]],
            in_tolerance=True,
            certificate=f"{each['number']}/{calibrated_at.year}",
        )


def _plans(dispatcher: Dispatcher) -> Iterator[Command]:
    in_force = (today_there(dispatcher) - _IN_FORCE).isoformat()
    for each in _data()["plans"]:
        for number in each["items"]:
            plan = {
                "number": f"{each['prefix']}-{number[-5:]}",
                "version": 1,
                "effective_from": in_force,
                "approved_by": ["ENG", "QE", "QA"],
                "documents_required": each["documents_required"],
                "characteristics": each["characteristics"],
            }
            yield RegisterInspectionPlan(command_id=_id(dispatcher), item_number=number, plan=plan)


def _ask(dispatcher: Dispatcher, command: Command, actor: Actor) -> None:
    match dispatcher.dispatch(command, actor):
        case Accepted():
            return
        case Rejected() as rejected:
            message = f"{type(command).__name__}: {rejected.message['en']}"
            raise DemoRefused(message)


def _id(dispatcher: Dispatcher) -> Any:
    return dispatcher.resources.new_id()


@cache
def _data() -> Mapping[str, Any]:
    return _read("master_data.json")


def _read(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return found
