r"""GS1 application identifiers: what follows each, what we call it, which rules it must keep.

The table itself (541 identifiers with the pattern of their value) is biip's, made from the GS1
Syntax Dictionary. Biip writes its patterns with \d, which in Python also means full-width digits;
whoever uses them must have refused everything but ASCII before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final

from biip.gs1_application_identifiers import GS1ApplicationIdentifier

PARSER: Final = "gs1"
PARSER_VERSION: Final = "1"
"""Raised whenever the same scan may be read differently than before; kept with each scan."""

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "00": "sscc",
        "01": "gtin",
        "02": "contained_gtin",
        "10": "lot",
        "11": "production",
        "12": "payment_due",
        "13": "packaging",
        "15": "best_before",
        "16": "sell_by",
        "17": "expiry",
        "20": "variant",
        "21": "serial",
        "30": "count",
        "37": "contained_count",
        "235": "third_party_serial",
        "240": "additional_item",
        "241": "customer_part",
        "250": "secondary_serial",
        "400": "customer_order",
        "410": "ship_to",
        "414": "location",
        "8003": "returnable_asset",
        "8004": "individual_asset",
        "8012": "software_version",
        "8013": "model_number",
    }
)
"""Identifier -> our name of the element. Others are named "ai_<identifier>"."""

DATES: Final = frozenset({"11", "12", "13", "15", "16", "17"})
"""Identifiers whose value is one date YYMMDD, where day 00 says that only the month is known."""

TIMES: Final = frozenset({"4324", "4325", "4326", "7003", "7006", "7007", "7011", "8008"})
"""Identifiers whose value begins with a date YYMMDD that must exist; kept as written."""

CHECKED_DIGITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "00": 18,
        "01": 14,
        "02": 14,
        "03": 14,
        "253": 13,
        "255": 13,
        "402": 17,
        **{f"41{last}": 13 for last in range(8)},
        "8003": 14,
        "8006": 14,
        "8017": 18,
        "8018": 18,
        "8026": 14,
    }
)
"""Identifier -> how many leading digits of its value end in a check digit (GS1 GS 7.9.1)."""

EXCLUSIVE: Final = (("01", "02"), ("01", "37"), ("21", "235"), ("00", "8006"))
"""Pairs that one barcode must not hold together (GS1 General Specifications 4.13.1)."""

KEYS: Final = frozenset({"00", "01", "02", "253", "255", "401", "402", "8003", "8004", "8006"}) | {
    "8010",
    "8013",
    "8017",
    "8018",
    *(f"41{last}" for last in range(8)),
}
"""Identifiers that say what or who something is, not only something more about it."""

LINK_KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "00": (),
        "01": ("22", "10", "21", "235"),
        "253": (),
        "255": (),
        "401": (),
        "402": (),
        "414": ("254", "7040"),
        "417": ("7040",),
        "8003": (),
        "8004": ("7040",),
        "8006": ("22", "10", "21"),
        "8010": ("8011",),
        "8013": (),
        "8017": ("8019",),
        "8018": ("8019",),
    }
)
"""Primary keys of a GS1 Digital Link and the qualifiers that may follow, in this order."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """One application identifier; `pattern` matches its value in ASCII, with no ^ and no $."""

    ai: str
    pattern: str
    separator_required: bool

    @property
    def name(self) -> str:
        """What we call the element."""
        return NAMES.get(self.ai, "ai_" + self.ai)


def _adopt(ai: str) -> Identifier:
    r"""Take an identifier over from biip, its pattern freed of \d and of what belongs to it alone.

    Dates lose biip's narrower pattern, so that "month 13" is answered as a wrong date.
    """
    theirs = GS1ApplicationIdentifier.extract(ai)
    pattern = theirs.pattern.removeprefix("^" + ai).removesuffix("$").replace("\\d", "[0-9]")
    return Identifier(ai, "([0-9]{6})" if ai in DATES else pattern, theirs.separator_required)


def _all_identifiers() -> Mapping[str, Identifier]:
    table = resources.files("biip.gs1_application_identifiers") / "_application_identifiers.json"
    rows = json.loads(table.read_text(encoding="utf-8"))
    return MappingProxyType({row["ai"]: _adopt(row["ai"]) for row in rows})


IDENTIFIERS: Final[Mapping[str, Identifier]] = _all_identifiers()
"""Every application identifier. None is the beginning of another, so the first that fits is it."""
