"""Names of languages: BCP 47 tags, written by the rules (zh, de-AT, zh-Hant, pt-BR)."""

import re

from processes.ledger.refusals import LedgerRefusal

_TAG = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?")


class NotALanguage(LedgerRefusal):
    """A language is named so that everybody means the same."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"{found} is no language tag. Write it like zh, en, de or pt-BR (BCP 47).",
            f"“{found}”不是语言标签，请按 zh、en、de、pt-BR 的格式填写（BCP 47）。",
            expected="BCP 47",
            found=found,
        )


def tag(written: str) -> str:
    """Give a tag by the rules: language, Script, REGION; NotALanguage for anything else."""
    found = _TAG.fullmatch(written.strip())
    if found is None:
        raise NotALanguage(written)
    language, script, region = found.groups()
    parts = (language.lower(), (script or "").title(), (region or "").upper())
    return "-".join(part for part in parts if part)


def primary(language: str) -> str:
    """Give the language itself, without script and region."""
    return language.partition("-")[0]
