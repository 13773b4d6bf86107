"""Many requests at once from one thread: connections that are kept and given to whoever asks next."""

import asyncio
import time
from dataclasses import dataclass

IDLE = 2.0  # seconds after which a connection is made anew: the server closes it after 5
PATIENCE = 30  # seconds for one answer


@dataclass(frozen=True)
class Answered:
    """A status (0: none came, because of `trouble`), and the time since the request was due."""

    status: int
    ms: float
    trouble: str = ""


class Connections:
    """To a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, path: str, cookie: str, form: str, due: float) -> Answered:
        """Ask for a path, or send a form to it; `due` is when that was to be (time.perf_counter)."""
        try:
            async with asyncio.timeout(PATIENCE):
                status = await self._ask(self._request(path, cookie, form))
            return Answered(status, (time.perf_counter() - due) * 1000)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            return Answered(0, (time.perf_counter() - due) * 1000, type(error).__name__)

    def _request(self, path: str, cookie: str, form: str) -> bytes:
        site = f"http://127.0.0.1:{self._port}"
        lines = [f"{'POST' if form else 'GET'} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}"]
        lines += ["Accept: text/html", "Accept-Encoding: gzip"] + ([f"Cookie: {cookie}"] if cookie else [])
        if form:
            lines += [f"Origin: {site}", f"Content-Length: {len(form)}"]
            lines += ["Content-Type: application/x-www-form-urlencoded"]
        return ("\r\n".join(lines) + "\r\n\r\n" + form).encode("ascii")

    async def _ask(self, request: bytes) -> int:
        reader, writer = await self._connection()
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status = int(head[9:12])
            length = head.partition("\r\ncontent-length:")[2].partition("\r\n")[0].strip()
            if length and status != 304:
                await reader.readexactly(int(length))
        except BaseException:
            writer.close()
            raise
        if "\r\nconnection: close" in head or (not length and status != 304):
            writer.close()
        else:
            self._free.append((time.monotonic(), reader, writer))
        return status

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._free:
            used, reader, writer = self._free.pop()
            if time.monotonic() - used < IDLE:
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        for _, _, writer in self._free:
            writer.close()
