"""A browser's part in it: one kept connection, cookies, a token; and how long answers take."""

import re
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from http.cookies import SimpleCookie
from urllib.parse import urlencode


@dataclass
class Client:
    """One reader of one server."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    connection: HTTPConnection | None = None

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """An answer, read whole."""
        if self.connection is None:
            self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"Accept-Encoding": "gzip"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if fields is not None:
            body = urlencode(fields | ({"csrf_token": self.token} if self.token else {}))
            given["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, given)
            answer = self.connection.getresponse()
        except RemoteDisconnected:  # it was kept too long; nothing of this request was heard
            self.connection.close()
            self.connection.request(method, path, body, given)
            answer = self.connection.getresponse()
        data = answer.read()
        for line in answer.headers.get_all("Set-Cookie", ()):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer, data

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        return self.ask("GET", path, **headers)

    def log_in(self, name: str, password: str) -> "Client":
        """Log in; the token of a page is kept for forms."""
        self.token = self._token("/login")
        answer, _ = self.ask("POST", "/login", {"name": name, "password": password})
        if answer.status != 303:
            raise RuntimeError(f"{name} could not log in: {answer.status}")
        self.token = self._token("/notices")
        return self

    def _token(self, path: str) -> str:
        _, data = self.ask("GET", path, Accept_Encoding="identity")
        found = re.search(rb'name="csrf_token" value="([^"]+)"', data)
        return found[1].decode() if found else ""


def medians(acts: Sequence[Callable[[], object]], times: int) -> list[float]:
    """Milliseconds each act takes, the median of `times`; they take turns, so that what disturbs one disturbs all."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(times):
        for act, list_ in zip(acts, taken, strict=True):
            began = time.perf_counter()
            act()
            list_.append((time.perf_counter() - began) * 1000)
    return [statistics.median(each) for each in taken]


def rate(port: int, path: str, clients: int, each: int, **headers: str) -> float:
    """Answers a second to `clients` at once, each asking `each` times over its own connection."""
    readers = [Client(port) for _ in range(clients)]
    for reader in readers:
        reader.get(path, **headers)
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda reader: [reader.get(path, **headers) for _ in range(each)], readers))
    return clients * each / (time.perf_counter() - began)
