"""K: a backup holds all that was acknowledged before it began; a damaged one is refused, what is there left alone."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread

import pytest
from cast import EssayAt, everything
from conftest import POSTGRES, lacking
from flask import Flask
from live import Person, Site, site_on
from sqlalchemy import Table, make_url, select
from sqlalchemy.orm import Session

from debate import backups, schema
from debate.backups import Unfit
from debate.db import Base, Database
from debate.models import Reply
from debate.surfaces import MORE_SURFACES, SURFACES

ROOT = Path(__file__).resolve().parents[2]
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def file_of(database: Database) -> Path:
    return Path(make_url(database.url).database or "")


@pytest.fixture
def filled(app: Flask, essay: EssayAt, critic) -> Flask:
    """A database with a debate in it."""
    essay.chain(critic, 5)
    return app


@pytest.fixture
def backup(filled: Flask, tmp_path: Path) -> Path:
    made = tmp_path / "backup.zip"
    backups.back_up(file_of(filled.extensions["database"]), made)
    return made


def restored(backup: Path, to: Path, **how: bool) -> Path:
    backups.restore(backup, to, schema.known(), **how)
    return to


@on_sqlite
def test_k1_what_is_restored_is_what_was_there(filled: Flask, backup: Path, tmp_path: Path, make_app) -> None:
    there = restored(backup, tmp_path / "debate.db")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["backup.zip", "debate.db"]
    for file in (backup, there):
        assert file.stat().st_mode & 0o077 == 0, "it holds addresses and password hashes"
    assert backups.check(backup).schema == schema.newest()
    assert everything(make_app(database_url=f"sqlite:///{there}")) == everything(filled)


@on_sqlite
def test_nobody_else_reads_a_backup_while_it_is_made(
    filled: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, seen = backups._sound, []

    def looked(copy: Path) -> str:
        seen.extend(file.stat().st_mode & 0o777 for file in tmp_path.iterdir())
        return check(copy)

    monkeypatch.setattr(backups, "_sound", looked)
    backups.back_up(file_of(filled.extensions["database"]), tmp_path / "b.zip")
    assert set(seen) == {0o600}


@on_sqlite
def test_a_backup_does_not_take_the_place_of_anything(filled: Flask, backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(Unfit, match="there already"):
        backups.back_up(file_of(filled.extensions["database"]), backup)
    with pytest.raises(Unfit, match="no folder"):
        backups.back_up(file_of(filled.extensions["database"]), backup.parent / "nowhere" / "b.zip")
    assert backup.read_bytes() == before


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def is_whole(backup: Path) -> bool:
    with suppress(Unfit):
        return bool(backups.check(backup))
    return False


def damages(data: bytes) -> dict[str, bytes]:
    """Ways in which a file comes to harm."""
    places = [*range(0, len(data), max(1, len(data) // 60)), len(data) - 1]
    cut = {f"cut at {at}": data[:at] for at in (0, 1, 100, len(data) // 2, len(data) - 1)}
    return cut | {f"flipped at {at}": flipped(data, at) for at in places} | {"another file": b"Not a backup.\n" * 99}


@on_sqlite
def test_k2_a_damaged_backup_is_refused_and_what_is_there_left_alone(backup: Path, tmp_path: Path) -> None:
    there = tmp_path / "debate.db"
    there.write_bytes(b"what was there")
    good = backup.read_bytes()
    with zipfile.ZipFile(backup) as pack:
        whole = pack.read("debate.db")
    again = tmp_path / "again.db"
    taken: list[str] = []
    for name, data in damages(good).items():
        backup.write_bytes(data)
        if is_whole(backup):
            taken.append(name)
            assert restored(backup, again).read_bytes() == whole, name
            again.unlink()
            continue
        with pytest.raises(Unfit, match=str(backup)):
            restored(backup, there, replace=True)
        assert there.read_bytes() == b"what was there", name
    # A bit of what the file says beside its contents (a time, a system) may turn without any harm to them.
    assert len(taken) < 6, taken
    assert all(name.startswith("flipped") for name in taken), taken
    assert {file.name for file in tmp_path.iterdir()} == {"backup.zip", "debate.db"}


@on_sqlite
def test_k2_a_database_put_into_the_file_by_somebody_else_is_refused(backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as pack:
        manifest, data = pack.read("manifest.json"), pack.read("debate.db")
    for changed in (flipped(data, len(data) // 2), data[:-4096], data + b"x"):
        with zipfile.ZipFile(backup, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.writestr("manifest.json", manifest)
            pack.writestr("debate.db", changed)
        with pytest.raises(Unfit, match="damaged"):
            restored(backup, tmp_path / "debate.db")
    for name, content in (("../escaped", b"x"), ("manifest.json", b"[]"), ("manifest.json", b"{}")):
        with zipfile.ZipFile(backup, "w") as pack:
            pack.writestr(name, content)
        with pytest.raises(Unfit, match="not a backup"):
            backups.check(backup)
    assert not (tmp_path / "debate.db").exists()


@on_sqlite
def test_k2_a_backup_of_a_newer_program_is_refused(backup: Path, tmp_path: Path) -> None:
    older = schema.known() - {schema.newest()}
    with pytest.raises(Unfit, match="newer version"):
        backups.restore(backup, tmp_path / "debate.db", older)
    assert not (tmp_path / "debate.db").exists()


def test_a_backup_of_an_older_program_is_restored_and_upgraded(tmp_path: Path, sqlite_template: Path) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    schema.upgrade(old, "20261126_evidence")
    old.dispose()
    backups.back_up(tmp_path / "old.db", tmp_path / "old.zip")
    there = Database(f"sqlite:///{restored(tmp_path / 'old.zip', tmp_path / 'new.db')}")
    assert not schema.is_current(there)
    schema.upgrade(there)
    assert schema.differences(there) == []
    there.dispose()


@on_sqlite
def test_k2_a_database_that_is_there_is_replaced_only_when_told_to_and_kept(
    filled: Flask, backup: Path, tmp_path: Path
) -> None:
    there = tmp_path / "debate.db"
    with closing(sqlite3.connect(there)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE mine (words)")
        other.execute("INSERT INTO mine VALUES ('not to be lost')")
        other.commit()
        with pytest.raises(Unfit, match="--replace"):
            restored(backup, there)
        with pytest.raises(Unfit, match="in use"):
            restored(backup, there, replace=True)
    _, kept = backups.restore(backup, there, schema.known(), replace=True)
    assert kept is not None
    with closing(sqlite3.connect(kept)) as other:
        assert other.execute("SELECT words FROM mine").fetchall() == [("not to be lost",)]
    with closing(sqlite3.connect(there)) as new:
        assert new.execute("SELECT count(*) FROM replies").fetchone() == (5,)


@on_sqlite
def test_a_log_without_its_database_is_not_taken_for_the_restored_ones(backup: Path, tmp_path: Path) -> None:
    there = tmp_path / "debate.db"
    Path(f"{there}-wal").write_bytes(b"of another database")
    _, kept = backups.restore(backup, there, schema.known())
    assert kept is not None
    assert Path(f"{kept}-wal").read_bytes() == b"of another database"
    assert not Path(f"{there}-wal").exists()


def run(folder: Path, *words: str, database: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DEBATE_DATABASE_URL": f"sqlite:///{database}", "DEBATE_INSTANCE": str(folder)}
    command = [sys.executable, "-m", "debate", *words]
    return subprocess.run(command, env=environ, cwd=ROOT, text=True, capture_output=True, timeout=60)


@on_sqlite
def test_the_commands_say_what_they_did_in_a_line(filled: Flask, tmp_path: Path) -> None:
    database = file_of(filled.extensions["database"])
    made = run(tmp_path, "backup", str(tmp_path / "b.zip"), database=database)
    assert (made.returncode, made.stderr) == (0, "")
    assert f"at schema {schema.newest()}, sha256 " in made.stdout
    checked = run(tmp_path, "restore", "--check", str(tmp_path / "b.zip"), database=database)
    assert (checked.returncode, "is whole" in checked.stdout) == (0, True)
    refused = run(tmp_path, "restore", str(tmp_path / "b.zip"), database=database)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    done = run(tmp_path, "restore", str(tmp_path / "b.zip"), database=tmp_path / "fresh.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Restored what was backed up" in done.stdout
    again = run(tmp_path, "recount", database=tmp_path / "fresh.db")
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.slow
def test_k1_a_live_backup_holds_every_reply_acknowledged_before_it_began(tmp_path: Path) -> None:
    with site_on("sqlite", tmp_path / "site", DEBATE_LIMITS="off") as site:
        people = site.add_people([f"Writer{number}" for number in range(4)])
        essay = site.add_essay()
        site.start()
        acknowledged: list[int] = []
        stop = Event()

        def write(person) -> None:
            number = 0
            while not stop.is_set():
                number += 1
                body = f"{person.name} says {number}."
                answer = person.post(f"{essay.paragraph(1)}/replies", stance="pro", body=body)
                if answer.status == 303:
                    acknowledged.append(answer.reply_id)

        threads = [Thread(target=write, args=(person.walk_in(),)) for person in people]
        for thread in threads:
            thread.start()
        made: list[tuple[set[int], Path]] = []
        try:
            for number in range(3):
                while len(acknowledged) < 15 * (number + 1):
                    stop.wait(0.05)
                before, file = set(acknowledged), tmp_path / f"live{number}.zip"
                backups.back_up(Path(make_url(site.database_url).database or ""), file)
                made.append((before, file))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        for before, file in made:
            there = Database(f"sqlite:///{restored(file, tmp_path / f'{file.stem}.db')}")
            with there.reading() as session:
                assert before <= set(session.scalars(select(Reply.id)))
            there.dispose()


# A secret made anew, figures of the process.
EACH_TIME = {"/settings/two-step", "/metrics", "/moderation/health"}
SAME = re.compile(r'value="[^"]{12,}"|<time.*?</time>|token-\w+', re.DOTALL)  # what is another on every page


def all_pages(site: Site, names: Sequence[str], where: dict[str, str]) -> dict[str, tuple[int, str]]:
    """Every page of the sweep, as a visitor and as people get it; without what differs each time."""
    found = {}
    for name in ("", *names):
        person = Person(site, name)
        if name:
            person.walk_in()
        for template in {*SURFACES.values(), *MORE_SURFACES} - EACH_TIME:
            page = person.get(template.format(**where))
            text = SAME.sub("", page.text).replace(f"127.0.0.1:{site.port}", "here")
            found[f"{name} {template}"] = (page.status, text)
    return found


@pytest.mark.slow
def test_k1_a_site_booted_from_a_backup_elsewhere_is_the_same_on_every_page(tmp_path: Path) -> None:
    with site_on("sqlite", tmp_path / "site") as site:
        people = site.add_people(["Writer", "Critic"])
        (warden,) = site.add_people(["Warden"], role="moderator")
        essay = site.add_essay()
        site.start()
        writer, critic = (person.walk_in() for person in people)
        warden.walk_in()

        def reply(to: str, body: str, who: Person = critic, **more: str) -> int:
            return who.post(f"{to}/replies", stance="con", body=body, **more).reply_id

        above = reply(essay.paragraph(1), "Above.", source_url="https://example.org/a", source_quote="Words.")
        about = reply(f"/replies/{above}", "Marked, and hidden later.", writer)
        below = reply(f"/replies/{about}", "Below.")
        assert writer.post(f"/replies/{above}/vote", value="1").status == 303
        assert warden.post(f"/replies/{about}/hide", reason="spam").status == 303
        assert warden.post(f"{essay.paragraph(2)}/lock", reason="Rest.").status == 303
        where = {
            "essay": essay.path, "slug": essay.slug, "key": essay.keys[0], "mark": "harbour", "writer": "Critic",
            "about": str(about), "above": str(above), "below": str(below), "ruling": "1", "citation": "1",
            "source": "1",
        }  # fmt: skip
        names = ("Critic", "Warden")
        before = all_pages(site, names, where)
        file = tmp_path / "b.zip"
        assert site.run("backup", str(file)).returncode == 0
        for number in range(5):
            reply(essay.paragraph(3), f"After the backup, {number}.")
        other = Site(tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'elsewhere' / 'debate.db'}")
        other.folder.mkdir()
        shutil.copy(site.folder / "secret_key", other.folder / "secret_key")
        restored_there = other.run("restore", str(file))
        assert restored_there.returncode == 0, restored_there.stderr
        try:
            other.start()
            after = all_pages(other, names, where)
            assert {page: after[page][0] for page in before} == {page: found[0] for page, found in before.items()}
            differing = [page for page in before if before[page] != after[page]]
            assert differing == []
            assert other.recounts() == "0 differences.\n"
            Person(other, "Writer").walk_in().post(f"{essay.paragraph(1)}/replies", stance="pro", body="On.").reply_id  # noqa: B018
        finally:
            other.kill()


def all_of(session: Session, table: Table) -> list[str]:
    return sorted(repr(tuple(row)) for row in session.execute(select(table)))


@pytest.mark.postgres
def test_k1_postgresqls_own_tools_bring_all_of_it_back(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if not POSTGRES:
        lacking("PostgreSQL tests are off; see the others")
    if shutil.which("pg_dump") is None:
        lacking("pg_dump is missing: apt-get install postgresql-client")
    new_postgres: Callable[[str], str] = request.getfixturevalue("new_postgres")
    one, other = (new_postgres(name).replace("+psycopg", "") for name in ("from", "to"))
    database = Database(one)
    schema.upgrade(database)
    environ = {**os.environ, "DEBATE_DATABASE_URL": one, "DEBATE_INSTANCE": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "debate", "demo"], env=environ, cwd=ROOT, check=True, capture_output=True)
    dump = tmp_path / "debate.dump"
    subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", one], check=True)
    subprocess.run(["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={other}", dump], check=True)
    there = Database(other)
    assert schema.differences(there) == []
    with database.reading() as session, there.reading() as restored_one:
        assert len(session.scalars(select(Reply.id)).all()) > 50
        for table in Base.metadata.sorted_tables:
            assert all_of(session, table) == all_of(restored_one, table), table.name
    for each in (database, there):
        each.dispose()
    site = Site(tmp_path / "elsewhere", other)
    site.folder.mkdir()
    try:
        site.start()
        assert Person(site).get("/").status == 200
        assert site.recounts() == "0 differences.\n"
    finally:
        site.kill()
    broken = tmp_path / "broken.dump"
    broken.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    failed = subprocess.run(["pg_restore", "--exit-on-error", "--list", broken], capture_output=True)
    again = subprocess.run(["pg_restore", "--exit-on-error", "--file=/dev/null", broken], capture_output=True)
    assert failed.returncode or again.returncode, "a truncated dump is noticed by reading all of it"
