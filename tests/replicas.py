"""Two PostgreSQL servers made for the tests: a primary, and a standby that follows it by streaming replication."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from live import free_port, lacking
from sqlalchemy import create_engine, text

QUICK = "-c fsync=off -c shared_buffers=32MB -c listen_addresses=127.0.0.1"
# What asks whether the replica will do, frames a transaction, or is a connection's or a test's own.
OF_NO_PAGE = re.compile(
    r"pg_is_in_recovery|pg_control_system|BEGIN|ROLLBACK|pg_catalog\.version|current_schema|show standard|_wal_"
)
TOLD = re.compile(r"LOG: +(?:execute [^:]*|statement): (.{,400})")


@dataclass
class Server:
    """One PostgreSQL server: its programs, its folder, its port."""

    programs: Path
    folder: Path
    port: int
    read: int = 0  # how far into its log
    asked: int = 0

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *args: str) -> None:
        """Run one of PostgreSQL's programs, as its user where this one is root."""
        command = [str(self.programs / program), *args]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (command, done.stdout, done.stderr, self.log)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder.parent} {QUICK} -c log_statement=all"
        self.run("pg_ctl", "-D", str(self.folder), "-l", str(self.log_file), "-s", "-w", "-o", options, "start")

    def stop(self) -> None:
        """At once, as if the power had gone."""
        if (self.folder / "postmaster.pid").exists():
            self.run("pg_ctl", "-D", str(self.folder), "-s", "-m", "immediate", "-w", "stop")

    def send(self, number: int) -> None:
        """A signal to all of its processes."""
        first = int((self.folder / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            os.kill(process, number)

    def ask(self, question: str) -> Any:
        engine = create_engine(self.url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                return connection.execute(text(question)).scalar()
        finally:
            engine.dispose()

    @property
    def log_file(self) -> Path:
        return self.folder.with_suffix(".log")

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def statements(self) -> int:
        """How many statements were asked for pages' own sake: not whether the server has all that is needed."""
        with self.log_file.open(errors="replace") as log:
            log.seek(self.read)
            new = log.read()
            self.read = log.tell()
        self.asked += sum(not OF_NO_PAGE.search(said) for said in TOLD.findall(new))
        return self.asked


@dataclass
class Pair:
    primary: Server
    standby: Server

    def wait(self) -> None:
        """Until the standby has all that was written so far."""
        written = self.primary.ask("SELECT pg_current_wal_lsn()")
        end = time.monotonic() + 20
        while not self.standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"):
            assert time.monotonic() < end, self.standby.log[-2000:]
            time.sleep(0.02)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """The standby has what was written so far, and nothing that is written meanwhile."""
        self.wait()
        self.standby.ask("SELECT pg_wal_replay_pause()")
        while self.standby.ask("SELECT pg_get_wal_replay_pause_state()") != "paused":
            time.sleep(0.01)
        try:
            yield
        finally:
            self.standby.ask("SELECT pg_wal_replay_resume()")


@contextmanager
def pair() -> Iterator[Pair]:
    """A new primary and its standby, started, stopped and removed at the end."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        lacking("Tests with a replica need PostgreSQL's programs: /usr/lib/postgresql/*/bin/initdb")
    folder = Path(tempfile.mkdtemp(prefix="debate-replica-"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    primary, standby = (Server(found[-1].parent, folder / name, free_port()) for name in ("primary", "standby"))
    try:
        as_usual = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        primary.run("initdb", "-D", str(primary.folder), "-U", "postgres", *as_usual)
        primary.start()
        copy = ("-D", str(standby.folder), "-R", "-c", "fast", "--no-sync")
        standby.run("pg_basebackup", "-d", primary.url, *copy)
        standby.start()
        yield Pair(primary, standby)
    finally:
        for server in (standby, primary):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
