"""`debate log`: is the moderation log what was written?"""

import click
from flask.cli import AppGroup

from debate.commands.answers import database
from debate.queries import moderation

group = AppGroup("log", help="The public log of what moderators did.")


@group.command("verify")
@click.option("--known", multiple=True, metavar="DIGEST", help="A digest noted down earlier; it must be in the chain.")
def verify(known: tuple[str, ...]) -> None:
    """Check every entry against the digest that covers it and the one before. Exit 1 if anything was changed.

    Prints the digest that the log ends with: note it down elsewhere, and nobody can write the log anew unseen.
    """
    with database().reading() as session:
        verdict = moderation.verify(session, known)
    for line in verdict.wrong:
        click.echo(line)
    if verdict.wrong:
        raise SystemExit(1)
    click.echo(f"{verdict.count} entries, the chain is whole. It ends with {verdict.digest or 'nothing'}")
