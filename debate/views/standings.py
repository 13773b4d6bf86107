"""Who may write and who moderates: suspensions, bans, moderators of one essay; whom a reader has muted."""

from datetime import UTC, datetime

from flask import Blueprint
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
    user = _other(name)
    typed = {field: web.field(field) for field in ("reason", "note", "bar")}
    note, errors = reasoned(typed["reason"], typed["note"])
    if typed["bar"] not in BARS or not typed["bar"]:
        errors["bar"] = N_("Choose for how long.")
    if errors:
        open_ones = standings.open_of(web.reading(), user)
        return web.page("users/suspend.html", 422, user=user, typed=typed, errors=errors, standings=open_ones)
    kind, until = bar_until(typed["bar"], datetime.now(UTC))
    web.write(actions.bar, web.actor(), user.name, kind, until, typed["reason"], note)
    return web.done(f"/users/{user.name}")


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
    note, problem = noted(web.field("note"), "", required=False)
    if problem:
        raise Invalid({"note": problem})
    web.write(actions.lift, web.actor(), user.name, note, essay_id)
    return web.done(f"/users/{user.name}")


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
