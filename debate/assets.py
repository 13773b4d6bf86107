"""What a browser keeps for a year: one joined stylesheet, one joined script, static files, addressed by their bytes."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory
from rjsmin import jsmin

# One file a concept, in the order of the cascade.
STYLES = (
    "tokens",
    "base",
    "essays",
    "debates",
    "replies",
    "forms",
    "tree",
    "revisions",
    "pages",
    "finding",
    "moderation",
    "health",
    "site",
)

SCRIPTS = ("vendor/htmx.min.js", "js/debate.js")

_AGES = {True: "public, max-age=31536000, immutable", False: "public, max-age=60"}


def prepare(app: Flask, base: Path) -> None:
    """Serve the stylesheet, joined once, and give static files' addresses their version."""
    static = base / "static"
    joined = {
        "css": ("text/css", _styles(static)),
        "js": ("text/javascript", _script(static)),
    }
    addresses = {kind: f"/assets/debate-{_digest(data)}.{kind}" for kind, (_, data) in joined.items()}

    @app.get("/assets/debate-<version>.<any(css, js):kind>", endpoint="asset")
    def asset(version: str, kind: str) -> Response:
        mimetype, data = joined[kind]
        answer = Response(data, mimetype=mimetype)
        answer.headers["Cache-Control"] = _AGES[request.path == addresses[kind]]
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

    app.jinja_env.globals |= {"stylesheet": addresses["css"], "script": addresses["js"]}


def _styles(static: Path) -> bytes:
    """All in one, without indentation."""
    read = ((static / "css" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    return "\n".join(line.strip() for said in read for line in said.split("\n") if line.strip()).encode()


def _script(static: Path) -> bytes:
    """htmx as it comes, then ours without its comments."""
    htmx, ours = ((static / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return f"{htmx}\n{jsmin(ours)}\n".encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
