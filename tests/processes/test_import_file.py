"""A whole file through the door: batches, progress, and a second run that finds all done."""

from pathlib import Path

import pytest

from api import installation
from engine.actors import engine_actor
from engine.store.database import Database
from processes.ledger import file_import, items
from processes.ledger.item_import import Progress
from tests.processes.test_gudid import device, file_of, gtin, identifier


def test_a_file_is_imported_in_batches(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_import, "BATCH", 2)
    dispatcher = installation.dispatcher(database)
    installation.prepare(dispatcher, "t", demo=False)
    path = file_of(tmp_path, *(device(identifier(gtin(number))) for number in range(1, 6)))
    told: list[tuple[int, float]] = []

    def report(done: Progress, share: float) -> None:
        told.append((done.records_read, share))

    actor = engine_actor("t", "import")
    done = file_import.import_gudid(dispatcher, actor, path, report)
    assert (done.accepted, done.complete) == (5, True)
    assert [read for read, _ in told] == [2, 4, 5]
    assert told[-1][1] == 1.0
    assert all(0 < share <= 1 for _, share in told)
    with database.reading() as db:
        assert items.search(db, "t", gtin(3))[0].number == gtin(3)
    told.clear()
    assert file_import.import_gudid(dispatcher, actor, path, report) == done
    assert told == [(5, 1.0)]
