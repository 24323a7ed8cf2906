"""The names that FEEL itself brings: functions, properties of dates and ranges, types."""

from forms.feel.registry import BUILTINS

BUILTIN_NAMES = frozenset(BUILTINS)
PROPERTY_NAMES = frozenset({"time offset", "start included", "end included"})
TYPE_NAMES = frozenset({"date and time", "days and time duration", "years and months duration"})
