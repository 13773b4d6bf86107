"""`debate demo`: an essay with a lively debate, for an empty database."""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate import web
from debate.actions import essays, evidence, locks, moderation, replies, users, votes
from debate.actions.evidence import Evidence
from debate.actions.locks import Target
from debate.actions.replies import Words
from debate.commands.answers import database
from debate.db import now
from debate.models import Essay, Paragraph, Placement, Reply, User
from debate.refusals import Invalid
from debate.text import links, markup
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
    """Store the demo through the same actions that people use, all in one transaction; returns the essay's slug."""
    cast = _Cast({}, {})
    for name in (*script["people"], READER, MODERATOR):
        role = "moderator" if name == MODERATOR else "participant"
        email = f"{name.lower()}@demo.invalid"
        cast.people[name] = f"{users.add(session, name, email, hashes.get(name, nobody), role)}|1"
    owner = int(cast.people[script["author"]].partition("|")[0])
    author_name = script["author"].replace(".", " ")
    slug = essays.publish(session, draft, author_name=author_name, owner_id=owner, by_id=owner)
    paragraphs = _debatable(session, slug)
    for entry in script["replies"]:
        _reply(session, cast, paragraphs[entry["paragraph"] - 1], entry)
    _age(session, cast, script, slug)
    _rule(session, cast, script)
    return slug


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
        cited = Evidence(
            source["url"], links.canonical(source["url"]), source["quote"], source["locator"], source["shows"]
        )
        evidence.cite(session, cast.people[source["by"]], made, cited)
    for value, voters in ((1, entry["up"]), (-1, entry["down"])):
        for voter in voters:
            votes.cast(session, cast.people[voter], made, value)


def _age(session: Session, cast: _Cast, script: dict[str, Any], slug: str) -> None:
    """Put the replies back in time, as if the debate had gone on for days."""
    at = now(session)
    for entry in script["replies"]:
        then = at - timedelta(hours=entry["hours"])
        session.execute(update(Reply).where(Reply.id == cast.replies[entry["id"]]).values(made_at=then))
    oldest = at - timedelta(hours=max(entry["hours"] for entry in script["replies"]) + 20)
    newest = at - timedelta(hours=min(entry["hours"] for entry in script["replies"]))
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
