"""People: the public profile, and the admins' page of accounts."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import rules, web
from debate.actions import users as actions
from debate.models.users import ROLES
from debate.queries import essays, replies, standings, users
from debate.refusals import Forbidden, Invalid
from debate.text.message import N_

blueprint = Blueprint("users", __name__)

PAGE = 30


@blueprint.get("/users/<name>")
def show(name: str) -> Response:
    """A person's replies, newest first; `before` goes on from one."""
    user, who = web.found(users.named(web.reading(), name)), web.person()
    last = web.row_id(request.args.get("before", ""))
    listed = replies.by_writer(web.reading(), user, last, PAGE)
    return web.page(
        "users/show.html",
        user=user,
        replies=listed,
        count=replies.count_by_writer(web.reading(), user),
        more=listed[-1].id if len(listed) == PAGE else None,
        drafts=essays.drafts_of(web.reading(), user) if who is not None and who.id == user.id else [],
        standings=standings.open_of(web.reading(), user) if rules.may_see_queue(who) else None,
    )


@blueprint.get("/users")
def index() -> ResponseReturnValue:
    """All accounts and their roles, newest first (admins); `before` goes on from one."""
    if web.person() is None:
        return web.to_login("/users")
    web.permit(rules.may_give_roles(web.person()), N_("Only admins can open this page."))
    return _accounts(web.row_id(request.args.get("before", "")))


def _accounts(before: int | None = None, status: int = 200, problem: str = "") -> Response:
    listed, is_more = users.everyone(web.reading(), before)
    return web.page("users/index.html", status, users=listed, is_more=is_more, roles=ROLES, problem=problem)


@blueprint.post("/users/<name>/role")
def give_role(name: str) -> ResponseReturnValue:
    """Give an account another role, from its next request on."""
    web.permit(rules.may_give_roles(web.person()), N_("Only admins can give roles."))
    user = web.found(users.named(web.reading(), name))
    role = web.field("role")
    if role not in ROLES:
        raise Invalid({"role": N_("Choose participant, moderator or admin.")})
    try:
        web.write(actions.give_role, web.actor(), user.name, role)
    except Forbidden as refused:
        if not rules.may_give_roles(web.person()):
            abort(403, refused.why)
        if web.wants_fragment():
            user = web.found(users.named(web.reading(), name))
            return web.fragment("users/_row.html", 422, user=user, roles=ROLES, why=refused.why)
        return _accounts(status=422, problem=refused.why)
    if not web.wants_fragment():
        return web.see("/users")
    return web.fragment("users/_row.html", user=users.named(web.reading(), name), roles=ROLES, say=_("Role changed."))
