"""`debate demo`: an essay with a lively debate, for an empty database."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate import web
from debate.actions import checks, essays, evidence, locks, moderation, replies, sources, users, votes
from debate.actions.evidence import Evidence
from debate.actions.locks import Target
from debate.actions.replies import Words
from debate.actions.sources import Description
from debate.commands.answers import database
from debate.db import now
from debate.models import Citation, Essay, Notice, Paragraph, Placement, Reply, User, Vote
from debate.models.evidence import ANSWERS
from debate.queries import sources as sources_of
from debate.refusals import Invalid
from debate.text import identifiers, markup
from debate.text.essay import Draft, decode, parse

FOLDER = Path(__file__).resolve().parent.parent / "demo"
READER = "Demo.Reader"
MODERATOR = "Demo.Moderator"
THERE_IS_DATA = "There is data already; the demo was not loaded, nothing was changed."


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Load the demo debate into an empty database and print logins for a participant and a moderator."""
    db = database()
    with db.reading() as session:
        taken = session.scalar(select(User.id).limit(1)) or session.scalar(select(Essay.id).limit(1))
    if taken:
        click.echo(THERE_IS_DATA)
        return
    script = json.loads((FOLDER / "debate.json").read_text(encoding="utf-8"))
    draft = parse(decode((FOLDER / "essay.md").read_bytes()), "md")
    passwords = {READER: secrets.token_urlsafe(9), MODERATOR: secrets.token_urlsafe(9)}
    hashes = {name: web.passwords().hash(password) for name, password in passwords.items()}
    nobody = web.passwords().hash(secrets.token_urlsafe(32))  # nobody logs in as the people of the demo
    try:
        slug = db.write(load, script, draft, hashes, nobody)
    except Invalid:  # another demo was loaded at the same moment
        click.echo(THERE_IS_DATA)
        return
    click.echo(f"Demo debate: /essays/{slug}")
    click.echo(f"Participant: {READER}  password: {passwords[READER]}")
    click.echo(f"Moderator:   {MODERATOR}  password: {passwords[MODERATOR]}")


@dataclass
class _Cast:
    """The people and replies made so far, by the script's names."""

    people: dict[str, str]
    replies: dict[str, int]


def load(session: Session, script: dict[str, Any], draft: Draft, hashes: dict[str, str], nobody: str) -> str:
    """Store the demo through the same actions that people use, all in one transaction; returns the essay's slug.

    Only the votes are stored in bulk, as `_vote` says.
    """
    session.info["limits"] = False  # days of debate, told in a moment
    cast = _Cast({}, {})
    for name in (*script["people"], READER, MODERATOR):
        role = "moderator" if name == MODERATOR else "participant"
        email = f"{name.lower()}@demo.invalid"
        cast.people[name] = f"{users.add(session, name, email, hashes.get(name, nobody), role)}|1"
    owner = _number(cast, script["author"])
    author_name = script["author"].replace(".", " ")
    slug = essays.publish(session, draft, author_name=author_name, owner_id=owner, by_id=owner)
    paragraphs = _debatable(session, slug)
    at = now(session)
    for entry in script["replies"]:
        _reply(session, cast, paragraphs[entry["paragraph"] - 1], entry)
        _vote(session, cast, entry, at)
    _look(session, cast, script)
    _age(session, cast, script, slug, at)
    _rule(session, cast, script)
    return slug


def _number(cast: _Cast, name: str) -> int:
    return int(cast.people[name].partition("|")[0])


def _debatable(session: Session, slug: str) -> list[int]:
    return list(
        session.scalars(
            select(Paragraph.id)
            .join(Paragraph.essay)
            .join(Placement, Placement.paragraph_id == Paragraph.id)
            .where(Essay.slug == slug, Paragraph.debatable)
            .order_by(Placement.position)
        )
    )


def _reply(session: Session, cast: _Cast, paragraph_id: int, entry: dict[str, Any]) -> None:
    body = markup.tidy(entry["body"])
    parent = cast.replies.get(entry["parent"])
    words = Words(entry["stance"], body, markup.render(body))
    made = cast.replies[entry["id"]] = replies.post(session, cast.people[entry["by"]], paragraph_id, parent, words)
    for source in entry.get("sources", ()):
        thing = identifiers.recognise(source["url"])
        cited = Evidence(thing, source["quote"], source["locator"], source["shows"])
        evidence.cite(session, cast.people[source["by"]], made, cited)


def _look(session: Session, cast: _Cast, script: dict[str, Any]) -> None:
    """What people say of the sources, what they found in them, and where they ask for one."""
    for entry in script["sources"]:
        source = sources_of.known(session, identifiers.recognise(entry["url"]))
        said = {name: value for name, value in entry.items() if name not in ("url", "by")}
        if source is not None:
            sources.describe(session, cast.people[entry["by"]], source.id, Description(**said), source.edits)
    for entry in script["checks"]:
        reply_id = cast.replies[entry["reply"]]
        thing = identifiers.recognise(entry["url"])
        cited = select(Citation.id).where(Citation.reply_id == reply_id, Citation.url == thing.link)
        for answer in ANSWERS:
            for name in entry[answer]:
                checks.answer(session, cast.people[name], session.scalars(cited).one(), answer)
    for entry in script["asks"]:
        for name in entry["by"]:
            evidence.ask(session, cast.people[name], cast.replies[entry["reply"]], wanted=True)


def _vote(session: Session, cast: _Cast, entry: dict[str, Any], at: datetime) -> None:
    """All votes on a reply at once: one by one, the action would ask for the same ground over a thousand times.

    What it would refuse cannot come up: nothing is locked or removed yet, and nobody votes twice or on an own reply.
    """
    voters = [*entry["up"], *entry["down"]]
    if len({*voters, entry["by"]}) != len(voters) + 1:
        raise ValueError(f"Somebody votes twice, or on an own reply: {entry['id']}")
    reply = session.get_one(Reply, cast.replies[entry["id"]])
    then = at - timedelta(hours=entry["hours"])
    for value, people in ((1, entry["up"]), (-1, entry["down"])):
        for name in people:
            session.add(
                Vote(
                    user_id=_number(cast, name),
                    reply_id=reply.id,
                    value=value,
                    edit=0,
                    wording_id=reply.wording_id,
                    cast_at=then,
                )
            )
    reply.ups, reply.downs = len(entry["up"]), len(entry["down"])
    votes.rank(reply)
    session.flush()


def _age(session: Session, cast: _Cast, script: dict[str, Any], slug: str, at: datetime) -> None:
    """Put everything back in time, as if the debate had gone on for days."""
    session.flush()
    hours = {cast.replies[entry["id"]]: entry["hours"] for entry in script["replies"]}
    rows = [{"id": made, "made_at": at - timedelta(hours=ago)} for made, ago in hours.items()]
    session.execute(update(Reply), rows)
    for thing in (Citation, Notice):
        replied = select(Reply.made_at).where(Reply.id == thing.reply_id).scalar_subquery()
        session.execute(
            update(thing)
            .where(thing.reply_id.in_(hours))
            .values(made_at=replied)
            .execution_options(synchronize_session=False)
        )
    oldest = at - timedelta(hours=max(hours.values()) + 20)
    newest = at - timedelta(hours=min(hours.values()))
    people = [_number(cast, name) for name in cast.people]
    session.execute(update(User).where(User.id.in_(people)).values(made_at=oldest))
    session.execute(update(Essay).where(Essay.slug == slug).values(made_at=oldest, debated_at=newest))
    session.expire_all()


def _rule(session: Session, cast: _Cast, script: dict[str, Any]) -> None:
    by_name = {entry["id"]: entry["by"] for entry in script["replies"]}
    for name in script["withdrawn"]:
        replies.withdraw(session, cast.people[by_name[name]], cast.replies[name])
    for entry in script["hidden"]:
        moderation.hide(session, cast.people[MODERATOR], cast.replies[entry["reply"]], entry["reason"], entry["note"])
    for entry in script["locks"]:
        reply = session.get_one(Reply, cast.replies[entry["reply"]])
        target = Target(reply.essay_id, reply.paragraph_id, reply.id)
        locks.place(session, cast.people[MODERATOR], target, entry["reason"], None, False)
