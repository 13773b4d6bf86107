"""The forms people fill in: what was typed, and what is wrong with it, field by field."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from debate import passwords
from debate.actions.evidence import Evidence
from debate.actions.queue import ON_REPLIES, Decision
from debate.actions.replies import Words
from debate.actions.sources import Description
from debate.models import Reply
from debate.models.evidence import DESCRIPTION, KINDS, SHOWS
from debate.models.moderation import REASONS
from debate.queries.sources import Looked
from debate.text import identifiers, links, markup, names
from debate.text.identifiers import Thing
from debate.text.message import N_

REPLY_LIMIT = 10_000
QUOTE_LIMIT = 1_000
LOCATOR_LIMIT = 200
NOTE_LIMIT = 1_000

# Plain addresses only: nothing that means anything in a header of mail, above all no encoded words ("=?"), in which
# line ends can hide.
_IN_NAME, _IN_HOST = r"[^@\s<>\"',;:()\[\]\\]", r"[^@\s<>\"',;:()\[\]\\.=?]"
EMAIL = re.compile(rf"(?!.*=\?){_IN_NAME}{{1,64}}@{_IN_HOST}+(\.{_IN_HOST}+)+")
EMAIL_LIMIT = 254
NAME_KEY_LIMIT = 200

Field = Callable[[str], str]


@dataclass
class ReplyForm:
    """A reply being written: toward a paragraph (`deep` False) or another reply."""

    deep: bool
    stance: str = ""
    body: str = ""
    source_url: str = ""
    source_quote: str = ""
    source_locator: str = ""
    source_shows: str = ""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    wording: int = 0  # the id of what the paragraph said on the page that it was begun on; 0 for what it says now
    errors: dict[str, str] = field(default_factory=dict)
    preview: str = ""
    looked: Looked | None = None  # whether its source is cited already
    similar: Sequence[Reply] = ()  # what others said much like it on the same side

    @classmethod
    def typed(cls, read: Field, *, deep: bool) -> "ReplyForm":
        """The form as it was sent; `read` gives a field's words."""
        return cls(
            deep=deep,
            stance=read("stance"),
            body=read("body"),
            source_url=read("source_url"),
            source_quote=read("source_quote"),
            source_locator=read("source_locator"),
            source_shows=read("source_shows"),
            key=read("key")[:100],
        )

    @property
    def has_source(self) -> bool:
        """Whether a source was begun at least."""
        return any(words.strip() for words in (self.source_url, self.source_quote, self.source_locator))

    def words(self) -> Words | None:
        """What is to be stored; None, with `errors` filled, if it cannot be."""
        body = self._checked_body()
        source = self._checked_source()
        if self.stance not in ("pro", "con"):
            self.errors["stance"] = (
                N_("Choose whether you support or dispute this reply.")
                if self.deep
                else N_("Choose whether you argue for or argue against the paragraph.")
            )
        if self.errors:
            return None
        return Words(self.stance, body, markup.render(body), source, self.key, self.wording)

    def _checked_body(self) -> str:
        body = markup.tidy(self.body)
        if problem := body_problem(body):
            self.errors["body"] = problem
        return body

    def _checked_source(self) -> Evidence | None:
        if not self.has_source:
            return None
        evidence, errors = cited(self.source_url, self.source_quote, self.source_locator, self.source_shows)
        self.errors |= {f"source_{name}": words for name, words in errors.items()}
        return evidence


def body_problem(body: str) -> str | None:
    """One sentence on what is wrong with a reply's words, or None."""
    if markup.is_blank(body):
        return N_("Enter your reply.")
    if len(body) > REPLY_LIMIT:
        return N_(
            "A reply must be %(most)s characters or fewer. Yours has %(length)s.", most=REPLY_LIMIT, length=len(body)
        )
    return None


def cited(url: str, quote: str, locator: str = "", shows: str = "") -> tuple[Evidence | None, dict[str, str]]:
    """A source as someone cites it, or what is wrong with it by field."""
    errors: dict[str, str] = {}
    quote, locator = markup.tidy(quote), markup.tidy(locator)
    thing: Thing | None = None
    try:
        thing = identifiers.recognise(url)
    except links.BadLink as error:
        errors["url"] = error.args[0]
    if len(quote) > QUOTE_LIMIT:
        errors["quote"] = N_(
            "A quote must be %(most)s characters or fewer. Yours has %(length)s.", most=QUOTE_LIMIT, length=len(quote)
        )
    if len(locator) > LOCATOR_LIMIT:
        errors["locator"] = N_(
            "The place must be %(most)s characters or fewer. Yours has %(length)s.",
            most=LOCATOR_LIMIT,
            length=len(locator),
        )
    shows = shows or SHOWS[0]
    if shows not in SHOWS:
        errors["shows"] = N_("Choose what the source shows: supports, undercuts or context.")
    if errors or thing is None:
        return None, errors
    return Evidence(thing, "" if markup.is_blank(quote) else quote, locator, shows), {}


LONGEST = {"title": 300, "authors": 1_000, "publisher": 300}
OLDEST_YEAR, NEWEST_YEAR = -3_000, 2_200


def described(typed: Mapping[str, str]) -> tuple[Description | None, dict[str, str]]:
    """What is said of a source, from the fields of DESCRIPTION as typed, or what is wrong with it by field."""
    said: dict[str, Any] = {name: " ".join(markup.tidy(typed[name]).split()) for name in DESCRIPTION}
    errors: dict[str, str] = {}
    for name, most in LONGEST.items():
        if len(said[name]) > most:
            errors[name] = N_(
                "Use %(most)s characters or fewer. You have %(length)s.", most=most, length=len(said[name])
            )
    said["authors"] = "; ".join(author for one in said["authors"].split(";") if (author := one.strip()))
    year = said["year"].replace("−", "-")
    said["year"] = int(year) if re.fullmatch(r"-?[0-9]{1,4}", year) else None
    if year and (said["year"] is None or not OLDEST_YEAR <= said["year"] <= NEWEST_YEAR or not said["year"]):
        errors["year"] = N_("Enter the year as a number, as in 2021; −399 is before our era.")
    if said["kind"] and said["kind"] not in KINDS:
        errors["kind"] = N_("Choose a kind from the list.")
    if said["archive_url"]:
        try:
            said["archive_url"] = links.check(typed["archive_url"])
        except links.BadLink as error:
            errors["archive_url"] = error.args[0]
    return (None, errors) if errors else (Description(**said), {})


def noted(words: str, missing: str, *, required: bool) -> tuple[str, str | None]:
    """A moderator's words, tidied, and what is wrong with them: `missing` where they are required and not there."""
    words = markup.tidy(words).strip()
    if required and markup.is_blank(words):
        return words, missing
    if len(words) > NOTE_LIMIT:
        return words, N_("Use %(most)s characters or fewer. You have %(length)s.", most=NOTE_LIMIT, length=len(words))
    return words, None


def reasoned(reason: str, note: str, *, always: bool = False) -> tuple[str, dict[str, str]]:
    """A note, tidied, and what is wrong with a reason and it, by field. `other` needs a note; `always`: any does."""
    note, problem = noted(note, N_("Enter a note that says why."), required=always or reason == "other")
    errors: dict[str, str] = {"note": problem} if problem else {}
    if reason not in REASONS:
        errors["reason"] = N_("Choose a reason.")
    return note, errors


def account_problems(name: str, email: str, password: str) -> dict[str, str]:
    """What is wrong with a new account's name, e-mail and password, by field."""
    errors: dict[str, str] = {}
    if wrong := names.problem(name):
        errors["name"] = wrong
    elif len(names.key(name)) > NAME_KEY_LIMIT:
        errors["name"] = N_("This name is too long to be kept. Choose a shorter one.")
    if wrong := email_problem(email):
        errors["email"] = wrong
    if wrong := passwords.problem(password, name, email):
        errors["password"] = wrong
    return errors


def email_problem(email: str) -> str | None:
    """One sentence on what is wrong with an e-mail address, or None."""
    if len(email.casefold()) > EMAIL_LIMIT or not email.isprintable() or not EMAIL.fullmatch(email):
        return N_("Enter an e-mail address, as in name@example.org.")
    return None


@dataclass
class Sentence:
    """What a moderator decides about a reply, as typed: see actions/queue.py for what it becomes."""

    act: str = ""
    reason: str = ""
    note: str = ""
    bar: str = ""
    of: str = ""
    edit: str = ""  # the wording that was looked at
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, read: Field) -> "Sentence":
        return cls(read("act"), read("reason"), read("note"), read("bar"), read("of").strip(), read("edit"))

    def decision(self, now: datetime) -> Decision | None:
        """The decision at `now`; None, with `errors` filled, if it cannot be."""
        if self.act not in ON_REPLIES:
            self.errors["act"] = N_("Choose what to do.")
        if self.act in ("hide", "ask", "suspend") and self.reason not in REASONS:
            self.errors["reason"] = N_("Choose a reason.")
        needed = (self.act in ("hide", "ask", "suspend") and self.reason == "other") or self.act == "lock"
        note, problem = noted(self.note, N_("Enter a note that says why."), required=needed)
        if problem:
            self.errors["note"] = problem
        if self.bar not in BARS or (self.act == "suspend" and not self.bar):
            self.errors["bar"] = N_("Choose for how long.")
        of = self.of.rpartition("/")[2].partition("#")[0]
        if self.act == "duplicate" and not (of.isascii() and of.isdigit() and len(of) < 10):
            self.errors["of"] = N_(
                "Enter the number of a visible reply on the same side of this essay: it is in its address."
            )
        if self.errors:
            return None
        kind, until = bar_until(self.bar, now) if self.act in ("hide", "suspend") else ("", None)
        edit = int(self.edit) if self.edit.isascii() and self.edit.isdigit() and len(self.edit) < 10 else None
        return Decision(self.act, self.reason, note, kind, until, int(of) if self.act == "duplicate" else None, edit)


BARS = ("", "1", "7", "30", "always", "ban")  # days, or until it is lifted, or banned


def bar_until(chosen: str, now: datetime) -> tuple[str, datetime | None]:
    """What becomes of a writer, as chosen from BARS: `suspended`, `banned` or nothing, and until when."""
    if chosen in ("", "ban"):
        return ("banned" if chosen else "", None)
    return "suspended", now + timedelta(days=int(chosen)) if chosen.isdigit() else None
