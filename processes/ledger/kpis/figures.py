"""All figures at once: each reading for its period, beside its target, met or missed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from processes.ledger.kpis import market, quality, supply
from processes.ledger.kpis.reading import Asked, Measured, Reading

DOCUMENT = "kpi_targets"
READINGS: tuple[Reading, ...] = (*quality.READINGS, *supply.READINGS, *market.READINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A reading with what was read, its period and its target; `met` is None without either."""

    reading: Reading
    measured: Measured
    since: datetime
    until: datetime
    target: Decimal | None

    @property
    def met(self) -> bool | None:
        """Tell whether the value is as good as its target."""
        if self.measured.value is None or self.target is None:
            return None
        if self.reading.better == "less":
            return self.measured.value <= self.target
        return self.measured.value >= self.target


def every(
    db: Connection, tenant_id: str, documents: Mapping[str, Any], now: datetime
) -> list[Figure]:
    """Read the figures that the customer's document names, in its order."""
    known = {each.code: each for each in READINGS}
    document = documents[DOCUMENT]
    found = []
    for code, settings in document["figures"].items():
        days = int(settings.get("period_days", document["period_days"]))
        asked = Asked(
            db=db,
            tenant_id=tenant_id,
            since=now - timedelta(days=days),
            until=now,
            settings=settings,
            documents=documents,
        )
        target = settings.get("target")
        found.append(
            Figure(
                reading=known[code],
                measured=known[code].read(asked),
                since=asked.since,
                until=now,
                target=None if target is None else Decimal(str(target)),
            )
        )
    return found
