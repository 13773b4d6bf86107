"""`debate db`: the schema."""

import click
from alembic.util import CommandError
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from debate import schema, web
from debate.commands.answers import fail, no_answer

group = AppGroup("db", help="The database's schema.")


@group.command("upgrade")
def upgrade() -> None:
    """Bring the schema to its newest state."""
    try:
        schema.upgrade(web.database())
    except CommandError:
        fail("The database was made by a newer version of this program: upgrade the program.")
    except DBAPIError as error:
        no_answer(error)
    click.echo(f"The schema is at {schema.newest()}.")


@group.command("check")
def check() -> None:
    """Fail if the models and the schema differ."""
    try:
        differing = schema.differences(web.database())
    except DBAPIError as error:
        no_answer(error)
    if differing:
        fail("The schema differs from the models: " + "; ".join(differing))
    click.echo("The schema is what the models say.")
