"""What + - * / ** and unary − do with each pair of types; None (null) for all others."""

from decimal import ROUND_DOWN, Decimal

from forms.feel import decimals, temporal
from forms.feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths
from forms.feel.values import Budget, Value


def add(budget: Budget, a: Value, b: Value) -> Value:
    match a, b:
        case Decimal(), Decimal():
            return decimals.add(a, b)
        case str(), str():
            budget.check_size(len(a) + len(b))
            budget.spend((len(a) + len(b)) // 1000)
            return a + b
        case DaysTime(), DaysTime():
            return temporal.days_time(a.nanos + b.nanos)
        case YearsMonths(), YearsMonths():
            return temporal.years_months(a.months + b.months)
        case ((Date() | DateTime() | Time()), (DaysTime() | YearsMonths())):
            return _later(a, b, 1)
        case ((DaysTime() | YearsMonths()), (Date() | DateTime() | Time())):
            return _later(b, a, 1)
        case _:
            return None


def subtract(_: Budget, a: Value, b: Value) -> Value:
    match a, b:
        case Decimal(), Decimal():
            return decimals.subtract(a, b)
        case DaysTime(), DaysTime():
            return temporal.days_time(a.nanos - b.nanos)
        case YearsMonths(), YearsMonths():
            return temporal.years_months(a.months - b.months)
        case ((Date() | DateTime() | Time()), (DaysTime() | YearsMonths())):
            return _later(a, b, -1)
        case ((Date() | DateTime()), (Date() | DateTime())):
            return _between(a, b)
        case Time(), Time() if a.zone == b.zone and (a.offset is None) is (b.offset is None):
            offsets = (a.offset or 0) - (b.offset or 0)
            return temporal.days_time(a.nanos - b.nanos - offsets * temporal.NANOS)
    return None


def _later(
    moment: Date | DateTime | Time,
    by: DaysTime | YearsMonths,
    sign: int,
) -> Value:
    if isinstance(by, DaysTime):
        nanos = by.nanos * sign
        match moment:
            case Date():
                return temporal.date_of(moment.days + nanos // temporal.DAY)
            case DateTime():
                return temporal.shift(moment, nanos)
            case Time():
                return Time((moment.nanos + nanos) % temporal.DAY, moment.offset, moment.zone)
    months = by.months * sign
    match moment:
        case Date():
            days = temporal.add_months(moment.days, months)
            return None if days is None else Date(days)
        case DateTime():
            return temporal.shift_months(moment, months)
        case _:
            return None


def _between(a: Date | DateTime, b: Date | DateTime) -> Value:
    """Subtract. A date beside a date and time is its midnight, in UTC when that has an offset."""
    if (
        isinstance(a, DateTime)
        and isinstance(b, DateTime)
        and (a.offset is None) is not (b.offset is None)
    ):
        return None
    left, right = (
        moment if isinstance(moment, DateTime) else DateTime(moment.days, 0) for moment in (a, b)
    )
    return temporal.days_time(temporal.instant(left) - temporal.instant(right))


def multiply(_: Budget, a: Value, b: Value) -> Value:
    match a, b:
        case Decimal(), Decimal():
            return decimals.multiply(a, b)
        case ((DaysTime() | YearsMonths()), Decimal()):
            return _scaled(a, decimals.multiply(_amount(a), b))
        case Decimal(), (DaysTime() | YearsMonths()):
            return _scaled(b, decimals.multiply(_amount(b), a))
        case _:
            return None


def divide(_: Budget, a: Value, b: Value) -> Value:
    match a, b:
        case Decimal(), Decimal():
            return decimals.divide(a, b)
        case ((DaysTime() | YearsMonths()), Decimal()):
            return _scaled(a, decimals.divide(_amount(a), b))
        case DaysTime(), DaysTime():
            return decimals.divide(_amount(a), _amount(b))
        case YearsMonths(), YearsMonths():
            return decimals.divide(_amount(a), _amount(b))
        case _:
            return None


def power(_: Budget, a: Value, b: Value) -> Value:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return decimals.power(a, b)
    return None


def negative(value: Value) -> Value:
    match value:
        case Decimal():
            return value.copy_negate()
        case DaysTime():
            return DaysTime(-value.nanos)
        case YearsMonths():
            return YearsMonths(-value.months)
        case _:
            return None


def _amount(duration: DaysTime | YearsMonths) -> Decimal:
    return Decimal(duration.nanos if isinstance(duration, DaysTime) else duration.months)


def _scaled(like: DaysTime | YearsMonths, amount: Decimal | None) -> Value:
    """Make a duration of that kind, cut off to whole nanoseconds or months."""
    if amount is None or decimals.whole(amount.to_integral_value(ROUND_DOWN), 10**30) is None:
        return None
    if isinstance(like, DaysTime):
        return temporal.days_time(int(amount))
    return temporal.years_months(int(amount))
