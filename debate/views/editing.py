"""Bringing a text in, looking at what was found in it, revising it: one form for drafts, essays and revisions."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from debate import addresses, rules, web
from debate.actions import essays as actions
from debate.actions import revisions
from debate.actions.essays import Said
from debate.db import Busy
from debate.editor import Editor, Upload, digest_of, numbered
from debate.models import Essay
from debate.queries import essays, texts
from debate.queries import revisions as revisions_of
from debate.refusals import Archived, Forbidden, Outdated
from debate.text.intake.apart import Crowded
from debate.text.message import N_
from debate.text.plan import Known, Plan

blueprint = Blueprint("editing", __name__)

FORM_BYTES = 16 * 2**20  # a million characters, each up to four bytes, each byte up to three in a form; or a file
FORM_PARTS = 12_000  # some for each paragraph
OF_DRAFTS = 10**8  # beside a draft's version: what was made of a draft is not taken for a revision published since
NOTHING_LEFT = N_("Every paragraph is closed to debate: leave one open.")
REVISED_MEANWHILE = N_(
    "This essay was changed meanwhile. Your text is below, compared with how it stands now: look at it again."
)


@blueprint.route("/essays/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Paste or upload a text, look at the paragraphs found, cut them otherwise, save as a draft or publish."""
    who = web.person()
    if who is None and request.method == "GET":
        return web.to_login("/essays/new")
    web.permit(rules.may_publish(who, web.settings().publishing), actions.ONLY_MODERATORS_PUBLISH)
    if who is None:
        abort(401)
    if request.method == "GET":
        return _page(None, Editor(language=web.language()))
    editor = _typed(web.language())
    plan = _planned(editor)
    if plan is None:
        return _page(None, editor, 422)
    intent = web.field("intent")
    if intent not in ("publish", "draft"):
        return _page(None, editor)
    said, publishing = Said(editor.language, editor.kind), web.settings().publishing
    inputs = {"author_name": editor.author, "as_draft": intent == "draft"}
    slug = web.write(actions.publish_own, web.actor(), publishing, plan, said, **inputs)
    return web.see(f"/essays/{slug}")


@blueprint.route("/essays/<slug>/edit", methods=["GET", "POST"])
def edit(slug: str) -> ResponseReturnValue:
    """Revise an essay: give it a new text, see what becomes of each paragraph, publish; save a draft."""
    essay = addresses.essay(slug)
    if web.person() is None and request.method == "GET":
        return web.to_login(request.path)
    web.permit(rules.may_revise(web.person(), essay), actions.NOT_YOURS)
    if essay.status == "archived":
        raise Archived(essay)
    if request.method == "GET":
        return _page(essay, _as_it_is(essay))
    present, _gone = revisions_of.known(texts.of(web.reading(), essay))
    editor = _typed(essay.language, revisions_of.listed(web.reading(), essay)[0].format, (essay.title, present))
    plan = _planned(editor) if essay.status == "draft" else _replanned(essay, editor)
    if plan is None:
        return _page(essay, editor, 422)
    if web.field("intent") not in ("publish", "draft"):
        return _page(essay, editor)
    return _stored(essay, editor, plan)


def _stored(essay: Essay, editor: Editor, plan: Plan) -> ResponseReturnValue:
    said = Said(editor.language, editor.kind)
    slug = essay.slug
    base = editor.base or _base(essay)  # sent without a look at the page: onto what there is
    try:
        if essay.status == "draft":
            publishing = web.settings().publishing if web.field("intent") == "publish" else None
            slug = web.write(actions.save, web.actor(), essay.id, plan, said, base - OF_DRAFTS, publishing)
        elif web.field("intent") == "draft":  # it was one when the form was made
            raise Outdated
        elif not _says_the_same(essay, editor, plan):
            web.write(revisions.revise, web.actor(), essay.id, plan, said, note=editor.note, base=base)
    except Forbidden as refused:
        essay = addresses.essay(slug)
        if not rules.may_revise(web.person(), essay):
            raise
        editor.errors["text"] = refused.why
        return _page(essay, editor, refused.status)
    except Outdated:
        return _again(addresses.essay(slug), editor)
    return web.see(f"/essays/{slug}")


def _again(essay: Essay, editor: Editor) -> ResponseReturnValue:
    """Somebody was faster: the form with what was typed, against what there is now; or done, if it was the same."""
    present, gone = revisions_of.known(texts.of(web.reading(), essay))
    if essay.status != "draft":
        editor.switched = frozenset()  # each was meant for what was open or closed before
        editor.was = []
    if _says_the_same(essay, editor, editor.replanned(present, gone)):
        return web.see(f"/essays/{essay.slug}")
    editor.errors["text"] = REVISED_MEANWHILE
    editor.base = _base(essay)
    if essay.status == "draft":
        editor.planned()
    return _page(essay, editor, Outdated.status)


def _says_the_same(essay: Essay, editor: Editor, plan: Plan) -> bool:
    """Whether an essay is already as the form has it: sent twice, or with nothing changed."""
    return plan.changes_nothing and (plan.title, editor.language) == (essay.title, essay.language)


def _typed(language: str, format: str = "", of: tuple[str, Sequence[Known]] | None = None) -> Editor:
    """The form as it was sent, with its file; `language` and `format` are what it is in if it does not say, `of` the
    title and the paragraphs of the essay that is revised."""
    web.end_reading()  # a long text takes seconds to read, and a database ends what is idle for long
    sent = request.files.get("file")
    upload = None
    if sent is not None and sent.filename:
        upload = Upload(sent.filename, sent.stream.read(FORM_BYTES))
    is_final = web.field("intent") in ("publish", "draft")

    def one(name: str) -> str:
        if name == "format" and format and upload is not None:
            return ""  # the form said what the text there was in, not what the file is
        return web.field(name) or {"language": language, "format": format}.get(name, "")

    if upload is not None or one("format") == "html":
        web.write(actions.have_read, web.actor())
    try:
        return Editor.typed(one, request.form.getlist, upload, is_final=is_final, of=of)
    except Crowded as crowded:
        raise Busy from crowded


def _planned(editor: Editor) -> Plan | None:
    """The plan of a first revision; None, with the editor's errors filled, if there can be none."""
    plan = editor.planned() if editor.draft is not None else None
    return _good(editor, plan)


def _replanned(essay: Essay, editor: Editor) -> Plan | None:
    """The plan of a revision; or the same."""
    if editor.draft is None:
        return None
    present, gone = revisions_of.known(texts.of(web.reading(), essay))
    if editor.base and editor.base != _base(essay):
        editor.was = []  # numbers of the text as it was then, in which others stand now
    web.end_reading()  # so does following its paragraphs
    return _good(editor, editor.replanned(present, gone))


def _good(editor: Editor, plan: Plan | None) -> Plan | None:
    if plan is not None and not any(step.debatable for step in plan.steps):
        editor.errors.setdefault("text", NOTHING_LEFT)
    return plan if not editor.errors else None


def _as_it_is(essay: Essay) -> Editor:
    """The form with the text that an essay has."""
    return Editor.of_text(
        essay.title,
        revisions_of.known(texts.of(web.reading(), essay))[0],
        format=revisions_of.listed(web.reading(), essay)[0].format,
        language=essay.language,
        base=_base(essay),
        is_draft=essay.status == "draft",
    )


def _base(essay: Essay) -> int:
    """What tells whether an essay was changed since its form was made."""
    return OF_DRAFTS + essay.version if essay.status == "draft" else essay.revision


def _page(essay: Essay | None, editor: Editor, status: int = 200) -> Response:
    who = web.person()
    votes = revisions_of.votes_on(web.reading(), essay) if essay is not None and editor.plan is not None else {}
    text = texts.of(web.reading(), essay) if essay is not None else None
    return web.page(
        "essays/edit.html",
        422 if editor.errors and status == 200 else status,
        essay=essay,
        editor=editor,
        digest_of=digest_of,
        before={passage.key: passage for passage in (*text.passages, *text.gone)} if text else {},
        names={key: number for number, key in numbered(editor.present).items()},
        votes=votes,
        drafts=essays.drafts_of(web.reading(), who) if essay is None and who is not None else [],
    )
