"""Cases of measuring samples: limits, instruments and number of rows come from the case."""

from typing import Any

from tests.forms.cases import Case

FORM = "measure_samples"
SHAFT: dict[str, Any] = {
    "name": "Shaft diameter",
    "unit": "mm",
    "lower": 9.9,
    "upper": 10.1,
    "decimals": 2,
}
CONTEXT: dict[str, Any] = {
    "characteristic": SHAFT,
    "sample_size": 2,
    "instruments": [{"value": "CAL-01", "label": {"en": "Caliper 1", "zh": "卡尺 1"}}, "CAL-02"],
}
HEAD: dict[str, Any] = {"instrument": "CAL-01", "measured_at": "2026-11-22T18:00:00+08:00"}
OK: dict[str, Any] = {**HEAD, "readings": [{"value": "10.00"}, {"value": "9.95"}]}
OUT: dict[str, Any] = {**HEAD, "readings": [{"value": "10.00"}, {"value": "10.20"}]}


def readings(*values: Any, **more: Any) -> dict[str, Any]:
    """A submission with these measured values."""
    return {**HEAD, "readings": [{"value": value} for value in values], **more}


CASES = [
    Case(
        name="two within limits",
        data=OK,
        record={
            "/readings/0/sample": 1,
            "/readings/1/sample": 2,
            "/readings/0/within": True,
            "/readings/0/unit": "mm",
            "/outside": 0,
            "/mean": "9.975",
            "/unit": "mm",
        },
        hidden=("/readings/0/defect", "/remark"),
    ),
    Case(name="on the limits", data=readings("9.90", "10.10"), record={"/outside": 0}),
    Case(
        name="zeros are kept",
        data=readings("10.0", "10"),
        record={"/readings/0/value": "10.0", "/readings/1/value": "10", "/mean": "10.000"},
    ),
    Case(
        name="one outside, recorded",
        data={
            **OUT,
            "readings": [{"value": "10.00"}, {"value": "10.20", "defect": "wear"}],
            "remark": "Tool changed.",
        },
        notices=(("/readings/1/value", "recorded_above"),),
        record={"/readings/1/within": False, "/outside": 1, "/mean": "10.100"},
    ),
    Case(
        name="one outside, nothing said",
        data=OUT,
        errors=(
            ("/remark", "check.remark_when_outside"),
            ("/readings/1/defect", "check.something_seen"),
        ),
    ),
    Case(
        name="defect of a good sample",
        data={**HEAD, "readings": [{"value": "10.00", "defect": "burr"}, {"value": "10.00"}]},
        errors=(("/readings/0/defect", "hidden_field"),),
    ),
    Case(
        name="remark when all is well",
        data={**OK, "remark": "fine"},
        errors=(("/remark", "hidden_field"),),
    ),
    Case(
        name="three decimals",
        data=readings("10.001", "10.00"),
        errors=(("/readings/0/value", "too_many_decimals"),),
    ),
    Case(
        name="three decimals where three are read",
        data=readings("10.001", "10.00"),
        context={"characteristic": {**SHAFT, "decimals": 3}},
    ),
    Case(
        name="no upper limit",
        data=readings("99.00", "10.00"),
        context={"characteristic": {**SHAFT, "upper": None}},
        record={"/outside": 0},
    ),
    Case(
        name="lower limit unknown",
        data=readings("10.00", "10.00"),
        context={"characteristic": {**SHAFT, "lower": None}},
        errors=(
            ("/readings/0/value", "limit_unknown"),
            ("/readings/1/value", "limit_unknown"),
        ),
    ),
    Case(
        name="too few samples", data=readings("10.00"), errors=(("/readings", "wrong_row_count"),)
    ),
    Case(name="no samples", data=HEAD, errors=(("/readings", "required"),)),
    Case(
        name="one sample left open",
        data={**HEAD, "readings": [{"value": "10.00"}, {}]},
        errors=(("/readings/1/value", "required"),),
    ),
    Case(
        name="one sample mistyped: what is computed from it is left alone",
        data={**readings("10.00", "ten"), "mean": "10.000", "outside": 0},
        errors=(("/readings/1/value", "number_format"),),
    ),
    Case(
        name="one sample mistyped: the other is judged all the same",
        data=readings("ten", "10.20"),
        errors=(
            ("/readings/0/value", "number_format"),
            ("/readings/1/defect", "check.something_seen"),
        ),
    ),
    Case(
        name="mean differs",
        data={**OK, "mean": "9.970"},
        errors=(("/mean", "computed_differs"),),
    ),
    Case(
        name="mean agrees", data={**OK, "mean": "9.9750"}, errors=(("/mean", "computed_differs"),)
    ),
    Case(name="mean agrees to the digit", data={**OK, "mean": "9.975"}),
    Case(
        name="within claimed",
        data={
            **HEAD,
            "readings": [{"value": "10.00"}, {"value": "10.20", "within": True, "defect": "burr"}],
            "remark": "?",
        },
        errors=(("/readings/1/within", "computed_differs"),),
    ),
    Case(
        name="an instrument out of calibration",
        data={**OK, "instrument": "CAL-03"},
        errors=(("/instrument", "not_a_choice"),),
    ),
    Case(name="the other instrument", data={**OK, "instrument": "CAL-02"}),
    Case(name="room temperature", data={**OK, "temperature": "20.5"}),
    Case(
        name="room too warm",
        data={**OK, "temperature": "25.1"},
        errors=(("/temperature", "above_maximum"),),
    ),
    Case(
        name="measured in the future",
        data={**OK, "measured_at": "2026-11-22T18:41:08+08:00"},
        errors=(("/measured_at", "too_late"),),
    ),
]
