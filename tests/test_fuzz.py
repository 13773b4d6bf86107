"""Every route and every form of the site, sent what nobody would think of: never an answer of 500, and nothing that was
stored is out of step with the rest afterwards.

FUZZ is how many seconds on each database (`make check-full`: fifteen minutes); FUZZ_SEED is where its chance begins:
the same requests come in the same order from the same seed.
"""

import io
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import seeded
from cast import PARAGRAPHS, PASSWORD, Browser, add_user, cite, hide, publish, report, rows, vote
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import select
from test_access import FORMS, OPEN
from werkzeug.routing import IntegerConverter, Rule

from debate.models import Paragraph
from debate.queries import counts
from debate.queries import moderation as log
from debate.surfaces import MORE_SURFACES, SURFACES

SECONDS = float(os.environ.get("FUZZ", "60"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
BATCH = 60
ROLES = ("visitor", "participant", "moderator", "admin")
FIELDS = sorted(
    {name for form in FORMS.values() for name in form.fields}
    | set(
        """author format lines intent key source_url source_quote source_locator source_shows wanted until votes email
        password current remember next began homepage words code passkey setup contact of edit bar act essay ids undo
        theme size language marks shortcuts registration names_moderators holds_new share on revision matches into
        archive_url year arriving cut join open title_of""".split()
    )
)
QUERIES = sorted(
    {
        part.partition("=")[0]
        for path in (*SURFACES.values(), *MORE_SURFACES)
        for part in path.partition("?")[2].split("&")
    }
    | set("page after before limit sent saved ended from to until".split()) - {""}
)
ODD = (
    "", " ", "0", "1", "-1", "2", "9" * 20, "1e9", "new", "null", "pro", "con", "best", "new", "all",
    "publish", "preview", "draft", "lock", "md", "txt", "html", "docx", "\x00", "\ud800", "\u202e", "é" * 40, "%%%",
    "'", '"', "\\", "//x", "javascript:1", "https://example.org/a", "10.1000/182", "9780306406157", "arXiv:2101.00001",
    "2026-11-25T00:00:00Z", "<script>", "{{7*7}}", "{0}", "%(name)s", "%s", "../..", "a" * 5_000, "[x](y" * 50,
    "\r\n\r\n", "[deleted user]", "AND OR *",
)  # fmt: skip
HEADERS = {
    "HX-Request": ("true", "x"),
    "HX-Current-URL": ("http://localhost/", "\\\\", "http://[", "x" * 3000),
    "HX-Trigger": ("main", "a b", "é", "<x>"),
    "HX-Request-Type": ("partial", "full"),
    "Referer": ("http://localhost/essays/x", "http://[::1", "nonsense"),
    "Accept-Language": ("de", "de;q=x", "*", ",,,"),
    "Accept-Encoding": ("gzip", "br;q=0", "identity;q=x"),
    "If-None-Match": ('"x"', "*", 'W/"'),
    "Range": ("bytes=0-1", "bytes=x"),
    "Cookie": ("debate_display=x|y|z", "debate_session=.e30.x.y", "debate_remember=1|1|1"),
    "User-Agent": ("é" * 200, "Firefox/ Linux"),
    "X-Request-ID": ("x" * 300, "a\tb"),
}


@dataclass
class Ground:
    """An app with something of everything in it, and one of each role; who can no longer log in is replaced."""

    app: Flask
    people: dict[str, Browser]
    known: Sequence[str]
    made: int = 0
    sent: dict[int, int] = field(default_factory=dict)

    def who(self, role: str) -> Browser:
        browser = self.people[role]
        if role != "visitor" and browser.client.get("/notices").status_code == 303:
            browser.forget_token()
            if browser.log_in().status_code != 303:
                self.made += 1
                browser = self.people[role] = add_user(self.app, f"{role}{self.made}", role)
        return browser


@pytest.fixture
def ground(app: Flask) -> Ground:
    people = {role: add_user(app, f"{role.title()}0", role) for role in ROLES[1:]}
    essay = publish(app, people["participant"], paragraphs=[*PARAGRAPHS, "[A note](https://example.org/note) in it."])
    publish(app, people["participant"], title="A draft", as_draft=True)
    first = essay.reply(people["admin"], "An argument.")
    below = essay.reply(people["participant"], "Against it.", to=first, stance="con")
    other = essay.reply(people["participant"], "Something else altogether.", stance="con")
    hide(people["moderator"], other)
    vote(people["participant"], first, 1)
    cite(people["moderator"], below, "https://example.org/a", "A quote.")
    report(people["moderator"], below)
    seeded_slug = app.extensions["database"].write(seeded.seed, 14, 40)  # with headings, locks, and words taken back
    keys = rows(app, select(Paragraph.key))
    known = [essay.slug, seeded_slug, *keys, *(browser.name for browser in people.values())]
    return Ground(app, {"visitor": Browser(app), **people}, [*known, *map(str, range(1, 9))])


def words(known: Sequence[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(ODD), st.sampled_from(known), st.text(max_size=80))


@st.composite
def requests(draw: Callable[..., Any], rules: Sequence[Rule], known: Sequence[str]) -> dict[str, Any]:
    """Something that a client may send to one of the routes."""
    rule = draw(st.sampled_from(rules))
    values: dict[str, Any] = {}
    for name in rule.arguments:
        values[name] = (
            draw(st.integers(1, 3) | st.integers(1, 9) | st.integers(0, 10**30))
            if isinstance(rule._converters[name], IntegerConverter)
            else draw(st.sampled_from(known) | words(known)) or "x"
        )
    method = draw(st.sampled_from(sorted((rule.methods or set()) & {"GET", "HEAD", "POST"})))
    some = st.dictionaries(st.sampled_from(QUERIES), words(known), max_size=4)
    sent: dict[str, Any] = {
        "role": draw(st.sampled_from(ROLES)),
        "endpoint": rule.endpoint,
        "values": values,
        "method": method,
        "query": draw(some),
        "headers": {
            name: draw(st.sampled_from(HEADERS[name]))
            for name in draw(st.sets(st.sampled_from(list(HEADERS)), max_size=2))
        },
    }
    if method == "POST":
        usual = [form.fields for form in FORMS.values() if form.endpoint == rule.endpoint] or [{}]
        sent["fields"] = draw(st.sampled_from(usual)) | draw(
            st.dictionaries(st.sampled_from(FIELDS), words(known), max_size=6)
        )
        sent["password"] = draw(st.booleans())
        sent["raw"] = draw(st.none() | st.none() | st.none() | st.binary(max_size=200))
        sent["file"] = draw(st.none() | st.none() | st.tuples(st.binary(max_size=400), words(known)))
    return sent


def send(ground: Ground, sent: dict[str, Any]) -> int:
    """Send it; the status of the answer."""
    who = ground.who(sent["role"])
    with ground.app.test_request_context():
        from flask import url_for
        from werkzeug.routing import BuildError

        try:
            path = url_for(sent["endpoint"], **{name: clean(value) for name, value in sent["values"].items()})
        except (BuildError, ValueError):
            return 0
    headers = {name: value.encode("utf-8", "replace").decode("latin-1") for name, value in sent["headers"].items()}
    named: dict[str, Any] = {"query_string": {clean(k): clean(v) for k, v in sent["query"].items()}, "headers": headers}
    if sent["method"] == "POST":
        named |= posted(who, sent)
    answer = who.client.open(path, method=sent["method"], buffered=True, **named)
    answer.request.environ["wsgi.input"].close()
    return answer.status_code


def posted(who: Browser, sent: dict[str, Any]) -> dict[str, Any]:
    if sent["raw"] is not None:
        return {"data": sent["raw"], "content_type": "application/x-www-form-urlencoded"}
    fields = {name: clean(value) for name, value in sent["fields"].items()}
    if sent["password"]:
        fields |= {"current": PASSWORD, "passkey-current": PASSWORD}
    if who.token():
        fields["csrf_token"] = who.token()
    if sent["file"] is not None:
        data, name = sent["file"]
        fields["file"] = (io.BytesIO(data), clean(name) or "x")
    return {"data": fields}


def clean(value: Any) -> Any:
    """As far as a client can send it: lone surrogates are none of its characters."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


@pytest.mark.slow
def test_whatever_is_sent_to_any_route_there_is_no_500_and_the_counts_are_right(ground: Ground) -> None:
    rules = [rule for rule in ground.app.url_map.iter_rules() if rule.endpoint != "static"]
    assert OPEN.keys() <= {rule.endpoint for rule in rules}
    end = time.monotonic() + SECONDS

    @settings(
        max_examples=BATCH, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(requests(rules, ground.known))
    def some(sent: dict[str, Any]) -> None:
        status = send(ground, sent)
        ground.sent[status] = ground.sent.get(status, 0) + 1
        assert status < 500, (status, sent)

    batches = 0
    while time.monotonic() < end:
        seed(SEED + batches)(some)()  # without a seed of its own each batch sends the same where CI is set
        batches += 1
    print(f"from seed {SEED} in {batches} batches: {dict(sorted(ground.sent.items()))}")
    assert {200, 303, 403, 404, 422} <= ground.sent.keys()
    with ground.app.extensions["database"].reading() as session:
        assert counts.differences(session) == []
        assert log.verify(session).wrong == []
