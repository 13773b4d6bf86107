"""What a browser keeps for a year: one joined stylesheet and the static files, addressed by their bytes."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory

# One file a concept, in the order of the cascade.
STYLES = ("tokens", "base", "essays", "debates", "replies", "forms", "tree", "pages")

_AGES = {True: "public, max-age=31536000, immutable", False: "public, max-age=60"}


def prepare(app: Flask, base: Path) -> None:
    """Serve the stylesheet, joined once, and give static files' addresses their version."""
    stylesheet = "\n".join((base / "static" / "css" / f"{name}.css").read_text() for name in STYLES)
    styles_version = _digest(stylesheet.encode())

    @app.get("/assets/debate-<version>.css", endpoint="stylesheet")
    def stylesheet_view(version: str) -> Response:
        answer = Response(stylesheet, mimetype="text/css")
        answer.headers["Cache-Control"] = _AGES[version == styles_version]
        return answer

    @app.get("/favicon.ico", endpoint="icon")
    def icon() -> Response:
        return send_from_directory(base / "static", "icon.svg", mimetype="image/svg+xml")

    versions = {
        str(file.relative_to(base / "static")): _digest(file.read_bytes())
        for file in (base / "static").rglob("*")
        if file.is_file() and file.suffix in (".js", ".svg")
    }

    @app.url_defaults
    def version_static(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in versions:
            values.setdefault("v", versions[values["filename"]])

    @app.after_request
    def age_static(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200 and request.args.get("v"):
            fits = request.args["v"] == versions.get(request.view_args["filename"] if request.view_args else "")
            response.headers["Cache-Control"] = _AGES[fits]
        return response

    app.jinja_env.globals["stylesheet"] = f"/assets/debate-{styles_version}.css"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
