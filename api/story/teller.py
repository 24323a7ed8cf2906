"""Do what people do on their screens: find the work, open it, fill it in, sign it; and say so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.actors import Actor, engine_actor
from engine.audit.signatures import completion_record
from engine.background.work import BackgroundWork
from engine.commands.base import Command
from engine.commands.process_instances import StartProcessInstance
from engine.commands.work_items import CompleteWorkItem
from engine.dispatcher import Dispatcher
from engine.identities import accounts
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Accepted, Outcome
from engine.reading.case import case_of_item
from engine.reading.instances import instance_of
from engine.reading.worklist import WorkItemView, work_items_of, worklist_of
from processes import demo, registry


class TaleRefused(RuntimeError):
    """Somebody could not do what the story says; the message says who, what and why."""


@dataclass
class Teller:
    """The company's people, by user name, at their screens."""

    dispatcher: Dispatcher
    tenant_id: str
    say: Callable[[str], None]
    language: str = "en"
    passwords: dict[str, str] = field(
        default_factory=lambda: {each["username"]: each["password"] for each in demo.accounts()}
    )
    background: BackgroundWork = field(init=False)

    def __post_init__(self) -> None:
        self.background = BackgroundWork(self.dispatcher)

    # --- what is asked

    def chapter(self, en: str, zh: str) -> None:
        """Begin a part of the story."""
        self.say(f"\n{zh if self.language == 'zh' else en}")

    def install(self, command: Command) -> Mapping[str, Any]:
        """Have the installation fill in master data that the story needs."""
        actor = engine_actor(self.tenant_id, "demo")
        return self.must(self.dispatcher.dispatch(command, actor), type(command).__name__)

    def ask(self, command: Command, by: str, what: str) -> Mapping[str, Any]:
        """Let somebody ask a command of the book."""
        result = self.must(self.dispatcher.dispatch(command, self.actor(by)), what)
        self.background.run_until_idle()
        self._said(by, what)
        return result

    def start(self, process_id: str, by: str) -> UUID:
        """Let somebody begin a process; give the instance's id."""
        command = StartProcessInstance(command_id=self.new_id(), process_id=process_id)
        result = self.must(self.dispatcher.dispatch(command, self.actor(by)), process_id)
        self.background.run_until_idle()
        return UUID(result["process_instance_id"])

    def do(self, activity_id: str, by: str, instance: UUID, **data: Any) -> None:
        """Let somebody complete the first open work of an activity."""
        self.complete(self.items(activity_id, instance)[0], by, **data)

    def complete(self, item: WorkItemView, by: str, **data: Any) -> None:
        """Let somebody complete a work item, signing where the diagram asks for it."""
        command = self.completion(item, by, **data)
        what = item.activity.names[self.language]
        self.must(self.dispatcher.dispatch(command, self.actor(by)), f"{item.activity_id} ({by})")
        self.background.run_until_idle()
        self._said(by, what, item.title, item.activity.signature)

    def completion(self, item: WorkItemView, by: str, **data: Any) -> CompleteWorkItem:
        """Fill in a work item and sign it; give what is to be sent."""
        signature = None if item.activity.signature is None else self._sign(item, by, data)
        return CompleteWorkItem(
            command_id=self.new_id(),
            work_item_id=item.work_item_id,
            revision=item.revision,
            data=data,
            signature=signature,
        )

    # --- what is read

    def items(self, activity_id: str, instance: UUID) -> list[WorkItemView]:
        """List the open work of an activity in an instance; TaleRefused when there is none."""
        every = self.open(instance)
        found = [item for item in every if item.activity_id == activity_id]
        if not found:
            message = f"{activity_id} is not open: {[item.activity_id for item in every]}"
            raise TaleRefused(message)
        return found

    def open(self, instance: UUID) -> list[WorkItemView]:
        """List the open work of an instance."""
        with self.dispatcher.database.reading() as db:
            every = work_items_of(
                db, self.dispatcher.resources.catalogue, self.tenant_id, instance, None
            )
        return [item for item in every if item.status == "open"]

    def of_everybody(self) -> list[WorkItemView]:
        """List the open work of everybody, oldest first."""
        with self.dispatcher.database.reading() as db:
            items, _ = worklist_of(
                db,
                self.dispatcher.resources.catalogue,
                self.tenant_id,
                roles=sorted(registry.roles()),
                account_id=None,
            )
        return sorted(items, key=lambda item: (item.opened_at, item.work_item_id.task_ref))

    def variables(self, instance: UUID) -> Mapping[str, Any]:
        """Give the case document of an instance."""
        found: Mapping[str, Any] = self._instance(instance).variables
        return found

    def status(self, instance: UUID) -> str:
        """Say whether an instance still runs."""
        return str(self._instance(instance).row.status)

    def context(self, item: WorkItemView) -> dict[str, Any]:
        """Give what the form of a work item sees beside its own fields."""
        catalogue = self.dispatcher.resources.catalogue
        with self.dispatcher.database.reading() as db:
            return case_of_item(
                db, catalogue, self.tenant_id, item.work_item_id, self.dispatcher.clock()
            )

    def actor(self, username: str) -> Actor:
        """Give a person as the author of commands."""
        with self.dispatcher.database.reading() as db:
            account = accounts.find_by_username(db, self.tenant_id, username)
        if account is None:
            message = f"There is no account {username}: the story needs the demo's company."
            raise TaleRefused(message)
        return account.actor()

    def new_id(self) -> UUID:
        """Make an id for a command."""
        return self.dispatcher.resources.new_id()

    def _instance(self, instance: UUID) -> Any:
        with self.dispatcher.database.reading() as db:
            view = instance_of(db, self.tenant_id, instance)
        if view is None:
            message = f"There is no process instance {instance}."
            raise TaleRefused(message)
        return view

    # --- signing, as the dialog does it

    def _sign(self, item: WorkItemView, by: str, data: Mapping[str, Any]) -> SignatureRequest:
        meaning = item.activity.signature or ""
        documents = self.dispatcher.documents(self.tenant_id)
        record = completion_record(
            tenant=self.tenant_id,
            process_instance=str(item.work_item_id.process_instance_id),
            completed={
                "task_ref": item.work_item_id.task_ref,
                "activity": item.activity_id,
                "visit": item.visit,
                "definition": item.drawn_in.hash,
                "form": item.activity.form_hash,
                "data": self._shown(item, data),
            },
            meaning=meaning,
            statement=documents["signature_meanings"][meaning]["statement"][self.language],
            language=self.language,
            signer=by,
            why=None,
        )
        return SignatureRequest(
            username=by,
            password=self.passwords[by],
            meaning=meaning,
            shown_hash=record_hash(record),
            language=self.language,
        )

    def _shown(self, item: WorkItemView, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the data as the form completes it: what is signed is what is shown."""
        if item.activity.form_hash is None:
            return {}
        catalogue = self.dispatcher.resources.catalogue
        with self.dispatcher.database.reading() as db:
            form = catalogue.form(db, self.tenant_id, item.activity.form_hash)
        outcome = form.examine(data, context=self.context(item), now=self.dispatcher.clock())
        return data if outcome.accepted is None else outcome.accepted.record

    def _said(self, by: str, what: str, title: str = "", signed: str | None = None) -> None:
        name = self.actor(by).names[self.language]
        mark = "" if signed is None else f"  [{signed}]"
        about = f"  {title}" if title else ""
        self.say(f"  {name}: {what}{about}{mark}")

    def must(self, outcome: Outcome, what: str) -> Mapping[str, Any]:
        """Give the result of what was accepted; TaleRefused with what stands against it."""
        if isinstance(outcome, Accepted):
            return outcome.result
        errors = "; ".join(f"{each.path} {each.message['en']}" for each in outcome.errors)
        message = f"{what}: {outcome.message['en']} {errors}"
        raise TaleRefused(message)
