"""A. Who may do what: asked at every form, for everybody, each time anew, and written down where power was used."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from cast import report, row, rows, suspend
from live import PASSWORD, Person, password_hash
from sqlalchemy import select
from test_access import APART, DRAFTS, FORMS, OPEN, TYPED, Form, Stage
from town import FULL, ROLES, Town, failing, on_one_database, sockets_answer, stage_of

from debate.actions import users
from debate.gate import POSTS_OF_THE_BARRED
from debate.models import Item, Reply, Ruling, User
from debate.models.moderation import ACTS as LOGGED
from debate.surfaces import SURFACES

pytestmark = pytest.mark.slow

NOBODYS = ("0", "999999", "2147483648", str(2**63), "abc", "%D9%A3")
MORE_NOBODYS = ("-1", "9" * 40, "1.5", "1e3", "%201", "1%00")
MORE_THAN_A_FORM_HAS = {
    "author_id": "1", "score": "99", "hidden": "0", "locked": "0", "state": "held", "depth": "7", "role": "admin",
    "is_admin": "1", "made_at": "1999-01-01", "under_lock": "1", "side": "con", "path": "0000", "ups": "99",
}  # fmt: skip


@pytest.fixture(scope="module")
def barred(town: Town) -> dict[str, Person]:
    """Somebody who is suspended, and somebody who is banned: both moderators until then, and logged in."""
    found = {}
    for kind in ("suspended", "banned"):
        browser = town.add(role="moderator")
        found[kind] = town.at(browser)
        suspend(town.cast["admin"], browser, kind=kind)
    return found


# What who is suspended or banned may send still: their account stays theirs, and they can appeal.
STAYS_WITH_THE_BARRED = set(
    """sessions.login sessions.second_step sessions.logout sessions.end sessions.end_others display.form
    accounts.password accounts.email accounts.again accounts.confirm accounts.forgotten accounts.reset
    steps.add_app steps.add_passkey steps.remove steps.renew_codes deletion.form reports.appeal""".split()
)


def test_a1_what_stays_with_the_barred_is_this_and_no_more() -> None:
    assert POSTS_OF_THE_BARRED == STAYS_WITH_THE_BARRED


@on_one_database
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a1_who_may_not_is_refused_and_changes_nothing(town: Town, form: Form, barred: dict[str, Person]) -> None:
    path = form.path(stage_of(town))
    before = town.rows()
    for role in {"visitor", *ROLES} - set(form.may.split()):
        answer = town.people[role].post(path, **form.fields)
        assert answer.status == (401 if role == "visitor" else 403), role
    if form.endpoint not in STAYS_WITH_THE_BARRED:
        for kind, person in barred.items():
            assert person.post(path, htmx=kind == "banned", **form.fields).status == 403, kind
    assert town.rows() == before
    role = form.may.split()[0]
    own = {name: f"{words} {path}" for name, words in form.fields.items() if name == "text"}
    if form.endpoint == "editing.new":
        own["text"] += form.fields.get("intent", "")
    assert town.people[role].post(path, **form.fields | own).status in (200, 303), role


@pytest.mark.parametrize("form", DRAFTS.values(), ids=DRAFTS.keys())
def test_a1_a_draft_is_nowhere_for_all_but_its_owner(town: Town, form: Form, barred: dict[str, Person]) -> None:
    path = form.path(stage_of(town))
    before = town.rows()
    for role in {"visitor", *ROLES} - {"author"}:
        assert town.people[role].post(path, **form.fields).status == (401 if role == "visitor" else 404), role
    assert {person.post(path, **form.fields).status for person in barred.values()} <= {403, 404}
    assert town.rows() == before


def test_a1_every_route_that_takes_a_post_is_in_the_table(town: Town) -> None:
    posts = {rule.endpoint for rule in town.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts == {form.endpoint for form in (*FORMS.values(), *DRAFTS.values())} | OPEN.keys() | APART


# What the forms with a number in their address are sent with that test_access.py has apart from its table.
FIELDS_APART = {
    "reports.form": {"reason": "insult"},
    "sessions.end": {},
    "steps.remove": {"current": PASSWORD},
}


@on_one_database
@pytest.mark.parametrize("number", dict.fromkeys((*NOBODYS, *MORE_NOBODYS)) if FULL else NOBODYS)
def test_a1_an_id_that_is_nobodys_is_not_found_and_no_failure(town: Town, number: str) -> None:
    """Each form is filled in as it should be, so that nothing but the id can be what is wrong with it."""
    person, stage = town.people["admin"], stage_of(town)
    fields = {form.endpoint: form.fields for form in (*DRAFTS.values(), *FORMS.values())} | FIELDS_APART
    others = {"slug": stage.essay.slug, "key": stage.essay.paragraphs[0][1], "token": "0" * 40, "act": "lock"}
    asked: list[tuple[str, str, str]] = []
    for rule in town.app.url_map.iter_rules():
        if "<int:" not in rule.rule or not rule.methods:
            continue
        path = rule.rule.replace("<any(lock, unlock):act>", "<act>")
        for name, value in others.items():
            path = path.replace(f"<{name}>", value)
        for method in {"GET", "POST"} & rule.methods:
            asked.append((method, rule.endpoint, re.sub("<int:[a-z_]+>", number, path)))
    asked.append(("POST", "sources.hide_edit", f"/sources/{stage.described()}/edits/{number}"))
    assert not any("<" in path for _, _, path in asked)
    before = town.rows()
    for method, endpoint, path in asked:
        answer = person.post(path, **fields[endpoint]) if method == "POST" else person.get(path)
        assert answer.status == 404, (method, path, answer.status)
    assert town.rows() == before


# --- A2


def test_a2_what_is_not_in_a_form_is_ignored(town: Town) -> None:
    stage, bob = stage_of(town), town.add()
    elsewhere = town.essay("On another essay").reply(town.cast["critic"], "Elsewhere.")
    more = MORE_THAN_A_FORM_HAS | {"parent_id": str(elsewhere), "essay_id": "1", "paragraph_id": "1"}
    person = town.at(bob)
    made = person.post(f"{stage.essay.p(2)}/replies", stance="pro", body="Mine.", **more).reply_id
    reply = row(town.app, Reply, made)
    assert (reply.author_id, reply.parent_id, reply.essay_id) == (bob.id, None, stage.essay.id)
    assert reply.paragraph_id == stage.essay.paragraphs[1][0]
    assert (reply.ups, reply.state, reply.depth, reply.under_lock, reply.side) == (0, "visible", 1, False, "pro")
    assert reply.made_at.year > 2000
    assert person.post(f"/replies/{made}/edit", body="Mine still.", **more).status == 303
    reply = row(town.app, Reply, made)
    assert (reply.author_id, reply.parent_id, reply.state, reply.ups) == (bob.id, None, "visible", 0)
    assert row(town.app, User, bob.id).role == "participant"


def test_a2_registering_with_more_than_the_form_has_makes_a_participant(town: Town) -> None:
    newcomer = Person(town.site, "Plainly.new")
    page = newcomer.get("/register")
    token = page.form("/register").css_first("input[name=csrf_token]").attributes["value"] or ""
    fields = {"name": "Plainly.new", "email": "plainly@example.org", "password": "long enough", "csrf_token": token}
    fields |= MORE_THAN_A_FORM_HAS | {"session_version": "9", "confirmed_key": "chief@example.org", "new_until": ""}
    assert newcomer.request("POST", "/register", fields).status == 303
    user = rows(town.app, select(User).where(User.name == "Plainly.new"))[0]
    assert (user.role, user.confirmed_key, user.is_new) == ("participant", None, True)


def test_a2_a_paragraph_is_found_under_its_own_essay_alone(town: Town) -> None:
    one, other = town.essay("On one"), town.essay("On the other")
    foreign = f"{other.path}/p/{one.paragraphs[0][1]}"
    assert town.people["critic"].get(foreign).status == 404
    assert town.people["critic"].post(f"{foreign}/replies", stance="pro", body="Here?").status == 404
    assert town.people["moderator"].post(f"{foreign}/lock", reason="Mine.").status == 404


# --- A3, A4


def test_a3_who_is_no_moderator_any_more_is_refused_at_the_next_request(town: Town) -> None:
    stage, browser = stage_of(town), town.add(role="moderator")
    person, admin = town.at(browser), town.people["admin"]
    reply_id = stage.reply()
    assert person.get("/moderation").status == 200
    assert admin.post(f"/users/{browser.name}/role", role="participant").status == 303
    before = town.rows()
    for htmx in (False, True):
        assert person.post(f"/replies/{reply_id}/hide", htmx=htmx, reason="insult").status == 403
        assert person.post(f"{stage.essay.path}/lock", htmx=htmx, reason="Mine.").status == 403
        assert person.get("/moderation", **({"HX-Request": "true"} if htmx else {})).status == 403
    assert town.rows() == before


@pytest.mark.parametrize("kind", ["suspended", "banned"])
def test_a3_who_is_barred_writes_nothing_from_the_next_request_on(town: Town, kind: str) -> None:
    stage, browser = stage_of(town), town.add()
    person, reply_id = town.at(browser), stage.reply()
    assert person.post(f"/replies/{reply_id}/vote", value="1").status == 303
    suspend(town.cast["moderator"], browser, kind=kind)
    before = town.rows()
    for htmx in (False, True):
        assert person.post(f"/replies/{reply_id}/vote", htmx=htmx, value="-1").status == 403
        answer = person.post(f"{stage.essay.p()}/replies", htmx=htmx, stance="pro", body="Still here?")
        assert answer.status == 403
        assert "Still here?" in answer.text
    assert town.rows() == before
    assert person.get("/settings/data").status == 200  # reading, and what is one's own, stay


@on_one_database
def test_a4_who_may_look_at_a_page_may_not_for_that_do_what_it_is_about(town: Town) -> None:
    stage = stage_of(town)
    both = [form for form in FORMS.values() if form.endpoint in SURFACES]
    assert len(both) > 8
    for form in both:
        path = form.path(stage)
        for role in set(ROLES) - set(form.may.split()):
            person = town.people[role]
            assert person.get(path).status in (200, 303, 403, 404, 405, 410), form.endpoint
            assert person.post(path, **form.fields).status == 403, (form.endpoint, role)


# --- A5

Sent = tuple[str, dict[str, str]]  # where to, and with what


@dataclass(frozen=True)
class Act:
    """Something that a moderator or an admin does to others: how the log calls it, who does it, and how; what it is
    done to is made anew each time."""

    logged: str
    by: str
    sent: Callable[[Stage], Sent]


def _by_form(name: str, logged: str, **more: str) -> Act:
    """One from the table of test_access.py."""
    form = FORMS[name]
    return Act(logged, form.may.split()[0], lambda stage: (form.path(stage), form.fields | more))


def _unlocking(stage: Stage, path: str) -> Sent:
    assert stage.people["moderator"].post(f"{path}/lock", reason="Too hot.").status_code == 303
    return f"{path}/unlock", {"reason": TYPED}


def _decided(act: str, **more: str) -> Callable[[Stage], Sent]:
    """A decision about a reported reply of somebody new."""
    fields = {"act": act, "note": TYPED} | more
    return lambda stage: (f"/moderation/items/{_reported(stage)}", fields)


def _reported(stage: Stage) -> int:
    return report(stage.people["author"], stage.of_another())


def _folded(stage: Stage) -> Sent:
    return f"/moderation/items/{stage.reported()}", {"act": "duplicate", "of": str(stage.reply()), "note": TYPED}


def _under_a_lock(stage: Stage) -> Sent:
    return f"{stage.locked()}/replies", {"stance": "pro", "body": TYPED}


def _held_let_in(stage: Stage) -> Sent:
    """A reply that is held, since the essay is one where all are."""
    assert stage.people["moderator"].post(f"{stage.essay.path}/premoderation", value="1").status_code == 303
    made = stage.reply()
    item = _waiting(stage, "held")
    assert row(stage.app, Item, item).reply_id == made
    return f"/moderation/items/{item}", {"act": "approve", "note": TYPED}


def _published_again(stage: Stage) -> Sent:
    return f"{stage.published('unpublished')}/publish", {"reason": TYPED}


def _waiting(stage: Stage, kind: str) -> int:
    """The newest item of a kind that waits for moderators."""
    return rows(stage.app, select(Item.id).where(Item.kind == kind).order_by(Item.id.desc()))[0]


def _undoing(decide: Callable[[Stage], Sent]) -> Callable[[Stage], Sent]:
    """What the moderator decided a moment ago, taken back."""

    def undo(stage: Stage) -> Sent:
        path, fields = decide(stage)
        assert stage.people["moderator"].post(path, **fields).status_code == 303
        return f"/moderation/rulings/{rows(stage.app, select(Ruling.id).order_by(Ruling.id.desc()))[0]}/undo", {}

    return undo


def _in_bulk(act: str) -> Callable[[Stage], Sent]:
    fields = {"act": act, "reason": "other", "note": TYPED, "confirmed": "1"}
    return lambda stage: ("/moderation/bulk", fields | {"item": f"{stage.reported()}:0"})


def _appealed(act: str) -> Callable[[Stage], Sent]:
    """An appeal against what the moderator ruled, for the admin to decide."""

    def settle(stage: Stage) -> Sent:
        path = f"/moderation/rulings/{stage.ruling()}/appeal"
        assert stage.people["critic"].post(path, words="Look again.").status_code == 303
        return f"/moderation/items/{_waiting(stage, 'appeal')}", {"act": act, "note": TYPED}

    return settle


def _let_in(act: str) -> Callable[[Stage], Sent]:
    """An account that waits to be let in."""

    def admit(stage: Stage) -> Sent:
        stage.made += 1
        name = f"Waiting{stage.made}"
        database = stage.app.extensions["database"]
        database.write(users.add, name, f"{name}@example.org", password_hash(), waits=True)
        return f"/moderation/items/{_waiting(stage, 'account')}", {"act": act, "note": TYPED}

    return admit


def _in_charge(stage: Stage) -> None:
    """The stranger moderates the essay."""
    answer = stage.people["admin"].post(f"{stage.essay.path}/moderators", name="Stranger")
    assert answer.status_code == 303


def _dismissed(stage: Stage) -> Sent:
    _in_charge(stage)
    return f"{stage.essay.path}/moderators", {"name": "Stranger", "act": "dismiss"}


def _barred_here(stage: Stage) -> Sent:
    """By who moderates this essay only: from this essay only."""
    _in_charge(stage)
    return f"/moderation/items/{_reported(stage)}", {"act": "suspend", "bar": "7", "reason": "insult", "note": TYPED}


def _let_back_here(stage: Stage) -> Sent:
    path, fields = _barred_here(stage)
    assert stage.people["stranger"].post(path, **fields).status_code == 303
    name = rows(stage.app, select(User.name).order_by(User.id.desc()))[0]
    return f"/users/{name}/lift", {"essay": stage.essay.slug, "note": TYPED}


def _shown_again(stage: Stage) -> Sent:
    path = f"/sources/{stage.described()}/edits/1"
    assert stage.people["moderator"].post(path, hidden="1", note="Wrong.").status_code == 303
    return path, {"hidden": "0", "note": TYPED}


def _set_otherwise(stage: Stage) -> Sent:
    settled = {"registration": "open", "names_moderators": "1"}
    assert stage.people["admin"].post("/moderation/settings", **settled).status_code == 303
    return "/moderation/settings", settled | {"holds_new": "1"}


ACTS = {
    "lock essay": _by_form("lock essay", "lock"),
    "unlock essay": Act("unlock", "moderator", lambda stage: _unlocking(stage, stage.essay.path)),
    "lock paragraph": _by_form("lock paragraph", "lock"),
    "unlock paragraph": Act("unlock", "moderator", lambda stage: _unlocking(stage, stage.essay.p(2))),
    "lock branch": _by_form("lock branch", "lock"),
    "unlock branch": Act("unlock", "moderator", lambda stage: _unlocking(stage, f"/replies/{stage.reply()}")),
    "reply under a lock": Act("reply", "moderator", _under_a_lock),
    "hide": _by_form("hide", "hide"),
    "restore": _by_form("restore", "restore"),
    "erase": _by_form("erase", "erase"),
    "erase a note": _by_form("erase a note", "erase-note"),
    "decide": _by_form("decide", "hide"),
    "leave alone": Act("keep", "moderator", _decided("keep")),
    "ask to edit": Act("ask", "moderator", _decided("ask", reason="other")),
    "lock what was reported": Act("lock", "moderator", _decided("lock")),
    "suspend for what was reported": Act("suspend", "moderator", _decided("suspend", reason="other", bar="7")),
    "suspend from one essay": Act("suspend", "stranger", _barred_here),
    "let back into one essay": Act("lift", "moderator", _let_back_here),
    "fold": Act("duplicate", "moderator", _folded),
    "let in what is held": Act("approve", "moderator", _held_let_in),
    "hide several": Act("hide", "moderator", _in_bulk("hide")),
    "leave several alone": Act("keep", "moderator", _in_bulk("keep")),
    "undo": _by_form("undo", "restore"),
    "put back into the queue": Act("reopen", "moderator", _undoing(_decided("keep"))),
    "hold again": Act("hold", "moderator", _undoing(_held_let_in)),
    "turn an appeal down": Act("uphold", "admin", _appealed("uphold")),
    "give an appeal right": Act("restore", "admin", _appealed("overturn")),
    "let an account in": Act("admit", "moderator", _let_in("admit")),
    "refuse an account": Act("refuse", "moderator", _let_in("refuse")),
    "suspend": _by_form("suspend", "suspend"),
    "ban": _by_form("suspend", "ban", bar="ban"),
    "lift": _by_form("lift", "lift"),
    "suspend a writer": _by_form("suspend a writer", "suspend"),
    "ban a deleted writer": _by_form("ban a deleted writer", "ban"),
    "lift a ban of a deleted writer": _by_form("lift a ban of a deleted writer", "lift"),
    "appoint": _by_form("appoint", "appoint"),
    "dismiss": Act("dismiss", "admin", _dismissed),
    "role": _by_form("role", "role"),
    "premoderate": _by_form("premoderate", "premoderate", value="1"),
    "settings": Act("setting", "admin", _set_otherwise),
    "merge": _by_form("merge", "merge"),
    "separate": _by_form("separate", "separate"),
    "hide a description": _by_form("hide a description", "hide-edit"),
    "show a description": Act("show-edit", "moderator", _shown_again),
    "unpublish": _by_form("unpublish", "unpublish"),
    "publish again": Act("publish", "moderator", _published_again),
    "archive": _by_form("archive", "archive"),
    "unarchive": _by_form("unarchive", "unarchive"),
}
OF_NO_ESSAY = {"merge", "separate", "hide-edit", "show-edit", "setting"}  # nor of a reply or an account


@pytest.mark.parametrize("name", ACTS)
def test_a5_every_act_of_power_leaves_one_line_in_the_log_or_does_not_happen(town: Town, name: str) -> None:
    act, stage = ACTS[name], stage_of(town)
    path, fields = act.sent(stage)
    before = town.rows()
    with failing(town, "rulings"):
        assert town.people[act.by].post(path, **fields).status == 500
    assert town.rows() == before
    assert town.people[act.by].post(path, **fields).status == (200 if path.endswith("/bulk") else 303)
    new = rows(town.app, select(Ruling).where(Ruling.number > len(before["rulings"])))
    assert [ruling.act for ruling in new] == [act.logged]
    assert new[0].by_id == town.cast[act.by].id
    assert isinstance(new[0].made_at, datetime)
    about = (new[0].reply_id, new[0].essay_id, new[0].user_id, new[0].about_id)
    assert any(about) or act.logged in OF_NO_ESSAY
    assert TYPED not in (fields.get("reason"), fields.get("note")) or TYPED in new[0].note


def test_a5_everything_that_the_log_knows_and_every_form_of_those_with_power_is_among_them() -> None:
    assert {act.logged for act in ACTS.values()} == set(LOGGED)
    theirs = {name for name, form in FORMS.items() if set(form.may.split()) <= {"moderator", "admin"}}
    writing = {"publish", "draft", "preview"}  # an essay of one's own
    assert theirs - writing <= ACTS.keys()


def test_a5_the_log_of_all_that_is_whole(town: Town) -> None:
    assert town.site.run("log", "verify").returncode == 0


# --- A6

DRESSED = [
    {"X-HTTP-Method-Override": "GET"},
    {"X-Original-URL": "/livez", "X-Rewrite-URL": "/livez"},
    {"HX-Request": "true"},
    {"HX-Boosted": "true", "HX-Request": "true"},
    {"Accept": "application/json"},
    {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/moderation"},
    {
        "Authorization": "Basic Q2hpZWY6c2V2ZW4gbGFtcHMgb24gdGhlIHF1YXk=",
        "REMOTE_USER": "Chief",
        "X-Remote-User": "Chief",
    },
]


@on_one_database
@pytest.mark.parametrize("headers", DRESSED, ids=str)
def test_a6_a_header_does_not_change_who_may(town: Town, headers: dict[str, str]) -> None:
    stage = stage_of(town)
    path = f"/replies/{stage.reply()}/hide"
    before = town.rows()
    for role, status in (("visitor", 401), ("stranger", 403)):
        person = town.people[role]
        fields = {"reason": "insult", "csrf_token": person.token}
        answer = person.request("POST", path, fields, headers)
        assert answer.status in (status, 400) if "X-Forwarded-Proto" in headers else answer.status == status
        page = person.get("/moderation/settings", **headers)
        if role == "stranger":
            assert page.status == 403
        elif headers == {"HX-Request": "true"}:  # htmx would put a page it is sent on to where a part was asked for
            assert (page.status, page.text) == (200, "")
            assert page.headers["HX-Redirect"] == "/login?next=/moderation/settings"
        else:
            assert (page.status, page.location) == (303, "/login?next=/moderation/settings")
    assert town.rows() == before


WRITTEN_OTHERWISE: list[tuple[str, Callable[[str], str]]] = [
    ("slash at the end", lambda path: f"{path}/"),
    ("two slashes", lambda path: f"/{path}"),
    ("slashes within", lambda path: path.replace("/hide", "//hide")),
    ("dots", lambda path: path.replace("/hide", "/./hide")),
    ("dots up", lambda path: path.replace("/hide", "/x/../hide")),
    ("encoded dots", lambda path: path.replace("/hide", "/%2e/hide")),
    ("encoded", lambda path: path.replace("hide", "%68ide")),
    ("encoded slash", lambda path: path.replace("/hide", "%2fhide")),
    ("capitals", lambda path: path.upper()),
    ("suffix", lambda path: f"{path}.json"),
    ("parameters", lambda path: f"{path};x=1"),
    ("question", lambda path: f"{path}?reason=insult"),
]


@on_one_database
@pytest.mark.parametrize("written", [one for _, one in WRITTEN_OTHERWISE], ids=[name for name, _ in WRITTEN_OTHERWISE])
def test_a6_an_address_written_otherwise_does_not_change_who_may(town: Town, written: Callable[[str], str]) -> None:
    stage = stage_of(town)
    path = written(f"/replies/{stage.reply()}/hide")
    before = town.rows()
    for role in ("visitor", "stranger"):
        assert town.people[role].post(path, reason="insult").status in (308, 400, 401, 403, 404, 405)
    assert town.rows() == before


@on_one_database
def test_a6_no_header_gives_a_page_another_address_for_those_who_come_after(town: Town) -> None:
    for name in ("SCRIPT_NAME", "Script-Name", "X-Script-Name", "X-Forwarded-Prefix", "PATH_INFO"):
        head = f"Host: 127.0.0.1:{town.site.port}\r\nConnection: close\r\n{name}: //evil.example\r\n\r\n"
        for line in ("GET //evil.example/ HTTP/1.1", "GET / HTTP/1.1", "GET //evil.example/moderation/log HTTP/1.1"):
            assert b"evil.example/static" not in sockets_answer(town.site, f"{line}\r\n{head}".encode())
    for path in ("/", "/moderation/log"):
        assert "evil.example" not in Person(town.site).get(path).text
