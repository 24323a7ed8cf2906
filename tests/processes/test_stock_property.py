"""Whatever people book, in whatever order and however often: balances are the sums of movements,
none is below nothing, and nothing that was written has changed (INV-01, INV-08)."""

from collections.abc import Callable
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.outcomes import Rejection
from engine.store.database import Database
from processes.ledger import balances, lots, movements, status_changes
from processes.ledger.balances import Place
from processes.ledger.movements import Document, Movement
from processes.ledger.tables import stock_balance, stock_movement
from tests.processes.conftest import ANN, BEN, DORA, TENANT, Book, small_book

DOCUMENT = Document("test", "1")
PEOPLE = (ANN, BEN, DORA)
PLACES = (
    ("Q-01", "QUARANTINE"),
    ("Q-01", "RELEASED"),
    ("Q-01", "REJECTED"),
    ("A-01", "RELEASED"),
    ("R-01", "REJECTED"),
    ("S-01", "SAMPLE"),
)
QUANTITIES = st.integers(1, 12)
ACTS = st.one_of(
    st.tuples(
        st.just("move"),
        st.sampled_from(("RCV", "PUT", "XFR", "SAMPLE", "RETAIN", "ISS", "SCRAP", "RTV", "CNT+")),
        st.sampled_from(PLACES),
        st.sampled_from(PLACES),
        QUANTITIES,
    ),
    st.tuples(st.just("status"), st.sampled_from(PLACES), st.sampled_from(PLACES), QUANTITIES),
    st.tuples(st.just("reverse"), st.integers(0, 20)),
    st.tuples(st.just("repeat"), st.integers(0, 20)),
)
LEAVES = {"SAMPLE": "SAMPLED", "ISS": "CONSUMED", "SCRAP": "SCRAPPED", "RTV": "RETURNED"}
ARRIVES = ("RCV", "CNT+")


class Walk:
    """A few people booking two lots at random, and what the balances should then be."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.lots = [book.lot("A"), book.lot("B")]
        self.expected: dict[tuple[UUID, Place], int] = {}
        self.made: list[tuple[UUID, Movement]] = []

    def act(self, person: int, which: int, act: tuple[object, ...]) -> None:
        """Try one thing in a savepoint; refused, it must leave nothing."""
        context = self.book.by(PEOPLE[person], "REL", "REJ", "DISP")
        kind, *how = act
        doing: Callable[..., None] = getattr(self, f"_{kind}")
        point = self.book.db.begin_nested()
        try:
            doing(context, self.lots[which], *how)
        except (Rejection, IntegrityError):
            point.rollback()
        else:
            point.commit()
            self._recount()

    def _move(
        self,
        context: object,
        lot: lots.Lot,
        kind: str,
        source: tuple[str, str],
        target: tuple[str, str],
        quantity: int,
    ) -> None:
        movement = Movement(
            movement_type=kind,
            lot_id=lot.lot_id,
            quantity=quantity,
            document=DOCUMENT,
            source=None if kind in ARRIVES else self.book.place(*source),
            target=None if kind in LEAVES else self.book.place(*target),
            outcome=LEAVES.get(kind),
            reason="because",
        )
        movement_id = movements.post(context, movement)  # type: ignore[arg-type]
        self.made.append((movement_id, movement))

    def _status(
        self,
        context: object,
        lot: lots.Lot,
        source: tuple[str, str],
        target: tuple[str, str],
        quantity: int,
    ) -> None:
        status_changes.change(
            context,  # type: ignore[arg-type]
            lot,
            self.book.place(*source),
            target[1],
            quantity,
            reason="because",
            document=DOCUMENT,
        )

    def _reverse(self, context: object, _lot: lots.Lot, which: int) -> None:
        if which < len(self.made):
            movements.reverse(
                context,  # type: ignore[arg-type]
                self.made[which][0],
                reason="wrong",
                document=DOCUMENT,
            )

    def _repeat(self, context: object, _lot: lots.Lot, which: int) -> None:
        """The same movement once more under the same id, as a terminal that lost the answer."""
        if which < len(self.made):
            movement_id, movement = self.made[which]
            movements.post(context, movement, movement_id=movement_id)  # type: ignore[arg-type]
            raise AssertionError

    def _recount(self) -> None:
        """Add up the book by hand, row by row."""
        self.expected = {}
        for row in self.book.db.execute(select(stock_movement)):
            for location_id, stock_status, sign in (
                (row.from_location_id, row.from_status, -1),
                (row.to_location_id, row.to_status, 1),
            ):
                if location_id is not None:
                    key = (row.lot_id, Place(location_id, stock_status))
                    self.expected[key] = self.expected.get(key, 0) + sign * row.quantity

    def check(self) -> None:
        rows = self.book.db.execute(select(stock_balance))
        kept = {(row.lot_id, Place(row.location_id, row.status)): row.quantity for row in rows}
        assert all(quantity >= 0 for quantity in kept.values())
        assert {k: v for k, v in kept.items() if v} == {k: v for k, v in self.expected.items() if v}
        assert balances.differences(self.book.db, TENANT) == []


STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), ACTS), max_size=40)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_balances_are_sums_and_never_negative(
    database: Database, steps: list[tuple[int, int, tuple[object, ...]]]
) -> None:
    with database.transaction() as db:
        walk = Walk(small_book(db))
        for lot in walk.lots:
            walk.book.receive(lot, 20)
        walk._recount()
        written: list[object] = []
        for person, which, act in steps:
            walk.act(person, which, act)
            walk.check()
            now = [tuple(row) for row in db.execute(select(stock_movement))]
            assert [row for row in written if row not in now] == []
            written = list(now)
        db.rollback()
