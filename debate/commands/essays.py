"""`debate essay`: bring one in, list them."""

from pathlib import Path

import click
from flask.cli import AppGroup

from debate import web
from debate.actions import essays as actions
from debate.commands.answers import database, fail
from debate.queries import essays, users
from debate.text import markup
from debate.text.essay import LANGUAGES, TEXT_LIMIT, BadText, Draft, decode, format_of, parse

group = AppGroup("essay", help="Essays: import, list.")


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--title", help="The title; without it the first block of the text is the title.")
@click.option("--author", default="", help="The author's name; an account of that name owns the essay.")
@click.option("--format", "format_", type=click.Choice(["txt", "md"]), help="Default: by the file's name.")
@click.option("--language", type=click.Choice(LANGUAGES), help="What it is written in; default: the site's language.")
def bring_in(file: Path, title: str | None, author: str, format_: str | None, language: str | None) -> None:
    """Publish the essay in FILE; prints its path and its number of debatable paragraphs."""
    draft = _parsed(file, title, format_)
    author = " ".join(markup.tidy(author).split())
    if len(author) > 100:
        fail(f"The author's name must be 100 characters or fewer; this one has {len(author)}.")
    db = database()
    with db.reading() as session:
        owner = users.named(session, author) if author else None
    slug = db.write(
        actions.publish,
        draft,
        author_name=author,
        owner_id=owner.id if owner else None,
        by_id=None,
        language=language or web.settings().language,
    )
    click.echo(f"/essays/{slug} {sum(block.debatable for block in draft.blocks)} paragraphs")


def _parsed(file: Path, title: str | None, format_: str | None) -> Draft:
    try:
        with file.open("rb") as opened:
            data = opened.read(TEXT_LIMIT * 4 + 4)
        kind = "md" if (format_ or format_of(file.name)) == "md" else "txt"
        return parse(decode(data), kind, title)
    except OSError as error:
        fail(f"{file}: {error.strerror}.")
    except BadText as error:
        fail(f"{file}: {error}")


@group.command("list")
def listing() -> None:
    """The published essays: path, number of replies, title."""
    with database().reading() as session:
        for essay in essays.listed(session):
            word = "reply" if essay.reply_count == 1 else "replies"
            click.echo(f"/essays/{essay.slug}\t{essay.reply_count} {word}\t{essay.title}")
