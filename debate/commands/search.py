"""`debate search`: the index of what was said."""

import click
from flask.cli import AppGroup

from debate.actions import finds
from debate.commands.answers import database

group = AppGroup("search", help="The index of search: make it anew.")


@group.command("rebuild")
def rebuild() -> None:
    """Make everything findable anew; prints how many things there are."""
    click.echo(f"{database().write(finds.rebuild)} things can be found.")
