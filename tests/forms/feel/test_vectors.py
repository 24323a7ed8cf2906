"""Both the parser and the evaluator do what the vectors say."""

from datetime import datetime
from pathlib import Path

import pytest

from forms.feel import evaluate, free_names
from forms.feel.registry import BUILTINS
from tests.forms.feel import vectors
from tests.forms.feel.typed import decode, encode


@pytest.mark.parametrize("file", vectors.files(), ids=lambda file: file.stem)
def test_expressions_become_these_trees(file: Path) -> None:
    for vector in vectors.read(file):
        assert vectors.parse(vector) == vector["tree"], vector["expression"]


@pytest.mark.parametrize("file", vectors.files(), ids=lambda file: file.stem)
def test_trees_have_these_values(file: Path) -> None:
    now = datetime.fromisoformat(vectors.NOW)
    for vector in vectors.read(file):
        scope = {name: decode(value) for name, value in vector["scope"].items()}
        result = encode(evaluate(vector["tree"], scope, now=now))
        assert result == vector["result"], vector["expression"]


@pytest.mark.parametrize("file", vectors.files(), ids=lambda file: file.stem)
def test_a_value_depends_on_its_free_names_only(file: Path) -> None:
    now = datetime.fromisoformat(vectors.NOW)
    for vector in vectors.read(file):
        needed = free_names(vector["tree"]) | {"?"}
        scope = {name: decode(value) for name, value in vector["scope"].items() if name in needed}
        result = encode(evaluate(vector["tree"], scope, now=now))
        assert result == vector["result"], vector["expression"]


def test_there_are_vectors_of_every_builtin_function() -> None:

    text = "\n".join(file.read_text(encoding="utf-8") for file in vectors.files())
    assert not [name for name in BUILTINS if f'"{name}"' not in text]
