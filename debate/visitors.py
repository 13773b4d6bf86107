"""Pages for visitors, kept as they were sent: the compressed bytes, for as long as nothing in them changed.

Stands before the app. Each answer is kept with the version that its essay (or the site) had just before it was made,
and is sent again only if that is still the version, asked for with one small statement. So what a moderator hid is gone
from the very next answer. Times such as "5 minutes ago" bound a page's life to a minute, the end of a lock to that
moment.
"""

import gzip
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.http import parse_accept_header, parse_etags

from debate.db import Database
from debate.kept import Kept
from debate.queries import versions

KEPT_BYTES = 8 * 2**20
LIFE = 60  # seconds
LONGEST_QUERY = 300  # characters
# What decides, beside the address, what a visitor's page says; nothing else of a request may.
_TOLD_BY = (
    "HTTP_HOST", "wsgi.url_scheme", "PATH_INFO", "QUERY_STRING", "HTTP_HX_REQUEST", "HTTP_HX_REQUEST_TYPE",
    "HTTP_HX_BOOSTED", "HTTP_HX_HISTORY_RESTORE_REQUEST",
)  # fmt: skip
_OF_A_BODY = {"Content-Type", "Content-Length", "Content-Encoding", "Content-Language"}

Start = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], Start], Iterable[bytes]]


@dataclass(frozen=True)
class Page:
    """An answer: its headers, its compressed body, the version it is of, and until when it may be sent (monotonic)."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    version: tuple[Any, ...]
    until: float
    route: str  # what made it, for those who watch (debate/watching.py)

    def __len__(self) -> int:
        return len(self.body) + 1500

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until


class Visitors:
    """The app, with what it answers visitors kept."""

    def __init__(self, app: Flask) -> None:
        self._wsgi: Wsgi = app.wsgi_app
        self._database: Database = app.extensions["database"]
        self._cookies = tuple(
            app.config[name] for name in ("SESSION_COOKIE_NAME", "REMEMBER_COOKIE_NAME", "DISPLAY_COOKIE_NAME")
        )
        self.pages = Kept[Page](KEPT_BYTES, lambda page: page.is_over)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        version = self._version(environ) if self._is_visitor(environ) else None
        if version is None:
            return self._wsgi(environ, start)
        key = tuple(environ.get(name, "") for name in _TOLD_BY)
        page = self.pages.get(key)
        if page is not None and page.version == version and not page.is_over:
            if (seen := environ.get("debate.seen")) is not None:
                seen.route = page.route
            return _sent(page, environ, start)
        return self._made(key, version, environ, start)

    def _is_visitor(self, environ: dict[str, Any]) -> bool:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or len(environ.get("QUERY_STRING", "")) > LONGEST_QUERY:
            return False
        cookies = environ.get("HTTP_COOKIE", "")
        return not cookies or not any(name in cookies for name in self._cookies)

    def _version(self, environ: dict[str, Any]) -> tuple[Any, ...] | None:
        """The version of what the address is part of; None where answers are not kept, or the database is silent."""
        version = self._asked(environ.get("PATH_INFO", ""))
        if version is not None:
            self.pages.forget(version[-1])
        return version

    def _asked(self, path: str) -> tuple[Any, ...] | None:
        try:
            asked = versions.of(path.encode("latin-1").decode("utf-8", "replace"))
            return self._database.peek(asked.statement, *asked.values) if asked else None
        except Exception:  # whatever it was, the app meets it too, and has a page for it
            return None

    def _made(
        self, key: tuple[str, ...], version: tuple[Any, ...], environ: dict[str, Any], start: Start
    ) -> Iterable[bytes]:
        """Let the app answer, whole and compressed, keep that, and send what was asked for."""
        asked = dict(environ, REQUEST_METHOD="GET", HTTP_ACCEPT_ENCODING="gzip")
        asked.pop("HTTP_IF_NONE_MATCH", None)
        said: list[Any] = []
        found = self._wsgi(asked, lambda *told: said.append(told))
        try:
            body = b"".join(found)
        finally:
            getattr(found, "close", lambda: None)()
        status, headers = said[-1][:2]
        lasts = min(LIFE, asked.get("debate.lasts", LIFE))
        route = getattr(asked.get("debate.seen"), "route", "")
        etag = Headers(headers).get("ETag", "").removeprefix("W/").strip('"')
        page = Page(tuple(headers), body, etag, version, time.monotonic() + lasts, route)
        if not status.startswith("200"):
            return _sent(page, environ, start, status)
        if etag and ("Content-Encoding", "gzip") in headers:
            self.pages.put(key, page)
        return _sent(page, environ, start)


def _sent(page: Page, environ: dict[str, Any], start: Start, status: str = "200 OK") -> Iterable[bytes]:
    """A page as this request takes it: not at all if it is there already, compressed or not, without its body."""
    matches = environ.get("HTTP_IF_NONE_MATCH", "")
    if matches and page.etag and status == "200 OK" and parse_etags(matches).contains_weak(page.etag):
        start("304 NOT MODIFIED", [header for header in page.headers if header[0] not in _OF_A_BODY])
        return ()
    headers, body = list(page.headers), page.body
    if ("Content-Encoding", "gzip") in headers and not _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        body = gzip.decompress(body)
        kept = [header for header in headers if header[0] not in ("Content-Encoding", "Content-Length", "ETag")]
        headers = [*kept, ("Content-Length", str(len(body))), ("ETag", f'"{page.etag}"')]
    start(status, headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)


@lru_cache(maxsize=100)
def _takes_gzip(accepted: str) -> bool:
    return bool(parse_accept_header(accepted)["gzip"]) if accepted else False
