"""How many a second, several at once: `rate` starts this file as processes that ask, so that one client is no limit."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from itertools import cycle

PROCESSES = 2
TIMEOUT = 30  # seconds for one answer


@dataclass(frozen=True)
class Load:
    """What many ask at once; with several bodies each connection sends one after the other."""

    port: int
    method: str
    path: str
    headers: dict[str, str]
    bodies: tuple[str | None, ...] = (None,)


def rate(load: Load, seconds: float, connections: int) -> tuple[float, int]:
    """Answers a second over so many connections, and how many of the answers were errors."""
    asked = json.dumps({"load": asdict(load), "seconds": seconds, "connections": connections // PROCESSES})
    command = [sys.executable, __file__]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write(asked)
        process.stdin.close()
    done = []
    for process in running:
        assert process.stdout is not None
        done.append(json.loads(process.stdout.read()))
        process.wait()
    return sum(count for count, _ in done) / seconds, sum(wrong for _, wrong in done)


def _ask_on(load: Load, seconds: float, counts: list[tuple[int, int]]) -> None:
    connection = HTTPConnection("127.0.0.1", load.port, timeout=TIMEOUT)
    count = wrong = 0
    bodies = cycle(load.bodies)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        try:
            connection.request(load.method, load.path, next(bodies), load.headers)
            answer = connection.getresponse()
            answer.read()
            wrong += answer.status >= 400
            count += 1
        except (OSError, HTTPException):
            connection.close()
            wrong += 1
    connection.close()
    counts.append((count, wrong))


def main() -> None:
    asked = json.load(sys.stdin)
    counts: list[tuple[int, int]] = []
    given = (Load(**asked["load"]), asked["seconds"], counts)
    threads = [threading.Thread(target=_ask_on, args=given) for _ in range(asked["connections"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps([sum(count for count, _ in counts), sum(wrong for _, wrong in counts)]))


if __name__ == "__main__":
    main()
