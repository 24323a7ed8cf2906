"""Everybody whom the processes need, in one company: each person once, with all of their roles."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from engine.identifiers import new_id
from engine.services import ServiceContext
from processes import demo, registry
from tests.people import EVERYONE, Person
from tests.scenario import TENANT, Scenario

FINN = Person("finn", "Finn Zhou", "周帆", ("BUY", "REQ"))
GAO = Person("gao", "Gao Lin", "高林", ("PUM",))
HANA = Person("hana", "Hana Wu", "吴涵", ("QE",))
HUGO = Person("hugo", "Hugo Bai", "白谷", ("QE",))
ISLA = Person("isla", "Isla Mao", "毛岚", ("ENG",))
IVAN = Person("ivan", "Ivan Luo", "罗一凡", ("ENG",))
JIN = Person("jin", "Jin Xu", "徐瑾", ("RA",))
KAI = Person("kai", "Kai Ma", "马凯", ("FIN",))
LENA = Person("lena", "Lena Hu", "胡乐娜", ("MED",))
MEI = Person("mei", "Mei Tang", "唐梅", ("RCC", "CS", "SAL"))
MO = Person("mo", "Mo Shen", "沈默", ("MR",))
NORA = Person("nora", "Nora Qian", "钱诺", ("PRD", "PLN", "REQ"))
OLGA = Person("olga", "Olga Ren", "任欧", ("PRD",))
OMAR = Person("omar", "Omar Shen", "沈欧", ("GM", "MR"))
PAT = Person("pat", "Pat Yin", "尹帕", ("WH",))
PIA = Person("pia", "Pia Deng", "邓琵", ("SQE",))
QUIN = Person("quin", "Quin Ma", "马青", ("QA",))
MORE = (
    *(FINN, GAO, HANA, HUGO, ISLA, IVAN, JIN, KAI, LENA, MEI, MO, NORA),
    *(OLGA, OMAR, PAT, PIA, QUIN),
)


def staff(scenario: Scenario) -> Scenario:
    """Give the company the demo's master data and everybody who works in it."""
    demo.seed_master_data(scenario.dispatcher, TENANT)
    for person in MORE:
        scenario.add(person)
    return scenario


def instance_of(scenario: Scenario, activity_id: str, by: Person) -> UUID:
    """Give the process instance whose open work this is: the one that a message has started."""
    return scenario.open(activity_id, by).work_item_id.process_instance_id


def thrown(scenario: Scenario, instance: UUID, name: str) -> list[Any]:
    """Give the payloads of the messages and signals of a name that an instance threw."""
    return [
        event["payload"]
        for event in scenario.events(instance)
        if event["event"] in ("message.thrown", "signal.thrown") and event["name"] == name
    ]


@contextmanager
def booking(scenario: Scenario, by: Person, *signatures: str) -> Iterator[ServiceContext]:
    """A transaction on the book, for what has no process yet."""
    assert by in (*EVERYONE, *MORE)
    documents = registry.documents()
    with scenario.database.transaction() as db:
        yield ServiceContext(
            db=db,
            tenant_id=TENANT,
            now=scenario.clock(),
            actor=scenario.actor(by),
            command_id=new_id(),
            process_instance_id=new_id(),
            activity_id="Book",
            record=lambda _: None,
            configuration=documents.__getitem__,
            new_id=new_id,
            signatures=signatures,
        )
        db.commit()
