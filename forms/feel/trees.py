"""What a tree needs from outside, without evaluating it."""

from collections.abc import Iterator

from forms.feel.frames import SUBJECT, Node, Tree
from forms.feel.registry import BUILTINS

_Bound = frozenset[str]


def names_used(node: Node) -> frozenset[str]:
    """Collect the names that a node takes from outside."""
    return frozenset(name for name, _ in _uses(node, frozenset()))


def free_names(tree: Tree) -> frozenset[str]:
    """Collect the names that the scope must give; "?" is not among them.

    Inside a filter a name may be an entry of the item or a name of the scope: it counts.
    """
    return names_used(tree[1]) - {SUBJECT}


def unknown_functions(tree: Tree) -> frozenset[str]:
    """Collect the names that are called and are neither built in nor bound in the tree itself."""
    return frozenset(
        name for name, called in _uses(tree[1], frozenset()) if called and name not in BUILTINS
    )


def _uses(  # noqa: C901, PLR0912 -- one case for each operation that binds names
    node: Node,
    bound: _Bound,
) -> Iterator[tuple[str, bool]]:
    """Find the names a node takes from outside, and whether it calls them."""
    if not isinstance(node, list):
        return
    match node:
        case ["v", name]:
            if name not in bound:
                yield name, False
        case ["n" | "@", *_]:
            return
        case ["call" | "calln" as kind, ["v", name], *arguments]:
            if name not in bound:
                yield name, True
            for argument in arguments:
                yield from _uses(argument if kind == "call" else argument[1], bound)
        case ["calln", function, *arguments]:
            yield from _uses(function, bound)
            for _, argument in arguments:
                yield from _uses(argument, bound)
        case ["b", _, *arguments]:
            for argument in arguments:
                yield from _uses(argument, bound)
        case [".", source, _] | ["is", source, _]:
            yield from _uses(source, bound)
        case ["[]", source, condition]:
            yield from _uses(source, bound)
            yield from _uses(condition, bound | {"item"})
        case ["ctx", *entries]:
            for key, value in entries:
                yield from _uses(value, bound)
                bound = bound | {key}
        case ["for" | "some" | "every" as kind, sources, body]:
            for name, *parts in sources:
                for part in parts:
                    yield from _uses(part, bound)
                bound = bound | {name}
            yield from _uses(body, bound | {"partial"} if kind == "for" else bound)
        case ["func", parameters, body]:
            yield from _uses(body, bound | {name for name, _ in parameters})
        case _:
            for part in node[1:]:
                yield from _uses(part, bound)
