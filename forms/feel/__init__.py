"""FEEL: parsed once into a JSON tree, evaluated with decimals and three-valued logic.

`parse_expression` and `parse_unary_tests` are for deployment, `evaluate` for the rest of the life
of a process; web/src/feel evaluates the same trees on the device. README.md says what the language
is and where it differs from the standard.
"""

from forms.feel.errors import FeelLimitExceeded, FeelSyntaxError, FeelValueRefused
from forms.feel.frames import VERSION, Tree
from forms.feel.limits import DEFAULT_LIMITS, Limits
from forms.feel.parsing import parse_expression, parse_unary_tests
from forms.feel.program import Program, compile_tree, evaluate
from forms.feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths
from forms.feel.trees import free_names, unknown_functions
from forms.feel.values import FeelFunction, Range, Value, from_json, text_of, to_json

__all__ = [
    "DEFAULT_LIMITS",
    "VERSION",
    "Date",
    "DateTime",
    "DaysTime",
    "FeelFunction",
    "FeelLimitExceeded",
    "FeelSyntaxError",
    "FeelValueRefused",
    "Limits",
    "Program",
    "Range",
    "Time",
    "Tree",
    "Value",
    "YearsMonths",
    "compile_tree",
    "evaluate",
    "free_names",
    "from_json",
    "parse_expression",
    "parse_unary_tests",
    "text_of",
    "to_json",
    "unknown_functions",
]
