"""Everything measured in one run, side by side: `python benchmarks/run.py [--quick] [--postgresql URL]`.

For each database and size it serves the same debate by Debate and by bare Flask views, and asks both in turn.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from debates import Made, make
from measure import Run
from report import Table, against_goals
from servers import bare, debate
from sqlalchemy import create_engine, make_url, text

from debate import schema
from debate.db import Database

HERE = Path(__file__).resolve().parent
SIZES = (100, 10_000, 100_000)


def prepared(kind: str, size: int, folder: Path, server: str) -> tuple[str, Made]:
    """The address of a database with a debate of a size, made if it is not in the folder yet."""
    note = folder / f"{kind}-{size}.json"
    if kind == "sqlite":
        url = f"sqlite+pysqlite:///{folder / f'{size}.db'}"
    else:
        url = make_url(server).set(database=f"debate_bench_{size}").render_as_string(hide_password=False)
    if note.exists():
        return url, Made(**json.loads(note.read_text()))
    if kind != "sqlite":
        with create_engine(server, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS debate_bench_{size} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE debate_bench_{size} TEMPLATE template0 ENCODING 'UTF8'"))
    database = Database(url)
    schema.upgrade(database)
    made = make(database, size)
    with database.engine.begin() as connection:
        number = "serial PRIMARY KEY" if kind != "sqlite" else "integer PRIMARY KEY"
        connection.execute(text(f"CREATE TABLE bare (id {number}, words text)"))
    if kind != "sqlite":
        with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
    database.dispose()
    note.write_text(json.dumps(asdict(made)))
    return url, made


def run(kind: str, size: int, folder: Path, server: str, times: int) -> dict[str, float]:
    """Measure one size on one database and print it; what was found, by name."""
    url, made = prepared(kind, size, folder, server)
    print(f"\n== {kind}, {size:,} replies")
    counts = json.loads(
        subprocess.run(
            [sys.executable, HERE / "statements.py", url, json.dumps(asdict(made))],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        ).stdout
    )
    with ExitStack() as stack:
        ours = stack.enter_context(debate(url, folder / "instance"))
        beside = stack.enter_context(bare(url))
        here = Run(made, ours, beside, times)
        table = Table(
            "ms, p50", ["page", "kept", "304", "same bytes", "afresh", "signed in", "KB", "KB gzip", "SQL", "signed in"]
        )
        for line in here.measure():
            visitor, reader = counts[line.name]
            table.add(*line.values, visitor, reader)
            here.figures |= {f"{line.name}: SQL": max(visitor, reader)}
        for each in (table, here.bare_views(), here.writes(), here.rates()):
            print(each)
        held, least = ours.memory(), beside.memory()
        here.figures |= {"memory": held, "bare memory": least, "start": ours.start}
        print(f"\nmemory per worker, MiB: ours {held:.0f}, bare {least:.0f}, ratio {held / least:.2f}")
        print(f"first answer after: ours {ours.start:.2f} s, bare {beside.start:.2f} s")
    return here.figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few requests: to see that it works")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--requests", type=int, default=200, help="a page, for its median")
    parser.add_argument("--postgresql", default=os.environ.get("DEBATE_BENCH_DATABASE_URL", ""), help="a server")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--keep", type=Path, help="a folder for the databases, used again if they are there")
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    kinds = [kind for kind in ("sqlite", "postgresql") if given.only in (None, kind)]
    server = (
        make_url(given.postgresql).set(drivername="postgresql+psycopg").render_as_string(False)
        if given.postgresql
        else ""
    )
    with tempfile.TemporaryDirectory() as made:
        folder = given.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            if kind == "postgresql" and not server:
                print("\nPostgreSQL is left out; to have it measured: --postgresql postgresql://user@host/database")
                continue
            found = {size: run(kind, size, folder, server, 20 if given.quick else given.requests) for size in sizes}
            print(against_goals(kind, found))


if __name__ == "__main__":
    main()
