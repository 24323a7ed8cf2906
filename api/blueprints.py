"""The blueprint that all routes are made with: flask-smorest's, reading JSON strictly."""

from typing import Any

import flask_smorest
import orjson
from webargs.flaskparser import FlaskParser


class StrictParser(FlaskParser):
    """Reads bodies with orjson: no NaN, no infinity, bounded depth, strict UTF-8."""

    def _raw_load_json(self, req: Any) -> Any:
        return orjson.loads(req.get_data(cache=False))


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A group of routes in the OpenAPI document."""

    ARGUMENTS_PARSER = StrictParser()
