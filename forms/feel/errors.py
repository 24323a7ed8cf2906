"""What can go wrong with FEEL: a text that is none, a bound passed, a value from outside.

Evaluation itself has no errors: what has no answer is null, as the standard has it.
"""

from collections.abc import Mapping

Text = Mapping[str, str]
"""A text that people read, by language: {"en": …, "zh": …}."""


class FeelSyntaxError(ValueError):
    """The text is not FEEL. `position` counts code points from 0; `message` says what to do."""

    def __init__(self, position: int, message: Text, text: str = "") -> None:
        super().__init__(message["en"])
        self.position = position
        self.message = dict(message)
        self.text = text

    @property
    def line(self) -> int:
        """The line of the position, from 1."""
        return self.text.count("\n", 0, self.position) + 1

    @property
    def column(self) -> int:
        """The column of the position, from 1."""
        return self.position - (self.text.rfind("\n", 0, self.position) + 1) + 1


class FeelLimitExceeded(RuntimeError):
    """An evaluation passed a bound (`limit` is "steps", "depth" or "size") and was stopped."""

    def __init__(self, limit: str) -> None:
        super().__init__(
            f"the expression needs more {limit} than one evaluation may use; "
            "make the lists shorter or the expression simpler",
        )
        self.limit = limit
        self.message: dict[str, str] = {
            "en": str(self),
            "zh": _CHINESE[limit],
        }


_CHINESE = {
    "steps": "表达式的计算步数超过了上限；请缩短列表或简化表达式",
    "depth": "表达式的嵌套或递归层数超过了上限；请简化表达式",
    "size": "表达式的结果超过了允许的大小；请缩短列表或文本",
}


class FeelValueRefused(TypeError):
    """A value handed in from outside is none of FEEL's (a float, for one): a programming error."""
