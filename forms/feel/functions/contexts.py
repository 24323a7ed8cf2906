"""Functions of contexts."""

from forms.feel.functions.lists import as_list
from forms.feel.values import Budget, Value


def get_value(budget: Budget, context: Value, key: Value) -> Value:
    """Give the entry under a key, or under a path of keys."""
    keys = key if isinstance(key, list) else [key]
    budget.spend(len(keys))
    found = context
    for name in keys:
        if not isinstance(found, dict) or not isinstance(name, str):
            return None
        found = found.get(name)
    return found if keys else None


def get_entries(budget: Budget, context: Value) -> Value:
    if not isinstance(context, dict):
        return None
    budget.spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


def context(budget: Budget, entries: Value) -> Value:
    """Make the context of {key, value} entries; null when a key is missing or comes twice."""
    items = as_list(entries)
    if items is None:
        return None
    budget.spend(len(items))
    result: dict[str, Value] = {}
    for entry in items:
        if not isinstance(entry, dict) or "value" not in entry:
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in result:
            return None
        result[key] = entry["value"]
    return result


def context_put(budget: Budget, source: Value, key: Value, value: Value) -> Value:
    """Set one entry; a list of keys is a path into contexts."""
    if isinstance(key, str):
        return put(budget, source, key, value)
    if not isinstance(key, list) or not key or not isinstance(source, dict):
        return None
    first = key[0]
    if len(key) == 1:
        return put(budget, source, first, value)
    if not isinstance(first, str):
        return None
    inner = context_put(budget, source.get(first), key[1:], value)
    return None if inner is None else put(budget, source, first, inner)


def put(budget: Budget, source: Value, key: Value, value: Value) -> Value:
    if not isinstance(source, dict) or not isinstance(key, str):
        return None
    budget.spend(len(source) + 1)
    return {**source, key: value}


def context_merge(budget: Budget, contexts: Value) -> Value:
    """Gather all entries of all contexts; of equal keys the last."""
    items = as_list(contexts)
    if items is None:
        return None
    result: dict[str, Value] = {}
    for item in items:
        if not isinstance(item, dict):
            return None
        budget.spend(len(item) + 1)
        result.update(item)
    return result
