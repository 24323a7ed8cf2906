"""Serves the built web client: compressed, immutable assets, and one page for every screen."""

from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, send_from_directory
from whitenoise import WhiteNoise

from api import access

CONTENT_SECURITY_POLICY = "; ".join(  # noqa: FLY002  # one directive a line reads best
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

CAMERA_WORKER = "/assets/camera_worker-"
CAMERA_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""Of the worker that reads barcodes in pictures, and of nothing else: it compiles WebAssembly."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}

blueprint = Blueprint("pwa", __name__)


@blueprint.route("/")
@access.public
def index() -> Response:
    """Give the one page of the client."""
    return _page()


@blueprint.route("/<path:screen>")
@access.public
def screen(screen: str) -> Response:
    """Give the one page of the client for the address of any of its screens."""
    _, dot, suffix = screen.rpartition("/")[2].rpartition(".")
    is_file = bool(dot) and not suffix.isdigit()  # a work item's id ends in "." and a number
    if is_file or screen.startswith(("api/", "assets/")):
        abort(404)
    return _page()


def _page() -> Response:
    folder = Path(current_app.extensions["countersign.web"])
    if not (folder / "index.html").is_file():
        abort(404)
    answer = send_from_directory(folder, "index.html")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def set_up(app: Flask, folder: Path) -> None:
    """Serve the client from `folder`, and put the security headers on every answer."""
    app.extensions["countersign.web"] = folder
    app.register_blueprint(blueprint)

    @app.after_request
    def protect(answer: Response) -> Response:
        said = {name.lower() for name in answer.headers.keys()}  # noqa: SIM118  # pairs else
        answer.headers.extend([pair for pair in HEADERS.items() if pair[0].lower() not in said])
        return answer

    if not folder.is_dir():
        return

    def headers(given: object, path: str, _url: str) -> None:
        for name, value in HEADERS.items():
            given[name] = value  # type: ignore[index]  # WhiteNoise hands over wsgiref Headers
        if CAMERA_WORKER in path:
            given["Content-Security-Policy"] = CAMERA_POLICY  # type: ignore[index]
        if "/assets/" not in path:
            given["Cache-Control"] = "no-cache"  # type: ignore[index]

    served = WhiteNoise(
        app.wsgi_app,
        root=str(folder),
        max_age=31_536_000,
        immutable_file_test=lambda path, _url: "/assets/" in path,
        add_headers_function=headers,
        index_file=False,
        mimetypes={".webmanifest": "application/manifest+json"},  # nosniff: else it is no manifest
    )
    app.wsgi_app = served  # type: ignore[method-assign]
