"""A scan that is not taken, and why."""

from forms.texts import Param, Text, message


class ScanRefused(Exception):
    """The scan cannot be used. `code` is a key of messages.json; `message` says what to do."""

    def __init__(self, code: str, **params: Param) -> None:
        self.code = code
        self.params = params
        self.message: Text = message(code, params)
        super().__init__(self.message["en"])
