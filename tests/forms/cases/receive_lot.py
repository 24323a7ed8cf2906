"""Cases of receiving a lot."""

from typing import Any

from tests.forms.cases import Case

FORM = "receive_lot"
CONTEXT: dict[str, Any] = {"purchase_order": {"number": "PO-7", "quantity": 100}}
SCAN = "]d20109506000134352172812311" + "0LOT-A1"
UNIT = SCAN + "\x1d21SN2"
PHOTO = {"sha256": "a" * 64, "name": "box.jpg", "mime": "image/jpeg", "size": 120000}
OK: dict[str, Any] = {
    "gtin": "09506000134352",
    "supplier_lot": "LOT-A1",
    "expiry": "2028-12-31",
    "delivered_on": "2026-11-22",
    "received": 100,
    "packages_whole": True,
}

CASES = [
    Case(name="typed", data=OK, record={"/ordered": 100, "/short_by": None}),
    Case(
        name="scanned",
        data={**OK, "label": {"raw": SCAN}},
        record={"/label/elements/lot": "LOT-A1", "/label/symbology": "]d2"},
    ),
    Case(
        name="two units scanned, a third typed",
        data={
            **OK,
            "label": {"raw": UNIT},
            "units": [
                {"serial": "SN1", "entry": {"raw": SCAN + "\x1d21SN1"}},
                {"serial": "SN2"},
                {"serial": "SN3"},
            ],
        },
        record={
            "/label/elements/serial": "SN2",
            "/units/0/entry/how": "scanned",
            "/units/1/entry/how": "scanned",
            "/units/2/entry": {"how": "typed"},
        },
    ),
    Case(
        name="a unit that was scanned is taken out again",
        data={**OK, "label": {"raw": UNIT}, "units": [{"serial": "SN1"}]},
        record={"/units/0/entry": {"how": "typed"}},
    ),
    Case(
        name="nothing",
        data={},
        errors=(
            ("/gtin", "required"),
            ("/supplier_lot", "required"),
            ("/expiry", "required"),
            ("/delivered_on", "required"),
            ("/received", "required"),
            ("/packages_whole", "required"),
        ),
    ),
    Case(
        name="short",
        data={**OK, "received": 90, "short_reason": "one pallet\nis still on the way"},
        record={"/short_by": 10},
    ),
    Case(
        name="reason without shortage",
        data={**OK, "short_reason": "?"},
        errors=(("/short_reason", "hidden_field"),),
        hidden=("/short_by", "/short_reason"),
    ),
    Case(name="ten per cent more", data={**OK, "received": 110}),
    Case(
        name="more than ten per cent more",
        data={**OK, "received": 111},
        errors=(("/received", "check.not_more_than_ordered"),),
    ),
    Case(
        name="none received", data={**OK, "received": 0}, errors=(("/received", "below_minimum"),)
    ),
    Case(
        name="without an order",
        data={**OK, "received": 5000},
        context={"purchase_order": None},
        record={"/ordered": None},
    ),
    Case(
        name="expired on arrival is recorded",
        data={**OK, "expiry": "2026-10"},
        notices=(("/expiry", "recorded_early"),),
        record={"/expiry": "2026-10"},
    ),
    Case(
        name="delivered tomorrow",
        data={**OK, "delivered_on": "2026-11-23"},
        errors=(("/delivered_on", "too_late"),),
    ),
    Case(
        name="damaged",
        data={
            **OK,
            "packages_whole": False,
            "damage": {"packages": 2, "photos": [PHOTO]},
        },
        record={"/damage/packages": 2},
    ),
    Case(
        name="damaged, without a photo",
        data={**OK, "packages_whole": False, "damage": {"packages": 2}},
        errors=(("/damage/photos", "required"),),
    ),
    Case(
        name="damaged, nothing said",
        data={**OK, "packages_whole": False},
        errors=(("/damage/packages", "required"), ("/damage/photos", "required")),
    ),
    Case(
        name="damage of whole packages",
        data={**OK, "damage": {"packages": 2}},
        errors=(("/damage/packages", "hidden_field"),),
        hidden=("/damage/packages", "/damage/photos"),
    ),
    Case(
        name="another lot than scanned",
        data={**OK, "label": {"raw": SCAN}, "supplier_lot": "L0T-A1"},
        errors=(("/supplier_lot", "differs_from_scan"),),
    ),
    Case(
        name="the other code of the label",
        data={**OK, "label": {"raw": "]d217281231" + "10LOT-A1"}},
        errors=(("/label", "scan_lacks"),),
    ),
    Case(
        name="another order than the case has",
        data={**OK, "ordered": 200},
        errors=(("/ordered", "computed_differs"),),
    ),
]
