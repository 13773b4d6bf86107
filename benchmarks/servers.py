"""The servers that are compared: Debate as `debate serve` runs it, and the bare views under the same gunicorn."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKERS, THREADS = 2, 8


@dataclass
class Server:
    """A running server: where, its process, and how long it took to its first answer (seconds)."""

    port: int
    process: subprocess.Popen[bytes]
    start: float

    def memory(self) -> float:
        """MiB that a worker holds for itself and shares in proportion (PSS), on average."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        sizes = []
        for child in children:
            lines = Path(f"/proc/{child}/smaps_rollup").read_text().splitlines()
            sizes.append(next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024)
        return sum(sizes) / len(sizes) if sizes else 0.0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def debate(url: str, folder: Path) -> Iterator[Server]:
    """`debate serve` on a database."""
    port = free_port()
    settings = {
        "DEBATE_DATABASE_URL": url, "DEBATE_INSTANCE": str(folder), "DEBATE_PORT": str(port), "DEBATE_LIMITS": "off",
        "DEBATE_WORKERS": str(WORKERS), "DEBATE_THREADS": str(THREADS),
        "DEBATE_SECRET_KEY": "for benchmarks and only for them",
    }  # fmt: skip
    with _running([sys.executable, "-m", "debate", "serve"], settings, port, "/livez") as server:
        yield server


@contextmanager
def bare(url: str) -> Iterator[Server]:
    """The bare views on the same database."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--chdir", str(HERE), "-b", f"127.0.0.1:{port}", "-w", str(WORKERS),
        "-k", "gthread", "--threads", str(THREADS), "--preload", "--keep-alive", "60",
        "--log-level", "warning", "bare:app",
    ]  # fmt: skip
    with _running(command, {"DEBATE_DATABASE_URL": url}, port, "/constant/10") as server:
        yield server


@contextmanager
def _running(command: list[str], settings: dict[str, str], port: int, path: str) -> Iterator[Server]:
    began = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | settings, start_new_session=True)
    try:
        while not _answers(port, path):
            if process.poll() is not None or time.perf_counter() - began > 60:
                raise RuntimeError(f"{command} did not start")
            time.sleep(0.01)
        yield Server(port, process, time.perf_counter() - began)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(40)


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
