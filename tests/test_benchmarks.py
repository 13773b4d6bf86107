"""The debates that benchmarks are run on: as large and deep as asked for, counted rightly, the same every time."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
REPLIES, DEPTH = 300, 120


def run(folder: Path, *args: str) -> str:
    """What a command prints, with its database in `folder`."""
    settings = {"DEBATE_INSTANCE": str(folder), "DEBATE_DATABASE_URL": f"sqlite:///{folder / 'debate.db'}"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DEBATE_")}
    done = subprocess.run(
        [sys.executable, *args],
        cwd=ROOT,
        env=kept | settings | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def make(folder: Path) -> dict[str, Any]:
    """What the generator says of the debate that it stores in a new database in `folder`."""
    folder.mkdir()
    asked = ["--replies", str(REPLIES), "--depth", str(DEPTH), "--paragraphs", "12"]
    said = run(folder, "benchmarks/debates.py", "--database", f"sqlite:///{folder / 'debate.db'}", *asked)
    return json.loads(said)


def ask(folder: Path, question: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / "debate.db")
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def everything(folder: Path, table: str) -> list[tuple[Any, ...]]:
    return sorted(ask(folder, f'SELECT * FROM "{table}"'), key=repr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmarks") / "one"
    (folder.parent / "made.json").write_text(json.dumps(make(folder)))
    return folder


@pytest.mark.slow
def test_all_that_is_kept_of_a_made_debate_is_what_the_rows_say(folder: Path) -> None:
    assert run(folder, "-m", "debate", "recount") == "0 differences.\n"


@pytest.mark.slow
def test_a_made_debate_is_as_large_and_as_deep_as_asked_for(folder: Path) -> None:
    made = json.loads((folder.parent / "made.json").read_text())
    assert ask(folder, "SELECT count(*), max(depth) FROM replies") == [(REPLIES, DEPTH)]
    assert ask(folder, f"SELECT depth FROM replies WHERE id = {made['deepest']}") == [(DEPTH,)]
    [(most,)] = ask(folder, "SELECT count(*) AS n FROM replies GROUP BY parent_id, paragraph_id * (parent_id IS NULL) "
                    "HAVING parent_id IS NOT NULL ORDER BY n DESC LIMIT 1")  # fmt: skip
    assert ask(folder, f"SELECT count(*) FROM replies WHERE parent_id = {made['crowded']}") == [(most,)]
    assert ask(folder, "SELECT DISTINCT state FROM replies ORDER BY state") == [
        ("hidden",), ("visible",), ("withdrawn",),
    ]  # fmt: skip
    for table in ("votes", "citations", "locks", "rulings", "notices"):
        assert ask(folder, f"SELECT count(*) > 0 FROM {table}") == [(1,)], table


@pytest.mark.slow
def test_the_same_seed_makes_the_same_debate(folder: Path, tmp_path: Path) -> None:
    assert make(tmp_path / "two") == json.loads((folder.parent / "made.json").read_text())
    tables = [name for (name,) in ask(folder, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    assert {"replies", "votes", "users"} <= set(tables)
    for table in tables:
        assert everything(folder, table) == everything(tmp_path / "two", table), table
