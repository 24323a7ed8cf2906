"""Work at the shelf with a scanner that types: goods are put away and picked by scans and taps on
the main action alone, and what is wrong is felt at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.context import EngineAccess
from engine.store.database import Database
from processes.ledger import locations
from processes.ledger.locations import NewLocation
from processes.put_away.scenarios.test_put_away import after, waiting
from tests.browser import product
from tests.browser.seat import Seat
from tests.people import ANN
from tests.processes.conftest import Book, small_book
from tests.processes.making import add_places
from tests.scenario import TENANT, Scenario

pytestmark = pytest.mark.browser

RIGHT, WRONG = [60], [180, 80, 180]


class Shelf:
    """A storekeeper with a scanner at a store with one lot to be put away."""

    def __init__(self, seat: Seat, lot: str) -> None:
        self.ann = seat
        self.lot = lot
        seat.page.add_init_script(
            "globalThis.felt = []; navigator.vibrate = (how) => felt.push([...how]) > 0;"
        )

    def scan(self, label: str) -> None:
        self.ann.page.keyboard.type(label)
        self.ann.page.keyboard.press("Enter")

    def felt(self) -> list[list[int]]:
        found: list[list[int]] = self.ann.page.evaluate("() => globalThis.felt.splice(0)")
        return found

    def wait_for(self, field: str) -> None:
        """Wait until a field is ready for its label: nobody has touched it."""
        expect(self.ann.page.locator(f"main input[id$='-{field}']")).to_be_focused()

    def tap(self, name: str) -> None:
        self.ann.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def shelf(sqlite: Database, client: Path, chromium: Browser) -> Iterator[Shelf]:
    scenario = Scenario(sqlite)
    with sqlite.transaction() as db:
        book: Book = small_book(db)
        add_places(book)
        names = {"en": "A-02", "zh": "A-02"}
        cold = NewLocation(
            code="A-02", names=names, site="SZ01", zone="released", temperature_class="15-25C"
        )
        book.places["A-02"] = locations.register(book.context, cold)
        lot = waiting(book, book.lot("R", item_id=book.add_item("SCREW-1"), expiry=after(300)))
        db.commit()
    access = EngineAccess(dispatcher=scenario.dispatcher, tenant=TENANT)
    context = chromium.new_context(viewport=product.SIZES["phone"], locale=product.LOCALES["en"])
    account = {"username": ANN.username, "password": ANN.password}
    with product.served(access, client) as address:
        yield Shelf(Seat(context, address, ANN.username, account=account).sign_in(), lot.number)
        context.close()


def test_goods_are_put_away_by_scans_and_one_tap_a_step(shelf: Shelf) -> None:
    ann = shelf.ann
    ann.go("/start")
    shelf.tap("Start Put away")
    shelf.wait_for("label")
    shelf.scan("+A123BJC5D6E70")  # a code whose check character is wrong
    expect(ann.page.get_by_role("alert").filter(has_text="check character")).to_be_visible()
    shelf.scan(f"]d210{shelf.lot}")
    shelf.wait_for("location")
    shelf.scan("]C0Q-01")
    assert shelf.felt() == [WRONG, RIGHT, RIGHT]
    assert ann.obstacles() == []
    shelf.tap("Complete the step")
    ann.page.get_by_role("link", name="Bring it there").click()
    shelf.wait_for("location")
    bin_proposed = ann.page.locator("main form").inner_text().split("Put on")[1].split()[0]
    shelf.scan(f"]C0{bin_proposed}")
    assert shelf.felt() == [RIGHT]
    shelf.tap("Complete the step")
    ann.page.locator("[role=status]", has_text=ann.word("done.completed")).first.wait_for()
    assert ann.trouble == []
