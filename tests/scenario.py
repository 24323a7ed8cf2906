"""Drive a process the way people do: find the work, open it, fill it in, sign it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from api import installation
from engine.actors import Actor, engine_actor
from engine.audit.signatures import completion_record
from engine.background.work import BackgroundWork
from engine.commands.base import Command
from engine.commands.identities import CreateAccount
from engine.commands.process_instances import StartProcessInstance
from engine.commands.work_items import CompleteWorkItem
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.identities import accounts
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Accepted, Outcome
from engine.reading.case import case_of_item
from engine.reading.instances import history_of, instance_of
from engine.reading.worklist import WorkItemView, work_items_of, worklist_of
from engine.store.database import Database
from engine.verification import Report, verify
from processes import registry
from tests.people import EVERYONE, Person

TENANT = "test"


class TestClock:
    """Time that passes when the test says so."""

    __test__ = False

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **length: float) -> None:
        self.now += timedelta(**length)


class Scenario:
    """An installation of the product's processes, and the people who work in it; `installed` says
    that the database is a copy of one that holds them."""

    def __init__(self, database: Database, *, installed: bool = False) -> None:
        self.clock = TestClock()
        self.database = database
        if installed:
            self.dispatcher = installation.dispatcher(database, clock=self.clock)
        else:
            self.dispatcher = self.installed()
        self.background = BackgroundWork(self.dispatcher)
        self.actors: dict[str, Actor] = {}
        self.acts_for: Mapping[str, Any] | None = None  # by a delegation, as the record says it
        for person in () if installed else EVERYONE:
            self.add(person)

    def installed(self) -> Dispatcher:
        """Put the product's processes in force."""
        dispatcher = installation.dispatcher(self.database, clock=self.clock)
        installation.prepare(dispatcher, TENANT, demo=False)
        return dispatcher

    def add(self, person: Person) -> None:
        command = CreateAccount(
            command_id=new_id(),
            username=person.username,
            names={"en": person.english, "zh": person.chinese},
            roles=person.roles,
            zone="Asia/Shanghai",
            password=person.password,
        )
        self.must(self.dispatcher.dispatch(command, engine_actor(TENANT, "test")))

    def actor(self, person: Person) -> Actor:
        """Give the person as the author of commands, as the session would read them."""
        with self.database.reading() as db:
            account = accounts.find_by_username(db, TENANT, person.username)
        assert account is not None, person
        return account.actor()

    def must(self, outcome: Outcome) -> Mapping[str, Any]:
        """Give the result of an accepted command; fail with the refusal otherwise."""
        assert isinstance(outcome, Accepted), outcome
        return outcome.result

    def ask(self, command: Command, by: Person) -> Outcome:
        outcome = self.dispatcher.dispatch(command, self.actor(by))
        self.background.run_until_idle()
        return outcome

    def start(self, process_id: str, by: Person) -> UUID:
        """Start a process; give the instance's id."""
        outcome = self.ask(StartProcessInstance(command_id=new_id(), process_id=process_id), by)
        return UUID(self.must(outcome)["process_instance_id"])

    def worklist(self, person: Person) -> list[WorkItemView]:
        with self.database.reading() as db:
            items, _ = worklist_of(
                db,
                self.dispatcher.resources.catalogue,
                TENANT,
                roles=person.roles,
                account_id=None,
            )
        return items

    def open(self, activity_id: str, by: Person, instance: UUID | None = None) -> WorkItemView:
        """Find open work on someone's worklist by the activity it is for."""
        found = [
            item
            for item in self.worklist(by)
            if item.activity_id == activity_id
            and instance in (None, item.work_item_id.process_instance_id)
        ]
        assert found, f"{by.username} has {[i.activity_id for i in self.worklist(by)]}"
        return found[0]

    def attempt(
        self,
        activity_id: str,
        by: Person,
        instance: UUID | None = None,
        *,
        password: str | None = None,
        why: str | None = None,
        item: WorkItemView | None = None,
        **data: Any,
    ) -> Outcome:
        """Complete open work, signing it where the diagram asks; give whatever is answered."""
        item = item or self.open(activity_id, by, instance)
        signature = None
        if item.activity.signature is not None:
            signature = self.sign(item, by, data, password=password, why=why)
        command = CompleteWorkItem(
            command_id=new_id(),
            work_item_id=item.work_item_id,
            revision=item.revision,
            data=data,
            signature=signature,
            why=why,
        )
        return self.ask(command, by)

    def do(self, activity_id: str, by: Person, instance: UUID | None = None, **more: Any) -> Any:
        """Complete open work; fail when it is refused."""
        return self.must(self.attempt(activity_id, by, instance, **more))

    def sign(
        self,
        item: WorkItemView,
        by: Person,
        data: Mapping[str, Any],
        *,
        password: str | None = None,
        why: str | None = None,
    ) -> SignatureRequest:
        """Do what the signing dialog does: show the record, hash it, ask for the password."""
        meaning = item.activity.signature
        assert meaning is not None
        documents = self.dispatcher.documents(TENANT)
        record = completion_record(
            tenant=TENANT,
            process_instance=str(item.work_item_id.process_instance_id),
            completed={
                "task_ref": item.work_item_id.task_ref,
                "activity": item.activity_id,
                "visit": item.visit,
                "definition": item.drawn_in.hash,
                "form": item.activity.form_hash,
                "data": self.shown(item, data),
                **({} if self.acts_for is None else {"for": self.acts_for}),
            },
            meaning=meaning,
            statement=documents["signature_meanings"][meaning]["statement"]["zh"],
            language="zh",
            signer=by.username,
            why=why,
        )
        return SignatureRequest(
            username=by.username,
            password=by.password if password is None else password,
            meaning=meaning,
            shown_hash=record_hash(record),
            language="zh",
        )

    def shown(self, item: WorkItemView, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the data as the form completes it (computed values, normalised numbers)."""
        if item.activity.form_hash is None:
            return {}
        with self.database.reading() as db:
            form = self.dispatcher.resources.catalogue.form(db, TENANT, item.activity.form_hash)
        outcome = form.examine(data, context=self.context(item), now=self.clock())
        return data if outcome.accepted is None else outcome.accepted.record

    def context(self, item: WorkItemView) -> dict[str, Any]:
        """Give what a form sees beside its own fields."""
        catalogue = self.dispatcher.resources.catalogue
        with self.database.reading() as db:
            return case_of_item(db, catalogue, TENANT, item.work_item_id, self.clock())

    def variables(self, instance: UUID) -> Mapping[str, Any]:
        with self.database.reading() as db:
            view = instance_of(db, TENANT, instance)
        assert view is not None
        return view.variables

    def status(self, instance: UUID) -> str:
        with self.database.reading() as db:
            view = instance_of(db, TENANT, instance)
        assert view is not None
        return str(view.row.status)

    def items(self, instance: UUID) -> list[WorkItemView]:
        with self.database.reading() as db:
            return work_items_of(db, self.dispatcher.resources.catalogue, TENANT, instance, None)

    def events(self, instance: UUID) -> list[Mapping[str, Any]]:
        """Give every event on the record of an instance, in order."""
        with self.database.reading() as db:
            entries, whole = history_of(db, TENANT, instance)
        assert whole
        return [event for entry in entries for event in entry.document["events"]]

    def verify(self) -> Report:
        with self.database.reading() as db:
            return verify(db, TENANT, registry.checks())
