"""A. Who may do what: asked at every form, for everybody, each time anew, and written down where power was used."""

from collections.abc import Callable
from datetime import datetime

import pytest
from cast import row, rows, suspend
from live import Person
from sqlalchemy import select
from test_access import APART, DRAFTS, FORMS, OPEN, Form
from town import FULL, ROLES, Town, failing, on_one_database, sockets_answer, stage_of

from debate.gate import POSTS_OF_THE_BARRED
from debate.models import Reply, Ruling, User
from debate.surfaces import SURFACES

pytestmark = pytest.mark.slow

NOBODYS = ("0", "2147483648", str(2**63), "abc", "%D9%A3")
MORE_NOBODYS = ("0", "-1", "999999", "2147483648", str(2**63), "9" * 40, "abc", "1.5", "1e3", "%201", "1%00", "%D9%A3")
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


@on_one_database
@pytest.mark.parametrize("number", dict.fromkeys((*NOBODYS, *MORE_NOBODYS)) if FULL else NOBODYS)
def test_a1_an_id_that_is_nobodys_is_not_found_and_no_failure(town: Town, number: str) -> None:
    person = town.people["admin"]
    for rule in town.app.url_map.iter_rules():
        if "<int:" not in rule.rule or not rule.methods:
            continue
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<int:{argument}>", number).replace(f"<{argument}>", "x")
        path = path.replace("<any(lock, unlock):act>", "lock")
        for method in rule.methods & {"GET", "POST"}:
            answer = person.post(path) if method == "POST" else person.get(path)
            assert answer.status in (303, 404, 422), (method, path, answer.status)


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

# What a moderator or an admin does to others, and whether a reason comes with it.
ACTS = {
    "lock essay": True, "unlock essay": False, "lock paragraph": True, "unlock paragraph": False, "lock branch": True,
    "hide": True, "restore": True, "decide": True, "undo": False, "erase": True, "erase a note": False,
    "unlock branch": False, "unarchive": True, "suspend": True, "lift": True, "suspend a writer": True,
    "ban a deleted writer": True,
    "lift a ban of a deleted writer": True, "appoint": False, "premoderate": False, "role": False, "merge": True,
    "separate": True, "hide a description": True, "archive": True, "unpublish": True,
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_a5_every_act_of_power_leaves_one_line_in_the_log_or_does_not_happen(town: Town, act: str) -> None:
    form, stage = FORMS[act], stage_of(town)
    path = form.path(stage)
    fields = form.fields | ({"value": "1"} if act == "premoderate" else {})
    actor = form.may.split()[0]
    if act.startswith("unlock"):
        assert town.people["moderator"].post(path.replace("/unlock", "/lock"), reason="Too hot.").status == 303
    before = town.rows()
    with failing(town, "rulings"):
        assert town.people[actor].post(path, **fields).status == 500
    assert town.rows() == before
    assert town.people[actor].post(path, **fields).status == 303
    new = rows(town.app, select(Ruling).where(Ruling.number > len(before["rulings"])))
    assert len(new) == 1, [ruling.act for ruling in new]
    ruling, about_a_source = new[0], form.endpoint.startswith("sources.")
    assert ruling.by_id == town.cast[actor].id
    assert isinstance(ruling.made_at, datetime)
    assert about_a_source or any((ruling.reply_id, ruling.essay_id, ruling.user_id, ruling.about_id))
    assert not ACTS[act] or fields.get("note", fields.get("reason")) in ruling.note


def test_a5_every_form_of_those_with_power_is_among_them() -> None:
    theirs = {name for name, form in FORMS.items() if set(form.may.split()) <= {"moderator", "admin"}}
    writing = {"publish", "draft", "preview"}  # an essay of one's own
    # Whoever may revise or read a draft does so as an author; the site's settings: test_log.py.
    assert theirs - writing - {"settings", "revise", "look at a revision"} == ACTS.keys() & theirs


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
        assert person.get("/moderation/settings", **headers).status in (303, 403) or "HX-Request" in headers
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
