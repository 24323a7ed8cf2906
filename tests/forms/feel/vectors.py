"""The vectors of tests/vectors/feel: what an expression means, for both evaluators.

An evaluator is right when it gives these results; the results are written by hand. When the form of
trees changes, `python -m tests.forms.feel.vectors` writes the trees anew, and never a result.
"""

import json
from pathlib import Path
from typing import Any

from forms.feel import parse_expression, parse_unary_tests

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "feel"
NOW = "2026-11-22T10:41:07.123456+00:00"


def files() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


def read(file: Path) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return vectors


def parse(vector: dict[str, Any]) -> list[Any]:
    """The tree of the vector's expression, as parsed today."""
    parser = parse_unary_tests if vector.get("unary tests") else parse_expression
    return parser(vector["expression"], list(vector["scope"]))


def main() -> None:
    for file in files():
        vectors = [{**vector, "tree": parse(vector)} for vector in read(file)]
        lines = ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors)
        file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        print(f"{file.name}: {len(vectors)} vectors")


if __name__ == "__main__":
    main()
