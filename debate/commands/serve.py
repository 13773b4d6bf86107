"""`debate serve`: the production server."""

import ctypes
import gc
import logging
import os
import resource
import socket
from contextlib import suppress
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from debate import logs, mail, schema, web
from debate.commands.answers import MAY_PASS, database, fail
from debate.commands.draining import Flag, Master, Worker
from debate.config import Settings, unknown
from debate.figures import Figures


class ServerLog(Logger):
    """gunicorn's messages go where all others go, without the addresses and paths that some of them hold."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request from"):
            msg, args = "A request that could not be read was refused.", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        if str(msg).startswith("Error handling request"):
            msg, args = "A request failed.", ()
        super().exception(msg, *args, **kwargs)


LONGEST_STOP = 28  # seconds from SIGTERM on; what is not done by then is cut off, so that 30 are never reached
CONNECTIONS = 1000  # that a worker takes at most


class Server(BaseApplication):
    """gunicorn around an app made already: threads, a stop that loses nothing, no control socket."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self.drain = settings.drain
        self.stopping = app.extensions["stopping"] = Flag()
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": _address(self._settings),
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "worker_class": Worker,
            "worker_connections": connections(self._settings.threads),
            "timeout": 60,  # longer than the wait for SQLite's write lock
            "graceful_timeout": LONGEST_STOP,
            "keepalive": 5,
            "preload_app": True,
            "control_socket_disable": True,
            "forwarder_headers": "",  # by SCRIPT_NAME and PATH_INFO anybody could give a page another address
            "pre_fork": self._before_fork,
            "post_fork": lambda _server, worker: self._after_fork(worker),
            "child_exit": lambda _server, worker: self._figures.leave(worker.block),
            "logger_class": ServerLog,
            "proc_name": "debate",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app

    def run(self) -> None:
        Master(self).run()

    @property
    def _figures(self) -> Figures:
        return self._app.extensions["figures"]

    def _before_fork(self, server: Any, worker: Any) -> None:
        """Give a worker a block to count in that no living one has."""
        taken = {other.block for other in server.WORKERS.values()}
        worker.block = next((block for block in range(self._figures.blocks) if block not in taken), 0)

    def _after_fork(self, worker: Any) -> None:
        self._figures.take(worker.block)
        # A connection must not be used by two processes; the parent keeps its own.
        self._app.extensions["database"].dispose(close=False)
        mail.start(self._app.extensions["database"], self._settings)
        if "messages" in self._app.extensions:  # nor does a thread live on in another
            self._app.extensions["messages"].listen()


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Serve the site on DEBATE_HOST:DEBATE_PORT until told to stop (SIGTERM lets requests finish)."""
    settings = web.settings()
    _must_be_free(settings.host, settings.port)
    there = database(newer_will_do=True)
    is_current = schema.is_current(there)
    there.dispose()
    logs.begin(settings.log)
    if not is_current:
        current_app.logger.warning("The database was upgraded by a newer version of this program.")
    for name in unknown(os.environ):
        current_app.logger.warning("%s is not a setting that is known here; it is ignored.", name)
    current_app.logger.info("Serving on http://%s", _address(settings))
    # What is loaded by now stays for good: out of the collector's way, workers go on sharing its memory.
    gc.collect()
    gc.freeze()
    _stay_small()
    Server(current_app._get_current_object(), settings).run()  # type: ignore[attr-defined]


def _address(settings: Settings) -> str:
    return f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"


def connections(threads: int) -> int:
    """How many connections a worker takes: some of the files that it may have open are its database's and its own."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(min(CONNECTIONS, soft - 100 - 8 * threads), 2 * threads)


# Of glibc's malloc.h.
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
LARGE = 64 * 2**10  # bytes


def _stay_small() -> None:
    """Let workers give memory back, where the allocator is glibc's; otherwise they grow for hours.

    All threads share two arenas: with one each, what one gives back lies idle there for good. What is large, as a page
    on its way out, gets pages of its own: otherwise small things that stay come to lie where it was.
    """
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 2)
        libc.mallopt(_M_MMAP_THRESHOLD, LARGE)


def _must_be_free(host: str, port: int) -> None:
    """Say in one line where the address cannot be served on; gunicorn would try for seconds."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(address)
    except OSError as error:
        fail(f"DEBATE_HOST, DEBATE_PORT: cannot serve on {host}:{port} ({error.strerror}).", MAY_PASS)
