"""In which language a consignee is told: its own as far as there are texts, else a stated fallback.

A language is a BCP 47 tag. The document `field_action_texts` holds the words around a notice by
language, and says which language stands in for which (`fallback`); the strategy of the action holds
what this notice says. Both must be there for a language to be used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processes.ledger.language_tags import primary


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What a consignee is told in: the words around, the text of the action, whether both are in a
    language of its own."""

    frame: str
    text: str
    own: bool


def spoken(texts: Mapping[str, Any], plan: Mapping[str, Any], language: str) -> Spoken | None:
    """Say in what a consignee is told; None when there is no text, not even a fallback."""
    written = {str(row.get("language")) for row in plan.get("texts", [])}
    for candidate in chain(texts, language):
        frame = frame_of(texts, candidate)
        if candidate in written and frame is not None:
            own = primary(candidate) == primary(language)
            return Spoken(frame=frame, text=candidate, own=own)
    return None


def chain(texts: Mapping[str, Any], language: str) -> Iterator[str]:
    """Give the languages to try, in order: the tag, the language, what stands in for it, the rest's
    fallback."""
    stands_in = texts["fallback"]
    wanted = (
        language,
        primary(language),
        stands_in.get(language),
        stands_in.get(primary(language)),
        stands_in["default"],
    )
    yield from dict.fromkeys(each for each in wanted if each)


def frame_of(texts: Mapping[str, Any], language: str) -> str | None:
    """Give the language of the words around a text: those of the tag, else of the language."""
    known = texts["letter"]
    return next((each for each in (language, primary(language)) if each in known), None)


def untranslated(
    texts: Mapping[str, Any], plan: Mapping[str, Any], reached: Sequence[Any]
) -> list[dict[str, str]]:
    """List the languages that consignees read and that there is no text in, with what stands in."""
    readers: dict[str, list[str]] = {}
    for row in reached:
        found = spoken(texts, plan, row.language)
        if found is None or not found.own:
            readers.setdefault(row.language, []).append(row.consignee_number)
    return [
        {
            "language": language,
            "readers": ", ".join(numbers),
            "fallback": _said(spoken(texts, plan, language)),
            "words": "yes" if frame_of(texts, language) else "no",
        }
        for language, numbers in sorted(readers.items())
    ]


def _said(found: Spoken | None) -> str:
    return "–" if found is None else found.text
