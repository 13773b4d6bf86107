"""All that is somebody's own, to be taken along."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from debate.models import (
    Appeal,
    Ask,
    Check,
    Citation,
    Essay,
    Item,
    Lock,
    MailToken,
    Mute,
    Notice,
    RecoveryCode,
    Reply,
    ReplyEdit,
    Report,
    Revision,
    Ruling,
    SignIn,
    SourceEdit,
    Standing,
    Step,
    User,
    Visit,
    Vote,
    VoteAside,
)
from debate.queries import revisions, texts


def data(session: Session, person: User) -> dict[str, Any]:
    """An account's own data and nobody else's, as JSON can hold it. What was erased is not in it any more."""
    told = select(Notice.ruling_id).where(Notice.user_id == person.id, Notice.ruling_id.is_not(None))
    mine = select(Reply.id).where(Reply.author_id == person.id)
    replies = session.scalars(
        select(Reply)
        .options(joinedload(Reply.essay), joinedload(Reply.paragraph))
        .where(Reply.author_id == person.id)
        .order_by(Reply.id)
    )
    edits: dict[int, list[ReplyEdit]] = {}
    for edit in session.scalars(select(ReplyEdit).where(ReplyEdit.reply_id.in_(mine)).order_by(ReplyEdit.number)):
        edits.setdefault(edit.reply_id, []).append(edit)
    return {
        "account": _of(person, *"name email is_confirmed role made_at new_until".split()),
        "sessions": _rows(session, SignIn, SignIn.user_id == person.id, "device made_at used_at until"),
        "second steps": _rows(session, Step, Step.user_id == person.id, "kind name made_at used_at"),
        "recovery codes left": len(_rows(session, RecoveryCode, RecoveryCode.user_id == person.id, "id")),
        "letters that are good still": _rows(session, MailToken, MailToken.user_id == person.id, "purpose email until"),
        "standings": _rows(
            session, Standing, Standing.user_id == person.id, "kind essay_id reason note placed_at until lifted_at"
        ),
        "replies": [
            _of(reply, *"id stance side parent_id body state made_at changed_at removed_at ups downs".split())
            | {"essay": reply.essay.slug, "paragraph": reply.paragraph.key}
            | {"said before": [_of(edit, "body", "until") for edit in edits.get(reply.id, ())]}
            for reply in replies
        ],
        "essays": [
            _of(essay, *"slug title author_name language status made_at".split())
            | {
                "revisions": [
                    _of(one, *"number title note made_at".split()) for one in revisions.listed(session, essay)
                ]
            }
            | {"text": [passage.wording.source for passage in texts.of(session, essay).passages]}
            for essay in session.scalars(select(Essay).where(Essay.owner_id == person.id).order_by(Essay.id))
        ],
        "revisions by me": _rows(session, Revision, Revision.by_id == person.id, "essay_id number title note made_at"),
        "votes": _rows(session, Vote, Vote.user_id == person.id, "reply_id value edit cast_at"),
        "votes set aside": _rows(session, VoteAside, VoteAside.user_id == person.id, "reply_id value edit cast_at"),
        "citations": _rows(
            session, Citation, Citation.by_id == person.id, "id reply_id url quote locator shows made_at"
        ),
        "answers about citations": _rows(
            session, Check, Check.user_id == person.id, "citation_id answer side aside made_at"
        ),
        "asked for a source": _rows(session, Ask, Ask.user_id == person.id, "reply_id made_at answered_at aside"),
        "descriptions of sources": _rows(
            session,
            SourceEdit,
            SourceEdit.by_id == person.id,
            "source_id number act other_id hidden title authors year publisher kind archive_url made_at",
        ),
        "reports": _rows(session, Report, Report.by_id == person.id, "reply_id edit reason note made_at"),
        "appeals": _rows(session, Appeal, Appeal.by_id == person.id, "ruling_id words made_at"),
        "what waits or waited for moderators": _rows(
            session, Item, Item.user_id == person.id, "kind appeal_id opened_at closed_at outcome_id"
        ),
        "muted": list(
            session.scalars(select(User.name).join(Mute, Mute.muted_id == User.id).where(Mute.user_id == person.id))
        ),
        "visits": _rows(session, Visit, Visit.user_id == person.id, "essay_id seen latest at"),
        "notices": _rows(
            session, Notice, Notice.user_id == person.id, "kind reply_id ruling_id revision_id made_at read_at"
        ),
        "rulings on me": [
            _of(ruling, *"number act reason note made_at until reply_id".split())
            for ruling in session.scalars(
                select(Ruling).where((Ruling.user_id == person.id) | Ruling.id.in_(told)).order_by(Ruling.number)
            )
        ],
        "rulings by me": _rows(
            session, Ruling, Ruling.by_id == person.id, "number act reason note made_at until essay_id reply_id"
        ),
        "locks by me": _rows(
            session, Lock, Lock.by_id == person.id, "essay_id paragraph_id reply_id reason placed_at until lifted_at"
        ),
    }


def _rows(session: Session, model: Any, condition: Any, names: str) -> list[dict[str, Any]]:
    return [_of(row, *names.split()) for row in session.scalars(select(model).where(condition))]


def _of(thing: Any, *names: str) -> dict[str, Any]:
    return dict(_told(thing, names))


def _told(thing: Any, names: Iterable[str]) -> Iterable[tuple[str, Any]]:
    for name in names:
        value = getattr(thing, name)
        yield name, value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
