"""Import a whole file of items through the door, one command a batch; go on where it stopped."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from engine.actors import Actor
from engine.dispatcher import Dispatcher
from engine.outcomes import Rejected
from processes.ledger import gudid, item_import
from processes.ledger.commands import ImportItems, RegisterUnits
from processes.ledger.item_import import Progress, Record
from processes.ledger.units import Unit

BATCH = 500
"""Records a command: large enough that the commit does not count, small enough to stop at."""

Report = Callable[[Progress, float], None]
"""Told after every batch: how far, and which share of the file has been read (0 to 1)."""

_EACH = Unit(code="ea", names={"en": "each", "zh": "件"}, decimals=0)


class ImportRefused(RuntimeError):
    """A batch was refused; what was imported before stays, and the import can go on from there.
    `message` says why, in both languages."""

    def __init__(self, message: Mapping[str, str]) -> None:
        super().__init__(message["en"])
        self.message = message


def import_gudid(dispatcher: Dispatcher, actor: Actor, path: Path, report: Report) -> Progress:
    """Import the FDA's device file; give what became of its records.

    Raises NotGudid when the file is not what it should be, ImportRefused when a batch is refused.
    A file that was imported before is not read again.
    """
    file_hash = gudid.file_hash(path)
    with dispatcher.database.reading() as db:
        done = item_import.progress(db, actor.tenant_id, file_hash)
    if done.complete:
        report(done, 1.0)
        return done
    unit = RegisterUnits(command_id=dispatcher.resources.new_id(), units=(_EACH,))
    _ask(dispatcher, unit, actor)
    source = gudid.GudidFile(path)
    records = islice(source.records(), done.records_read, None)
    for batch, last in _batches(records):
        command = ImportItems(
            command_id=dispatcher.resources.new_id(),
            file_hash=file_hash,
            file_name=path.name,
            records=tuple(batch),
            last=last,
        )
        _ask(dispatcher, command, actor)
        with dispatcher.database.reading() as db:
            done = item_import.progress(db, actor.tenant_id, file_hash)
        report(done, 1.0 if last else source.share_read)
    return done


def _ask(dispatcher: Dispatcher, command: ImportItems | RegisterUnits, actor: Actor) -> None:
    outcome = dispatcher.dispatch(command, actor)
    if isinstance(outcome, Rejected):
        raise ImportRefused(outcome.message)


def _batches(records: Iterable[Record]) -> Iterator[tuple[list[Record], bool]]:
    """Group records; the last group says that it is the last, and may be empty."""
    waiting = iter(records)
    batch = list(islice(waiting, BATCH))
    while True:
        following = list(islice(waiting, BATCH))
        yield batch, not following
        if not following:
            return
        batch = following
