"""`debate recount`: are the kept counts what the rows say?"""

import click
from flask.cli import with_appcontext

from debate.actions import counts as actions
from debate.commands.answers import database
from debate.queries import counts


@click.command("recount")
@click.option("--fix", is_flag=True, help="Put right what differs.")
@with_appcontext
def recount(fix: bool) -> None:
    """Count everything again and print what differs; nothing should. Exit 1 if something did and was not mended."""
    db = database()
    if fix:
        found = db.write(actions.mend)
    else:
        with db.reading() as session:
            found = counts.differences(session)
    for difference in found:
        click.echo(str(difference))
    click.echo(f"{len(found)} differences{' mended' if fix and found else ''}.")
    if found and not fix:
        raise SystemExit(1)
