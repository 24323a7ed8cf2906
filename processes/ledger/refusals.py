"""How the ledger says no: a refusal that tells the person what to do, in both languages."""

from collections.abc import Iterable

from engine.outcomes import Reason, Rejection


class LedgerRefusal(Rejection):
    """Something that would make the book wrong; the command changes nothing.

    Its subclasses stand beside the rule that they speak for and are named after it.
    """

    def __init__(
        self, en: str, zh: str, *, expected: str | None = None, found: str | None = None
    ) -> None:
        super().__init__(Reason.INVALID_STATE, {"en": en, "zh": zh}, expected=expected, found=found)


class NotInLedger(LedgerRefusal):
    """What was named is not in the book."""

    def __init__(self, en: str, zh: str, found: object) -> None:
        super().__init__(
            f"There is no {en} {found}. Check the number or scan it again.",
            f"找不到{zh} {found}，请核对编号或重新扫描。",
            found=str(found),
        )


def listed(words: Iterable[object]) -> str:
    """Write some words into a sentence: "A, B, C"."""
    return ", ".join(str(word) for word in words)
