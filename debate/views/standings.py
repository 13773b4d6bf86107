"""Who may write and who moderates: suspensions, bans, moderators of one essay; whom a reader has muted."""

from datetime import UTC, datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from debate import addresses, rules, web
from debate.actions import sites
from debate.actions import standings as actions
from debate.forms import BARS, bar_until, noted, reasoned
from debate.models import User
from debate.queries import standings, users
from debate.refusals import NOT_YOURS, Invalid
from debate.text.message import N_

blueprint = Blueprint("standings", __name__)


@blueprint.post("/users/<name>/suspend")
def suspend(name: str) -> ResponseReturnValue:
    """Suspend an account from the whole site for a time, or ban it, with a reason."""
    return _suspended(_other(name), f"/users/{name}")


@blueprint.get("/replies/<int:reply_id>/writer")
def writer(reply_id: int) -> ResponseReturnValue:
    """Suspend or ban who wrote a reply, or let them back: also where the account was deleted and has no name."""
    if web.person() is None:
        return web.to_login(request.path)
    return _page(_writer(reply_id), f"/replies/{reply_id}/writer")


@blueprint.post("/replies/<int:reply_id>/writer/suspend")
def suspend_writer(reply_id: int) -> ResponseReturnValue:
    """The same as by name for who wrote a reply; an account that was deleted can only be banned."""
    return _suspended(_writer(reply_id), f"/replies/{reply_id}/writer")


@blueprint.post("/replies/<int:reply_id>/writer/lift")
def lift_writer(reply_id: int) -> ResponseReturnValue:
    """End what bars the writer of a reply from the whole site."""
    user = _writer(reply_id)
    web.write(actions.lift, web.actor(), user.id, _note())
    return web.done(f"/replies/{reply_id}/writer")


def _writer(reply_id: int) -> User:
    reply = addresses.reply(reply_id)
    web.permit(rules.may_bar_writer(web.person(), reply), NOT_YOURS)
    return reply.author


def _suspended(user: User, at: str) -> ResponseReturnValue:
    """Bar an account as the form says; `at` is where its forms are."""
    typed = {field: web.field(field) for field in ("reason", "note", "bar")}
    note, errors = reasoned(typed["reason"], typed["note"])
    if typed["bar"] not in BARS or not typed["bar"]:
        errors["bar"] = N_("Choose for how long.")
    if errors:
        return _page(user, at, typed, errors)
    kind, until = bar_until(typed["bar"], datetime.now(UTC))
    try:
        web.write(actions.bar, web.actor(), user.id, kind, until, typed["reason"], note)
    except Invalid as refused:
        return _page(user, at, typed, refused.errors)
    return web.done(at)


def _page(
    user: User, at: str, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    typed = typed or {"reason": "", "note": "", "bar": ""}
    open_ones = standings.open_of(web.reading(), user)
    inputs = {"user": user, "at": at, "typed": typed, "errors": errors or {}, "standings": open_ones}
    return web.page("users/suspend.html", 422 if errors else 200, **inputs)


@blueprint.post("/users/<name>/lift")
def lift(name: str) -> ResponseReturnValue:
    """End a suspension or a ban of the whole site, or a suspension in one `essay`."""
    slug = web.field("essay")
    if slug:
        user = web.found(users.named(web.reading(), name))
        essay = addresses.essay(slug)
        web.permit(rules.may_moderate(web.person(), essay), N_("Only moderators can do this."))
        essay_id = essay.id
    else:
        user, essay_id = _other(name), None
    web.write(actions.lift, web.actor(), user.name, _note(), essay_id)
    return web.done(f"/users/{user.name}")


def _note() -> str:
    note, problem = noted(web.field("note"), "", required=False)
    if problem:
        raise Invalid({"note": problem})
    return note


def _other(name: str) -> User:
    user = web.found(users.named(web.reading(), name))
    web.permit(rules.may_suspend(web.person(), user), NOT_YOURS)
    return user


@blueprint.post("/users/<name>/mute")
def mute(name: str) -> ResponseReturnValue:
    """Fold somebody's replies for oneself (`value` 1), or no more (0)."""
    user = web.found(users.named(web.reading(), name))
    web.write(actions.mute, web.actor(), user.name, web.field("value") != "0")
    return web.done(f"/users/{user.name}")


@blueprint.post("/essays/<slug>/moderators")
def appoint(slug: str) -> ResponseReturnValue:
    """Give an account (`name`) charge of one essay's debate, or with `act` = dismiss take it back."""
    essay = addresses.essay(slug)
    web.permit(rules.may_give_roles(web.person()), N_("Only admins can give roles."))
    act = actions.dismiss if web.field("act") == "dismiss" else actions.appoint
    web.write(act, web.actor(), essay.id, web.field("name").strip())
    return web.done(f"/essays/{slug}#moderate")


@blueprint.post("/essays/<slug>/premoderation")
def premoderate(slug: str) -> ResponseReturnValue:
    """Hold every reply until a moderator has seen it (`value` 1), or no more (0)."""
    essay = addresses.essay(slug)
    web.permit(rules.may_moderate(web.person(), essay), N_("Only moderators can do this."))
    web.write(sites.premoderate, web.actor(), essay.id, web.field("value") == "1")
    return web.done(f"/essays/{slug}#moderate")
