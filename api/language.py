"""The language of an answer: what the person's screen asked for, English or Chinese."""

from collections.abc import Mapping

from flask import request

LANGUAGES = ("en", "zh")


def asked_for() -> str:
    """Give the language that the request asks for; English when it asks for neither."""
    return request.accept_languages.best_match(["zh", "zh-CN", "en"], "en")[:2]


def said(text: Mapping[str, str]) -> str:
    """Give a text in the language that the request asks for."""
    return text.get(asked_for()) or text["en"]
