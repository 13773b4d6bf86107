"""The databases that are measured: made once, kept in a folder, measured as copies that may be written to."""

import hashlib
import json
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servers import ROOT, environment
from sqlalchemy import create_engine, make_url, text

MADE_BY = (
    *(f"benchmarks/{name}.py" for name in ("debates", "rows", "tree", "prose", "store")),
    "migrations",
    "debate/ranking.py",
    "debate/text",
)


@dataclass
class Databases:
    """Databases of one kind; `server` is a PostgreSQL server's URL, or empty for SQLite files in `folder`."""

    folder: Path
    server: str = ""
    keep: bool = False
    _to_drop: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "postgresql" if self.server else "sqlite"

    def copy(self, size: int, depth: int) -> tuple[str, dict[str, Any]]:
        """A debate of `size` replies to write in: its URL, and what the generator says of it."""
        name = f"debate_bench_{size}_{depth}_{_version()}"
        facts = self.folder / f"{name}.{self.kind}.json"
        if not facts.exists():
            facts.write_text(self._make(name, size, depth))
        work = f"{name}_{secrets.token_hex(4)}"
        if self.server:
            self._on_server(f'CREATE DATABASE "{work}" TEMPLATE "{name}"')
            self._to_drop.append(work)
        else:
            shutil.copyfile(self.folder / f"{name}.db", self.folder / f"{work}.db")
            self._to_drop.append(work)
        return self._url(work), json.loads(facts.read_text())

    def _make(self, name: str, size: int, depth: int) -> str:
        """Store a debate in a new database; returns what the generator prints."""
        if self.server:
            self._on_server(f'DROP DATABASE IF EXISTS "{name}"')
            self._on_server(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
            if not self.keep:
                self._to_drop.append(name)
        else:
            self._delete(name)
        asked = ["--database", self._url(name), "--replies", str(size), "--depth", str(depth)]
        command = [sys.executable, str(ROOT / "benchmarks" / "debates.py"), *asked]
        done = subprocess.run(command, env=environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"No debate of {size} replies could be made.")
        return done.stdout

    def _url(self, name: str) -> str:
        if not self.server:
            return f"sqlite:///{self.folder / name}.db"
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def _on_server(self, *statements: str) -> None:
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def _delete(self, name: str) -> None:
        for file in self.folder.glob(f"{name}.db*"):
            file.unlink()

    def clean(self) -> None:
        """Drop the copies, and what is not to be kept."""
        for name in self._to_drop:
            if self.server:
                self._on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            else:
                self._delete(name)
        self._to_drop.clear()


def _version() -> str:
    """Changes with the generator and with the schema, so that no database is used that another version made."""
    digest = hashlib.sha256()
    for name in MADE_BY:
        place = ROOT / name
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:10]
