"""Words people read: a text by language, and the one table of messages both sides show."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

Text = Mapping[str, str]
"""A text that people read, by language: {"en": …, "zh": …}."""

LANGUAGES: Final = ("en", "zh")

Param = str | int | Text
"""What may stand for a {name} in a message. A Text is put in by language."""

MESSAGES: Final[Mapping[str, Text]] = json.loads(
    (Path(__file__).parent / "messages.json").read_text(encoding="utf-8")
)
"""Message code -> text with {names}. The web client reads the same file."""

_PLACE: Final = re.compile(r"\{([^{}]*)\}")


def message(code: str, params: Mapping[str, Param]) -> Text:
    """Give the message of `code` in each language, with `params` put in."""
    return render(MESSAGES[code], params)


def render(template: Text, params: Mapping[str, Param]) -> Text:
    """`template` with each {name} replaced; a name without a parameter stays as it is written."""
    return {language: _fill(words, params, language) for language, words in template.items()}


def places(template: Text) -> frozenset[str]:
    """Give the names between braces in any language of `template`."""
    return frozenset(name for words in template.values() for name in _PLACE.findall(words))


def _fill(words: str, params: Mapping[str, Param], language: str) -> str:
    return _PLACE.sub(lambda place: _put(place, params, language), words)


def _put(place: re.Match[str], params: Mapping[str, Param], language: str) -> str:
    if place[1] not in params:
        return place[0]
    param = params[place[1]]
    return param.get(language, "") if isinstance(param, Mapping) else str(param)
