"""A signature is a person's: proven again, bound to what was shown, by the right person."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.actors import Actor, engine_actor
from engine.audit.signatures import signed_record
from engine.commands.base import Command
from engine.commands.identities import ChangeAccount, SetPassword, SignIn, UnlockSigning
from engine.commands.process_instances import CancelProcessInstance
from engine.commands.work_items import ClaimWorkItem, CompleteWorkItem
from engine.identifiers import new_id
from engine.identities import accounts
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Outcome, Reason, Rejected
from engine.reading.instances import history_of
from engine.store.tables import register
from tests.engine.workshop import Workshop
from tests.people import ADA, BEA, BEN, CLEO, DORA
from tests.scenario import TENANT

AT_ONCE = 6  # more than lock signing, fewer than lock the account
GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}


def reason(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Rejected), outcome
    return outcome.reason


def test_the_signature_keeps_everything_the_inspector_asks_for(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, why="first delivery", **GOOD)
    with workshop.database.reading() as db:
        entries, whole = history_of(db, TENANT, order)
    assert whole
    entry = entries[1]
    made = next(e for e in entry.document["events"] if e["event"] == "signature.made")
    assert entry.document["actor"]["name"] == {"en": "Ben Li", "zh": "李本"}
    assert entry.document["actor"]["role"] == "IQC"
    assert entry.document["at"] == "2026-11-23T01:00:00.000000Z"
    assert entry.document["zone"] == "Asia/Shanghai"
    assert entry.document["why"] == "first delivery"
    assert made["meaning"] == "PERF"
    assert made["meaning_names"]["zh"] == "执行"
    assert made["statement"]
    assert made["record_hash"] == record_hash(signed_record(entry.document))
    assert entry.record is not None
    assert entry.record["data"] == GOOD


def test_a_signed_step_is_refused_without_signature(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    command = CompleteWorkItem(
        command_id=new_id(), work_item_id=item.work_item_id, revision=1, data=GOOD
    )
    assert reason(workshop.ask(command, BEN)) is Reason.SIGNATURE_REQUIRED


def test_a_wrong_password_leaves_the_task_open_and_locks_after_five(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    for _ in range(5):
        outcome = workshop.attempt("fill", BEN, password="not it", **GOOD)  # noqa: S106
        assert reason(outcome) is Reason.SIGNATURE_REFUSED
        workshop.open("fill", BEN)
    assert reason(workshop.attempt("fill", BEN, **GOOD)) is Reason.SIGNING_LOCKED
    workshop.do("fill", BEA, **GOOD)  # others go on
    security = next(s for s in _registers(workshop) if s[0] == "security")
    assert [e for e in security[1] if e == "signature.refused"] == ["signature.refused"] * 5
    assert security[1].count("signing.locked") == 1
    assert workshop.verify().whole


def test_guesses_that_were_let_in_before_the_lock_do_not_sign(workshop: Workshop) -> None:
    """Requests sent at once all read the account before the first of them is counted."""
    workshop.start("toy_order", by=BEN)
    before = workshop.actor(BEN)
    for _ in range(5):
        guess = _filling(workshop, password="not it")  # noqa: S106
        assert reason(workshop.dispatcher.dispatch(guess, before)) is Reason.SIGNATURE_REFUSED
    right = _filling(workshop, password=BEN.password)
    assert reason(workshop.dispatcher.dispatch(right, before)) is Reason.SIGNING_LOCKED
    assert workshop.open("fill", BEN).revision == 1


def test_every_guess_of_many_at_once_is_counted(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    before = workshop.actor(BEN)
    guesses: list[tuple[Command, Actor]] = [
        (_filling(workshop, password="not it"), before)  # noqa: S106
        for _ in range(AT_ONCE)
    ]
    sign_in = engine_actor(TENANT, "sign-in")
    guesses += [
        (SignIn(command_id=new_id(), username="ben", password="not it"), sign_in)  # noqa: S106
        for _ in range(AT_ONCE)
    ]
    together = Barrier(len(guesses))

    def ask(guess: tuple[Command, Actor]) -> Outcome:
        together.wait()
        return workshop.dispatcher.dispatch(*guess)

    with ThreadPoolExecutor(len(guesses)) as people:
        assert {reason(o) for o in people.map(ask, guesses)} == {Reason.SIGNATURE_REFUSED}
    with workshop.database.reading() as db:
        counted = accounts.find_by_username(db, TENANT, "ben")
    assert counted is not None
    assert (counted.failed_signatures, counted.failed_sign_ins) == (AT_ONCE, AT_ONCE)
    assert counted.signing_locked_at is not None
    security = next(s for s in _registers(workshop) if s[0] == "security")
    assert security[1].count("signing.locked") == 1


def _filling(workshop: Workshop, *, password: str) -> CompleteWorkItem:
    """Ben's next work, signed with a password."""
    item = workshop.open("fill", BEN)
    return CompleteWorkItem(
        command_id=new_id(),
        work_item_id=item.work_item_id,
        revision=item.revision,
        data=GOOD,
        signature=workshop.sign(item, BEN, GOOD, password=password),
    )


def test_setting_a_password_is_no_way_around_the_lock(workshop: Workshop) -> None:
    """The present password is the signing password: guesses at it are counted, then refused."""
    before = workshop.actor(BEN)
    for _ in range(5):
        assert reason(workshop.ask(_new_password("not it"), BEN)) is Reason.SIGNATURE_REFUSED
    right = _new_password(BEN.password)
    assert reason(workshop.ask(right, BEN)) is Reason.SIGNING_LOCKED
    let_in_before = _new_password(BEN.password)
    assert reason(workshop.dispatcher.dispatch(let_in_before, before)) is Reason.SIGNING_LOCKED
    security = next(s for s in _registers(workshop) if s[0] == "security")
    assert security[1].count("signing.locked") == 1
    assert "password.changed" not in security[1]


def _new_password(present: str) -> SetPassword:
    return SetPassword(command_id=new_id(), password=present, new_password="a longer one 2")  # noqa: S106


def test_what_was_typed_as_an_unknown_name_is_not_kept(workshop: Workshop) -> None:
    """Who types the password into the field above it must not find it on the record."""
    command = SignIn(command_id=new_id(), username="Tr0ub4dor", password="x")  # noqa: S106
    outcome = workshop.dispatcher.dispatch(command, engine_actor(TENANT, "sign-in"))
    assert reason(outcome) is Reason.SIGNATURE_REFUSED
    with workshop.database.reading() as db:
        stream = db.execute(select(register.c.stream_id).where(register.c.name == "security"))
        entries, _ = history_of(db, TENANT, stream.scalar_one())
    [event] = entries[-1].document["events"]
    assert event == {"event": "sign_in.refused", "known": False}
    assert "tr0ub4dor" not in repr([e.document for e in entries]).lower()


def test_a_locked_account_answers_alike_and_opens_by_itself(workshop: Workshop) -> None:
    """Right and wrong are told apart by nobody while it is locked, and guessing on does not keep
    the person out for longer."""
    wrong = [_sign_in(workshop, "not it") for _ in range(10)][-1]
    workshop.clock.advance(minutes=14)
    for password in ("not it", BEN.password):
        found = _sign_in(workshop, password)
        assert reason(found) is Reason.SIGNATURE_REFUSED
        assert isinstance(found, Rejected)
        assert isinstance(wrong, Rejected)
        assert found.message == wrong.message
    workshop.clock.advance(minutes=1)
    assert reason(_sign_in(workshop, "not it")) is Reason.SIGNATURE_REFUSED
    workshop.must(_sign_in(workshop, BEN.password))
    security = next(s for s in _registers(workshop) if s[0] == "security")
    assert security[1].count("sign_in.locked") == 1


def test_an_administrator_lets_a_person_sign_in_again(workshop: Workshop) -> None:
    for _ in range(10):
        _sign_in(workshop, "not it")
    ben = workshop.actor(BEN).account_id
    assert ben is not None
    workshop.must(workshop.ask(UnlockSigning(command_id=new_id(), account_id=ben), ADA))
    workshop.must(_sign_in(workshop, BEN.password))
    security = next(s for s in _registers(workshop) if s[0] == "security")
    assert "sign_in.unlocked" in security[1]


def _sign_in(workshop: Workshop, password: str) -> Outcome:
    command = SignIn(command_id=new_id(), username="ben", password=password)
    return workshop.dispatcher.dispatch(command, engine_actor(TENANT, "sign-in"))


def test_a_closed_account_keeps_no_work_to_itself(workshop: Workshop) -> None:
    for _ in range(2):
        workshop.start("toy_order", by=BEN)
    for item in workshop.worklist(BEN):
        claim = ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id)
        workshop.must(workshop.ask(claim, BEN))
    ben = workshop.actor(BEN).account_id
    assert ben is not None
    close = ChangeAccount(
        command_id=new_id(), account_id=ben, roles=BEN.roles, active=False, why="has left"
    )
    workshop.must(workshop.ask(close, ADA))
    assert [(i.assignee_id, i.revision) for i in workshop.worklist(BEA)] == [(None, 3)] * 2
    workshop.do("fill", BEA, **GOOD)
    assert workshop.verify().whole


def test_another_person_unlocks_signing(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    for _ in range(5):
        workshop.attempt("fill", BEN, password="not it", **GOOD)  # noqa: S106
    ben = workshop.actor(BEN).account_id
    assert ben is not None
    own = UnlockSigning(command_id=new_id(), account_id=ben)
    assert reason(workshop.ask(own, BEN)) is Reason.NOT_ALLOWED
    workshop.must(workshop.ask(UnlockSigning(command_id=new_id(), account_id=ben), ADA))
    workshop.do("fill", BEN, **GOOD)


def test_a_right_signature_starts_the_count_anew(workshop: Workshop) -> None:
    for _ in range(3):
        workshop.start("toy_order", by=BEN)
        for _ in range(2):
            workshop.attempt("fill", BEN, password="not it", **GOOD)  # noqa: S106
        workshop.do("fill", BEN, **GOOD)


def test_nobody_signs_in_anothers_name(workshop: Workshop) -> None:
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    signature = workshop.sign(item, BEA, GOOD)
    command = CompleteWorkItem(
        command_id=new_id(),
        work_item_id=item.work_item_id,
        revision=1,
        data=GOOD,
        signature=signature,
    )
    assert reason(workshop.ask(command, BEN)) is Reason.SIGNATURE_REFUSED


def test_what_was_shown_is_what_is_signed(workshop: Workshop) -> None:
    """Data, reason or meaning changed between the dialog and the server: nothing is signed."""
    workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    signature = workshop.sign(item, BEN, GOOD)
    good = CompleteWorkItem(
        command_id=new_id(),
        work_item_id=item.work_item_id,
        revision=1,
        data=GOOD,
        signature=signature,
    )
    changed = [
        replace(good, command_id=new_id(), data={**GOOD, "quantity": "12.51"}),
        replace(good, command_id=new_id(), why="for another reason"),
        replace(good, command_id=new_id(), signature=replace(signature, language="en")),
    ]
    for command in changed:
        assert reason(workshop.ask(command, BEN)) is Reason.RECORD_DIFFERS
    other_meaning = replace(good, command_id=new_id(), signature=replace(signature, meaning="APPR"))
    assert reason(workshop.ask(other_meaning, BEN)) is Reason.SIGNATURE_REQUIRED
    workshop.must(workshop.ask(good, BEN))


def test_who_did_it_does_not_review_it(workshop: Workshop) -> None:
    """Cleo is both inspector and lead; segregation is of persons, not of roles."""
    order = workshop.start("toy_order", by=CLEO)
    workshop.do("fill", CLEO, **GOOD)
    workshop.do("reply", DORA)
    assert reason(workshop.attempt("review", CLEO)) is Reason.SEGREGATION_OF_DUTIES
    assert workshop.status(order) == "running"


def test_cancelling_takes_reason_and_signature(workshop: Workshop) -> None:
    order = workshop.start("toy_order", by=BEN)
    bare = CancelProcessInstance(command_id=new_id(), process_instance_id=order)
    assert reason(workshop.ask(bare, DORA)) is Reason.SIGNATURE_REQUIRED
    signature = _cancelling(workshop, order, "CLOS")
    command = CancelProcessInstance(
        command_id=new_id(), process_instance_id=order, why="ordered twice", signature=signature
    )
    workshop.must(workshop.ask(command, DORA))
    assert workshop.status(order) == "cancelled"
    assert workshop.worklist(BEN) == []
    assert workshop.verify().whole


@pytest.mark.parametrize("meaning", ["PERF", "none of ours"])
def test_cancelling_is_signed_as_what_it_is(workshop: Workshop, meaning: str) -> None:
    """The record shown says another meaning too, so that only the meaning is wrong."""
    order = workshop.start("toy_order", by=BEN)
    command = CancelProcessInstance(
        command_id=new_id(),
        process_instance_id=order,
        why="ordered twice",
        signature=_cancelling(workshop, order, meaning),
    )
    assert reason(workshop.ask(command, DORA)) is Reason.SIGNATURE_REQUIRED
    assert workshop.status(order) == "running"


def _cancelling(workshop: Workshop, order: UUID, meaning: str) -> SignatureRequest:
    """Sign what Dora is shown when she cancels."""
    meanings = workshop.dispatcher.documents(TENANT)["signature_meanings"]
    record = {
        "v": "1",
        "kind": "process_instance.cancelled",
        "tenant": TENANT,
        "process_instance": str(order),
        "definition": workshop.items(order)[0].deployed.definition.hash,
        "meaning": meaning,
        "statement": meanings.get(meaning, meanings["CLOS"])["statement"]["en"],
        "language": "en",
        "signer": "dora",
        "why": "ordered twice",
    }
    return SignatureRequest(
        username="dora", password=DORA.password, meaning=meaning, shown_hash=record_hash(record)
    )


def _registers(workshop: Workshop) -> list[tuple[str, list[str]]]:
    with workshop.database.reading() as db:
        rows = db.execute(select(register.c.name, register.c.stream_id)).all()
        found = []
        for name, stream_id in rows:
            entries, _ = history_of(db, TENANT, stream_id)
            found.append((name, [e["event"] for x in entries for e in x.document["events"]]))
    return found
