"""The API's description as a readable page, made from the OpenAPI document itself."""

from flask import Response, current_app, render_template_string

from api import access
from api.blueprints import Blueprint

blueprint = Blueprint("docs", __name__, url_prefix="/api", description="This page")

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Countersign API</title><link rel="stylesheet" href="/api/docs.css">
<main><h1>Countersign API {{ spec.info.version }}</h1>
<p>The same as <a href="/api/openapi.json">OpenAPI {{ spec.openapi }}</a>. Every change is a named
command under <code>/api/commands</code>; send it with an id that you make (UUIDv7), and sending it
again gives the first answer again.</p>
{% for path, methods in spec.paths.items() %}{% for method, operation in methods.items()
   if operation is mapping %}
<section><h2><code>{{ method | upper }}</code> <code>{{ path }}</code></h2>
<p>{{ operation.summary or "" }} {{ operation.description or "" }}</p>
{% set body = operation.requestBody %}{% if body %}
{% set name = body.content["application/json"].schema["$ref"].split("/")[-1] %}
<h3>Body: {{ name }}</h3><table>
{% for field, described in spec.components.schemas[name].properties.items() %}
<tr><td><code>{{ field }}</code>{% if field in (spec.components.schemas[name].required or []) %}
 (required){% endif %}<td>{{ described.type or described["$ref"] or "any" }}
{% endfor %}</table>{% endif %}</section>
{% endfor %}{% endfor %}</main></html>"""

STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 52rem; margin: auto; padding: 1rem }
section { border-top: 1px solid; padding-top: .5rem }
h2 { font-size: 1.05rem } h3 { font-size: .95rem } td { padding: .1rem 1rem .1rem 0 }
"""


@blueprint.route("/docs")
@access.signed_in
@blueprint.doc(responses={200: {"description": "OK", "content": {"text/html": {}}}})
def page() -> Response:
    """Read the API's description."""
    spec = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return Response(render_template_string(PAGE, spec=spec), mimetype="text/html")


@blueprint.route("/docs.css")
@access.public
@blueprint.doc(responses={200: {"description": "OK", "content": {"text/css": {}}}})
def style() -> Response:
    """Give the page's style."""
    return Response(STYLE, mimetype="text/css")
