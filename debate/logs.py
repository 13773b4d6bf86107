"""What the server says: one line for each request and for each thing that goes wrong, all on stderr.

No line holds what people typed, an address they came from, or a path, which may hold a secret: a route's template
stands for it.
"""

import json
import logging
import re
import sys
import time
from contextvars import ContextVar
from typing import Any

# Empty outside of a request.
request_id: ContextVar[str] = ContextVar("request_id", default="")
REQUESTS = logging.getLogger("debate.requests")
# PostgreSQL quotes the row that it refuses.
_QUOTED = re.compile(r"^DETAIL:.*\n?", re.MULTILINE)


def begin(way: str) -> None:
    """Send all that is logged to stderr, as DEBATE_LOG says: `json`, `text`, or `off` (text, none for a request)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if way == "json" else Text())
    root = logging.getLogger()
    root.handlers = [handler]
    for name in ("debate", "gunicorn.error"):
        there = logging.getLogger(name)
        there.handlers, there.propagate = [], True
    logging.getLogger("debate").setLevel(logging.INFO)
    REQUESTS.setLevel(logging.WARNING if way == "off" else logging.INFO)


class Json(logging.Formatter):
    """An object a line. What is logged as a dict becomes its members."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(said(record), default=str)


class Text(logging.Formatter):
    """The same for people who read along."""

    def format(self, record: logging.LogRecord) -> str:
        values = said(record)
        trace = values.pop("trace", "")
        words = " ".join(str(value) for value in values.values() if value != "")
        return f"{words}\n{trace}" if trace else words


def said(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says: when (UTC, ISO 8601), how grave, who, in which request."""
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    values: dict[str, Any] = {"time": f"{clock}.{int(record.msecs):03d}Z", "level": record.levelname.lower()}
    if isinstance(record.msg, dict):
        return values | record.msg
    values |= {"logger": record.name, "id": request_id.get(), "message": _without_rows(record.getMessage())}
    if record.exc_info:
        values["trace"] = _without_rows(logging.Formatter().formatException(record.exc_info))
    return {name: value for name, value in values.items() if value != ""}


def _without_rows(words: str) -> str:
    return _QUOTED.sub("", words).rstrip()
