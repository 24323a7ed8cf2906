"""Which processes there are: a folder with a process.bpmn is a process. Nothing else is edited.

Found at start: the folders, their handlers, the commands of the ledger, and the configuration
documents that the business brings.
"""

import importlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from engine.commands.base import CommandRegistry
from engine.services import ServiceRegistry
from engine.trainings import Trainings
from engine.verification import Check
from engine.working_time import WorkingTime
from processes import migrations
from processes.ledger import book_check, book_rules
from processes.ledger import commands as ledger_commands
from processes.ledger.clocks.working_time import SiteWorkingTime
from processes.ledger.trainings import BookOfTrainings

HERE = Path(__file__).parent
DOCUMENT_FOLDERS = (
    HERE / "configuration",
    *(folder / "master_data" for folder in (migrations.LEDGER, *migrations.AREAS)),
)


def process_folders() -> list[Path]:
    """List the folders that are processes, by name."""
    return sorted(path.parent for path in HERE.glob("*/process.bpmn"))


def services() -> ServiceRegistry:
    """Give every handler by name; each process offers its own in `handlers.SERVICES`."""
    found = ServiceRegistry()
    for folder in process_folders():
        if (folder / "handlers.py").exists():
            module = importlib.import_module(f"processes.{folder.name}.handlers")
            found.include(module.SERVICES)
    return found


def add_commands(known: CommandRegistry) -> None:
    """Add what can be asked of the ledger itself, and of its areas."""
    migrations.table_modules()
    ledger_commands.add_to(known)
    for area in migrations.AREAS:
        if (area / "commands.py").exists():
            importlib.import_module(f"processes.ledger.{area.name}.commands").add_to(known)


def working_time() -> WorkingTime:
    """Say which days are worked: those of the sites' calendars."""
    return SiteWorkingTime()


def trainings() -> Trainings:
    """Say who is trained in what: as the ledger's book of trainings has it."""
    return BookOfTrainings()


def checks() -> tuple[Check, ...]:
    """Give what the business adds to `countersign verify`."""
    return (*book_check.CHECKS, *book_rules.CHECKS)


@cache
def documents() -> Mapping[str, Any]:
    """Give the configuration documents that the business brings, by key (the file's name)."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for folder in DOCUMENT_FOLDERS
        for path in sorted(folder.glob("*.json"))
    }


def roles() -> Mapping[str, Any]:
    """Give the role catalogue: the names that lanes may have."""
    found: Mapping[str, Any] = documents()["roles"]
    return found


def meanings() -> Mapping[str, Any]:
    """Give the signature meanings: what a task of a diagram may ask for."""
    found: Mapping[str, Any] = documents()["signature_meanings"]
    return found
