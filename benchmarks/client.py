"""Somebody at a browser, as far as a clock needs one: a connection kept open, a session, a form's token."""

import re
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FORM = "application/x-www-form-urlencoded"
IDLE = 2.0  # seconds after which a connection is made anew: the server closes it after 5


@dataclass(frozen=True)
class Answer:
    """`body` is as it travelled."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """Signed in after `login`; `gzip` off asks for plain bytes."""

    def __init__(self, port: int, *, gzip: bool = True) -> None:
        self.port = port
        self.headers = {"Accept": "text/html", "Accept-Encoding": "gzip" if gzip else "identity"}
        self.token = ""
        self.page = "/"  # the path that its forms are sent from
        self._cookies: dict[str, str] = {}
        self._connection = HTTPConnection("127.0.0.1", port, timeout=300)
        self._used = 0.0

    def ready(self) -> None:
        """See to it that the next request does not have to connect first."""
        if time.monotonic() - self._used > IDLE:
            self._connection.close()
            self._connection.connect()
            self._used = time.monotonic()

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, fields: dict[str, str], *, htmx: bool = False) -> Answer:
        """Send a form, with the session's token."""
        sent = urlencode({"csrf_token": self.token, **fields}).encode()
        site = f"http://127.0.0.1:{self.port}"
        headers = {"Content-Type": FORM, "Origin": site, "Referer": site + self.page}
        by_htmx = {"HX-Request": "true", "HX-Current-URL": site + self.page} if htmx else {}
        return self._ask("POST", path, sent, headers | by_htmx)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        for last in (False, True):
            try:
                self._connection.request(method, path, body, self.headers | headers)
                answer = self._connection.getresponse()
                read = answer.read()
                break
            except (ConnectionError, HTTPException):
                self._connection.close()
                if last:
                    raise
        self._used = time.monotonic()
        found = {name.lower(): value for name, value in answer.getheaders()}
        for line in answer.headers.get_all("Set-Cookie") or []:
            self._keep(line)
        return Answer(answer.status, found, read)

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            self._cookies[name] = morsel.value
        self.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items() if value)

    def login(self, name: str, password: str, page: str) -> "Client":
        """Log in, and take the token of the forms on `page` (a path), which has at least that for logging out."""
        asked, self.headers["Accept-Encoding"] = self.headers["Accept-Encoding"], "identity"
        self._take_token("/login")
        answer = self.post("/login", {"name": name, "password": password})
        if answer.status != 303:
            raise SystemExit(f"{name} cannot log in: {answer.status}")
        self._take_token(page)
        self.page = page
        self.headers["Accept-Encoding"] = asked
        return self

    def _take_token(self, path: str) -> None:
        found = TOKEN.search(self.get(path).body.decode())
        if found is None:
            raise SystemExit(f"There is no form with a token at {path}.")
        self.token = found[1]

    def close(self) -> None:
        self._connection.close()
