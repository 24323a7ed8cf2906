"""Named texts: {"text": "conforming"} is replaced by the text of that name in `texts`."""

from collections.abc import Mapping
from typing import Any

from forms.lint.findings import Findings
from forms.pointers import Path


def resolve_texts(document: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """Give a copy of the file with named texts put in; unknown and unused names are reported."""
    texts = document.get("texts", {})
    used: set[str] = set()
    resolved: dict[str, Any] = {
        key: member if key == "texts" else _resolve(member, (key,), texts, used, findings)
        for key, member in document.items()
    }
    for name in texts.keys() - used:
        findings.add(
            ("texts", name),
            "text_unused",
            f"No place uses the text “{name}”.",
            f"没有任何地方使用文字“{name}”。",
            "warning",
        )
    return resolved


def _resolve(
    value: Any, path: Path, texts: Mapping[str, Any], used: set[str], findings: Findings
) -> Any:
    if isinstance(value, list):
        return [
            _resolve(member, (*path, index), texts, used, findings)
            for index, member in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"text"} and isinstance(name := value["text"], str):
        used.add(name)
        if name not in texts:
            findings.add(
                path, "unknown_text", f"There is no text “{name}”.", f"没有名为“{name}”的文字。"
            )
        return texts.get(name, {"en": name, "zh": name})
    return {
        key: _resolve(member, (*path, key), texts, used, findings) for key, member in value.items()
    }
