"""`countersign import gudid FILE` as people run it: real devices, the process killed in the middle,
started again; bad records listed, nothing half-imported.

gudid_excerpt.zip holds devices of the FDA's file of 25 August 2016 byte for byte: its first 220,
and each that cannot be used with its neighbours. The whole file is read where it is: named by
COUNTERSIGN_GUDID, or in the reference material beside the checkout.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from conftest import SHARED, CopyOf
from engine.store.database import Database
from processes.ledger import gudid, item_import, items
from processes.ledger.tables import device_identifier, item, package_level
from tests.command_line import ROOT, countersign, environment
from tests.processes.killed_import import BATCH
from tests.scenario import TENANT, Scenario

EXCERPT = Path(__file__).parent / "gudid_excerpt.zip"
RECORDS, GOOD = 260, 247
KILLED_AT = 3
LISTED = 50
"""How many bad records the command prints."""


def _environment(database: Database, **more: str) -> dict[str, str]:
    url = database.engine.url.render_as_string(hide_password=False)
    return {"COUNTERSIGN_DATABASE": url, "COUNTERSIGN_TENANT": TENANT, **more}


def _counted(database: Database) -> tuple[int, int, int]:
    """Count items, package levels and identifiers."""
    with database.reading() as db:
        counts = [
            db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (item, package_level, device_identifier)
        ]
    return counts[0], counts[1], counts[2]


def _progress(database: Database, path: Path) -> item_import.Progress:
    with database.reading() as db:
        return item_import.progress(db, TENANT, gudid.file_hash(path))


def test_killed_in_the_middle_it_goes_on_where_it_stopped(copy_of: CopyOf, tmp_path: Path) -> None:
    database = copy_of(Scenario)
    before = _counted(database)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.processes.killed_import", str(EXCERPT), str(KILLED_AT)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment(tmp_path, **_environment(database)),
    )
    assert killed.returncode == 9, killed.stdout + killed.stderr
    read = _progress(database, EXCERPT)
    committed = (KILLED_AT - 1) * BATCH
    assert (read.records_read, read.accepted, read.complete) == (committed, committed, False)
    items_now, _packages, identifiers_now = _counted(database)
    assert items_now == before[0] + committed  # nothing of the third batch, which was written
    with database.reading() as db:
        assert items.search(db, TENANT, "00844588018923")  # the first device of the file
    assert identifiers_now >= before[2] + committed

    done = countersign(tmp_path, "import", "gudid", str(EXCERPT), **_environment(database))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{RECORDS} devices" in done.stdout  # the bar
    assert "100%" in done.stdout
    summed_up = f"{RECORDS} records: {GOOD} items new or changed, 0 as before, 13 that could not"
    assert summed_up in done.stdout
    listed = dict(re.findall(r"^ +record (\d+): (.+)$", done.stdout, re.MULTILINE))
    assert len(listed) == RECORDS - GOOD
    assert "is not a HIBC identifier" in listed["222"]
    assert "check digit of GTIN 00841518100003 is wrong" in listed["225"]
    assert "30801902096211 belongs to item 00801902096210 already" in listed["253"]
    after = _counted(database)
    assert after[0] == before[0] + GOOD
    with database.reading() as db:
        assert items.search(db, TENANT, "00841518100003") == []

    again = countersign(
        tmp_path, "import", "gudid", str(EXCERPT), **_environment(database, LANG="zh_CN.UTF-8")
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert "GTIN 00841518100003 的校验位不正确" in again.stdout
    assert _counted(database) == after
    verified = countersign(tmp_path, "verify", **_environment(database))
    assert "The record is whole." in verified.stdout, verified.stdout


def test_what_is_no_such_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "devices.zip"
    path.write_bytes(b"no archive")
    refused = countersign(tmp_path, "import", "gudid", str(path))
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "devices.zip cannot be read after record 0" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr


@pytest.fixture
def whole_file() -> Path:
    """The FDA's file where it is; elsewhere what needs it is skipped."""
    beside = SHARED / "data" / "gudid" / "gudid.zip"
    path = Path(os.environ.get("COUNTERSIGN_GUDID", beside))
    if not path.is_file():
        pytest.skip("the FDA's whole file is not here: it is not part of the product")
    return path


def test_the_whole_file(sqlite: Database, whole_file: Path, tmp_path: Path) -> None:
    done = countersign(tmp_path, "import", "gudid", str(whole_file), **_environment(sqlite))
    assert done.returncode == 0, done.stdout + done.stderr
    read = _progress(sqlite, whole_file)
    assert (read.records_read, read.complete) == (50_000, True)
    assert (read.accepted, read.refused) == (49_987, 13)
    items_made, packages_made, identifiers_made = _counted(sqlite)
    assert items_made == 49_987
    assert packages_made > items_made
    assert identifiers_made == 58_021
    assert len(re.findall(r"^ +record \d+:", done.stdout, re.MULTILINE)) == 13 <= LISTED
