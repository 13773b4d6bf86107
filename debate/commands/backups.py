"""`debate backup` and `debate restore`: a verified copy of a live database, and the way back; or a note of others'."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import make_url

from debate import backup_records, backups, schema, web
from debate.actions import backups as notes
from debate.backups import Unfit
from debate.commands.answers import database, fail

POSTGRESQL = "PostgreSQL is backed up by its own tools, pg_dump and pg_restore: README says how, and how to check."


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--elsewhere", is_flag=True, help="Only note FILE, which pg_dump or pg_basebackup made (PostgreSQL).")
@with_appcontext
def backup(file: Path, *, elsewhere: bool) -> None:
    """Write a verified copy of the database to FILE; the site may be running."""
    if elsewhere:
        made_at, size = _of_other_tools(file)
        database().write(notes.made, made_at, size)
        click.echo(
            f"Noted: {file}, {size:,} bytes, made {made_at:%Y-%m-%d %H:%M} UTC. Read it back to know it is whole."
        )
        return
    try:
        made = backups.back_up(_file(), file)
    except (Unfit, OSError) as error:
        fail(str(error))
    _record(lambda: backup_records.made(_file(), made.made_at, file.stat().st_size, made.digest))
    click.echo(f"{file}: {made.size:,} bytes of database at schema {made.schema}, sha256 {made.digest}")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of the database that is there, and keep that.")
@click.option("--check", is_flag=True, help="Only read FILE and tell whether it is whole.")
@click.option("--elsewhere", is_flag=True, help="Only note that pg_restore put FILE back; with --check: read it whole.")
@with_appcontext
def restore(file: Path, *, replace: bool, check: bool, elsewhere: bool) -> None:
    """Put the backup in FILE in the place of the database; the site must be stopped. A damaged one is refused."""
    if elsewhere:
        made_at, _ = _of_other_tools(file)
        database().write(notes.checked if check else notes.restored, made_at)
        click.echo(f"Noted: {file} was {'read back whole' if check else 'put back'}.")
        return
    try:
        if check:
            made, kept = backups.check(file), None
        else:
            made, kept = backups.restore(file, _file(), schema.known(), replace=replace)
    except (Unfit, OSError) as error:
        fail(str(error))
    if not check or _database() is not None:
        _record(lambda: (backup_records.checked if check else backup_records.restored)(_file(), made.made_at))
    if kept is not None:
        click.echo(f"What was there is kept as {kept}.")
    if check:
        click.echo(f"{file} is whole: made {made.made_at}, schema {made.schema}, sha256 {made.digest}")
    else:
        click.echo(f"Restored what was backed up {made.made_at}, at schema {made.schema}.")
        if made.schema != schema.newest():
            click.echo("It is older than this program: run `debate db upgrade` before the site is started.")


def _of_other_tools(file: Path) -> tuple[datetime, int]:
    """When a dump's file, or a base backup's folder, was last written, and its bytes."""
    if _database() is not None:
        fail("On SQLite a backup is made by `debate backup` itself, and noted as it is made.")
    try:
        inside = [part.stat() for part in file.rglob("*") if part.is_file()] if file.is_dir() else [file.stat()]
    except OSError as error:
        fail(f"{file}: {error.strerror}.")
    size = sum(part.st_size for part in inside)
    if not size:
        fail(f"{file} is empty: that is no backup.")
    return datetime.fromtimestamp(max(part.st_mtime for part in inside), UTC), size


def _file() -> Path:
    """The SQLite file that the settings name; with PostgreSQL there is none."""
    return _database() or fail(POSTGRESQL)


def _database() -> Path | None:
    url = make_url(web.settings().database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _record(keep: Callable[[], None]) -> None:
    """Note for the site's health page what was done; that it was done does not hang on the note."""
    try:
        keep()
    except OSError as error:
        click.echo(f"This could not be noted beside the database ({error.strerror}).", err=True)
