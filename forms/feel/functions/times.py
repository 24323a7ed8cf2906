"""Functions of dates, times and durations, and the properties of their values."""

from decimal import Decimal

from forms.feel import decimals, temporal
from forms.feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths
from forms.feel.values import Budget, Value, from_datetime

_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def date(_: Budget, source: Value) -> Value:
    match source:
        case str():
            return temporal.parse_date(source)
        case Date():
            return source
        case DateTime():
            return Date(source.days)
        case _:
            return None


def date_of_parts(_: Budget, year: Value, month: Value, day: Value) -> Value:
    parts = [
        decimals.whole(part) if isinstance(part, Decimal) else None for part in (year, month, day)
    ]
    if parts[0] is None or parts[1] is None or parts[2] is None:
        return None
    return temporal.make_date(parts[0], parts[1], parts[2])


def date_and_time(_: Budget, source: Value) -> Value:
    match source:
        case str():
            return temporal.parse_date_time(source)
        case Date():
            return DateTime(source.days, 0, 0)
        case DateTime():
            return source
        case _:
            return None


def date_and_time_of_parts(_: Budget, day: Value, clock: Value) -> Value:
    if not isinstance(day, Date | DateTime) or not isinstance(clock, Time):
        return None
    return temporal.at(day.days, clock.nanos, clock.offset, clock.zone)


def time(_: Budget, source: Value) -> Value:
    match source:
        case str():
            return temporal.parse_time(source)
        case Time():
            return source
        case DateTime():
            offset = source.offset if source.zone is None else None
            return Time(source.nanos, offset, source.zone)
        case Date():
            return Time(0, 0)
        case _:
            return None


def time_of_parts(
    _: Budget,
    hour: Value,
    minute: Value,
    second: Value,
    offset: Value = None,
) -> Value:
    if not (
        isinstance(hour, Decimal) and isinstance(minute, Decimal) and isinstance(second, Decimal)
    ):
        return None
    hours, minutes = decimals.whole(hour), decimals.whole(minute)
    if hours is None or not 0 <= hours <= 23 or minutes is None or not 0 <= minutes <= 59:
        return None
    if second < 0 or second >= 60:
        return None
    fine = decimals.multiply(second, Decimal(temporal.NANOS))
    nanos = (hours * 3600 + minutes * 60) * temporal.NANOS + int(fine or 0)
    if offset is None:
        return Time(nanos)
    if not isinstance(offset, DaysTime) or abs(offset.nanos) > temporal.MAX_OFFSET * temporal.NANOS:
        return None
    seconds = abs(offset.nanos) // temporal.NANOS
    return Time(nanos, -seconds if offset.nanos < 0 else seconds)


def duration(_: Budget, source: Value) -> Value:
    match source:
        case str():
            return temporal.parse_duration(source)
        case DaysTime() | YearsMonths():
            return source
        case _:
            return None


def years_and_months_duration(_: Budget, start: Value, end: Value) -> Value:
    if not isinstance(start, Date | DateTime) or not isinstance(end, Date | DateTime):
        return None
    return temporal.months_between(start, end)


def now(budget: Budget) -> Value:
    """Tell the time that the caller handed in; null when none was."""
    return None if budget.now is None else from_datetime(budget.now)


def today(budget: Budget) -> Value:
    return None if budget.now is None else Date(from_datetime(budget.now).days)


def day_of_week(_: Budget, day: Value) -> Value:
    return _DAYS[temporal.weekday(day.days) - 1] if isinstance(day, Date | DateTime) else None


def month_of_year(_: Budget, day: Value) -> Value:
    if not isinstance(day, Date | DateTime):
        return None
    return _MONTHS[temporal.civil_from_days(day.days)[1] - 1]


def day_of_year(_: Budget, day: Value) -> Value:
    if not isinstance(day, Date | DateTime):
        return None
    year = temporal.civil_from_days(day.days)[0]
    return Decimal(day.days - temporal.days_from_civil(year, 1, 1) + 1)


def week_of_year(_: Budget, day: Value) -> Value:
    """Count weeks as ISO 8601 does: a day belongs to the week of its Thursday."""
    if not isinstance(day, Date | DateTime):
        return None
    thursday = day.days - temporal.weekday(day.days) + 4
    year = temporal.civil_from_days(thursday)[0]
    return Decimal((thursday - temporal.days_from_civil(year, 1, 1)) // 7 + 1)


# --- properties ---------------------------------------------------------------------------------


def property_of(value: Value, name: str) -> Value:
    """Give value.name of a date, time or duration; None when it has no such property."""
    match value:
        case Date():
            return _date_property(value.days, name)
        case DateTime():
            found = _date_property(value.days, name)
            return _clock_property(value, name) if found is None else found
        case Time():
            return _clock_property(value, name)
        case DaysTime():
            return _days_time_property(value.nanos, name)
        case YearsMonths():
            quotient, rest = divmod(abs(value.months), 12)
            found_part = {"years": quotient, "months": rest}.get(name)
            return _signed(found_part, value.months)
        case _:
            return None


def _date_property(days: int, name: str) -> Value:
    if name == "weekday":
        return Decimal(temporal.weekday(days))
    part = {"year": 0, "month": 1, "day": 2}.get(name)
    return None if part is None else Decimal(temporal.civil_from_days(days)[part])


def _clock_property(value: Time | DateTime, name: str) -> Value:
    seconds, nanos = divmod(value.nanos, temporal.NANOS)
    match name:
        case "hour":
            return Decimal(seconds // 3600)
        case "minute":
            return Decimal(seconds // 60 % 60)
        case "second":
            return _seconds(seconds % 60, nanos)
        case "time offset":
            return None if value.offset is None else DaysTime(value.offset * temporal.NANOS)
        case "timezone":
            return value.zone
        case _:
            return None


def _days_time_property(value: int, name: str) -> Value:
    seconds, nanos = divmod(abs(value), temporal.NANOS)
    match name:
        case "days":
            return _signed(seconds // 86_400, value)
        case "hours":
            return _signed(seconds // 3600 % 24, value)
        case "minutes":
            return _signed(seconds // 60 % 60, value)
        case "seconds":
            amount = _seconds(seconds % 60, nanos)
            return amount.copy_negate() if value < 0 else amount
        case _:
            return None


def _seconds(seconds: int, nanos: int) -> Decimal:
    return decimals.plain(Decimal(seconds * temporal.NANOS + nanos).scaleb(-9, decimals.CONTEXT))


def _signed(amount: int | None, sign: int) -> Value:
    if amount is None:
        return None
    return Decimal(-amount if sign < 0 else amount)
