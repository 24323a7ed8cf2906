"""Cases of the form that has every kind of field."""

from typing import Any

from tests.forms.cases import Case

FORM = "every_field"
CONTEXT: dict[str, Any] = {
    "lower": 4.5,
    "upper": 5.5,
    "pieces_expected": 10,
    "gauges": ["G-1", {"value": "G-2", "label": {"en": "Gauge 2", "zh": "量具 2"}}],
    "home_site": "Suzhou",
    "required_documents": [],
    "box_size": 6,
    "may_reject": False,
    "order_number": "PO-7",
    "known_lots": ["0123", "AL-10"],
}
OK: dict[str, Any] = {"name": "Ann", "clean": True}
SHA = "a" * 64
PHOTO = {"sha256": SHA, "name": "front.jpg", "mime": "image/jpeg", "size": 120000}
PDF = {"sha256": "b" * 64, "name": "证书.pdf", "mime": "application/pdf", "size": 1000000}
SCAN = "]d20109506000134352172812311" + "0LOT-A1\x1d21SN1"
ELEMENTS = {
    "gtin": "09506000134352",
    "expiry": {"value": "2028-12-31", "precision": "day"},
    "lot": "LOT-A1",
    "serial": "SN1",
}
READ = {"raw": SCAN, "symbology": "]d2", "parser": "gs1/1", "elements": ELEMENTS}


def one(name: str, value: Any, *codes: str, at: str = "", **more: Any) -> Case:
    """One field sent with the two that are always needed; `codes` are the errors at that field."""
    # With a length there is a room, and its temperature is due.
    data = {**OK, "room": {"temperature": "21.0"}} if name == "length" else OK
    return Case(
        name=f"{name}: {more.pop('about', None) or repr(value)}"[:90],
        data={**data, name: value},
        errors=tuple((at or "/" + name, code) for code in codes),
        **more,
    )


def notice(name: str, value: Any, code: str) -> Case:
    """One field whose answer is recorded with a notice."""
    return one(name, value, notices=(("/" + name, code),), record={"/" + name: value})


WHOLE = [
    Case(name="the least", data=OK, record={"/name": "Ann", "/clean": True, "/colour": None}),
    Case(name="nothing", data={}, errors=(("/name", "required"), ("/clean", "required"))),
    Case(name="null is no answer", data={**OK, "code": None, "pieces": None, "scan": None}),
    Case(name="empty text is no answer", data={**OK, "code": "", "own_lot": "", "made_on": ""}),
    Case(name="empty lists are no answer", data={**OK, "boxes": [], "pictures": []}),
    Case(
        name="null where an answer is due",
        data={"name": None, "clean": True},
        errors=(("/name", "required"),),
    ),
    Case(
        name="empty where an answer is due",
        data={"name": "", "clean": False, "dirt": "oil"},
        errors=(("/name", "required"),),
    ),
    Case(name="not an object: a list", data=[], errors=(("", "not_an_object"),)),
    Case(name="not an object: a text", data="name", errors=(("", "not_an_object"),)),
    Case(name="not an object: null", data=None, errors=(("", "not_an_object"),)),
    Case(name="unknown field", data={**OK, "nmae": "x"}, errors=(("/nmae", "unknown_field"),)),
    Case(
        name="unknown field with a strange name",
        data={**OK, "a/b~c": 1},
        errors=(("/a~1b~0c", "unknown_field"),),
    ),
    Case(
        name="names that mean something to JavaScript",
        data={**OK, "constructor": 1, "toString": "x"},
        errors=(("/constructor", "unknown_field"), ("/toString", "unknown_field")),
    ),
    Case(
        name="nested too deep",
        data={**OK, "notes": [[[[[[[["x"]]]]]]]]},
        errors=(("", "too_deep"),),
    ),
    Case(
        name="too many values",
        data={**OK, "boxes": [[]] * 20001},
        errors=(("", "too_much"),),
        too_big=True,
    ),
    Case(
        name="too many characters",
        data={**OK, "notes": "x" * 1000001},
        errors=(("", "too_much"),),
        too_big=True,
    ),
    Case(
        name="all is wrong at once",
        data={"name": 1, "clean": "yes", "length": "x", "gtin": "1", "boo": 1},
        errors=(
            ("/boo", "unknown_field"),
            ("/name", "text_expected"),
            ("/length", "number_format"),
            ("/clean", "yes_no_expected"),
            ("/gtin", "gtin_format"),
        ),
    ),
]

TEXTS = [
    one("name", "李雷"),
    one("name", "A", "too_short"),
    one("name", "x" * 20),
    one("name", "x" * 21, "too_long"),
    one("name", "😀" * 20, about="20 signs beyond the first plane"),
    one("name", "😀" * 21, "too_long", about="21 signs beyond the first plane"),
    one("name", 12, "text_expected"),
    one("name", True, "text_expected"),  # noqa: FBT003
    one("name", ["Ann"], "text_expected"),
    one("name", {"en": "Ann"}, "text_expected"),
    one("name", " Ann", "surrounding_space"),
    one("name", "Ann ", "surrounding_space"),
    one("name", "Ann\u3000", "surrounding_space", about="ideographic space at the end"),
    one("name", "\u00a0Ann", "surrounding_space", about="no-break space at the start"),
    one("name", "   ", "surrounding_space", about="nothing but spaces"),
    one("name", "An\nn", "one_line_only"),
    one("name", "An\tn", "invisible_characters"),
    one("name", "An\rn", "invisible_characters"),
    one("name", "An\u0000n", "invisible_characters", about="NUL"),
    one("name", "An\u200bn", "invisible_characters", about="zero-width space"),
    one("name", "\u202eAnn", "invisible_characters", about="right-to-left override"),
    one("name", "Ann\ufeff", "invisible_characters", about="byte order mark"),
    one("name", "An\u0085n", "invisible_characters", about="next line"),
    one("name", "An\u200dn", about="zero-width joiner stays"),
    one("notes", "one\ntwo\tthree"),
    one("notes", "one\r\ntwo", "invisible_characters"),
    one("notes", "one\n", "surrounding_space"),
    one("code", "WO-123456"),
    one("code", "WO-12345", "pattern"),
    one("code", "xWO-123456", "pattern"),
    one("code", "WO-１２３４５６", "pattern"),
]

NUMBERS = [
    one("length", "10.00", record={"/length": "10.00", "/room/temperature": "21.0"}),
    one("length", "9.90"),
    one("length", "10.10"),
    one("length", "9.89", "below_minimum"),
    one("length", "10.11", "above_maximum"),
    one("length", "10"),
    one("length", "10.001", "too_many_decimals"),
    one("length", "10.000", "too_many_decimals"),
    one("length", 10, "number_as_text_expected"),
    one("length", 10.5, "number_as_text_expected"),
    one("length", True, "number_as_text_expected"),  # noqa: FBT003
    one("length", "1e1", "number_format"),
    one("length", "1e999", "number_format"),
    one("length", "Infinity", "number_format"),
    one("length", "NaN", "number_format"),
    one("length", "10,00", "number_format"),
    one("length", "010.0", "number_format"),
    one("length", "+10.0", "number_format"),
    one("length", "10.", "number_format"),
    one("length", ".5", "number_format"),
    one("length", " 10.0", "number_format"),
    one("length", "10.0\n", "number_format"),
    one("length", "0x10", "number_format"),
    one("length", "-0", "number_format"),
    one("length", "-0.00", "number_format"),
    one("length", "-10.00", "below_minimum"),
    one("length", "１０.００", "fullwidth"),
    one("length", "１０．００", "fullwidth"),
    one("length", "٣", "number_format", about="Arabic digit"),
    one("length", "1" * 34, "above_maximum", about="34 digits"),
    one("length", "1" * 35, "number_too_long", about="35 digits"),
    one("width", "4." + "9" * 33, about="34 digits"),
    one("width", "4." + "9" * 34, "number_too_long", about="35 digits"),
    one("width", "5"),
    one("width", "4.5"),
    one("width", "5.50"),
    notice("width", "4.49", "recorded_below"),
    notice("width", "5.51", "recorded_above"),
    notice("width", "-3", "recorded_below"),
    one("width", "5", "limit_unknown", context={"lower": None}, about="limit null"),
    one("width", "5", "limit_unknown", context={"lower": "low"}, about="limit no number"),
    one("width", "0.1", context={"lower": "none"}, about="limit none"),
    one("width", "5", context={"lower": "5.00"}, about="limit written as text"),
    one("pieces", 0),
    one("pieces", -1, "below_minimum"),
    one("pieces", 11, "above_maximum"),
    one("pieces", "3", "whole_number_expected"),
    one("pieces", 2.5, "whole_number_expected"),
    one("pieces", True, "whole_number_expected"),  # noqa: FBT003
    one("pieces", 1, "limit_unknown", context={"pieces_expected": 2.5}, about="half a limit"),
    one("pieces", 9007199254740992, "number_too_long", about="beyond 2^53"),
]

SEVERAL = [
    one("defects", ["burr"]),
    one("defects", ["stain", "burr", "crack"], about="three, in any order"),
    one("defects", ["burr", "scratch", "stain", "crack"], "too_many_choices"),
    one("defects", ["burr", "burr"], "choice_twice"),
    one("defects", ["burr", "rust"], "not_a_choice"),
    one("defects", ["Burr"], "not_a_choice"),
    one("defects", "burr", "list_expected"),
    one("defects", ["burr", 1], "text_expected"),
    one("defects", [None], "text_expected", about="nothing in a list"),
    one("defects", {"burr": True}, "list_expected", about="an object"),
    one("defects", ["b\u200burr"], "invisible_characters"),
    one("gauges_used", ["G-1", "G-2"]),
    one("gauges_used", ["G-1"], "too_few_choices"),
    one("gauges_used", ["G-1", "G-3"], "not_a_choice"),
    one("gauges_used", ["G-1", "G-2"], "not_a_choice", context={"gauges": None}, about="unknown"),
]

CHOICES = [
    one("colour", "white"),
    one("colour", "red", "not_a_choice"),
    one("colour", "White", "not_a_choice"),
    one("colour", 1, "text_expected"),
    one("gauge", "G-1"),
    one("gauge", "G-2"),
    one("gauge", "G-3", "not_a_choice"),
    one("gauge", "G-1", "not_a_choice", context={"gauges": []}, about="no gauge"),
    one("gauge", "G-1", "not_a_choice", context={"gauges": None}, about="gauges unknown"),
    one("clean", "true", "yes_no_expected"),
    one("clean", 1, "yes_no_expected"),
    one("clean", 0, "yes_no_expected"),
]


def until(value: Any, *codes: str) -> Case:
    """A date that may be a month; its limit is another date."""
    return Case(
        name=f"best_until: {value!r}",
        data={**OK, "made_on": "2026-11-01", "best_until": value},
        errors=tuple(("/best_until", code) for code in codes),
    )


DATES = [
    one("made_on", "2026-11-22"),
    one("made_on", "2024-02-29"),
    one("made_on", "2025-02-29", "no_such_date"),
    one("made_on", "2026-13-01", "no_such_date"),
    one("made_on", "2026-00-10", "no_such_date"),
    one("made_on", "2026-04-31", "no_such_date"),
    one("made_on", "1899-12-31", "no_such_date"),
    one("made_on", "2019-12-31", "too_early"),
    one("made_on", "2026-11-23", "too_late"),
    one("made_on", "2026-11", "date_format"),
    one("made_on", "22.11.2026", "date_format"),
    one("made_on", "2026-11-22T00:00:00Z", "date_format"),
    one("made_on", "２０２６-11-22", "date_format"),
    one("made_on", 20261122, "date_format"),
    until("2027-03"),
    until("2027-03-31"),
    until("2027", "date_or_month_format"),
    until("2027-13", "no_such_date"),
    until("2027-3", "date_or_month_format"),
    one("seen_at", "2026-11-22T10:41:07Z"),
    one("seen_at", "2026-11-22T18:41:07.000001+08:00", "too_late"),
    one("seen_at", "2026-11-22T18:41:07+08:00"),
    one("seen_at", "2026-11-22T10:41:07", "date_time_format"),
    one("seen_at", "2026-11-22 10:41:07Z", "date_time_format"),
    one("seen_at", "2026-11-22T10:41Z", "date_time_format"),
    one("seen_at", "2026-11-22T25:00:00Z", "no_such_date"),
    one("seen_at", "2026-02-30T10:00:00Z", "no_such_date"),
    one("seen_at", "2026-11-22T10:00:60Z", "no_such_date"),
    one("seen_at", "2026-11-22T10:00:00+24:00", "no_such_date"),
    Case(
        name="best_until before made_on is recorded",
        data={**OK, "made_on": "2026-11-20", "best_until": "2026-10"},
        notices=(("/best_until", "recorded_early"),),
        record={"/best_until": "2026-10"},
    ),
    Case(
        name="a month counts as its last day",
        data={**OK, "made_on": "2026-11-20", "best_until": "2026-11"},
    ),
    Case(
        name="best_until without made_on has no limit that could be worked out",
        data={**OK, "best_until": "2026-11-01"},
        errors=(("/best_until", "limit_unknown"),),
    ),
]

NAMES = [
    one("own_lot", "L-2026-0001"),
    one("own_lot", "0123456789ABCDEFGHIJ"),
    one("own_lot", "0123456789ABCDEFGHIJK", "internal_number_characters"),
    one("own_lot", "l-1", "internal_number_characters"),
    one("own_lot", "L 1", "internal_number_characters"),
    one("own_lot", "L_1", "internal_number_characters"),
    one("own_lot", "批号1", "internal_number_characters"),
    one("own_lot", "Ｌ-１", "fullwidth"),
    one("own_lot", 1, "text_expected"),
    one("own_serial", "SN-1"),
    one("own_serial", "sn-1", "internal_number_characters"),
    one("their_lot", "a_b-/.%(1)"),
    one("their_lot", "ｌｏｔ１２３", record={"/their_lot": "ｌｏｔ１２３"}),
    one("their_lot", "AB~C", "supplier_number_characters"),
    one("their_lot", "A B", "supplier_number_characters"),
    one("their_lot", "批号1", "supplier_number_characters"),
    one("their_lot", "A" * 20),
    one("their_lot", "A" * 21, "supplier_number_characters"),
    one("their_lot", "㎏" * 11, "supplier_number_characters", about="longer once normalised"),
    one("unit_serial", "S/N+1"),
    one("unit_serial", "S#1", "supplier_number_characters"),
    one("part", "100-200.A/3"),
    one("part", "REF 12", about="a space inside"),
    one("part", " REF", "item_characters"),
    one("part", "零件", "item_characters"),
    one("part", "Ａ-１", "fullwidth"),
    one("part", "x" * 51, "item_characters"),
    one("gtin", "09506000134352"),
    one("gtin", "09506000134353", "check_digit"),
    one("gtin", "9506000134352", "gtin_format"),
    one("gtin", "０9506000134352", "fullwidth"),
    one("gtin", 9506000134352, "text_expected"),
    one("place", "A-01/2.3"),
    one("place", "a-01", "location_characters"),
    one("place", "-A", "location_characters"),
    one("place", "A" * 31, "location_characters"),
]

SCANS = [
    one("scan", READ, record={"/scan": READ}, about="as read"),
    one("scan", {"raw": SCAN}, record={"/scan": READ}, about="raw alone is read here"),
    one("scan", {**READ, "elements": {**ELEMENTS, "lot": "LOT-B1"}}, "scan_differs", about="lot"),
    one("scan", {**READ, "parser": "gs1/0"}, "scan_differs", about="another parser"),
    one("scan", {**READ, "more": 1}, "scan_differs", about="more than a scan"),
    one("scan", SCAN, "scan_expected", about="a text"),
    one("scan", {"raw": 1}, "scan_expected"),
    one("scan", {}, "scan_expected", about="empty object"),
    one("scan", {"raw": "hello"}, "scan_unknown"),
    one("scan", {"raw": ""}, "scan_empty"),
    one("scan", {"raw": "(01)09506000134352(10)L1"}, "scan_bracketed"),
    one("scan", {"raw": "01０9506000134352"}, "scan_not_ascii"),
    one("scan", {"raw": "010950600013435310L1"}, "scan_check_digit"),
    one("scan", {"raw": "]d20109506000134352"}, "scan_lacks"),
    Case(
        name="scan agrees with fields",
        data={
            **OK,
            "scan": READ,
            "gtin": ELEMENTS["gtin"],
            "their_lot": "LOT-A1",
            "unit_serial": "SN1",
            "made_on": "2026-01-01",
            "best_until": "2028-12-31",
        },
    ),
    Case(
        name="full-width copy of the scanned lot agrees",
        data={**OK, "scan": READ, "their_lot": "ＬＯＴ-Ａ１"},
    ),
    Case(
        name="scan contradicts the lot",
        data={**OK, "scan": READ, "their_lot": "LOT-A2"},
        errors=(("/their_lot", "differs_from_scan"),),
    ),
    Case(
        name="scan contradicts the GTIN",
        data={**OK, "scan": READ, "gtin": "09506000134369"},
        errors=(("/gtin", "differs_from_scan"),),
    ),
    Case(
        name="a month that was scanned is a month in the field",
        data={
            **OK,
            "made_on": "2026-01-01",
            "best_until": "2028-12",
            "scan": {"raw": "]d2010950600013435217281200" + "10LOT-A1"},
        },
    ),
    Case(
        name="a month that was scanned is no day",
        data={
            **OK,
            "made_on": "2026-01-01",
            "best_until": "2028-12-31",
            "scan": {"raw": "]d2010950600013435217281200" + "10LOT-A1"},
        },
        errors=(("/best_until", "differs_from_scan"),),
    ),
    Case(
        name="two-digit years near the end of the window",
        data={**OK, "scan": {"raw": "]d2010950600013435217761231" + "10L1"}},
    ),
]

DIRTY: dict[str, Any] = {"name": "Ann", "clean": False, "dirt": "oil"}
FILES = [
    Case(name="photo and paper", data={**DIRTY, "pictures": [PHOTO], "papers": [PDF]}),
    Case(
        name="photo where it is hidden",
        data={**OK, "pictures": [PHOTO]},
        errors=(("/pictures", "hidden_field"),),
        hidden=("/pictures", "/papers"),
    ),
    *(
        Case(
            name=f"pictures: {about}",
            data={**DIRTY, "pictures": value},
            errors=(("/pictures", code),),
        )
        for about, value, code in (
            (
                "three of two",
                [PHOTO, {**PHOTO, "sha256": "c" * 64}, {**PHOTO, "sha256": "d" * 64}],
                "too_many_files",
            ),
            ("the same twice", [PHOTO, PHOTO], "file_twice"),
            ("a PDF", [PDF], "file_type"),
            ("no list", PHOTO, "list_expected"),
            ("a text", ["front.jpg"], "file_reference"),
            ("capital hash", [{**PHOTO, "sha256": "A" * 64}], "file_reference"),
            ("short hash", [{**PHOTO, "sha256": "a" * 63}], "file_reference"),
            ("name with a folder", [{**PHOTO, "name": "../front.jpg"}], "file_reference"),
            (
                "name with a turn of direction",
                [{**PHOTO, "name": "gpj.\u202ephoto"}],
                "file_reference",
            ),
            (
                "no size",
                [{key: PHOTO[key] for key in ("sha256", "name", "mime")}],
                "file_reference",
            ),
            ("size zero", [{**PHOTO, "size": 0}], "file_reference"),
            ("size as text", [{**PHOTO, "size": "12"}], "file_reference"),
            ("size true", [{**PHOTO, "size": True}], "file_reference"),
            ("one key more", [{**PHOTO, "url": "x"}], "file_reference"),
            ("21 MB", [{**PHOTO, "size": 20000001}], "file_too_big"),
        )
    ),
    Case(
        name="paper over its limit",
        data={**DIRTY, "papers": [{**PDF, "size": 1000001}]},
        errors=(("/papers", "file_too_big"),),
    ),
]

BOXES = [{"number": 1, "pieces": 6}, {"number": 2, "pieces": 4}]
RULES = [
    Case(
        name="dirt is due when not clean",
        data={"name": "Ann", "clean": False},
        errors=(("/dirt", "required"),),
    ),
    Case(
        name="dirt is hidden when clean",
        data={**OK, "dirt": "oil"},
        errors=(("/dirt", "hidden_field"),),
        hidden=("/dirt",),
    ),
    Case(
        name="dirt is there when nobody said",
        data={"name": "Ann", "dirt": "oil"},
        errors=(("/clean", "required"),),
    ),
    Case(name="null in a hidden field is fine", data={**OK, "dirt": None}),
    Case(
        name="colour_name is due",
        data={**OK, "colour": "other"},
        errors=(("/colour_name", "required"),),
    ),
    Case(
        name="colour_name is hidden",
        data={**OK, "colour": "blue", "colour_name": "sky"},
        errors=(("/colour_name", "hidden_field"),),
        hidden=("/colour_name",),
    ),
    Case(
        name="what depends on a wrong field is left alone",
        data={**OK, "colour": "green", "colour_name": "sky"},
        errors=(("/colour", "not_a_choice"),),
    ),
    Case(name="approve needs both", data={**OK, "colour": "white", "approve": True}),
    Case(
        name="approve is hidden by one",
        data={**OK, "colour": "other", "colour_name": "red", "approve": True},
        errors=(("/approve", "hidden_field"),),
    ),
    Case(
        name="disabled field keeps its default",
        data={**OK, "colour": "blue", "approve": True, "site": "Suzhou"},
    ),
    Case(
        name="disabled field takes nothing else",
        data={**OK, "colour": "blue", "approve": True, "site": "Shenzhen"},
        errors=(("/site", "disabled_field"),),
    ),
    Case(
        name="enabled field takes anything",
        data={**OK, "colour": "blue", "approve": False, "site": "Shenzhen"},
    ),
    Case(
        name="rejected is disabled without pieces",
        data={**OK, "rejected": 1},
        errors=(("/rejected", "disabled_field"),),
    ),
    Case(
        name="an answer that may be disabled opens nothing",
        data={**OK, "pieces": "many", "rejected": 1},
        errors=(("/pieces", "whole_number_expected"),),
        hidden=("/pictures", "/papers"),
    ),
    Case(
        name="rule over FEEL opens the files",
        data={**OK, "pieces": 10, "rejected": 1, "boxes": BOXES, "pictures": [PHOTO]},
    ),
    Case(
        name="group is hidden",
        data={**OK, "room": {"temperature": "20.0"}},
        errors=(("/room/temperature", "hidden_field"),),
        hidden=("/room/temperature", "/room/humidity"),
    ),
    Case(
        name="group: temperature is due",
        data={**OK, "length": "10", "room": {}},
        errors=(("/room/temperature", "required"),),
    ),
    Case(
        name="group: humidity hidden when cool",
        data={**OK, "length": "10", "room": {"temperature": "20.0", "humidity": "40"}},
        errors=(("/room/humidity", "hidden_field"),),
    ),
    Case(
        name="group: all there",
        data={**OK, "length": "10", "room": {"temperature": "20.5", "humidity": "40"}},
        record={"/room/fit": True, "/room/humidity": "40"},
    ),
    Case(
        name="group: out of its limits, recorded",
        data={**OK, "length": "10", "room": {"temperature": "17.9"}},
        notices=(("/room/temperature", "recorded_below"),),
        record={"/room/fit": False},
    ),
    Case(
        name="group: not an object",
        data={**OK, "room": "warm"},
        errors=(("/room", "object_expected"),),
    ),
    Case(
        name="group: unknown field in it",
        data={**OK, "room": {"light": 1}},
        errors=(("/room/light", "unknown_field"),),
    ),
    Case(
        name="verdict is hidden with one box",
        data={**OK, "pieces": 6, "boxes": BOXES[:1], "verdict": "accept"},
        errors=(("/verdict", "hidden_field"),),
    ),
]

LENGTH: dict[str, Any] = {**OK, "length": "10.00", "room": {"temperature": "21.0"}}
COMPUTED = [
    Case(
        name="area is worked out",
        data={**LENGTH, "width": "5.25"},
        record={"/area": "52.50", "/ratio": "1.904761904761904761904761904761905"},
    ),
    Case(
        name="area agrees",
        data={**LENGTH, "width": "5.25", "area": "52.5"},
        record={"/area": "52.50"},
    ),
    Case(
        name="area differs",
        data={**LENGTH, "width": "5.25", "area": "52.51"},
        errors=(("/area", "computed_differs"),),
    ),
    Case(
        name="area sent as something else",
        data={**LENGTH, "width": "5.25", "area": 52},
        errors=(("/area", "computed_differs"),),
    ),
    Case(
        name="area cannot be worked out",
        data={**LENGTH, "area": "1"},
        errors=(("/area", "computed_differs"),),
    ),
    Case(
        name="area rounds half to even",
        data={**LENGTH, "length": "9.90", "width": "4.55"},
        record={"/area": "45.04"},
    ),
    Case(
        name="a quotient of 34 digits after its zero",
        data={**LENGTH, "length": "9.90", "width": "9.9001"},
        notices=(("/width", "recorded_above"),),
        record={"/ratio": "0.9999898990919283643599559600408077"},
    ),
    Case(
        name="area of a wrong width is left alone",
        data={**LENGTH, "width": "wide", "area": "7"},
        errors=(("/width", "number_format"),),
    ),
    Case(
        name="division by nothing",
        data={**LENGTH, "width": "0"},
        notices=(("/width", "recorded_below"),),
        record={"/ratio": None, "/area": "0.00"},
    ),
    Case(
        name="fit is worked out in its group",
        data={**LENGTH, "room": {"temperature": "19.9"}},
        record={"/room/fit": False},
    ),
    Case(
        name="fit differs",
        data={**LENGTH, "room": {"temperature": "19.9", "fit": True}},
        errors=(("/room/fit", "computed_differs"),),
    ),
    Case(
        name="total sent and right",
        data={**OK, "pieces": 10, "boxes": BOXES, "total": 10},
        record={"/total": 10},
    ),
    Case(
        name="total sent and wrong",
        data={**OK, "pieces": 10, "boxes": BOXES, "total": 11},
        errors=(("/total", "computed_differs"),),
    ),
]

DOCUMENTS = {"required_documents": [{"title": "CoC"}, {"title": "CoA"}]}
TABLES = [
    Case(name="boxes", data={**OK, "pieces": 10, "boxes": BOXES}, record={"/total": 10}),
    Case(
        name="boxes are hidden",
        data={**OK, "boxes": BOXES},
        errors=(("/boxes", "hidden_field"),),
        hidden=("/boxes",),
    ),
    Case(
        name="wrong things in hidden boxes",
        data={**OK, "boxes": [{"number": "x"}]},
        errors=(("/boxes", "hidden_field"),),
    ),
    Case(
        name="boxes do not hold all",
        data={**OK, "pieces": 9, "boxes": BOXES},
        errors=(("/boxes", "check.boxes_hold_all"),),
    ),
    Case(
        name="a box too full",
        data={**OK, "pieces": 7, "boxes": [{"number": 1, "pieces": 7}]},
        errors=(("/boxes/0/pieces", "above_maximum"),),
    ),
    Case(
        name="four boxes of three",
        data={**OK, "pieces": 4, "boxes": [{"number": n, "pieces": 1} for n in range(1, 5)]},
        errors=(("/boxes", "too_many_rows"),),
    ),
    Case(
        name="a row without its answers",
        data={**OK, "pieces": 6, "boxes": [BOXES[0], {}]},
        errors=(("/boxes/1/number", "required"), ("/boxes/1/pieces", "required")),
    ),
    Case(
        name="a row of null",
        data={**OK, "pieces": 6, "boxes": [BOXES[0], None]},
        errors=(("/boxes/1/number", "required"), ("/boxes/1/pieces", "required")),
    ),
    Case(
        name="a row that is none",
        data={**OK, "pieces": 6, "boxes": ["one", BOXES[0]]},
        errors=(
            ("/boxes/0", "object_expected"),
            ("/boxes/0/number", "required"),
            ("/boxes/0/pieces", "required"),
        ),
    ),
    Case(
        name="no list",
        data={**OK, "pieces": 6, "boxes": {"0": BOXES[0]}},
        errors=(("/boxes", "list_expected"),),
    ),
    Case(
        name="unknown field in a row",
        data={**OK, "pieces": 6, "boxes": [{**BOXES[0], "x": 1}]},
        errors=(("/boxes/0/x", "unknown_field"),),
    ),
    Case(
        name="a check in a row",
        data={**OK, "pieces": 10, "boxes": [{**BOXES[0], "seal": "S1"}, {**BOXES[1], "seal": "X"}]},
        errors=(("/boxes/1/seal", "check.seal_differs"),),
    ),
    Case(
        name="wrong in one row, other rows are judged",
        data={
            **OK,
            "pieces": 10,
            "boxes": [{"number": 1, "pieces": "6"}, {**BOXES[1], "seal": "X"}],
        },
        errors=(
            ("/boxes/0/pieces", "whole_number_expected"),
            ("/boxes/1/seal", "check.seal_differs"),
        ),
    ),
    Case(name="documents: none are asked for", data=OK),
    Case(
        name="documents: two are asked for",
        context=DOCUMENTS,
        data={**OK, "documents": [{"there": True}, {"there": False, "why_not": "late"}]},
        record={"/documents/0/title": "CoC", "/documents/1/title": "CoA"},
    ),
    Case(
        name="documents: one too few",
        context=DOCUMENTS,
        data={**OK, "documents": [{"there": True}]},
        errors=(("/documents", "wrong_row_count"),),
    ),
    Case(
        name="documents: one too many",
        data={**OK, "documents": [{"there": True}]},
        errors=(("/documents", "wrong_row_count"),),
    ),
    Case(
        name="documents: reason is hidden when there",
        context=DOCUMENTS,
        data={**OK, "documents": [{"there": True, "why_not": "?"}, {"there": True}]},
        errors=(("/documents/0/why_not", "hidden_field"),),
        hidden=("/documents/0/why_not", "/documents/1/why_not"),
    ),
    Case(
        name="documents: another title",
        context=DOCUMENTS,
        data={**OK, "documents": [{"title": "CoA", "there": True}, {"there": True}]},
        errors=(("/documents/0/title", "computed_differs"),),
    ),
    Case(
        name="documents: number of rows unknown",
        context={"required_documents": None},
        data={**OK, "documents": [{"there": True}]},
        errors=(("/documents", "rows_unknown"),),
    ),
]

TYPED, SCANNED = {"how": "typed"}, {"how": "scanned"}


def entered(name: str, how: dict[str, str], **data: Any) -> Case:
    """How our lot was entered, as the record says it."""
    return Case(name=f"entry: {name}", data={**OK, **data}, record={"/own_lot_entry": how})


ENTRIES = [
    entered("nothing was sent of how", TYPED, own_lot="L-1"),
    entered("said to be scanned without a scan", TYPED, own_lot="L-1", own_lot_entry=SCANNED),
    entered(
        "a plain code of one's own",
        {"how": "scanned", "raw": "]C0L-1"},
        own_lot="L-1",
        own_lot_entry={"how": "scanned", "raw": "]C0L-1"},
    ),
    entered("scanned, then changed by hand", TYPED, own_lot="L-2", own_lot_entry={"raw": "]C0L-1"}),
    entered(
        "an element of a GS1 code",
        {"how": "scanned", "raw": SCAN},
        own_lot="LOT-A1",
        own_lot_entry={"raw": SCAN},
    ),
    entered("no GS1 code", TYPED, own_lot="L-1", own_lot_entry={"raw": "]d2(10)L-1"}),
    Case(
        name="entry: a barcode field filled it",
        data={**OK, "scan": READ, "their_lot": "LOT-A1"},
        record={"/their_lot_entry": SCANNED},
    ),
    Case(
        name="entry: nothing to say of what is not answered",
        data={**OK, "own_lot_entry": SCANNED},
        record={"/own_lot_entry": None},
    ),
    one("own_lot_entry", "typed", "scan_expected"),
    one("own_lot_entry", {"how": "typed", "by": "ann"}, "scan_expected"),
    one("own_lot_entry", {"raw": "L" * 501}, "scan_expected", about="too long"),
    notice("their_lot", "O123", "looks_alike"),
    notice("their_lot", "AL-IO", "looks_alike"),
    notice("their_lot", "Ｏ123", "looks_alike"),
    one("their_lot", "0123"),
    one("their_lot", "B123"),
    one("their_lot", "O123", context={"known_lots": None}, about="no number is known"),
    one("their_lot", "O123", context={"known_lots": ["0123", "O123"]}, about="both are known"),
]

CHECKS = [
    Case(name="rejected within pieces", data={**OK, "pieces": 10, "rejected": 10, "boxes": BOXES}),
    Case(
        name="rejected above pieces",
        data={**OK, "pieces": 10, "rejected": 11, "boxes": BOXES},
        errors=(("/rejected", "check.rejected_within_pieces"),),
    ),
    Case(
        name="a check of a wrong field is left alone",
        data={**OK, "pieces": 11, "rejected": 12, "boxes": BOXES},
        errors=(("/pieces", "above_maximum"),),
    ),
    Case(
        name="reject is not for everybody",
        data={**OK, "pieces": 10, "boxes": BOXES, "verdict": "reject"},
        errors=(("/verdict", "check.needs_variable"),),
    ),
    Case(
        name="reject by one who may",
        context={"may_reject": True},
        data={**OK, "pieces": 10, "boxes": BOXES, "verdict": "reject"},
    ),
    Case(
        name="a check that cannot be worked out is not passed",
        context={"may_reject": None},
        data={**OK, "pieces": 10, "boxes": BOXES, "verdict": "reject"},
        errors=(("/verdict", "check.needs_variable"),),
    ),
]

CASES = [
    *WHOLE,
    *TEXTS,
    *NUMBERS,
    *CHOICES,
    *SEVERAL,
    *DATES,
    *NAMES,
    *SCANS,
    *FILES,
    *RULES,
    *COMPUTED,
    *TABLES,
    *ENTRIES,
    *CHECKS,
]
