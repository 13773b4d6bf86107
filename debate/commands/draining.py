"""A stop that loses no request: gunicorn's arbiter and worker, but for how they go.

gunicorn stops taking connections at once, while the system goes on completing them for as long as a worker is there:
what was sent on those was reset at the end. Here a stopping worker first goes on as before for a while, so that a
balancer sees `/readyz` answer 503 and each client is told that its connection ends; then the system is told to begin no
more connections, those that have begun are taken in, and only then the door is closed. Whoever comes later is refused
before sending anything.
"""

import ctypes
import mmap
import select
import socket
import struct
import time
from typing import Any

from gunicorn.arbiter import Arbiter

from debate import worker

SETTLE = 0.3  # seconds, for connections that have begun to be completed; longer than it takes to the balancer and back

# A filter (as of tcpdump) for a listening socket: whatever has SYN set in the 14th byte of its TCP header is dropped.
# It names four instructions: load the byte; test the bit; drop; let through.
_NO_SYN = struct.pack("HBBI" * 4, 0x30, 0, 0, 13, 0x45, 0, 1, 0x02, 0x06, 0, 0, 0, 0x06, 0, 0, 0xFFFFFFFF)
_SO_ATTACH_FILTER = 26  # of Linux; Python has no name for it


class Flag:
    """Off until set, and then on, in this process and those forked from it."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def set(self) -> None:
        self._shared[0] = 1

    def __bool__(self) -> bool:
        return bool(self._shared[0])


class Master(Arbiter):
    """Tells all its workers that the whole server stops, rather than one of them."""

    app: Any

    def stop(self, graceful: bool = True) -> None:
        self.app.stopping.set()
        super().stop(graceful)


class Worker(worker.Worker):
    """A worker that, told to stop, answers for `app.drain` seconds more and then closes the door without a loss."""

    app: Any  # the Server: its flag `stopping` and its seconds `drain`
    _accepting: bool
    _until: float | None = None  # monotonic: when to close the door

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._begin_to_stop()

    def _begin_to_stop(self) -> None:
        if self._until is None:
            self._until = time.monotonic() + self.app.drain
            self.method_queue.defer(lambda: None)  # wakes the loop

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        if self.app.stopping:  # also where the signal came before it could be handled
            self._begin_to_stop()
        if self._until is not None and self.alive:
            timeout = min(timeout or 0, max(self._until - time.monotonic(), 0))
        super().wait_for_and_dispatch_events(timeout)
        if self._until is not None and time.monotonic() >= self._until:
            self.alive = False

    def handle_request(self, req: Any, conn: Any) -> bool:
        if self._until is not None:
            req.force_close()  # says "Connection: close"
        return super().handle_request(req, conn)

    def set_accept_enabled(self, enabled: bool | None) -> None:
        # A worker that stops alone leaves the door to the others.
        if not self.alive and self._accepting and self.app.stopping:
            self._close_the_door()
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def _close_the_door(self) -> None:
        for listener in self.sockets:
            _begin_no_more(listener)
        settled = time.monotonic() + SETTLE
        while (left := settled - time.monotonic()) > 0:
            self.wait_for_and_dispatch_events(left)
        while self._accepting and (waiting := select.select(self.sockets, [], [], 0)[0]):
            for listener in waiting:
                self.accept(listener)


def _begin_no_more(listener: socket.socket) -> None:
    """Let a listening socket complete the connections that have begun, and begin no others.

    Where the system has no such filter, a connection that comes within microseconds of the end may be reset.
    """
    program = ctypes.create_string_buffer(_NO_SYN)
    try:
        listener.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(_NO_SYN) // 8, ctypes.addressof(program))
        )
    except OSError:
        return
