"""`debate essay`: bring one in, revise it, list them."""

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from debate import web
from debate.actions import essays as actions
from debate.actions import revisions
from debate.actions.essays import Said
from debate.commands.answers import database, fail
from debate.forms import NOTE_LIMIT
from debate.queries import essays, texts, users
from debate.queries import revisions as revisions_of
from debate.refusals import Archived, Forbidden, Missing, Outdated
from debate.text import markup
from debate.text.essay import FORMATS, LANGUAGES, BadText, Draft, Given, parse, read
from debate.text.plan import CHANGES, Known, plan, retitled

FILE_BYTES = 16 * 2**20  # as much as the page takes

group = AppGroup("essay", help="Essays: import, revise, list.")


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--title", help="The title; without it the first block of the text is the title.")
@click.option("--author", default="", help="The author's name; an account of that name owns the essay.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Default: by the file's name.")
@click.option("--language", type=click.Choice(LANGUAGES), help="What it is written in; default: the site's language.")
@click.option("--draft", is_flag=True, help="Store it as a draft, for its author alone.")
def bring_in(
    file: Path, title: str | None, author: str, format_: str | None, language: str | None, *, draft: bool
) -> None:
    """Publish the essay in FILE; prints its path and its number of debatable paragraphs."""
    found, given = _parsed(file, title, format_)
    author = " ".join(markup.tidy(author).split())
    if len(author) > 100:
        fail(f"The author's name must be 100 characters or fewer; this one has {len(author)}.")
    db = database()
    with db.reading() as session:
        owner = users.named(session, author) if author else None
    slug = db.write(
        actions.publish,
        found,
        author_name=author,
        owner_id=owner.id if owner else None,
        by_id=None,
        language=language or given.language or web.settings().language,
        format=given.format,
        as_draft=draft,
    )
    click.echo(f"/essays/{slug} {sum(block.debatable for block in found.blocks)} paragraphs")


@group.command("revise")
@click.argument("slug")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--note", default="", help="A line on what changed, for the history.")
@click.option("--title", help="The title; without it the first block, if it looks like one; else it stays.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Default: by the file's name.")
def revise(slug: str, file: Path, note: str, title: str | None, format_: str | None) -> None:
    """Give the essay at SLUG the text in FILE; prints what was kept, reworded, moved, split, merged, removed, new."""
    note = markup.tidy(note).strip()
    if len(note) > NOTE_LIMIT:
        fail(f"The note must be {NOTE_LIMIT:,} characters or fewer; this one has {len(note):,}.")
    db = database()
    with db.reading() as session:
        essay = essays.by_slug(session, slug.rpartition("/")[2])
        if essay is None:
            fail(f"There is no essay at {slug}.")
        present, gone = revisions_of.known(texts.of(session, essay))
    found, given = _parsed(file, title, format_, of=(essay.title, present))
    planned = plan(found.title, found.blocks, present, gone)
    if not any(step.debatable for step in planned.steps):
        fail(f"{file}: every paragraph is closed to debate; one has to be open.")
    said = Said(given.language or essay.language, given.format)
    try:
        number = db.write(revisions.revise, None, essay.id, planned, said, note=note, base=essay.revision)
    except Missing:
        fail(f"/essays/{essay.slug} is a draft: edit it on the site.")
    except Archived:
        fail(f"/essays/{essay.slug} is archived: nobody writes to it.")
    except Outdated:
        fail(f"/essays/{essay.slug} was revised at the same moment: run this again.")
    except Forbidden as refused:
        fail(str(refused.why))
    click.echo(f"/essays/{essay.slug} revision {number}")
    click.echo(", ".join(f"{change} {planned.counts[change]}" for change in CHANGES))


def _parsed(
    file: Path, title: str | None, format_: str | None, of: tuple[str, Sequence[Known]] | None = None
) -> tuple[Draft, Given]:
    """The essay in a file, which revises one of this title and these paragraphs (`of`), or none; what was left out is
    said on stderr."""
    try:
        with file.open("rb") as opened:
            data = opened.read(FILE_BYTES + 1)
        if len(data) > FILE_BYTES:
            raise BadText(f"The file is larger than {FILE_BYTES // 2**20} MB.")
        given = read(data, file.name, format_)
        if of is not None and not title:
            draft = retitled(given.text, given.format, given.title or of[0], of[1])
        else:
            draft = parse(given.text, given.format, title or given.title or None)
    except OSError as error:
        fail(f"{file}: {error.strerror}.")
    except BadText as error:
        fail(f"{file}: {error}")
    for words in given.left_out:
        click.echo(f"Left out: {words}", err=True)
    return draft, given


@group.command("list")
def listing() -> None:
    """The essays for all to read: path, number of replies, title."""
    with database().reading() as session:
        for essay in essays.listed(session):
            word = "reply" if essay.reply_count == 1 else "replies"
            click.echo(f"/essays/{essay.slug}\t{essay.reply_count} {word}\t{essay.title}")
