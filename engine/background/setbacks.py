"""What could not be done a moment ago: left out for a while, so that nothing else waits behind it.

Only memory: losing it makes a node try once too early, and then it gets the answer that is kept.
"""

from datetime import datetime, timedelta
from uuid import UUID

from engine.commands.deliveries import DELAYS
from engine.identifiers import derived_id

LONGEST = timedelta(days=1)
"""How long to wait once the delays of a failed delivery are used up: each try is on the record."""


class Setbacks:
    """Failed tries by what they were for."""

    def __init__(self) -> None:
        self._failed: dict[object, tuple[int, datetime]] = {}

    def __len__(self) -> int:
        return len(self._failed)

    def waits(self, what: object, now: datetime) -> bool:
        """Tell whether something that failed is not to be tried again yet."""
        _, until = self._failed.get(what, (0, now))
        return now < until

    def attempt_id(self, what: object, command_id: UUID) -> UUID:
        """Give the id of the next try: a failed one would only get its first answer again."""
        failures, _ = self._failed.get(what, (0, None))
        return command_id if not failures else derived_id("again", command_id, failures)

    def failed(self, what: object, now: datetime) -> None:
        """Keep that a try failed; the next one comes later each time."""
        failures, _ = self._failed.get(what, (0, None))
        delay = DELAYS[failures] if failures < len(DELAYS) else LONGEST
        self._failed[what] = (failures + 1, now + delay)

    def settled(self, what: object) -> None:
        """Forget what was done, or needs doing no more."""
        self._failed.pop(what, None)
