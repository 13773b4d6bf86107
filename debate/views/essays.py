"""Essays: reading one, publishing one."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from debate import articles, rules, web
from debate.actions import essays as actions
from debate.queries import essays, locks, standings, visits
from debate.queries.threads import Place
from debate.text import markup
from debate.text.essay import LANGUAGES, TEXT_LIMIT, BadText, Draft, decode, format_of, parse
from debate.text.message import N_

blueprint = Blueprint("essays", __name__)

NEW_ESSAY_BYTES = 16 * 2**20  # a million characters, each up to four bytes, each byte up to three in a form


@blueprint.get("/essays/<slug>")
def show(slug: str) -> Response:
    """The essay with a marker beside each paragraph; `open` unfolds the debate of one."""
    essay = web.found(essays.by_slug(web.reading(), slug))
    text = essays.text_of(web.reading(), essay)
    opened = text.passage(request.args.get("open", ""))
    debate = None
    if opened is not None and opened.number:
        debate = articles.debate(essay, Place(opened.paragraph), **web.debate_asked())
    on = debate.shown.locks if debate else locks.on_now(web.reading(), essay.id)
    web.lasts(on)
    activity = request.args.get("heat", "") != "0" and web.display().activity == "on"
    return web.page(
        "essays/show.html",
        essay=essay,
        text=text,
        locks=on,
        opened=opened if debate else None,
        debate=debate,
        heat=text.heat if activity else {},
        fresh=visits.fresh(web.reading(), web.person(), essay),
        onward=text.debated_beside(opened.key)[1] if opened else None,
        moderators=standings.moderators_of(web.reading(), essay) if rules.may_moderate(web.person(), essay) else [],
    )


@blueprint.route("/essays/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Paste or upload a text, look at the paragraphs found, publish."""
    who = web.person()
    if who is None and request.method == "GET":
        return web.to_login("/essays/new")
    web.permit(rules.may_publish(who, web.settings().publishing), N_("Only moderators can publish essays here."))
    form = {"title": "", "author": "", "text": "", "format": "", "language": web.language()}
    if request.method == "GET":
        return web.page("essays/new.html", form=form, errors={}, draft=None)
    form, draft, errors = _parsed()
    if draft is None:
        return web.page("essays/new.html", 422, form=form, errors=errors, draft=None)
    if request.form.get("intent", "preview") != "publish":
        return web.page("essays/new.html", form=form, errors={}, draft=draft)
    if who is None:
        abort(401)
    name = form["author"] or who.name
    owner = who.id if name == who.name else None
    slug = web.write(actions.publish, draft, author_name=name, owner_id=owner, by_id=who.id, language=form["language"])
    return web.see(f"/essays/{slug}")


def _parsed() -> tuple[dict[str, str], Draft | None, dict[str, str]]:
    """The form as typed (an uploaded text in its place), the essay found in it, what is wrong by field."""
    form = {name: web.field(name) for name in ("title", "author", "text", "format")}
    form["author"] = " ".join(markup.tidy(form["author"]).split())
    form["format"] = form["format"] if form["format"] in ("txt", "md") else ""
    form["language"] = web.field("language") or web.language()
    errors: dict[str, str] = {}
    if form["language"] not in LANGUAGES:
        errors["language"] = N_("Choose the language from the list.")
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        try:
            form["text"] = decode(upload.stream.read(TEXT_LIMIT * 4 + 4))
            form["format"] = form["format"] or format_of(upload.filename)
        except BadText as error:
            return form, None, {"file": error.args[0]}
    if len(form["author"]) > 100:
        errors["author"] = N_(
            "The author's name must be 100 characters or fewer. It has %(length)s.", length=len(form["author"])
        )
    try:
        draft = parse(form["text"], "md" if form["format"] == "md" else "txt", form["title"] or None)
    except BadText as error:
        errors[error.field] = error.args[0]
        draft = None
    return form, None if errors else draft, errors
