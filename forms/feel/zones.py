"""Named time zones: which offset a zone has at an instant.

The data are the system's (or tzdata's) here and the browser's there. For instants after 1970 they
agree unless one of the two is older than a new law; see README.md, "Deviations".
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_NAME = re.compile(
    r"UTC|GMT|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)"
    r"(?:/[A-Z][A-Za-z0-9_+\-]*){1,2}",
)
_DAY = 86_400
_FIRST = -62_135_424_000  # 0001-01-03, so that no offset leaves the years 1 to 9999
_LAST = 253_402_128_000  # 9999-12-30


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    if _NAME.fullmatch(name) is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def known_zone(name: str) -> bool:
    return _zone(name) is not None


def offset_at(name: str, seconds: int, *, local: bool) -> int:
    """Give the seconds east of UTC in a zone at `seconds` since 1970, UTC or of the local clock.

    A local time that the clock skips or shows twice is read with the offset before the change.
    """
    if not local:
        return _offset(name, seconds)
    before = _offset(name, seconds - _DAY)
    after = _offset(name, seconds + _DAY)
    if before == after or _offset(name, seconds - before) == before:
        return before
    return after if _offset(name, seconds - after) == after else before


def _offset(name: str, seconds: int) -> int:
    zone = _zone(name)
    moment = datetime.fromtimestamp(min(max(seconds, _FIRST), _LAST), tz=UTC)
    difference = moment.astimezone(zone).utcoffset() if zone else None
    return int(difference.total_seconds()) if difference else 0
