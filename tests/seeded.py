"""An essay to measure by: 60 paragraphs and 900 replies, the same every time, said in invented sentences."""

from random import Random

from sqlalchemy.orm import Session

from debate.actions import essays, evidence, locks, moderation, replies, users, votes
from debate.actions.evidence import Evidence
from debate.actions.locks import Target
from debate.actions.replies import Words
from debate.models import Essay, Paragraph, Reply, Vote
from debate.text import identifiers, markup
from debate.text.essay import Block, Draft

PARAGRAPHS, REPLIES = 60, 900
SUBJECTS = (
    "the harbour; a lamp; the second ferry; our council; the old wall; rain; a neighbour; the tide; my aunt; bread"
)
VERBS = "mends; forgets; carries; costs; outlasts; explains; hides; returns; doubles; softens; measures; owes; repeats"
OBJECTS = (
    "the winter; a promise; forty letters; the quiet; what was agreed; its own weight; the morning shift; "
    "a narrow street; the price of salt; every second house; nothing at all; the better half of June; a door"
)
LINKS = "and so; although; because; long before; whenever; unless; which is why; as if; just as"


def sentences(chance: Random, words: int) -> str:
    """About so many words."""
    said: list[str] = []
    while sum(len(part.split()) for part in said) < words:
        parts = [
            " ".join(chance.choice(words.split("; ")) for words in (SUBJECTS, VERBS, OBJECTS))
            for _ in range(chance.randint(1, 3))
        ]
        sentence = f" {chance.choice(LINKS.split('; '))} ".join(parts)
        said.append(sentence[0].upper() + sentence[1:] + chance.choice([".", ".", ".", "?"]))
    return " ".join(said)


def seed(session: Session, length: int = PARAGRAPHS, said: int = REPLIES) -> str:
    """Store the essay, its people, replies, votes, sources, a lock, a hidden and a withdrawn reply; its slug.

    `length` is of the essay, in paragraphs, `said` how many replies there are.
    """
    chance = Random(60_900)
    people = [
        f"{users.add(session, f'Reader{number}', f'reader{number}@example.org', 'x', 'participant')}|1"
        for number in range(12)
    ]
    warden = f"{users.add(session, 'Warden', 'warden@example.org', 'x', 'moderator')}|1"
    blocks = []
    for number in range(length):
        words = sentences(chance, chance.randint(40, 110))
        if number % 12 == 0:
            heading = sentences(chance, 4)
            blocks.append(Block("heading", f"## {heading}", f"<h2>{heading}</h2>", False))
        blocks.append(Block("text", words, markup.as_typed(words), True))
    owner = int(people[0].partition("|")[0])
    draft = Draft("What the harbour owes the town", tuple(blocks))
    slug = essays.publish(session, draft, author_name="Reader Zero", owner_id=owner, by_id=owner)
    essay = session.query(Essay).where(Essay.slug == slug).one()
    paragraphs = [p.id for p in session.query(Paragraph).where(Paragraph.essay_id == essay.id, Paragraph.debatable)]
    _argue(session, chance, people, paragraphs, said)
    made = session.query(Reply).where(Reply.depth == 1).order_by(Reply.branch_count.desc()).limit(3).all()
    moderation.hide(session, warden, made[0].id, "off-topic", "")
    locks.place(session, warden, Target(essay.id, made[1].paragraph_id, made[1].id), "Enough for now.", None, False)
    replies.withdraw(session, f"{made[2].author_id}|1", made[2].id)
    return slug


def _argue(session: Session, chance: Random, people: list[str], paragraphs: list[int], said: int) -> None:
    made: dict[int, list[int]] = {paragraph: [] for paragraph in paragraphs}
    weights = [1 / (rank + 2) for rank in range(len(paragraphs))]  # a few paragraphs draw most of what is said
    for number in range(said):
        [paragraph] = chance.choices(paragraphs, weights)
        there = made[paragraph]
        parent = chance.choice(there[-6:]) if there and chance.random() < 0.62 else None
        body = f"{sentences(chance, chance.choice([20, 40, 40, 70, 180]))} ({number})"
        who = chance.choice(people)
        words = Words(chance.choice(["pro", "con"]), body, markup.render(body))
        reply = replies.post(session, who, paragraph, parent, words)
        there.append(reply)
        if chance.random() < 0.15:
            address = f"https://example.org/{chance.randint(1, 60)}"
            evidence.cite(
                session, who, reply, Evidence(identifiers.recognise(address), sentences(chance, 12), "p. 7", "supports")
            )
        _vote(session, chance, reply, [one for one in chance.sample(people, chance.randint(0, 4)) if one != who])


def _vote(session: Session, chance: Random, reply_id: int, people: list[str]) -> None:
    """All votes on a reply at once: one by one, the action would ask for the same ground two thousand times."""
    reply = session.get_one(Reply, reply_id)
    for voter in people:
        value = chance.choice([1, 1, -1])
        reply.ups += value == 1
        reply.downs += value == -1
        user_id, at = int(voter.partition("|")[0]), reply.made_at
        session.add(
            Vote(user_id=user_id, reply_id=reply.id, value=value, edit=0, wording_id=reply.wording_id, cast_at=at)
        )
    votes.rank(reply)
    session.flush()
