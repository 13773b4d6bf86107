"""The articles of replies, kept as they were made: after one new reply the others are not made again.

An article's key holds all that it shows, and what kind of reader it is for, so none is ever out of date. What belongs
to one reader alone, the token of the forms, is put in when the page is sent (see debate/gate.py).
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from debate import rules, templating, times, web
from debate.kept import Kept
from debate.models import Essay, Reply, User
from debate.queries import debates, levels, lots, outline
from debate.queries.debates import Debate, Shown
from debate.queries.outline import Line, Section
from debate.queries.texts import Text
from debate.queries.threads import Place
from debate.ranking import LOTS, drawn

DRAWN_FROM = 100  # of a side that is larger, so many are looked at, elsewhere for each reader
LINE = 90  # characters that a line quotes
BEFORE_DRAWN = levels.FIRST + 1


def debate(
    essay: Essay,
    place: Place,
    *,
    beside: Shown | None = None,
    also: Iterable[tuple[Reply, Reply | None]] = (),
    **asked: Any,
) -> Debate:
    """A debate with the articles of its replies; `asked` is what `web.debate_asked` found in the address.

    `also` are replies that the page shows beside it, each with the one above; `beside` is what is known of them.
    """
    who = web.person()
    chosen = _drawn(who, place) if who is not None and asked.get("after_id") is None else []
    found = debates.debate(web.reading(), who, essay, place, drawn=chosen, beside=beside, **asked)
    web.lasts(found.shown.locks)
    fill(found, also)
    return found


def more_of(debate: Debate) -> ResponseReturnValue:
    """For htmx: what follows in a debate, to be added to the list of its side; the focus goes to the first new one.
    Where the reply that it was to follow has gone meanwhile, its page from the beginning."""
    if debate.after is None:
        return web.done(f"{debate.address}?sort={debate.sort}")
    side = debate.root.side(debate.after.stance)
    return web.fragment("debates/_more.html", focus=f"#reply-{side[0].reply.id}" if side else "", debate=debate)


def fill(debate: Debate, also: Iterable[tuple[Reply, Reply | None]] = ()) -> None:
    """Make the articles that are not kept; their words are read all at once."""
    debate.articles = of(debate.shown, [*also, *((node.reply, node.parent) for node in debate.nodes)])


def of(shown: Shown, listed: Iterable[tuple[Reply, Reply | None]]) -> dict[int, str]:
    """The articles of replies, each given with the reply above it, by id."""
    page = _page()
    wanted = [
        _Part((*page, *_key(shown, reply, parent)), reply, parent, "replies/_reply.html", {"shown": shown})
        for reply, parent in listed
    ]
    return _all(shown, wanted)


def lines(shown: Shown, listed: Iterable[Line]) -> dict[int, str]:
    """Replies as one line each, by id."""
    wanted, page = [], _page()
    for line in listed:
        template = "replies/_again.html" if line.again else "replies/_line.html"
        inputs = {"readable": line.reply.is_visible, "cut": LINE, "cited": line.reply.citation_count}
        wanted.append(_Part((*page, *_line_key(line)), line.reply, line.parent, template, inputs))
    return _all(shown, wanted)


def sections(shown: Shown, text: Text, listed: Sequence[Section]) -> list[Markup]:
    """Passages, each with the best of its debate. Only of those where something changed is anything read."""
    store: Kept[Markup] = current_app.extensions["parts"]
    page = _page()
    keys = [(*page, *_section_key(shown, text, section)) for section in listed]
    found = [store.get(key) for key in keys]
    missing = [section for section, html in zip(listed, found, strict=True) if html is None]
    outline.fill_best(web.reading(), shown.essay, missing)
    made = lines(shown, [line for section in missing for line in section.lines])
    return [
        html
        if html is not None
        else store.put(
            key,
            templating.part(
                "essays/_best.html",
                essay=shown.essay,
                section=section,
                lines=made,
                locked=_is_locked(shown, section),
            ),
        )
        for key, section, html in zip(keys, listed, found, strict=True)
    ]


def _section_key(shown: Shown, text: Text, section: Section) -> tuple[Any, ...]:
    paragraph = section.passage.paragraph
    return "best", text.key, paragraph.id, paragraph.version, _is_locked(shown, section)


def _is_locked(shown: Shown, section: Section) -> bool:
    return section.passage.paragraph.id in shown.locks.paragraphs


@dataclass(frozen=True)
class _Part:
    """How a reply is to be shown: its key, the reply above it, the template and what that takes beside the two."""

    key: tuple[Any, ...]
    reply: Reply
    parent: Reply | None
    template: str
    inputs: dict[str, Any]


def _all(shown: Shown, wanted: Sequence[_Part]) -> dict[int, str]:
    """Parts by the id of their reply: those that are kept, and the others made, their words read all at once."""
    store: Kept[Markup] = current_app.extensions["parts"]
    found: dict[int, str] = {part.reply.id: html for part in wanted if (html := store.get(part.key)) is not None}
    missing = [part for part in wanted if part.reply.id not in found]
    needed = {reply.id for part in missing for reply in (part.reply, part.parent) if reply is not None}
    debates.complete(web.reading(), shown, needed - shown.whole.keys())
    for part in missing:
        html = templating.part(part.template, reply=part.reply, parent=part.parent, **part.inputs)
        found[part.reply.id] = store.put(part.key, html)
    return found


def _page() -> tuple[Any, ...]:
    """What the key of each of a page's replies begins with: how often words were erased, how the page is written."""
    site = web.site()
    return site.erasures, web.language(), site.names_moderators


def _line_key(line: Line) -> tuple[Any, ...]:
    reply, parent = line.reply, line.parent
    return (
        "line", line.again,
        reply.id, reply.made_at, reply.edits, reply.state, reply.score,
        reply.citation_count, reply.ask_count, reply.branch_count,
        (parent.id, parent.is_visible) if parent is not None else None,
    )  # fmt: skip


def _key(shown: Shown, reply: Reply, parent: Reply | None) -> tuple[Any, ...]:
    who = shown.person
    lock = shown.lock_on(reply)
    return (
        reply.id, reply.made_at, reply.edits, reply.state, reply.removed_at, reply.score,
        reply.evidence_version, reply.citation_count and web.site().source_changes,
        times.ago_words(reply.made_at),
        (parent.id, parent.is_visible) if parent is not None else None,
        reply.duplicate_count and shown.essay.version, reply.state == "duplicate" and shown.essay.version,
        lock.id if lock else None,
        shown.is_outdated(reply) and reply.wording_id,
        shown.voting_is_open(reply),
        None if who is None and not shown.may_answer(reply) else (
            who is not None, rules.may_write(who, reply.essay_id), rules.is_own(who, reply),
            shown.is_moderator, shown.can_write, shown.may_answer(reply),
            shown.may_cite(reply), shown.may_edit(reply), shown.vote_on(reply),
            shown.is_vote_outdated(reply), shown.wording_now(reply), shown.is_muted(reply),
        ),
    )  # fmt: skip


def _drawn(who: User, place: Place) -> list[int]:
    """For each side the replies that come first by lot for this reader, the likeliest first; none of a short side."""
    if max(place.count(stance) for stance in levels.STANCES) <= levels.FIRST:
        return []
    secret = web.settings().secret_key
    name = f"{who.id}:{place.paragraph.id}:{place.under.id if place.under else 0}"
    points = {stance: _point(secret, f"{name}:{stance}") for stance in levels.STANCES}
    found = lots.drawable(web.reading(), who, place, points, DRAWN_FROM)
    return [
        reply_id
        for stance in levels.STANCES
        for reply_id in drawn(secret, who.id, [one for one, side in found if side == stance])[:BEFORE_DRAWN]
    ]


def _point(secret: str, name: str) -> int:
    return int.from_bytes(hmac.digest(secret.encode(), name.encode(), hashlib.sha256)[:8]) % LOTS
