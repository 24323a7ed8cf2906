"""What is wrong with a form, found when it is loaded, not when somebody is at the machine."""

from forms.lint.findings import Findings

__all__ = ["Findings"]
