"""Is the file built as form.schema.json says? Unknown keywords, missing texts, wrong types."""

import json
from pathlib import Path as FilePath
from typing import Any, Final

import jsonschema_rs

from forms.lint.findings import Findings
from forms.texts import LANGUAGES

FORM_SCHEMA: Final[dict[str, Any]] = json.loads(
    (FilePath(__file__).parent.parent / "form.schema.json").read_text(encoding="utf-8")
)
_VALIDATOR: Final = jsonschema_rs.Draft202012Validator(FORM_SCHEMA)
_LONGEST: Final = 300
_LANGUAGE_NAMES: Final = {"en": ("English", "英文"), "zh": ("Chinese", "中文")}


def check_structure(document: object, findings: Findings) -> None:
    """Report every deviation from form.schema.json."""
    seen = set()
    for error in _VALIDATOR.iter_errors(document):
        kind = error.kind.name
        path = tuple(error.instance_path)
        details = error.kind.as_dict()
        if kind == "required" and details["property"] in LANGUAGES:
            language = _LANGUAGE_NAMES[details["property"]]
            findings.add(
                path,
                "text_missing",
                f"The text in {language[0]} is missing.",
                f"缺少{language[1]}文字。",
            )
            continue
        if kind in {"additionalProperties", "unevaluatedProperties"}:
            for name in details["unexpected"]:
                findings.add(
                    (*path, name),
                    "unknown_keyword",
                    f"“{name}” means nothing here.",
                    f"此处不允许出现“{name}”。",
                )
            continue
        if (path, error.message) in seen:
            continue
        seen.add((path, error.message))
        message = _shortened(error.message)
        findings.add(path, "structure", f"{message}.", f"结构不符合要求：{message}。")


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST else message[:_LONGEST] + "…"
