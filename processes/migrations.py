"""Where the business keeps its tables, and the migrations of them.

The ledger's own lie in `ledger/`; an area of it with tables of its own is a folder below, with
`tables.py` and `migrations/`. Each folder of migrations is a branch of its own.
"""

import importlib
from pathlib import Path
from types import ModuleType

LEDGER = Path(__file__).parent / "ledger"
AREAS = tuple(sorted(path.parent for path in LEDGER.glob("*/tables.py")))
FOLDERS = tuple(area / "migrations" for area in (LEDGER, *AREAS))


def table_modules() -> list[ModuleType]:
    """Read every module of tables, so that the metadata knows all of them."""
    names = ("processes.ledger", *(f"processes.ledger.{area.name}" for area in AREAS))
    return [importlib.import_module(f"{name}.tables") for name in names]


def append_only() -> list[str]:
    """Name the tables on which the database refuses UPDATE and DELETE."""
    return [table for module in table_modules() for table in module.APPEND_ONLY]
