"""Numbers without gaps, from a counter row in the command's own transaction.

A database sequence leaves a gap when a transaction is undone; a record number must not.
"""

from sqlalchemy import bindparam, insert, update

from engine.services import ServiceContext
from processes.ledger import site_days
from processes.ledger.tables import record_counter

_NEXT = (
    update(record_counter)
    .where(record_counter.c.tenant_id == bindparam("key_tenant_id"))
    .where(record_counter.c.series == bindparam("key_series"))
    .values(last_number=record_counter.c.last_number + 1)
    .returning(record_counter.c.last_number)
)
_FIRST = insert(record_counter)


def next_number(context: ServiceContext, kind: str, *, digits: int = 5) -> str:
    """Give the next number of a kind of record this year: "IQC-2026-00042".

    A year begins at midnight of the usual site, as on the papers that the number stands on.
    """
    series = f"{kind}-{site_days.today(context).year}"
    key = {"key_tenant_id": context.tenant_id, "key_series": series}
    last = context.db.execute(_NEXT, key).scalar_one_or_none()
    if last is None:
        # Two first numbers of a series at once: the key refuses one, and its command is repeated.
        row = {"tenant_id": context.tenant_id, "series": series, "last_number": 1}
        context.db.execute(_FIRST, row)
        last = 1
    return f"{series}-{last:0{digits}d}"
