"""Deleting one's own account."""

from flask import Blueprint, Response, request, session
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from debate import logins, web
from debate.actions import deletion
from debate.queries import accounts
from debate.text.message import N_

blueprint = Blueprint("deletion", __name__)

CHOICES = ("keep", "erase")


@blueprint.route("/settings/delete", methods=["GET", "POST"])
def form() -> ResponseReturnValue:
    """Say what stays, ask for the password, and delete the reader's account."""
    who = web.person()
    if who is None:
        return web.to_login("/settings/delete")
    if request.method == "GET":
        return _page({}, "")
    errors = logins.problem_with_password(who, "current")
    words = web.field("words")
    if words not in CHOICES:
        errors["words"] = N_("Choose what becomes of your words.")
    if errors:
        return _page(errors, words, 422)
    actor = who.get_id()
    # Many short writes: if it is cut short half way the account is still there, to go on with.
    while not web.write(deletion.delete_account, actor, erases=words == "erase"):
        pass
    session.clear()
    logout_user()
    return web.see("/goodbye")


def _page(errors: dict[str, str], words: str, status: int = 200) -> Response:
    who = web.found(web.person())
    replies, essays = accounts.what_stays(web.reading(), who)
    inputs = {"replies": replies, "essays": essays, "elsewhere": accounts.wrote_elsewhere(web.reading(), who)}
    return web.page("users/delete.html", status, errors=errors, words=words, **inputs)


@blueprint.get("/goodbye")
def done() -> Response:
    """The account is gone."""
    return web.page("users/goodbye.html")
