"""May who is signed in read this case? Asked by each address that shows one (engine/reading)."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, abort
from sqlalchemy import Connection

from api import errors
from api.context import account, engine
from api.delegations import working_roles
from engine.reading import readers
from engine.reading.readers import Reader

NOT_YOURS = {
    "en": "Your roles have no part in this case. Ask quality, or who looks after it.",
    "zh": "您的岗位未参与此案件，无权查看。请联系质量部或案件负责人。",
}


def reader(db: Connection) -> Reader:
    """Give the person who is signed in as a reader of cases."""
    person, tenant = account(), engine().tenant
    return readers.reader_of(
        engine().dispatcher.documents(tenant),
        engine().catalogue.active(db, tenant),
        person.account_id,
        working_roles(db),
    )


def may_read(db: Connection, process_instance_id: UUID) -> bool:
    """Tell whether who is signed in may read a case."""
    return readers.may_read(db, engine().tenant, reader(db), process_instance_id)


def may_read_file(db: Connection, content_hash: bytes) -> bool:
    """Tell whether who is signed in may open an attached file."""
    return readers.may_read_file(db, engine().tenant, reader(db), content_hash)


def require_case(db: Connection, process_instance_id: UUID | None) -> None:
    """Refuse what is of a case to whom the case is not open, with 403 and whom to ask; what
    belongs to no case is open to all who are signed in."""
    if process_instance_id is not None and not may_read(db, process_instance_id):
        abort(refused())


def require_part(db: Connection, process_id: str, *process_instance_ids: UUID | None) -> None:
    """Refuse a register, or one record of it, to whom the process that keeps it is not open.

    Open it is to whom reads all of its cases; one record also to whom reads a case that it is of.
    """
    who = reader(db)
    if reads_register(who, process_id):
        return
    cases = (each for each in process_instance_ids if each is not None)
    if not any(may_read(db, each) for each in cases):
        abort(refused())


def reads_register(who: Reader, process_id: str) -> bool:
    """Tell whether a register is open to somebody: whether they read all cases of its process."""
    return who.every_case or process_id in who.process_ids


def refused() -> Response:
    """Refuse to show a case that is there, and say whom to ask."""
    return errors.problem(HTTPStatus.FORBIDDEN, "not_yours", NOT_YOURS)
