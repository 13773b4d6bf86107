"""`debate user`: accounts and their roles."""

import sys

import click
from flask.cli import AppGroup

from debate import passwords, web
from debate.actions import accounts, steps
from debate.actions import users as actions
from debate.commands.answers import database, fail
from debate.forms import account_problems
from debate.models.users import ROLES
from debate.refusals import Forbidden, Invalid, Missing

group = AppGroup("user", help="Accounts and their roles.")


@group.command("add")
@click.argument("name")
@click.option("--email", required=True)
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(name: str, email: str, role: str, password_stdin: bool) -> None:
    """Make an account; asks for its password."""
    db = database()
    password = _password(password_stdin)
    wrong = account_problems(name, email, password)
    if wrong:
        fail(" ".join(wrong.values()))
    try:
        db.write(actions.add, name, email, web.passwords().hash(password), role)
    except Invalid as refused:
        fail(" ".join(refused.errors.values()))
    click.echo(f"{name} is here as {role}.")


@group.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
def role(name: str, role: str) -> None:
    """Give the account NAME the role ROLE."""
    try:
        database().write(actions.give_role, None, name, role)
    except Missing:
        fail(f"There is no account named {name}.")
    except Forbidden as refused:
        fail(refused.why)
    click.echo(f"{name} is {role} now.")


@group.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(name: str, password_stdin: bool) -> None:
    """Give the account NAME another password; it is logged out everywhere."""
    db = database()
    chosen = _password(password_stdin)
    if wrong := passwords.problem(chosen):
        fail(wrong)
    try:
        db.write(accounts.set_password, name, web.passwords().hash(chosen))
    except Missing:
        fail(f"There is no account named {name}.")
    click.echo(f"{name} has another password and is logged out everywhere.")


@group.command("second-step-off")
@click.argument("name")
def second_step_off(name: str) -> None:
    """Let the account NAME, whose owner lost app, passkeys and recovery codes, log in by its password alone."""
    try:
        database().write(steps.take_away, name)
    except Missing:
        fail(f"There is no account named {name}.")
    click.echo(f"{name} logs in by password alone now, and is logged out everywhere.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)
