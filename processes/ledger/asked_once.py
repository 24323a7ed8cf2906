"""What a look finds again and again is asked once: what was answered is not asked anew."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, bindparam, select

from engine.commands.base import Command
from engine.store.tables import command as answered
from processes.ledger.many import among, slices

_ANSWERED = (
    select(answered.c.command_id)
    .where(answered.c.tenant_id == bindparam("tenant_id"))
    .where(among(answered.c.command_id, "command_ids"))
)


def unanswered(db: Connection, tenant_id: str, commands: Iterable[Command]) -> Iterator[Command]:
    """Give those of some commands, of ids that follow from their matter, that were never asked."""
    known = {each.command_id: each for each in commands}
    for some in slices(known):
        key = {"tenant_id": tenant_id, "command_ids": some}
        done = set(db.execute(_ANSWERED, key).scalars())
        yield from (known[each] for each in some if each not in done)
