"""So many requests a minute from one address, or for one link: for pages that need no account.

Counted in this process and forgotten with it: it protects the server, while the links themselves
are too long to be guessed. Behind a proxy, the proxy tells the address (settings.client_address).
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

REMEMBERED = 10_000
_MINUTE = timedelta(minutes=1)


class RateLimit:
    """Counts requests by address, or by what else they have in common, in the minute of each."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._lock = Lock()

    def allows(self, address: str, now: datetime, *, a_minute: int) -> bool:
        """Count a request; tell whether it is within the limit."""
        with self._lock:
            since, count = self._seen.pop(address, (now, 0))
            if now - since >= _MINUTE:
                since, count = now, 0
            self._seen[address] = since, count + 1
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return count < a_minute
