"""Where a value lies: paths of one submission, and templates with * for any row of a table."""

from collections.abc import Sequence

Path = tuple[str | int, ...]
"""A place in submitted data: ("readings", 0, "value")."""

Template = tuple[str, ...]
"""A field, wherever its rows are: ("readings", "*", "value")."""

ANY_ROW = "*"


def pointer(path: Sequence[str | int]) -> str:
    """Give the JSON pointer (RFC 6901) of a path or template."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def template_of(path: Path) -> Template:
    """Give the field that `path` is a value of."""
    return tuple(ANY_ROW if isinstance(step, int) else step for step in path)


def beside(template: Template, path: Path) -> Path:
    """Give where `template` lies in the rows that `path` lies in."""
    return tuple(path[place] if step == ANY_ROW else step for place, step in enumerate(template))


def adds_row(target: Template, barcode: Sequence[str | int]) -> bool:
    """Whether what a barcode field at `barcode` fills is a column of a table that it is not in."""
    return ANY_ROW in target and barcode[: target.index(ANY_ROW)] != target[: target.index(ANY_ROW)]


def parse_template(text: str) -> Template | None:
    """Give the template that a JSON pointer names ("/readings/*/value"); None when it is none."""
    if not text.startswith("/"):
        return None
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))


def parse_scope(scope: str) -> Template | None:
    """Give the template that a JSON Forms scope names ("#/properties/a/properties/b"), or None."""
    if scope == "#":
        return ()
    steps = scope.split("/")
    if steps[0] != "#" or len(steps) % 2 == 0 or any(step != "properties" for step in steps[1::2]):
        return None
    return tuple(steps[2::2])
