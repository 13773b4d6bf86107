"""Servers to be killed: a Redis and a PostgreSQL of a test's own, in a folder that goes with them."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from live import free_port, lacking


@dataclass
class Redis:
    """A Redis server on a port; started and killed as often as one likes."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=quiet, stderr=quiet)
        end = time.monotonic() + 20
        while subprocess.run(["redis-cli", "-p", str(self.port), "ping"], capture_output=True).stdout != b"PONG\n":
            assert time.monotonic() < end
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


@contextmanager
def a_redis(folder: Path) -> Iterator[Redis]:
    """A Redis server that runs."""
    if shutil.which("redis-server") is None or shutil.which("redis-cli") is None:
        lacking("redis-server is missing: apt-get install redis-server")
    redis = Redis(folder, free_port())
    try:
        redis.start()
        yield redis
    finally:
        redis.kill()


@dataclass
class Postgres:
    """A PostgreSQL server on a port."""

    programs: Path
    folder: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)  # more in its environment

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def become_standby(self, *, yes: bool) -> None:
        """Start it anew as one of which all may only be read, or again as one that may be written to."""
        self.kill()
        sign = self.folder / "data" / "standby.signal"
        if yes:
            sign.touch()
            if os.getuid() == 0:
                shutil.chown(sign, "postgres", "postgres")
        else:
            sign.unlink()
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=60"
        self._control("-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def kill(self) -> None:
        """As a crash: nothing is written any more, every connection is cut."""
        self._control("-m", "immediate", "-w", "stop")

    def _control(self, *words: str) -> None:
        run_as_postgres(str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), *words, **self.settings)


def run_as_postgres(*command: str, **settings: str) -> None:
    """PostgreSQL refuses to run as root. `settings`: more in its environment."""
    before = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    quiet, environ = subprocess.DEVNULL, os.environ | settings
    subprocess.run([*before, *command], check=True, stdout=quiet, stderr=quiet, timeout=120, env=environ)


@contextmanager
def a_postgres(**settings: str) -> Iterator[Postgres]:
    """A PostgreSQL server that runs, with one empty database. `settings`: more in its environment."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not found:
        lacking("PostgreSQL's programs are missing: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="debate-pg-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = ["-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        run_as_postgres(str(found[-1] / "initdb"), *data, "--no-sync")
        server = Postgres(found[-1], folder, free_port(), settings)
        server.start()
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
