"""What is wrong with a form, found when it is loaded and not when somebody stands at the machine."""

from forms.lint.findings import Findings

__all__ = ["Findings"]
