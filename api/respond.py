"""The response page: a consignee answers a notice by its one-time link, without an account.

Plain HTML made on the server, for any telephone: no script, nothing from elsewhere. What is sent
goes through the dispatcher like everything else, asked by the engine's actor "consignee".
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, render_template_string, request
from sqlalchemy import Connection

from api import access, language, settings
from api.context import engine
from api.rate_limit import RateLimit
from engine.actors import engine_actor
from engine.configuration.documents import Documents
from engine.identifiers import derived_id
from engine.outcomes import Accepted, Rejected
from processes.ledger import units
from processes.ledger.columns import AnyRow
from processes.ledger.field_actions import actions, links, notices, scope
from processes.ledger.field_actions.commands import RespondToNotice
from processes.ledger.field_actions.links import LinkRefused
from processes.ledger.field_actions.responses import STATED
from processes.values import amount

blueprint = Blueprint("respond", __name__)

KEPT = "countersign.respond"
_GROUPED = re.compile(r",\d{3}(?!\d)", re.ASCII)
"""1,000 is a thousand to one reader and one to another: it is asked for again, never guessed."""
NAME_LENGTH, TEXT_LENGTH, QUANTITY_LENGTH = 200, 2000, 20

PAGE = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{{ words.title }}</title>
<link rel="stylesheet" href="/respond.css"></head><body><main>
<h1>{{ words.title }}</h1>
{% if thanks %}<p class="good" role="status">{{ words.thanks }}</p>
<p>{{ words.keep.format(number=receipt) }}</p>
{% elif refused %}<p class="bad" role="alert">{{ refused }}</p>
{% else %}
<p>{{ words.about.format(name=notice.name) }} <span class="whole">{{ notice.notice_number }}</span>
</p>
{% if problems %}<div class="bad" role="alert" id="problems"><p>{{ words.problem }}</p><ul>
{% for field, text in problems.items() %}<li><a href="#{{ field }}">{{ text }}</a></li>{% endfor %}
</ul></div>{% endif %}
<details><summary>{{ words.read }}</summary><pre>{{ notice.body }}</pre></details>
<form method="post" novalidate>
{% for line in lines %}<fieldset>
<legend>{{ line.names[language] or line.names.en or line.item_number }}</legend>
<p>{{ words.lot }} <b>{{ line.lot_number }}</b>
{% if line.serial_number %} · {{ words.serial }} <b>{{ line.serial_number }}</b>{% endif %}
{% if line.udi %}<br><span class="udi">{{ line.udi }}</span>{% endif %}
<br>{{ words.received }}{{ "：" if language == "zh" else ": " }}<b>{{ line.quantity }}
{{ line.unit_name }}</b> <span class="whole">({{ line.document }})</span></p>
{% for word in stated %}{% set field = word ~ "-" ~ line.line_id %}
<label for="{{ field }}">{{ words[word] }} ({{ line.unit_name }})</label>
<input id="{{ field }}" name="{{ field }}" inputmode="decimal" autocomplete="off" maxlength="20"
 value="{{ given.get(field, '') }}"{% if field in problems %} aria-invalid="true"{% endif %}>
{% if word == "transferred" %}{% set field = "transferred_to-" ~ line.line_id %}
<label for="{{ field }}">{{ words.transferred_to }}</label>
<input id="{{ field }}" name="{{ field }}" maxlength="200" value="{{ given.get(field, '') }}"
{% if field in problems %} aria-invalid="true"{% endif %}>{% endif %}
{% endfor %}</fieldset>{% endfor %}
<label class="tick" for="understood"><input type="checkbox" id="understood" name="understood"
 value="yes"{% if given.get("understood") %} checked{% endif %}> {{ words.understood }}</label>
<label for="name">{{ words.name }}</label>
<input id="name" name="name" autocomplete="name" maxlength="200" value="{{ given.get('name', '') }}"
{% if "name" in problems %} aria-invalid="true"{% endif %}>
<label for="contact">{{ words.contact }}</label>
<input id="contact" name="contact" maxlength="200" value="{{ given.get('contact', '') }}">
<label for="remark">{{ words.remark }}</label>
<textarea id="remark" name="remark" maxlength="2000" rows="3">
{{- given.get('remark', '') }}</textarea>
<p>{{ words.confirm }}</p><button>{{ words.send }}</button></form>{% endif %}
</main></body></html>"""

STYLE = """
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif }
* { box-sizing: border-box }
body { margin: 0 } main { max-width: 36rem; margin: auto; padding: 1rem }
h1 { font-size: 1.4rem; line-height: 1.25 }
fieldset { margin: 1rem 0; padding: .75rem; border: 1px solid; border-radius: .5rem; min-width: 0 }
legend { font-weight: 600 } label { display: block; margin-top: .75rem }
input, textarea, button { font: inherit; width: 100%; min-height: 48px; padding: .5rem .75rem;
  border: 1px solid; border-radius: .5rem }
input[aria-invalid] { border-width: 3px }
.tick { display: flex; gap: .75rem; align-items: center; min-height: 48px }
.tick input { width: 28px; min-height: 28px; flex: none }
button { margin-top: 1rem; font-weight: 600; background: #0b57d0; color: #fff; border: 0 }
summary { min-height: 48px; display: flex; align-items: center; text-decoration: underline }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
.whole { white-space: nowrap }
.udi { overflow-wrap: anywhere; font-size: .9rem }
.bad, .good { padding: .75rem; border: 2px solid; border-radius: .5rem }
.bad a { display: inline-flex; min-height: 48px; align-items: center }
"""


@blueprint.route("/respond.css")
@access.public
def style() -> Response:
    """Give the page's style."""
    answer = Response(STYLE, mimetype="text/css")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@blueprint.route("/respond/<token>", methods=["GET"])
@access.by_link
def page(token: str) -> Response:
    """Show a consignee its notice and its goods, and ask what became of them."""
    token_hash = links.hash_of(token)
    busy = _busy(token_hash)
    if busy is not None:
        return busy
    with engine().database.reading() as db:
        try:
            link = links.usable(db, engine().tenant, token_hash, _now())
        except LinkRefused as refused:
            return _refused(refused)
        return _form(db, link, {}, {})


@blueprint.route("/respond/<token>", methods=["POST"])
@access.by_link
def answer(token: str) -> Response:
    """Take the answer; once for each notice."""
    token_hash = links.hash_of(token)
    busy = _busy(token_hash)
    if busy is not None:
        return busy
    given = {name: value.strip() for name, value in request.form.items()}
    with engine().database.reading() as db:
        try:
            link = links.usable(db, engine().tenant, token_hash, _now())
        except LinkRefused as refused:
            return _refused(refused)
        shown = _lines(db, link)
        problems = _problems(given, shown, _words(link.language))
        if problems:
            return _form(db, link, given, problems)
        command = _command(token_hash, given, shown)
    outcome = engine().dispatcher.dispatch(command, engine_actor(engine().tenant, "consignee"))
    if isinstance(outcome, Rejected):
        message = outcome.message.get(link.language, outcome.message["en"])
        if outcome.found == "answered":  # meanwhile, by somebody who was faster
            return _told(HTTPStatus.GONE, link.language, message)
        with engine().database.reading() as db:
            return _form(db, link, given, {"understood": message})
    return _thanks(link.language, outcome)


def _command(
    token_hash: str, given: Mapping[str, str], shown: list[dict[str, Any]]
) -> RespondToNotice:
    lines = tuple(
        {
            "line_id": line["line_id"],
            **{word: _number(given.get(f"{word}-{line['line_id']}", "")) for word in STATED},
            "transferred_to": given.get(f"transferred_to-{line['line_id']}") or None,
        }
        for line in shown
    )
    proof = {
        "address": settings.client_address(),
        "agent": request.headers.get("User-Agent", "")[:NAME_LENGTH],
        "language": request.headers.get("Accept-Language", "")[:NAME_LENGTH],
    }
    return RespondToNotice(
        # The proof is part of what is asked: sent again from elsewhere it is another command, which
        # the used link answers, and not the same id with another content.
        command_id=derived_id("respond", token_hash, *sorted({**given, **proof}.items())),
        token_hash=token_hash,
        understood=True,
        name=given["name"][:NAME_LENGTH],
        contact=given.get("contact", "")[:NAME_LENGTH] or None,
        remark=given.get("remark", "")[:TEXT_LENGTH] or None,
        lines=lines,
        proof=proof,
    )


def _number(text: str) -> str:
    return text.replace(",", ".") or "0"


def _problems(
    given: Mapping[str, str], shown: list[dict[str, Any]], words: Mapping[str, str]
) -> dict[str, str]:
    """Find what has to be corrected: by field, a sentence each."""
    found: dict[str, str] = {}
    for line in shown:
        for word in STATED:
            field = f"{word}-{line['line_id']}"
            if _GROUPED.search(given.get(field, "")):
                # Installations keep the texts that they began with: the older sentence is theirs.
                found[field] = words.get("number_grouped") or words["number_wrong"].format(
                    decimals=line["decimals"]
                )
            elif not _is_quantity(given.get(field, ""), line["decimals"]):
                found[field] = words["number_wrong"].format(decimals=line["decimals"])
        passed_on = given.get(f"transferred-{line['line_id']}", "")
        if passed_on.strip("0., ") and not given.get(f"transferred_to-{line['line_id']}"):
            found[f"transferred_to-{line['line_id']}"] = words["to_missing"]
    if given.get("understood") != "yes":
        found["understood"] = words["understood_missing"]
    if not given.get("name"):
        found["name"] = words["name_missing"]
    return found


def _is_quantity(text: str, decimals: int) -> bool:
    whole, _, fraction = _number(text).partition(".")
    digits = whole + fraction
    return (
        len(text) <= QUANTITY_LENGTH
        and digits.isascii()
        and digits.isdigit()
        and len(fraction) <= decimals
        and amount(_number(text)) >= 0
    )


def _lines(db: Connection, link: AnyRow) -> list[dict[str, Any]]:
    tenant = engine().tenant
    action = actions.find(db, tenant, link.field_action_id)
    lines = scope.lines_of(db, tenant, action, link.consignee_id)
    shown = notices.shown_lines(db, tenant, action, lines)
    # A consignee does not know our codes of units: "4 件", not "4 ea".
    names = {code: _unit_name(db, code, link.language) for code in {line["unit"] for line in shown}}
    return [{**line, "unit_name": names[line["unit"]]} for line in shown]


def _unit_name(db: Connection, code: str, reader: str) -> str:
    names = units.find(db, engine().tenant, code).names
    return str(names.get(reader) or names.get("en") or code)


def _documents() -> Documents:
    """The documents in force, as the dispatcher keeps them: a stranger's request parses none."""
    return engine().dispatcher.documents(engine().tenant)


def _words(code: str) -> Mapping[str, str]:
    texts = _documents()["field_action_texts"]["page"]
    words: Mapping[str, str] = texts.get(code, texts["en"])
    return words


def _asked_for() -> str:
    """Give the language that the reader's browser asks for, of those that the page speaks."""
    spoken = list(_documents()["field_action_texts"]["page"])
    return request.accept_languages.best_match(spoken) or language.asked_for()


def _form(
    db: Connection, link: AnyRow, given: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    return _html(
        HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        language=link.language,
        words=_words(link.language),
        notice=notices.find(db, engine().tenant, link.notice_id),
        lines=_lines(db, link),
        stated=STATED,
        given=given,
        problems=problems,
    )


def _thanks(code: str, outcome: Accepted) -> Response:
    receipt = outcome.result["receipt"]
    return _html(HTTPStatus.OK, language=code, words=_words(code), thanks=True, receipt=receipt)


def _refused(refused: LinkRefused) -> Response:
    """Say why a link cannot be used; one that nobody knows is like one that never was."""
    code = _asked_for()
    status = HTTPStatus.NOT_FOUND if refused.found == "unknown" else HTTPStatus.GONE
    return _told(status, code, refused.message.get(code, refused.message["en"]))


def _told(status: HTTPStatus, code: str, message: str) -> Response:
    return _html(status, language=code, words=_words(code), refused=message)


def _busy(token_hash: str) -> Response | None:
    """Count this request for its address and for its link; give the refusal of one too many."""
    rules = _documents()["field_action_rules"]["response_page"]
    limit: RateLimit = current_app.extensions.setdefault(KEPT, RateLimit())
    asking = settings.client_address(), token_hash
    a_minute = rules["requests_a_minute"]
    if all(limit.allows(each, _now(), a_minute=a_minute) for each in asking):
        return None
    code = _asked_for()
    words = _words(code)
    answer = _html(HTTPStatus.TOO_MANY_REQUESTS, language=code, words=words, refused=words["busy"])
    answer.headers["Retry-After"] = "60"
    return answer


def _html(status: HTTPStatus, **values: Any) -> Response:
    answer = Response(render_template_string(PAGE, **values), status, mimetype="text/html")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _now() -> Any:
    return engine().dispatcher.clock()
