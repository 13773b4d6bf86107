"""The `debate` command: the database, its backups, essays, accounts, the demo, counting, search, the log, serving."""

from flask import Flask

from debate.commands import backups, db, demo, essays, log, recount, search, serve, users


def register(app: Flask) -> None:
    """Hang the commands on the app's own command line."""
    for command in (
        db.group,
        backups.backup,
        backups.restore,
        essays.group,
        users.group,
        demo.demo,
        recount.recount,
        search.group,
        log.group,
        serve.serve,
    ):
        app.cli.add_command(command)
