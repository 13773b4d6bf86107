"""The worker of `debate serve`: gunicorn's threads, which get requests that have come whole.

A thread that waits for the rest of a request serves nobody meanwhile, and a few slow connections would be all of them.
So the main loop gathers what comes, for as long as PATIENCE, and only then is a thread asked.
"""

import errno
import re
import selectors
import socket
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE = 20  # seconds from a request's first byte until all of it is there, and as many for a large one's rest
IDLE = 5  # seconds that a connection may say nothing at first
WHOLE = 640 * 2**10  # bytes that are gathered; a larger request (a file) is read by a thread from there on
ALL = 64 * 2**20  # bytes that a worker gathers altogether
HEAD = 64 * 2**10
LINGER = 2  # seconds that a client may take to hang up after its last answer
REST = 640 * 2**10  # bytes that it may still send meanwhile
PAUSE = 0.5  # seconds in which nobody is taken in after the system could give no more
FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
TELLS_EVERY = 60  # seconds
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*(?=\r\n)")
_CODING = re.compile(rb"\r\ntransfer-encoding:[ \t]*([^\r\n]*)")
_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Client(socket.socket):
    """A client's connection; a thread that reads from it waits until `ends` at most (monotonic)."""

    ends = 0.0

    def setblocking(self, flag: bool) -> None:
        self.settimeout(PATIENCE if flag else 0)

    def recv(self, *given: Any) -> bytes:
        if not self.gettimeout():
            return super().recv(*given)
        if time.monotonic() > self.ends:
            raise ConnectionResetError(errno.ECONNRESET, "too slow")
        try:
            return super().recv(*given)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "too slow") from error


class Worker(ThreadWorker):
    """gthread, but that the main loop waits for what clients send."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._gathered: dict[Any, bytearray] = {}
        self._held = 0  # bytes
        self._looked = 0.0  # monotonic
        self._leaving: dict[Any, int] = {}  # bytes that came; in the order of their timeouts
        self._opens = 0.0  # monotonic: until then nobody is taken in
        self._told = -float(TELLS_EVERY)  # monotonic

    def accept(self, listener: Any) -> None:
        try:
            taken, address = listener.accept()
        except OSError as error:
            if error.errno in FULL:
                self._pause(str(error.strerror))
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        client = Client(fileno=taken.detach())
        self._gather(TConn(self.cfg, client, address, listener.getsockname()), b"")

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn, b"")

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        is_done = not fs.cancelled() and fs.exception() is None
        kept = is_done and fs.result()
        left = conn.parser.unreader.take_buffered() if kept else b""
        if left:
            self._gather(conn, left)
        elif is_done and not kept:
            self._linger(conn)
        else:
            super().finish_request(conn, fs)

    def set_accept_enabled(self, enabled: bool | None) -> None:
        super().set_accept_enabled(bool(enabled) and time.monotonic() >= self._opens)

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        if first := next(iter(self._leaving), None):  # a stop is not to wait longer for it
            left = max(first.timeout - time.monotonic(), 0.05)
            timeout = left if timeout is None else min(timeout, left)
        super().wait_for_and_dispatch_events(timeout)

    def murder_pending(self) -> None:
        """Give up those that took too long."""
        super().murder_pending()
        now = time.monotonic()
        while (first := next(iter(self._leaving), None)) and first.timeout < now:
            self._let_go(first)
        if now < self._looked + 0.5:
            return
        self._looked = now
        for conn in [conn for conn in self._gathered if conn.timeout < now]:
            with suppress(OSError):
                if self._gathered[conn]:
                    conn.sock.send(_LATE)
            self._drop(conn)

    def _pause(self, why: str) -> None:
        """For want of a file descriptor, say: whoever comes waits in the system's queue until some are given back."""
        now = time.monotonic()
        self._opens = now + PAUSE
        if now >= self._told + TELLS_EVERY:
            self._told = now
            self.log.error("No more connections can be taken in for now: %s.", why)
        super().set_accept_enabled(False)

    def _linger(self, conn: Any) -> None:
        """Close a connection once its client has hung up, or after LINGER; gunicorn waits for that in the main loop.

        What still comes is thrown away: were it unread at the close, the system would not send the rest of the answer.
        """
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.settimeout(0)
        except OSError:
            self.nr_conns -= 1
            conn.close()
            return
        conn.timeout = time.monotonic() + LINGER
        self._leaving[conn] = 0
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._on_rest(conn))

    def _on_rest(self, conn: Any) -> None:
        try:
            data = conn.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._leaving[conn] += len(data)
        if not data or self._leaving[conn] > REST:
            self._let_go(conn)

    def _let_go(self, conn: Any) -> None:
        del self._leaving[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def _gather(self, conn: Any, begun: bytes) -> None:
        """Take what is there; hand the connection over if that is a whole request, else wait for the rest."""
        conn.sock.settimeout(0)
        conn.timeout = time.monotonic() + (PATIENCE if begun else IDLE)
        self._gathered[conn] = bytearray(begun)
        self._held += len(begun)
        if begun and is_whole(self._gathered[conn]):
            self._hand_over(conn)
            return
        self._on_more(conn)
        if conn in self._gathered:
            self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._on_more(conn))

    def _on_more(self, conn: Any) -> None:
        try:
            data = conn.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            self._drop(conn)
            return
        gathered = self._gathered[conn]
        if not gathered:
            conn.timeout = time.monotonic() + PATIENCE
        gathered += data
        self._held += len(data)
        if (not data and not gathered) or self._held > ALL:
            self._drop(conn)
        elif not data or is_whole(gathered):
            self._hand_over(conn)

    def _hand_over(self, conn: Any) -> None:
        gathered = self._forget(conn)
        conn.init()
        conn.parser.unreader.unread(bytes(gathered))
        conn.data_ready = True
        conn.sock.ends = time.monotonic() + PATIENCE
        self.enqueue_req(conn)

    def _drop(self, conn: Any) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _forget(self, conn: Any) -> bytearray:
        gathered = self._gathered.pop(conn)
        self._held -= len(gathered)  # what was handed over is bounded by the threads
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        return gathered


def is_whole(gathered: bytearray) -> bool:
    """Whether a thread has nothing to wait for: a request is there to its end, or it is too large to wait here for."""
    end = gathered.find(b"\r\n\r\n", 0, HEAD + 4)
    if end < 0:
        return len(gathered) > HEAD
    if len(gathered) > WHOLE:
        return True
    head, size = bytes(gathered[: end + 2]).lower(), len(gathered) - end - 4
    if b"\r\ncontent-length:" not in head and b"\r\ntransfer-encoding:" not in head:
        return True
    lengths, codings = _LENGTH.findall(head), _CODING.findall(head)
    if codings:
        # a length beside it, or another coding, makes no request; the last chunk is empty
        is_clear = not lengths and [coding.strip() for coding in codings] == [b"chunked"]
        return not is_clear or (gathered.endswith(b"\r\n\r\n") and b"\r\n0\r\n" in gathered[end + 2 :])
    return len(lengths) != 1 or size >= int(lengths[0])
