"""People who read or write without end, each over a connection kept for as long as the server keeps it."""

import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event
from urllib.parse import urlencode

from live import Person


@dataclass
class Line:
    """One who asks again and again, until the event is set or a connection is refused."""

    person: Person
    pause: float = 0.0  # seconds between an answer and the next request
    over: Event = field(default_factory=Event)
    refused: bool = False
    answers: list[int] = field(default_factory=list)
    stored: set[int] = field(default_factory=set)
    cut: list[str] = field(default_factory=list)  # every request that got no whole answer

    def __post_init__(self) -> None:
        self._connection = HTTPConnection("127.0.0.1", self.person.site.port, timeout=60)

    def read(self, path: str) -> None:
        while self._ask("GET", path):
            pass

    def write(self, path: str, words: str) -> None:
        fields = {"csrf_token": self.person.token, "stance": "pro"}
        while self._ask("POST", path, fields | {"body": f"{words}, {len(self.answers)}."}):
            pass

    def _ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> bool:
        if self.over.is_set():
            self._connection.close()
            return False
        if self._connection.sock is None:
            try:
                self._connection.connect()
            except ConnectionRefusedError:
                self.refused = True
                return False
        host = f"127.0.0.1:{self.person.site.port}"
        headers = {"Host": host, "Cookie": "; ".join(f"{name}={value}" for name, value in self.person.cookies.items())}
        if fields:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{host}"}
        try:
            self._connection.request(method, path, urlencode(fields) if fields else None, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            self.cut.append(f"{method} after {len(self.answers)} answers: {error!r}")
            return False
        self.answers.append(answer.status)
        if fields and answer.status == 303:
            self.stored.add(int(answer.headers["Location"].rpartition("-")[2]))
        time.sleep(self.pause)
        return True
