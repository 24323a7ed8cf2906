"""Functions of lists. A single value stands for the list of that value; positions count from 1."""

from collections.abc import Callable
from decimal import Decimal

from forms.feel import decimals
from forms.feel.comparing import equal, less
from forms.feel.values import Budget, FeelFunction, Value

_ALL = Decimal("-0")  # told from a given length by being this very object


def as_list(value: Value) -> list[Value] | None:
    """Give the list, the list of a single value, or None for null."""
    if type(value) is list:
        return value
    return None if value is None else [value]


def _of_list(
    function: Callable[[Budget, list[Value]], Value],
) -> Callable[[Budget, Value], Value]:
    def checked(budget: Budget, value: Value) -> Value:
        items = as_list(value)
        if items is None:
            return None
        budget.spend(len(items))
        return function(budget, items)

    return checked


def _numbers(items: list[Value]) -> list[Decimal] | None:
    numbers = [item for item in items if type(item) is Decimal]
    return numbers if items and len(numbers) == len(items) else None


def _total(numbers: list[Decimal]) -> Decimal | None:
    total: Decimal | None = numbers[0]
    for item in numbers[1:]:
        total = None if total is None else decimals.add(total, item)
    return total


def _sum(_: Budget, items: list[Value]) -> Value:
    numbers = _numbers(items)
    return _total(numbers) if numbers else None


def _product(_: Budget, items: list[Value]) -> Value:
    numbers = _numbers(items)
    if not numbers:
        return None
    product: Decimal | None = numbers[0]
    for item in numbers[1:]:
        product = None if product is None else decimals.multiply(product, item)
    return product


def _mean(_: Budget, items: list[Value]) -> Value:
    numbers = _numbers(items)
    total = _total(numbers) if numbers else None
    return None if total is None else decimals.divide(total, Decimal(len(items)))


def _median(_: Budget, items: list[Value]) -> Value:
    numbers = _numbers(items)
    if not numbers:
        return None
    numbers.sort()
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    total = decimals.add(numbers[middle - 1], numbers[middle])
    return None if total is None else decimals.divide(total, Decimal(2))


def _stddev(budget: Budget, items: list[Value]) -> Value:
    """Compute the sample standard deviation (n − 1); null for fewer than two numbers."""
    numbers = _numbers(items)
    mean_value = _mean(budget, items)
    if not numbers or len(numbers) == 1 or not isinstance(mean_value, Decimal):
        return None
    squares: list[Decimal] = []
    for item in numbers:
        distance = decimals.subtract(item, mean_value)
        square = None if distance is None else decimals.multiply(distance, distance)
        if square is None:
            return None
        squares.append(square)
    total = _total(squares)
    variance = None if total is None else decimals.divide(total, Decimal(len(items) - 1))
    return None if variance is None else decimals.square_root(variance)


def _mode(_: Budget, items: list[Value]) -> Value:
    """Find the most frequent numbers, in ascending order."""
    if not items:
        return []
    numbers = _numbers(items)
    if not numbers:
        return None
    counts: dict[Decimal, int] = {}
    for item in numbers:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values())
    return list[Value](sorted(item for item, times in counts.items() if times == most))


def _extreme(items: list[Value], *, smallest: bool) -> Value:
    if not items:
        return None
    best = items[0]
    if less(best, best) is None:
        return None
    for item in items[1:]:
        better = less(item, best) if smallest else less(best, item)
        if better is None:
            return None
        if better:
            best = item
    return best


def _quantified(items: list[Value], *, decisive: bool) -> Value:
    """Give `decisive` when one item is, unknown when one is neither, else the opposite."""
    if any(item is decisive for item in items):
        return decisive
    return None if any(item is not (not decisive) for item in items) else not decisive


sum_ = _of_list(_sum)
product = _of_list(_product)
mean = _of_list(_mean)
median = _of_list(_median)
stddev = _of_list(_stddev)
mode = _of_list(_mode)
minimum = _of_list(lambda _, items: _extreme(items, smallest=True))
maximum = _of_list(lambda _, items: _extreme(items, smallest=False))
all_ = _of_list(lambda _, items: _quantified(items, decisive=False))
any_ = _of_list(lambda _, items: _quantified(items, decisive=True))
count = _of_list(lambda _, items: Decimal(len(items)))
reverse = _of_list(lambda _, items: items[::-1])


def list_contains(budget: Budget, items: Value, element: Value) -> Value:
    searched = as_list(items)
    if searched is None:
        return None
    budget.spend(len(searched))
    return any(equal(budget, item, element) is True for item in searched)


def index_of(budget: Budget, items: Value, match: Value) -> Value:
    searched = as_list(items)
    if searched is None:
        return None
    budget.spend(len(searched))
    return [
        Decimal(position)
        for position, item in enumerate(searched, 1)
        if equal(budget, item, match) is True
    ]


def _index(items: list[Value], position: Value) -> int | None:
    """Give the index of a position (negative: from the end); None when there is none."""
    place = decimals.whole(position) if isinstance(position, Decimal) else None
    if not place or abs(place) > len(items):
        return None
    return place - 1 if place > 0 else len(items) + place


def sublist(budget: Budget, items: Value, start: Value, length: Value = _ALL) -> Value:
    """Take `length` items from `start` on; all that follow when no length is given."""
    source = as_list(items)
    first = None if source is None else _index(source, start)
    if source is None or first is None:
        return None
    if length is _ALL:
        return source[first:]
    size = decimals.whole(length) if isinstance(length, Decimal) else None
    if size is None or size < 1 or first + size > len(source):
        return None
    budget.spend(size)
    return source[first : first + size]


def append(budget: Budget, items: Value, *more: Value) -> Value:
    source = as_list(items)
    if source is None:
        return None
    return _checked(budget, [*source, *more])


def concatenate(budget: Budget, *parts: Value) -> Value:
    result: list[Value] = []
    for part in parts:
        items = as_list(part)
        if items is None:
            return None
        result.extend(items)
        _checked(budget, result)
    return result


def insert_before(budget: Budget, items: Value, position: Value, new: Value) -> Value:
    source = as_list(items)
    index = None if source is None else _index(source, position)
    if source is None or index is None:
        return None
    return _checked(budget, [*source[:index], new, *source[index:]])


def remove(budget: Budget, items: Value, position: Value) -> Value:
    source = as_list(items)
    index = None if source is None else _index(source, position)
    if source is None or index is None:
        return None
    return _checked(budget, [*source[:index], *source[index + 1 :]])


def list_replace(budget: Budget, items: Value, which: Value, new: Value) -> Value:
    """Replace the item at a position, or every item for which which(item, new) is true."""
    source = as_list(items)
    if source is None:
        return None
    budget.spend(len(source))
    if isinstance(which, FeelFunction):
        if len(which.parameters) != 2:
            return None
        answers = [which.call(budget, (item, new)) for item in source]
        if not all(isinstance(answer, bool) for answer in answers):
            return None
        return [new if answer else item for answer, item in zip(answers, source, strict=True)]
    index = _index(source, which)
    return None if index is None else [*source[:index], new, *source[index + 1 :]]


def distinct_values(budget: Budget, items: Value) -> Value:
    source = as_list(items)
    return None if source is None else _distinct(budget, source)


def union(budget: Budget, *parts: Value) -> Value:
    items = concatenate(budget, *parts)
    return _distinct(budget, items) if isinstance(items, list) else None


def _distinct(budget: Budget, items: list[Value]) -> list[Value]:
    result: list[Value] = []
    for item in items:
        budget.spend(len(result) + 1)
        if not any(equal(budget, item, kept) is True for kept in result):
            result.append(item)
    return result


def flatten(budget: Budget, items: Value) -> Value:
    source = as_list(items)
    if source is None:
        return None
    result: list[Value] = []
    _flatten(budget, source, result)
    return result


def _flatten(budget: Budget, items: list[Value], result: list[Value]) -> None:
    budget.spend(len(items) + 1)
    for item in items:
        if isinstance(item, list):
            _flatten(budget, item, result)
        else:
            result.append(item)
    budget.check_size(len(result))


def sort(budget: Budget, items: Value, precedes: Value = None) -> Value:
    """Sort by stable merging, by precedes(x, y), or ascending; null when two cannot be compared."""
    source = as_list(items)
    if source is None:
        return None
    if precedes is None:
        return _merge_sort(budget, source, less)
    if not isinstance(precedes, FeelFunction) or len(precedes.parameters) != 2:
        return None
    return _merge_sort(budget, source, lambda a, b: precedes.call(budget, (a, b)))


def _merge_sort(
    budget: Budget,
    items: list[Value],
    precedes: Callable[[Value, Value], Value],
) -> list[Value] | None:
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left = _merge_sort(budget, items[:middle], precedes)
    right = _merge_sort(budget, items[middle:], precedes)
    if left is None or right is None:
        return None
    result: list[Value] = []
    i = j = 0
    while i < len(left) and j < len(right):
        budget.spend(1)
        answer = precedes(right[j], left[i])
        if not isinstance(answer, bool):
            return None
        if answer:
            result.append(right[j])
            j += 1
        else:
            result.append(left[i])
            i += 1
    return result + left[i:] + right[j:]


def _checked(budget: Budget, items: list[Value]) -> list[Value]:
    budget.check_size(len(items))
    budget.spend(len(items))
    return items
