"""RC-04: a strategy may ask for more than the rule, never for less.

The order of the depths is that of 21 CFR 7.42(b)(1), of the levels that of 7.42(b)(3).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from processes.ledger.refusals import LedgerRefusal

DEPTHS = ("distributor", "retail", "user")
LEVELS = ("E", "D", "C", "B", "A")
WORDS = {
    "user": ("user or patient", "使用者、患者"),
    "retail": ("retail", "零售"),
    "distributor": ("distributor or hospital store", "经销商、医院库房"),
}
"""What people call a depth; a level is called by its letter."""
RULED = ("depth", "level", "target", "response_days")
"""What RC-04 says of an action, by the names of its output; kept with the plan."""


class LessThanRuled(LedgerRefusal):
    """The class demands more than the strategy holds."""

    def __init__(self, en: str, zh: str, ruled: tuple[str, str], found: tuple[str, str]) -> None:
        super().__init__(
            f"The class demands {en} {ruled[0]}; {found[0]} falls short of it. "
            "Keep it, or ask for more.",
            f"该级别要求{zh}为{ruled[1]}，所填{found[1]}低于要求。请按要求填写，只可提高，不可降低。",
            expected=ruled[0],
            found=found[0],
        )


def require_as_much(strategy: Mapping[str, Any], ruled: Mapping[str, Any]) -> None:
    """Refuse a strategy that falls short of RC-04 in depth, level, answers (%) or days."""
    _require_step("the depth", "召回范围", DEPTHS, strategy, ruled)
    require_level(strategy["level"], ruled)
    least, found = int(ruled["target"]), int(strategy["target"])
    if found < least:
        en, zh = "answers from at least", "答复目标"
        raise LessThanRuled(en, zh, (f"{least} %", f" {least} %"), (f"{found} %", f" {found} %"))
    least, found = int(ruled["response_days"]), int(strategy["response_days"])
    if found > least:
        en, zh = "an answer within", "答复期限"
        raise LessThanRuled(
            en, zh, (f"{least} days", f" {least} 天"), (f"{found} days", f" {found} 天")
        )


def require_level(level: object, ruled: Mapping[str, Any] | None) -> None:
    """Refuse a level of effectiveness checks below that of RC-04, where it is known."""
    if ruled is None:  # planned before the rule was kept beside the plan
        return
    _require_step("the effectiveness level", "有效性核查级别", LEVELS, {"level": level}, ruled)


def _require_step(
    en: str,
    zh: str,
    order: Sequence[str],
    given: Mapping[str, Any],
    ruled: Mapping[str, Any],
) -> None:
    name = "depth" if order is DEPTHS else "level"
    least, found = str(ruled[name]), str(given[name])
    if order.index(found) < order.index(least):
        raise LessThanRuled(en, zh, _said(least), _said(found))


def _said(step: str) -> tuple[str, str]:
    return WORDS.get(step, (step, step))
