"""A verified copy of a live SQLite database in one file, and the way back.

A backup is a ZIP with the database and a manifest: when it was made, at which schema, and the digest of the database.
Nothing is believed of it that was not computed again.
"""

import hashlib
import json
import os
import secrets
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

DATABASE, MANIFEST = "debate.db", "manifest.json"
FORMAT = 1
PIECE = 2**20  # bytes read at a time
MANIFEST_MAX = 10_000


class Unfit(Exception):
    """A backup that cannot be made or put back; the message says why in one sentence."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself: `made_at` in UTC (ISO 8601), the schema's migration, the database's SHA-256."""

    format: int
    made_at: str
    schema: str
    digest: str
    size: int  # bytes


def back_up(database: Path, to: Path) -> Manifest:
    """Write a copy of a database, which may be in use, to a new file. What was committed before it began is in it.

    The copy is checked, written beside its place, made durable, read back, and only then given its name. Raises Unfit
    where there is something of that name already, or the copy is not sound.
    """
    if to.exists():
        raise Unfit(f"{to} is there already; choose another name.")
    if not to.parent.is_dir():
        raise Unfit(f"There is no folder {to.parent}.")
    if not database.is_file():
        raise Unfit(f"There is no database at {database}.")
    with _beside(to) as copy, _beside(to) as packed:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # addresses and password hashes are in it
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=60)) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
        schema = _sound(copy)
        digest, size = _digest_of(copy)
        manifest = Manifest(FORMAT, datetime.now(UTC).isoformat(timespec="seconds"), schema, digest, size)
        with packed.open("xb") as out:
            os.chmod(packed, 0o600)
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
                pack.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
                pack.write(copy, DATABASE)
            _keep(out)
        check(packed)
        try:
            os.link(packed, to)  # fails where somebody else was faster, unlike a rename
        except FileExistsError as error:
            raise Unfit(f"{to} is there already; choose another name.") from error
        _keep_folder(to.parent)
    return manifest


def check(backup: Path) -> Manifest:
    """Read all of a backup and compare it with what it says of itself; nothing is written. Raises Unfit."""
    with _opened(backup) as pack:
        manifest = _manifest(pack, backup)
        seen = hashlib.sha256()
        size = 0
        with pack.open(DATABASE) as data:
            while piece := data.read(PIECE):
                seen.update(piece)
                size += len(piece)
                if size > manifest.size:
                    break
    if (seen.hexdigest(), size) != (manifest.digest, manifest.size):
        raise Unfit(f"{backup} is damaged: the database in it is not what was put in.")
    return manifest


def restore(backup: Path, database: Path, known: set[str], *, replace: bool = False) -> tuple[Manifest, Path | None]:
    """Put a backup in the place of a database that nobody has open; returns where the one that was there is kept.

    `known` are the migrations that this program knows. Without `replace` nothing that holds a database is touched.
    Whatever fails, fails before the database is moved. Raises Unfit.
    """
    manifest = check(backup)
    if manifest.schema not in known:
        raise Unfit(f"{backup} was made by a newer version of this program (schema {manifest.schema}): upgrade first.")
    if _is_filled(database) and not replace:
        raise Unfit(
            f"There is a database at {database}. To put the backup in its place: --replace (it is kept beside)."
        )
    if not database.parent.is_dir():
        raise Unfit(f"There is no folder {database.parent}.")
    with _beside(database) as copy:
        with _opened(backup) as pack, pack.open(DATABASE) as data, copy.open("xb") as out:
            os.chmod(copy, 0o600)
            while piece := data.read(PIECE):
                out.write(piece)
            _keep(out)
        if _digest_of(copy) != (manifest.digest, manifest.size) or _sound(copy) != manifest.schema:
            raise Unfit(f"{backup} is damaged: the database in it is not what was put in.")
        kept = _set_aside(database)
        os.rename(copy, database)
        _keep_folder(database.parent)
    return manifest, kept


def _set_aside(database: Path) -> Path | None:
    """Give what is there another name, with its log, which would be read as the new database's; None if nothing is."""
    files = {ending: Path(f"{database}{ending}") for ending in ("", "-wal", "-shm")}
    if _is_filled(database):
        _must_be_alone(database)
    kept = database.with_name(f"{database.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}")
    there = [ending for ending, file in files.items() if _is_filled(file)]
    for ending in there:
        os.rename(files[ending], f"{kept}{ending}")
    return kept if there else None


def _is_filled(file: Path) -> bool:
    """Whether there is a file with anything in it: the program makes an empty one before it first connects."""
    return file.exists() and file.stat().st_size > 0


def _must_be_alone(database: Path) -> None:
    """Raises Unfit where anybody has the database open; what stood in its log is written into it."""
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as there:
            there.execute("PRAGMA locking_mode=EXCLUSIVE")
            there.execute("BEGIN EXCLUSIVE")
            there.execute("COMMIT")
            # Leaving the log's mode needs the file for itself alone: a running site keeps it from happening.
            if there.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
                raise Unfit(f"{database} is in use: stop the site first.")
    except sqlite3.OperationalError as error:
        raise Unfit(f"{database} is in use: stop the site first.") from error
    except sqlite3.DatabaseError:
        pass  # what is there is no database, or a broken one: a reason to restore, and kept as it is all the same


def _sound(database: Path) -> str:
    """The migration that a database is at; raises Unfit where SQLite finds something wrong with it."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as there:
            wrong = there.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = there.execute("PRAGMA foreign_key_check").fetchone()
            row = there.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise Unfit(f"The database cannot be read ({error}).") from error
    if wrong != "ok" or broken is not None or row is None:
        raise Unfit("The database is not sound: " + (wrong if wrong != "ok" else "a reference leads nowhere") + ".")
    return row[0]


def _manifest(pack: zipfile.ZipFile, backup: Path) -> Manifest:
    try:
        info = pack.getinfo(MANIFEST)
        if info.file_size > MANIFEST_MAX or set(pack.namelist()) != {MANIFEST, DATABASE}:
            raise Unfit(f"{backup} is not a backup of this program.")
        found = Manifest(**json.loads(pack.read(MANIFEST)))
    except (KeyError, TypeError, ValueError) as error:
        raise Unfit(f"{backup} is not a backup of this program.") from error
    if found.format != FORMAT:
        raise Unfit(f"{backup} is of another kind of backup ({found.format}) than this program knows.")
    return found


@contextmanager
def _opened(backup: Path) -> Iterator[zipfile.ZipFile]:
    """A backup's file; whatever is wrong with it, found now or while it is read, is one sentence."""
    try:
        with zipfile.ZipFile(backup) as pack:
            yield pack
    except FileNotFoundError as error:
        raise Unfit(f"There is no file {backup}.") from error
    except OSError as error:
        raise Unfit(f"{backup}: {error.strerror}.") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise Unfit(f"{backup} is damaged, or no backup.") from error


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A name beside a place, gone at the end if it was used."""
    made = place.with_name(f".{place.name}.{secrets.token_hex(6)}")
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)


def _digest_of(file: Path) -> tuple[str, int]:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest(), file.stat().st_size


def _keep(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _keep_folder(folder: Path) -> None:
    """A new name is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
