"""The two programs that are compared, each in a process group of its own: how soon they answer, what they hold."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 8
PATIENCE = 60  # seconds to the first answer


def environment(**more: str) -> dict[str, str]:
    """This process's, without settings of Debate, and with this checkout before any that is installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DEBATE_")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections are given."""
    while True:
        port = random.randint(20000, 32000)
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@dataclass
class Server:
    """A running server. `first` is by path how many seconds after the start it first answered 200."""

    command: list[str]
    settings: dict[str, str]
    folder: Path
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    first: dict[str, float] = field(default_factory=dict)

    def start(self, *paths: str) -> "Server":
        began = time.perf_counter()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=environment(**self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for path in paths:
            while not self._answers(path):
                if self.process.poll() is not None or time.perf_counter() - began > PATIENCE:
                    self.stop()
                    raise SystemExit(f"{' '.join(self.command)} does not answer {path}:\n{self.log.read_text()}")
                time.sleep(0.005)
            self.first[path] = time.perf_counter() - began
        return self

    def _answers(self, path: str) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        assert self.process is not None
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def memory(self) -> dict[str, float]:
        """RSS and PSS of a worker in MiB: the mean of its workers."""
        pids = self.workers()
        found = {"Rss": 0.0, "Pss": 0.0}
        for pid in pids:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in found:
                    found[name] += int(rest.split()[0]) / 1024 / len(pids)
        return found

    def whole_memory(self) -> int:
        """PSS in bytes of all its processes together."""
        assert self.process is not None
        sizes = 0
        for pid in (self.process.pid, *self.workers()):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    sizes += int(line.split()[1]) * 1024
        return sizes

    def cpu(self) -> float:
        """Seconds of processor that all its processes have taken."""
        assert self.process is not None
        ticks = 0
        for pid in (self.process.pid, *self.workers()):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        self.process = None


def debate(url: str, folder: Path) -> Server:
    """`debate serve` on a database, not started yet."""
    port = free_port()
    settings = {
        "DEBATE_DATABASE_URL": url,
        "DEBATE_INSTANCE": str(folder),
        "DEBATE_SECRET_KEY": "a secret key for benchmarks only",
        "DEBATE_LIMITS": "off",
        "DEBATE_PORT": str(port),
        "DEBATE_WORKERS": str(WORKERS),
        "DEBATE_THREADS": str(THREADS),
    }
    return Server([sys.executable, "-m", "debate", "serve"], settings, ROOT, port, folder / "debate.log")


def bare(url: str, folder: Path) -> Server:
    """The bare app on the same database, under the same server with the same settings, not started yet."""
    port = free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", str(THREADS), "--preload"]
    options += ["--worker-class", "gthread", "--keep-alive", "5", "--no-control-socket", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, "bare:app"]
    return Server(command, {"BARE_DATABASE": url}, ROOT / "benchmarks", port, folder / "bare.log")
