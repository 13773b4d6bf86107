"""Races that no item of the catalogue names: revisions against all that is written meanwhile, rulings on one item."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from live import PARAGRAPHS, EssayAt, Person
from ring import CLIENTS, Ring, all_stored, citer, each_round, editor, posted, poster, until_over
from sqlalchemy import select

from debate.models import Item, Notice, Placement, Reply, ReplyEdit, Revision, Ruling, Vote, Wording

pytestmark = pytest.mark.slow


def test_of_many_rulings_on_one_item_at_once_one_counts(ring: Ring) -> None:
    for number in each_round():
        essay = ring.site.add_essay()
        made = ring.people[0].post(f"{essay.paragraph(1)}/replies", stance="pro", body=f"Reported {number}.").reply_id
        assert ring.people[1].post(f"/replies/{made}/reports", reason="spam").status == 303
        ((item,),) = ring.site.rows(select(Item.id).where(Item.reply_id == made))
        start = Barrier(8)

        def decide(act: str, item: int = item, start: Barrier = start) -> int:
            start.wait()
            return ring.moderator.post(f"/moderation/items/{item}", act=act, reason="spam").status

        with ThreadPoolExecutor(8) as pool:
            codes = Counter(pool.map(decide, ["hide", "keep", "ask", "hide"] * 2))
        assert codes == {303: 1, 409: 7}
        rulings = select(Ruling.id).where(Ruling.reply_id == made)
        assert len(ring.site.rows(rulings)) == 1


def revised(number: int, who: int) -> str:
    """The text for another time: its first paragraph unlike any other time's, others gone, back, joined, elsewhere."""
    first, *others = PARAGRAPHS
    turn = number % 4
    if turn == 1:
        del others[0]
    elif turn == 2:
        others[1:3] = [f"{others[1]} {others[2]}"]
    elif turn == 3:
        others.reverse()
    return "\n\n".join([f"{first} So it was said for the {number}th time by the {who}th.", *others])


@pytest.mark.nodes
def test_nothing_is_lost_while_an_essay_is_revised_again_and_again(ring: Ring) -> None:
    """Two revise at once; others reply, edit, cite, vote, confirm and read; a moderator locks and hides meanwhile."""
    for number in each_round():
        essay = ring.site.add_essay()
        mark = f"revised {number}"
        over = Event()
        target = ring.moderator.post(f"{essay.paragraph(1)}/replies", stance="pro", body="The one all act on.").reply_id
        hidden = ring.people[0].post(f"{essay.paragraph(3)}/replies", stance="pro", body="Now here, now not.").reply_id
        own = [
            person.post(f"{essay.paragraph(2)}/replies", stance="con", body=f"{person.name}'s own, to edit.").reply_id
            for person in ring.people
        ]

        def votes_and_confirms(_: Person, turn: int, target: int = target) -> tuple[str, dict[str, str]]:
            return (f"/replies/{target}/confirm", {}) if turn % 2 else (f"/replies/{target}/vote", {"value": "1"})

        acts = [
            (
                poster(essay.paragraph(1 + client % 7), mark),
                poster(f"/replies/{own[client]}", mark),
                editor(own[client]),
                citer(own[client]),
                votes_and_confirms,
            )[client % 5]
            for client in range(CLIENTS)
        ]

        def revise(who: int, essay: EssayAt = essay) -> Counter[int]:
            made: Counter[int] = Counter()
            for turn in range(10):
                text = revised(turn, who)
                made[ring.moderator.post(f"{essay.path}/edit", title="Again", text=text, intent="publish").status] += 1
            return made

        def closes(_: Person, turn: int, essay: EssayAt = essay, hidden: int = hidden) -> tuple[str, dict[str, str]]:
            return (
                (f"{essay.paragraph(7)}/lock", {"reason": "Rest."}),
                (f"/replies/{hidden}/hide", {"reason": "spam"}),
                (f"{essay.paragraph(7)}/unlock", {}),
                (f"/replies/{hidden}/restore", {}),
            )[turn % 4]

        def read(essay: EssayAt = essay, target: int = target, over: Event = over) -> Counter[int]:
            reader, seen = Person(ring.site), Counter[int]()
            places = [essay.path, essay.paragraph(1), essay.paragraph(2), f"{essay.path}/tree", f"/replies/{target}"]
            places += [f"/replies/{target}/wording", f"{essay.path}/revisions", f"{essay.paragraph(1)}/wordings"]
            while not over.is_set():
                seen.update(reader.get(place).status for place in places)
            return seen

        with ThreadPoolExecutor(CLIENTS + 5) as pool:
            running = [
                pool.submit(until_over, person, act, over) for person, act in zip(ring.people, acts, strict=True)
            ]
            closing, reading = pool.submit(until_over, ring.moderator, closes, over), pool.submit(read)
            try:
                revising = list(pool.map(revise, (1, 2)))
            finally:
                over.set()
            attempts = [future.result() for future in running]
            assert set(reading.result()) == {200}
            assert {attempt.status for attempt in closing.result()} == {303}

        for client, mine in enumerate(attempts):
            assert {attempt.status for attempt in mine} <= {303} | (
                {423} if client % 5 == 0 and client % 7 == 6 else set()
            )
        all_stored([mine for client, mine in enumerate(attempts) if client % 5 < 2], posted(ring, essay, mark))
        edits = select(ReplyEdit.id).where(ReplyEdit.reply_id.in_(own))
        assert len(ring.site.rows(edits)) == sum(len(mine) for client, mine in enumerate(attempts) if client % 5 == 2)

        assert set(revising[0] + revising[1]) <= {303, 409}
        revisions = ring.site.rows(
            select(Revision.number).where(Revision.essay_id == essay.id).order_by(Revision.number)
        )
        made = sum(each[303] for each in revising)
        assert [row.number for row in revisions] == list(range(1, made + 2))

        of_another = select(Reply.id).join(Wording, Wording.id == Reply.wording_id)
        assert ring.site.rows(of_another.where(Wording.paragraph_id != Reply.paragraph_id)) == []
        of_another = select(Vote.reply_id).join(Wording, Wording.id == Vote.wording_id)
        of_another = of_another.join(Reply, Reply.id == Vote.reply_id)
        assert ring.site.rows(of_another.where(Wording.paragraph_id != Reply.paragraph_id)) == []
        assert said_when_written(ring, essay, mark) == []
        twice = select(Notice.user_id).where(Notice.kind == "reworded", Notice.read_at.is_(None))
        twice = twice.join(Revision, Revision.id == Notice.revision_id).where(Revision.essay_id == essay.id)
        assert set(Counter(row.user_id for row in ring.site.rows(twice)).values()) <= {1}
        assert ring.site.recounts() == "0 differences.\n"


def said_when_written(ring: Ring, essay: EssayAt, mark: str) -> list[int]:
    """The replies that answer other words than their paragraph said at the time they were posted."""
    placed = ring.site.rows(
        select(Revision.made_at, Placement.paragraph_id, Placement.wording_id)
        .join(Placement, Placement.revision_id == Revision.id)
        .where(Revision.essay_id == essay.id)
        .order_by(Revision.number)
    )
    wrong = []
    for reply in ring.site.rows(select(Reply).where(Reply.essay_id == essay.id, Reply.body.startswith(mark))):
        told = reply.Reply
        then = [
            row.wording_id for row in placed if row.paragraph_id == told.paragraph_id and row.made_at < told.made_at
        ]
        if then[-1] != told.wording_id:
            wrong.append(told.id)
    return wrong
