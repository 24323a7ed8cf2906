"""One story through the processes, told on a real installation: `countersign demo story`.

`teller.py` does what people do on their screens; `chapters.py` is what happens; `told` runs it and
says what the book and the record say at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass

from api.story import chapters
from api.story.teller import Teller
from engine.dispatcher import Dispatcher
from engine.verification import Report, verify
from processes import registry
from processes.ledger import lots
from processes.ledger.genealogy import mass_balance
from processes.ledger.genealogy.mass_balance import MassBalance
from processes.ledger.quantities import amount_of

__all__ = ["Ending", "tell"]

PARTS = ("received", "produced", "issued", "shipped", "scrapped", "destroyed", "on_hand")


@dataclass(frozen=True, slots=True)
class Ending:
    """What is left when the story is told: each lot's balance, and what verification found."""

    lots: dict[str, str]  # lot number by the name that the story gives it
    balances: dict[str, MassBalance]  # by the same name
    report: Report

    @property
    def whole(self) -> bool:
        """Tell whether the record is whole and no lot has a remainder."""
        return self.report.whole and not any(each.unexplained for each in self.balances.values())


def tell(
    dispatcher: Dispatcher, tenant_id: str, say: Callable[[str], None], language: str = "en"
) -> Ending:
    """Tell the story on a fresh installation with the demo's company; `say` gets each line.

    TaleRefused when somebody could not do what the story says, as on an installation where it was
    told before.
    """
    teller = Teller(dispatcher, tenant_id, say, language)
    named = chapters.tell(teller)
    with dispatcher.database.reading() as db:
        balances = {}
        for name, number in named.items():
            lot = lots.by_number(db, tenant_id, number)
            found = mass_balance.of_lot(db, tenant_id, lot.lot_id)
            balances[name] = found
            parts = [
                f"{part} {amount_of(getattr(found, part), lot.unit)}"
                for part in PARTS
                if getattr(found, part)
            ]
            left = amount_of(found.unexplained, lot.unit)
            say(f"  {number} ({name}): {', '.join(parts)}; unexplained {left}")
        report = verify(db, tenant_id, registry.checks())
    for difference in report.differences:
        say(f"  {difference.code}: {difference.message['en']}")
    return Ending(named, balances, report)
