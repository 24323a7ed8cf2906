"""Read a JSON file that people write, with the line of each value.

Refused is what may be read in two ways: a key given twice, a fraction that loses digits.
"""

import json
import re
from typing import Any, Final

from forms.pointers import Path, pointer
from forms.problems import FormProblem, FormRefused

LARGEST: Final = 512 * 1024
_SIGN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\n')


def read_json(content: bytes) -> tuple[Any, dict[str, int]]:
    """Give the value, and for each JSON pointer in it the line (from 1) where that value begins.

    Raises FormRefused when the bytes are no such JSON.
    """
    if len(content) > LARGEST:
        raise _refused(
            "form.too_large", "The file is larger than 512 KB.", "文件大于 512 KB。", None
        )
    try:
        text = content.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_once,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except UnicodeDecodeError:
        raise _refused(
            "form.not_utf8", "The file is not UTF-8.", "文件不是 UTF-8 编码。", 1
        ) from None
    except json.JSONDecodeError as wrong:
        raise _refused(
            "form.not_json",
            f"This is no JSON: {wrong.msg} (column {wrong.colno}).",
            f"不是有效的 JSON：{wrong.msg}（第 {wrong.colno} 列）。",
            wrong.lineno,
        ) from None
    except RecursionError:
        raise _refused("form.too_deep", "Nested too deeply.", "嵌套层数过多。", None) from None
    except _Twice as twice:
        raise _refused(
            "form.key_twice",
            f"The key “{twice}” is given twice in one object.",
            f"同一对象中键“{twice}”重复。",
            None,
        ) from None
    except _Fraction as fraction:
        raise _refused(
            "form.fraction",
            f'Write {fraction} as text ("{fraction}"), so that no digit is lost.',
            f'请将 {fraction} 写成文本（"{fraction}"），以免丢失数位。',
            None,
        ) from None
    return value, _lines(text)


class _Twice(Exception):
    pass


class _Fraction(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        raise _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return members


def _no_fraction(text: str) -> Any:
    raise _Fraction(text)


def _lines(text: str) -> dict[str, int]:
    """Walk through valid JSON and note where each value begins."""
    lines: dict[str, int] = {}
    path: list[str | int] = []
    key: str | None = None
    line = 1
    before = ""
    for found in _SIGN.finditer(text):
        sign = found[0]
        if sign == "\n":
            line += 1
            continue
        if sign in "]}":
            path.pop()
        elif sign == ",":
            last = path.pop()
            path.append(last + 1 if isinstance(last, int) else last)
        elif sign == ":":
            assert key is not None  # valid JSON
            path[-1] = key
        elif sign[0] == '"' and before in "{," and path and isinstance(path[-1], str):
            key = json.loads(sign)
        else:
            lines[pointer(path)] = line
            if sign == "{":
                path.append("")
            elif sign == "[":
                path.append(0)
        before = sign
    return lines


def _refused(code: str, en: str, zh: str, line: int | None) -> FormRefused:
    message = {"en": en, "zh": zh}
    return FormRefused([FormProblem(code=code, message=message, pointer="", line=line)])


def line_of(path: Path, lines: dict[str, int]) -> int | None:
    """Give the line of a place in the file, or of the nearest place around it that is there."""
    for length in range(len(path), -1, -1):
        if (line := lines.get(pointer(path[:length]))) is not None:
            return line
    return None
