"""The form language: a form is one JSON file, the same for every terminal and for the server.

form = load_form(content)                                        or FormRefused(problems)
accepted = form.validate(data, context=variables, now=clock())   or FormErrors(errors)
accepted.record     as signed and stored        accepted.values     for the case document
"""

from forms.errors import FieldError, FormErrors
from forms.loading import load_form
from forms.model import Form
from forms.problems import FormProblem, FormRefused
from forms.validation import Outcome, ValidatedForm

__all__ = [
    "FieldError",
    "Form",
    "FormErrors",
    "FormProblem",
    "FormRefused",
    "Outcome",
    "ValidatedForm",
    "load_form",
]
