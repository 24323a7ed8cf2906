"""Two people take back of the same shipment line at the same moment: no more than was shipped."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any
from unittest.mock import patch

from processes import demo
from processes.ledger import balances, locations
from processes.ledger.balances import Place
from processes.ledger.distribution import shipments
from processes.ledger.distribution.shipments import MoreThanWasShipped
from processes.ledger.movements import Document
from processes.recall.scenarios.field_action import Company
from tests.people import ANN
from tests.scenario import TENANT, Scenario


def test_two_at_once_take_back_no_more_than_was_shipped(scenario: Scenario) -> None:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    maker = Company(scenario)
    _, device = maker.set_up("CN")
    with scenario.database.reading() as db:
        (line,) = shipments.of_lot(db, TENANT, device.lot_id)
    looked, found = Barrier(2), locations.by_code

    def by_code(*given: Any) -> Any:
        with suppress(BrokenBarrierError):  # who counted what is left waits for the other to count
            looked.wait(2)
        return found(*given)

    def take_back(document: str) -> bool:
        try:
            with maker.book(ANN) as context:
                shipments.take_back(
                    context,
                    line.shipment_line_id,
                    3,
                    location="T-01",
                    reason="wrong size",
                    document=Document("return", document),
                )
        except MoreThanWasShipped:
            return False
        return True

    with patch.object(locations, "by_code", by_code), ThreadPoolExecutor(2) as people:
        assert sorted(people.map(take_back, ("RMA-1", "RMA-2"))) == [False, True]
    with scenario.database.reading() as db:
        shelf = Place(locations.by_code(db, TENANT, "T-01").location_id, "RETURN_QUARANTINE")
        assert balances.at(db, TENANT, device.lot_id, shelf) == 3
