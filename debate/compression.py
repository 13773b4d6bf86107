"""Answers sent compressed, where the browser takes them so."""

import secrets
from functools import lru_cache
from gzip import GzipFile
from io import BytesIO

from flask import Flask, Response, request

LEAST_BYTES = 500
TYPES = frozenset({"text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml"})
# An answer for one person holds a form token beside words that others may have chosen. Its length must not tell how
# well the two agree (Gluck, Harris, Prado, "BREACH: reviving the CRIME attack", 2013): each such answer is made longer
# by a name of random length in its gzip header ("Heal the Breach", Palacios and others, IEEE Access 10, 2022).
PADDING_MOST = 100
ONCE = 3  # the level for what is sent once: half the time of 6, and a sixth larger


def prepare(app: Flask) -> None:
    """Compress an app's answers; to be called before anything whose headers depend on the bytes as they are."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in TYPES or response.direct_passthrough or response.status_code in (204, 304):
        return response
    response.vary.add("Accept-Encoding")
    data = response.get_data()
    if len(data) < LEAST_BYTES or response.content_encoding or not request.accept_encodings["gzip"]:
        return response
    control = response.cache_control
    if control.immutable:
        response.set_data(_kept(data))
    else:
        level, padding = (6, 0) if control.public else (ONCE, 1 + secrets.randbelow(PADDING_MOST))
        response.set_data(squeezed(data, level, padding))
    response.content_encoding = "gzip"
    etag, _ = response.get_etag()
    if etag:  # the same page in other bytes: alike, not identical
        response.set_etag(etag, weak=True)
    return response


@lru_cache(maxsize=8)
def _kept(data: bytes) -> bytes:
    return squeezed(data, 9)


def squeezed(data: bytes, level: int, padding: int = 0) -> bytes:
    """`data` in gzip, `padding` bytes longer than it need be."""
    out = BytesIO()
    with GzipFile("x" * padding, "wb", level, out, mtime=0) as into:
        into.write(data)
    return out.getvalue()
