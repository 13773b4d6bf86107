"""What every view needs of the request and for the answer: who asks, the database, fragment or page.

The one place that reads htmx's headers.
"""

import hashlib
import hmac
import ipaddress
import json
import math
import re
import secrets
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import SplitResult, quote, urlsplit

from flask import Response, abort, current_app, g, has_request_context, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext
from flask_login import current_user
from htmx_flask.requests import HtmxAwareRequest, HtmxHeaders
from markupsafe import Markup
from sqlalchemy import text
from sqlalchemy.orm import Session

from debate import reads, templating
from debate.config import Settings
from debate.db import Database
from debate.display import Display
from debate.kept import Kept
from debate.models import Reply, User
from debate.passwords import Passwords
from debate.queries import threads, users
from debate.queries.debates import OPEN_LEVELS
from debate.queries.locks import Locks
from debate.queries.site import SET, Chosen
from debate.refusals import SignedOut
from debate.replica import end
from debate.text.message import Message

P = ParamSpec("P")
R = TypeVar("R")

LAST_PAGE = 10_000  # of any list
WROTE = "wrote"  # in a reader's session: Database.mark() after the last write, where there is a replica
NOWHERE_ELSE = 2**62  # a mark that no replica reaches
# Stands in kept HTML for the token of the reader's forms. Nobody can type it: it is another in every process's life.
TOKEN = f"token-{secrets.token_hex(16)}"
_NOWHERE = ("/logout", "/register", "/display", "/forgotten", "/goodbye")  # after a log-in
_READING_PAGES = re.compile(r"/essays/[^/]+(/p/[^/]+|/tree)?|/replies/\d+")


class Hx(HtmxHeaders):
    """htmx's headers, with the one question that matters: does the page want a fragment?"""

    @cached_property
    def partial(self) -> bool:
        """A fragment is wanted: not for boosted navigation, nor when history is restored."""
        kind = self._headers.get("HX-Request-Type")  # htmx 4 says it
        return kind == "partial" if kind else bool(self) and not self.boosted and not self.history_restore_request


class Request(HtmxAwareRequest):
    """Flask's request with `htmx` as above."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.htmx = Hx(self.headers)


def wants_fragment() -> bool:
    return request.htmx.partial  # type: ignore[attr-defined]


def is_on(path: str) -> bool:
    """Whether the page that htmx asks from is at this path."""
    return split_address(request.headers.get("HX-Current-URL", "")).path == path


def split_address(given: str) -> SplitResult:
    """The parts of an address that a browser sent; all empty where it is none."""
    try:
        return urlsplit(given)
    except ValueError:
        return urlsplit("")


def origin() -> str:
    """Scheme and host of the site as the browser has them: behind a proxy the request's scheme is another."""
    return f"{'https' if settings().https else 'http'}://{request.host}"


def route() -> str:
    """The template of the address asked for; empty where nothing answers. For logs: a path may hold a secret."""
    return request.url_rule.rule if request.url_rule else ""


def settings() -> Settings:
    return current_app.extensions["settings"]


def display() -> Display:
    """How the reader wants the pages to look."""
    if "display" not in g:
        g.display = Display.kept(request.cookies.get(current_app.config["DISPLAY_COOKIE_NAME"], ""))
    return g.display


def language() -> str:
    """The language of the pages: the reader's choice, else the site's own; outside a request (commands) the latter."""
    return (display().language if has_request_context() else "") or settings().language


def database() -> Database:
    return current_app.extensions["database"]


def site() -> Chosen:
    """What admins have set; their word on registration, else the environment's."""
    found = g.get("site")
    if found is None:
        person()  # it comes with the account
        if "site" not in g:
            row = None if g.get("nobody_asked") else _set()
            _choose(Chosen(row[0], bool(row[1]), bool(row[2]), *row[3:]) if row else Chosen())
        found = g.site
    return found


def _set() -> tuple[Any, ...] | None:
    """What admins have set, as it is stored. After a restart of the database each connection that was kept fails once:
    then it is asked for as all else is, since without it what they closed would be open."""
    try:
        return database().peek(SET)
    except Exception:
        try:
            with database().session() as asked:
                row = asked.execute(text(SET)).first()
        except Exception:
            without_reader()  # the page that says so needs none of it,
            if request.endpoint is None:  # nor does one that says that nothing is here
                return None
            raise
        return tuple(row) if row else None


def _choose(found: Chosen) -> None:
    current_app.extensions["parts"].forget(found.erasures)
    g.site = found._replace(registration=found.registration or settings().registration)


def network() -> str:
    """The network that asks, a /24 of IPv4 or a /64 of IPv6, as a digest with the site's key; empty if not known."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    whole = ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False)
    return hmac.digest(settings().secret_key.encode(), str(whole).encode(), hashlib.sha256).hex()[:32]


def passwords() -> Passwords:
    return current_app.extensions["passwords"]


def reading() -> Session:
    """The request's reading session; closed when the request ends or a write begins. A page's may be on the replica."""
    if "reading" not in g:
        g.on_replica = _on_replica()
        g.reading = g.on_replica or database().session()
    return g.reading


def _on_replica() -> Session | None:
    if database().replica is None or request.method not in ("GET", "HEAD") or g.get("replica_failed"):
        return None
    site()
    return reads.on_replica(database(), request.path, session.get(WROTE, 0))


def leave_replica(error: Exception) -> bool:
    """After an error: whether the page was read from the replica; from now on it is read from the primary."""
    replica = database().replica
    if replica is None or g.get("on_replica") is None:
        return False
    replica.was_silent(error)
    g.replica_failed, g.on_replica = True, None
    end_reading()
    return True


def end_reading(_: BaseException | None = None) -> None:
    """Close the reading session: what was loaded stays readable, the connection goes back."""
    templating.forget_page()
    opened = g.pop("reading", None)
    if opened is not None:
        end(opened)


def write(action: Callable[Concatenate[Session, P], R], /, *given: P.args, **named: P.kwargs) -> R:
    """Do one action in a write transaction of its own and commit; nothing read before is held meanwhile."""
    end_reading()
    answer = database().write(action, *given, **named)
    if database().replica is not None:
        session[WROTE] = _mark()
    return answer


def _mark() -> int:
    try:
        return database().mark()
    except Exception:  # what was written stays written; where it can be read is not known
        return NOWHERE_ELSE


def person() -> User | None:
    """Who asks: an account, or None for a visitor (and while the database does not answer)."""
    if g.get("nobody_asked"):
        return None
    return current_user._get_current_object() if current_user.is_authenticated else None


def unread() -> int:
    """How many notices the person has not read; 0 for a visitor."""
    return g.get("unread", 0) if person() is not None else 0


def load_person(kept: str) -> User | None:
    """The account of a session, and how many notices wait for it; None while the database does not answer."""
    if g.get("nobody_asked"):
        return None
    # Always as the primary has it: where there is a replica, in a session of its own.
    with nullcontext(reading()) if database().replica is None else database().session() as asked:
        user, g.unread, chosen = users.with_notices(asked, kept)
    if chosen is not None:
        _choose(chosen)
    return user


def signed_in() -> User:
    """Who asks, where it has to be an account. Raises SignedOut for a visitor."""
    who = person()
    if who is None:
        raise SignedOut
    return who


def actor() -> str:
    """The session id that an action reads its actor by. Raises SignedOut for a visitor."""
    return signed_in().get_id()


def found(thing: R | None) -> R:
    """The thing, or 404."""
    if thing is None:
        abort(404)
    return thing


def permit(allowed: bool, why: str) -> None:
    """403 with the reason unless it is allowed."""
    if not allowed:
        abort(403, why)


def lasts(locks: Locks) -> None:
    """What is answered shows these locks: it is true until the first of them ends."""
    if locks.ends is not None:
        lasts_until(locks.ends)


def lasts_until(end: datetime) -> None:
    """What is answered is true until then at most."""
    request.environ["debate.lasts"] = (end - datetime.now(UTC)).total_seconds()


def too_fast(answer: Response, until: datetime) -> Response:
    """An answer that says when it may be tried again, to machines too."""
    answer.headers["Retry-After"] = str(seconds_to(until))
    return answer


def seconds_to(end: datetime) -> int:
    """Whole seconds from now until then, one at least."""
    return max(1, math.ceil((end - datetime.now(UTC)).total_seconds()))


def page(template: str, status: int = 200, **inputs: Any) -> Response:
    """A whole page."""
    return Response(render_template(template, **inputs), status, mimetype="text/html")


def fragment(template: str, status: int = 200, *, say: str = "", focus: str = "", **inputs: Any) -> Response:
    """A part of a page for htmx: `say` is announced, `focus` is the selector that gets the keyboard's focus."""
    html = render_template(template, **inputs)
    if say:
        html += render_template("_say.html", words=say)
    answer = Response(html, status, mimetype="text/html")
    if focus:
        # htmx-flask's own make_response refuses some swaps, so headers are set by hand everywhere.
        answer.headers["HX-Trigger-After-Settle"] = json.dumps({"debate:focus": {"selector": focus}})
    return answer


def posted(answer: Response, form: str) -> None:
    """Tell the page that the words of a form, by its element id, are stored: its draft can go."""
    answer.headers["HX-Trigger"] = json.dumps({"debate:posted": {"form": form}})


def swap(answer: Response, target: str, how: str) -> Response:
    """Let htmx put this answer somewhere else than the form said."""
    answer.headers["HX-Retarget"] = target
    answer.headers["HX-Reswap"] = how
    return answer


def debate_asked() -> dict[str, Any]:
    """How the address asks for a debate: its order, the reply to go on from, how many levels are unfolded."""
    levels = request.args.get("depth", "")
    return {
        "sort": request.args.get("sort", "best"),
        "after_id": row_id(request.args.get("after", "")),
        "stood": request.args.get("stood", ""),
        "levels": int(levels) if levels in ("1", "2", "3", "4") else OPEN_LEVELS,
    }


def kept(key: tuple[Any, ...], template: str, **inputs: Any) -> Markup:
    """A part of a page, made once: `key` has to tell all that it shows, but for the language of the page.

    What was made of a state before words were erased is kept under the number of then, where nobody asks for it.
    """
    store: Kept[Markup] = current_app.extensions["parts"]
    whole = (template, site().erasures, language(), site().names_moderators, *key)
    found = store.get(whole)
    return found if found is not None else store.put(whole, templating.part(template, **inputs))


def told(words: str) -> str:
    """A sentence in the language of the page; what was not made to be translated stays as it is."""
    if not isinstance(words, Message):
        return words
    shown = {name: format_decimal(value) if isinstance(value, int) else value for name, value in words.values.items()}
    return gettext(words.template, **shown)


def without_reader() -> None:
    """From here on nothing is asked of the database: it has just failed, and a page has to say so."""
    g.nobody_asked = True
    end_reading()


def to_login(onward: str) -> ResponseReturnValue:
    """To the log-in page, and from there on to a path; htmx is told to go there whole."""
    location = f"/login?next={quote(onward)}"
    if wants_fragment():
        return Response(headers={"HX-Redirect": location})
    return see(location)


def onward_from_here() -> str:
    """Where to go on to after a log-in begun here: this page, unless its address is a secret from a letter; of what
    answers a form, the page that this was sent from, or that of what it is about."""
    if request.endpoint in ("accounts.confirm", "accounts.reset"):
        return "/"
    if request.method in ("GET", "HEAD"):
        return request.path
    came = split_address(request.headers.get("Referer", ""))
    sent_from = came.path if came.netloc == request.host else ""
    is_page = current_app.url_map.bind("").test
    if sent_from and is_page(sent_from, "GET"):
        return f"{sent_from}?{came.query}" if came.query else sent_from
    about = request.path.rpartition("/")[0]
    return next((path for path in (request.path, about) if path and is_page(path, "GET")), "/")


def local_path(given: str) -> str:
    """A path on this site to go on to, `/` for anything else.

    Only a plain path that begins with one slash, without anything a browser might fold into `//host`.
    """
    if len(given) > 500 or not re.fullmatch(r"/(?![/\\])[\w\-.~/?=&%#+,:@]*", given):
        return "/"
    path = split_address(given).path
    if "%" in path or "//" in path or path.startswith("/login") or path in _NOWHERE:
        return "/"
    return given


def see(location: str) -> ResponseReturnValue:
    """303 to where the result is."""
    return redirect(location, 303)


def done(location: str) -> ResponseReturnValue:
    """303 to where the result is; htmx is told to go there whole."""
    return Response(headers={"HX-Redirect": quote(location, safe="/#?=&%")}) if wants_fragment() else see(location)


def place_of(reply: Reply) -> str:
    """The debate that a reply answers in, of the paragraph or of the reply above, if it is among the first shown there;
    else its own page; and the reply on it.
    """
    if not threads.is_among_first(reading(), reply):
        return f"/replies/{reply.id}#reply-{reply.id}"
    if reply.parent_id is not None:
        return f"/replies/{reply.parent_id}#reply-{reply.id}"
    return f"/essays/{reply.essay.slug}/p/{reply.paragraph.key}#reply-{reply.id}"


def back_to(reply: Reply) -> str:
    """Where a small act on a reply leads without htmx: the page it was done on, at the reply."""
    came = split_address(request.headers.get("Referer", ""))
    if came.netloc == request.host and _READING_PAGES.fullmatch(came.path):
        return f"{came.path}{'?' + came.query if came.query else ''}#reply-{reply.id}"
    return f"/replies/{reply.id}#reply-{reply.id}"


def field(name: str) -> str:
    """A form field as it was typed, without what no database takes: lone surrogates and NUL."""
    return storable(request.form.get(name, ""))


def page_asked() -> int:
    """The page of a list that the address asks for, from 1."""
    return max(1, min(row_id(request.args.get("page", "")) or 1, LAST_PAGE))


def row_id(given: str) -> int | None:
    """An id as somebody sent it; None for anything that cannot be one."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def seen() -> tuple[int, int | None]:
    """What somebody had before them, as their form says: the id of what the paragraph said (0: it does not say), how
    often the reply had been edited (None: the same)."""
    return row_id(field("wording")) or 0, row_id(field("edit"))


def storable(given: str) -> str:
    """Words from outside without lone surrogates and NUL."""
    return given.replace("\0", "").encode("utf-8", "replace").decode("utf-8", "replace")
