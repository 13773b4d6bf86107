"""L: what is locked, hidden, archived or barred takes nothing any more, by whatever door; and opens as it was."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from live import PARAGRAPHS, EssayAt, Person
from ring import (
    ABOVE,
    CLIENTS,
    VALUES,
    Ring,
    all_stored,
    chain,
    check,
    citer,
    each_round,
    editor,
    lock_of,
    posted,
    poster,
    run,
    until_refused,
    voter,
)  # fmt: skip
from sqlalchemy import select, text

from debate.models import (
    Ask,
    Check,
    Citation,
    Confirmation,
    Lock,
    Reply,
    ReplyEdit,
    Ruling,
    Standing,
    User,
    Vote,
)

pytestmark = [pytest.mark.slow, pytest.mark.nodes]

HIDES = ["parent", "far-parent"]
LOCKS = ["reply", "paragraph", "essay", "ancestor"]


@pytest.mark.parametrize("target", LOCKS)
def test_l1_no_reply_lands_after_a_lock(ring: Ring, target: str) -> None:
    for number in each_round(len(LOCKS)):
        essay = ring.site.add_essay()
        mark = f"{target} {number}"
        above = chain(ring, essay, ABOVE + 1) if target == "ancestor" else chain(ring, essay, 1)
        place = {
            "reply": f"/replies/{above[0]}",
            "paragraph": essay.paragraph(1),
            "essay": essay.path,
            "ancestor": f"/replies/{above[0]}",
        }[target]
        # half of them to the paragraph itself, where the lock closes that too
        parents = (
            [f"/replies/{above[-1]}", essay.paragraph(1)]
            if target in ("paragraph", "essay")
            else [f"/replies/{above[-1]}"]
        )
        acts = [poster(parents[client % len(parents)], mark) for client in range(CLIENTS)]
        attempts, closed = run(ring, acts, ring.moderator, f"{place}/lock", reason="Rest.")
        check(attempts, closed, 423)
        there = posted(ring, essay, mark)
        all_stored(attempts, there)
        placed = lock_of(ring, essay)
        assert there
        assert max(made for _, made in there.values()) <= placed


@pytest.mark.parametrize("target", HIDES)
def test_l2_no_reply_lands_beneath_a_reply_after_it_was_hidden(ring: Ring, target: str) -> None:
    for number in each_round(len(HIDES)):
        essay = ring.site.add_essay()
        mark = f"{target} {number}"
        above = chain(ring, essay, 3 if target == "far-parent" else 1)
        hidden = above[-1]
        acts = [poster(f"/replies/{hidden}", mark)] * CLIENTS
        attempts, closed = run(ring, acts, ring.moderator, f"/replies/{hidden}/hide", reason="spam")
        check(attempts, closed, 410)
        there = posted(ring, essay, mark)
        all_stored(attempts, there)
        removed = ring.site.rows(select(Reply.removed_at).where(Reply.id == hidden))[0].removed_at
        assert there
        assert max(made for _, made in there.values()) <= removed


def test_l1_every_door_closes_with_a_lock(ring: Ring) -> None:
    """Edits, citations and votes (the lock closes them too) race with the lock like replies do."""
    for number in each_round():
        essay = ring.site.add_essay()
        place = (essay.path, essay.paragraph(1))[number % 2]
        target = ring.moderator.post(f"{essay.paragraph(1)}/replies", stance="pro", body="The one all act on.").reply_id
        own = [
            person.post(f"/replies/{target}/replies", stance="con", body="My own, to edit.").reply_id
            for person in ring.people
        ]
        acts = [
            (poster(f"/replies/{target}", "door"), editor(own[client]), citer(target), voter(target))[client % 4]
            for client in range(CLIENTS)
        ]
        attempts, closed = run(ring, acts, ring.moderator, f"{place}/lock", reason="All doors.", votes="1")
        check(attempts, closed, 423)
        placed = lock_of(ring, essay)
        beneath = select(Reply.id).where(Reply.essay_id == essay.id)
        times = {
            "replies": select(Reply.made_at).where(Reply.essay_id == essay.id),
            "edits": select(ReplyEdit.until).where(ReplyEdit.reply_id.in_(beneath)),
            "citations": select(Citation.made_at).where(Citation.reply_id.in_(beneath)),
            "votes": select(Vote.cast_at).where(Vote.reply_id.in_(beneath)),
        }
        for what, statement in times.items():
            found = [row[0] for row in ring.site.rows(statement)]
            assert max(found, default=placed) <= placed, what
            assert found or what == "votes"  # the last may have cleared it
        done = [sum(attempt.status == 303 for attempt in mine) for mine in attempts]
        edited = sum(done[client] for client in range(CLIENTS) if client % 4 == 1)
        assert len(ring.site.rows(times["edits"])) == edited
        cited = sum(done[client] for client in range(CLIENTS) if client % 4 == 2)
        assert len(ring.site.rows(times["citations"])) == cited
        votes = ring.site.rows(select(Vote.value).where(Vote.reply_id == target))
        last = [int(VALUES[(done[client] - 1) % 3]) for client in range(CLIENTS) if client % 4 == 3 and done[client]]
        assert sorted(row.value for row in votes) == sorted(value for value in last if value)


@pytest.mark.parametrize(("act", "refusal"), [("archive", 423), ("unpublish", 410)])
def test_l2_nothing_lands_in_an_essay_after_it_was_archived_or_unpublished(ring: Ring, act: str, refusal: int) -> None:
    """Replies to a paragraph and to others far beneath one, edits, sources and votes, while that happens."""
    for number in each_round(2):
        essay = ring.site.add_essay()
        mark = f"{act} {number}"
        far = chain(ring, essay, ABOVE)[-1]
        target = ring.moderator.post(f"{essay.paragraph(1)}/replies", stance="pro", body="The one all act on.").reply_id
        own = [
            person.post(f"/replies/{target}/replies", stance="con", body="My own, to edit.").reply_id
            for person in ring.people
        ]
        acts = [
            (
                poster(essay.paragraph(2), mark),
                poster(f"/replies/{far}", mark),
                editor(own[client]),
                citer(target),
                voter(target),
            )[client % 5]
            for client in range(CLIENTS)
        ]
        attempts, closed = run(ring, acts, ring.moderator, f"{essay.path}/{act}", reason="Enough.")
        check(attempts, closed, refusal)
        there = posted(ring, essay, mark)
        all_stored([mine for client, mine in enumerate(attempts) if client % 5 < 2], there)
        assert there
        ruled = select(Ruling.made_at).where(Ruling.essay_id == essay.id, Ruling.act == act)
        ended = ring.site.rows(ruled)[0].made_at
        beneath = select(Reply.id).where(Reply.essay_id == essay.id)
        times = {
            "replies": select(Reply.made_at).where(Reply.essay_id == essay.id),
            "edits": select(ReplyEdit.until).where(ReplyEdit.reply_id.in_(beneath)),
            "citations": select(Citation.made_at).where(Citation.reply_id.in_(beneath)),
            "votes": select(Vote.cast_at).where(Vote.reply_id.in_(beneath)),
        }
        for what, statement in times.items():
            assert max((row[0] for row in ring.site.rows(statement)), default=ended) <= ended, what
        assert Person(ring.site).get(essay.path).status == (200 if act == "archive" else 410)
        assert ring.moderator.post(f"{essay.path}/publish").status == 303
        again = ring.people[0].post(f"{essay.paragraph(2)}/replies", stance="pro", body=f"{mark}, opened again.")
        assert again.status == 303


def test_l2_nothing_lands_on_a_reply_after_it_was_withdrawn(ring: Ring) -> None:
    """A reply withdrawn while others answer and vote on it: nothing lands after, the counts hold."""
    for number in each_round():
        essay = ring.site.add_essay()
        writer = ring.moderator
        target = writer.post(f"{essay.paragraph(1)}/replies", stance="pro", body="Not for long.").reply_id
        acts = [
            (voter(target), poster(f"/replies/{target}", f"withdrawn {number}"))[turn % 2] for turn in range(CLIENTS)
        ]
        attempts, closed = run(ring, acts, writer, f"/replies/{target}/withdraw")
        check(attempts, closed, 410)
        there = posted(ring, essay, f"withdrawn {number}")
        all_stored(attempts[1::2], there)
        removed = ring.site.rows(select(Reply.removed_at).where(Reply.id == target))[0].removed_at
        assert max(made for _, made in there.values()) <= removed


@pytest.mark.parametrize("how", ["7", "ban"])
def test_l2_nothing_of_an_account_lands_after_its_suspension(ring: Ring, how: str) -> None:
    for number in each_round(2):
        (person,) = ring.site.add_people([f"Loud{how}{number}"])
        person.login()
        essays = [ring.site.add_essay() for _ in range(2)]
        voted = [ring.people[0].post(f"{essay.paragraph(1)}/replies", stance="pro", body="Vote.") for essay in essays]
        acts = [poster(essay.paragraph(at), f"Loud {at}") for at in (1, 2, 3) for essay in essays]
        acts += [voter(answer.reply_id) for answer in voted]
        with ThreadPoolExecutor(len(acts)) as pool:
            running = [pool.submit(until_refused, person, act) for act in acts]
            time.sleep(random.uniform(0.3, 0.8))
            answer = ring.moderator.post(f"/users/{person.name}/suspend", bar=how, reason="spam")
            closed = time.monotonic()
            assert answer.status == 303, answer.words
            check([future.result() for future in running], closed, 403)
        (user_id, placed_at) = ring.site.rows(
            select(Standing.user_id, Standing.placed_at).join(User, User.id == Standing.user_id)
            .where(User.name == person.name)
        )[0]  # fmt: skip
        late = select(Reply.id).where(Reply.author_id == user_id, Reply.made_at > placed_at)
        assert ring.site.rows(late) == []
        if how == "ban":
            assert ring.site.rows(select(Vote.reply_id).where(Vote.user_id == user_id)) == []


# --- every door


TYPED = "A long rebuttal that took an hour to type."
QUOTED = "The words it rests on, copied by hand."
RESTS = "Until Monday."  # why it is locked

# Every way to write at a reply.
DOORS = (
    "answer", "answer with a source", "preview, then send", "edit", "preview of an edit", "source",
    "ask for a source", "vote", "confirm", "check",
)  # fmt: skip
# What is another's to do, or one's own, lock or no lock.
NEVER_ONES_OWN, NEVER_ANOTHERS = ("ask for a source", "vote"), ("edit", "preview of an edit")


def places(essay: EssayAt, links: list[int]) -> dict[str, str]:
    """What a lock may be on, so that it closes the last of eight links."""
    return {
        "essay": essay.path,
        "paragraph": essay.paragraph(1),
        "reply": f"/replies/{links[-1]}",
        "ancestor six levels up": f"/replies/{links[-1 - ABOVE]}",
    }


def doors_at(ring: Ring, essay: EssayAt, reply_id: int, person: Person) -> dict[str, tuple[str, dict[str, str]]]:
    """The doors at a reply, each as a path and what to send there, made such that through every one of them something
    could be written: a source to check is there, and the paragraph was reworded after the person's vote."""
    path = f"/replies/{reply_id}"
    assert ring.moderator.post(f"{path}/citations", url=f"https://b.example/{reply_id}").status == 303
    assert person.post(f"{path}/vote", value="-1").status == 303
    reworded = "\n\n".join(PARAGRAPHS).replace("for sixty of them", "for fifty of them")
    assert ring.moderator.post(f"{essay.path}/edit", title="Reworded", text=reworded, intent="publish").status == 303
    assert person.get(path).forms(f"{path}/confirm"), "the vote is on words of before"
    ((citation_id,),) = ring.site.rows(select(Citation.id).where(Citation.reply_id == reply_id))
    words = {"stance": "con", "body": TYPED}
    source = {"source_url": "https://a.example/", "source_quote": QUOTED}
    found = (
        (f"{path}/replies", words),
        (f"{path}/replies", words | source),
        (f"{path}/replies", words | {"intent": "preview"}),
        (f"{path}/edit", {"body": TYPED}),
        (f"{path}/edit", {"body": TYPED, "intent": "preview"}),
        (f"{path}/citations", {"url": "https://a.example/", "quote": QUOTED}),
        (f"{path}/asks", {"wanted": "1"}),
        (f"{path}/vote", {"value": "1"}),
        (f"{path}/confirm", {}),
        (f"/citations/{citation_id}/check", {"answer": "yes"}),
    )
    return dict(zip(DOORS, found, strict=True))


def refusals(status: int, *, own: bool) -> dict[str, int]:
    """What the doors answer where all of them are closed."""
    return dict.fromkeys(DOORS, status) | dict.fromkeys(NEVER_ONES_OWN if own else NEVER_ANOTHERS, 403)


def knock(person: Person, doors: dict[str, tuple[str, dict[str, str]]], expected: dict[str, int]) -> None:
    """Each door, with htmx and without, answers so; whatever was typed comes back, and a lock says why it is there."""
    for name, (path, fields) in doors.items():
        for htmx in (False, True):
            answer = person.post(path, htmx=htmx, **fields)
            assert answer.status == expected[name], (person.name, name, htmx, answer.status, answer.words[:300])
            for field in ("body", "source_url", "source_quote", "url", "quote"):
                assert fields.get(field, "") in answer.text, (person.name, name, htmx, field)
            assert answer.status != 423 or RESTS in answer.words, (person.name, name, htmx)


def snapshot(ring: Ring, essay: EssayAt) -> list[list[tuple]]:
    """All that can be written beneath an essay."""
    beneath = select(Reply.id).where(Reply.essay_id == essay.id)
    cited = select(Citation.id).where(Citation.reply_id.in_(beneath))
    questions = (
        select(Reply.id, Reply.body, Reply.edits, Reply.wording_id).where(Reply.essay_id == essay.id),
        select(Vote.user_id, Vote.reply_id, Vote.value, Vote.edit, Vote.wording_id).where(Vote.reply_id.in_(beneath)),
        cited,
        select(Check.user_id, Check.citation_id, Check.answer).where(Check.citation_id.in_(cited)),
        select(Ask.user_id, Ask.reply_id).where(Ask.reply_id.in_(beneath)),
        select(ReplyEdit.id).where(ReplyEdit.reply_id.in_(beneath)),
        select(Confirmation.id).where(Confirmation.reply_id.in_(beneath)),
    )
    return [sorted(map(tuple, ring.site.rows(question))) for question in questions]


def test_l3_with_a_lock_on_every_door_is_closed_and_gives_the_words_back(ring: Ring) -> None:
    for where in ("essay", "paragraph", "reply", "ancestor six levels up"):
        essay = ring.site.add_essay()
        links = chain(ring, essay, ABOVE + 2)
        writer, other = ring.people[(len(links) - 1) % 2], ring.people[5]
        doors = doors_at(ring, essay, links[-1], other)
        place = places(essay, links)[where]
        assert ring.moderator.post(f"{place}/lock", reason=RESTS, votes="1").status == 303
        before = snapshot(ring, essay)
        knock(other, doors, refusals(423, own=False))
        # That it holds for the words of today one may say of an own reply under a lock too, as one may withdraw it.
        confirm, _ = doors.pop("confirm")
        knock(writer, doors, refusals(423, own=True))
        assert snapshot(ring, essay) == before, where
        assert writer.post(confirm).status == 303
        assert snapshot(ring, essay)[-1] != before[-1], where
        assert snapshot(ring, essay)[1:-1] == before[1:-1], where


def test_l3_a_tab_that_was_open_before_the_lock_writes_nothing_and_keeps_the_draft(ring: Ring) -> None:
    essay = ring.site.add_essay()
    person = ring.people[2]
    target = ring.people[0].post(f"{essay.paragraph(1)}/replies", stance="pro", body="Answer this.").reply_id
    paths = {f"{essay.paragraph(1)}/replies": essay.paragraph(1), f"/replies/{target}/replies": f"/replies/{target}"}
    tabs = {action: person.get(f"/replies/{target}/replies") if "/p/" not in action else person.get(page)
            for action, page in paths.items()}  # fmt: skip
    assert ring.moderator.post(f"{essay.path}/lock", reason="Rest.").status == 303
    for action, tab in tabs.items():
        answer = person.send(tab, action, stance="con", body=TYPED)
        assert answer.status == 423
        assert TYPED in answer.text
    assert len(ring.site.rows(select(Reply.id).where(Reply.essay_id == essay.id))) == 1


def test_l4_where_a_link_above_is_missing_nothing_is_written_whatever_its_lock_was(ring: Ring) -> None:
    """The row of a reply cannot be deleted while something hangs beneath it; and a link that is missing means no."""
    essay = ring.site.add_essay()
    links = chain(ring, essay, 4)
    writer, person = ring.people[1], ring.people[3]
    doors = doors_at(ring, essay, links[3], person)
    assert ring.moderator.post(f"/replies/{links[0]}/lock", reason="Rest.").status == 303
    with ring.site.database() as database:
        with pytest.raises(Exception, match=r"(?i)foreign key"), database.engine.begin() as connection:
            connection.execute(text("DELETE FROM replies WHERE id = :id"), {"id": links[1]})
        with database.engine.begin() as connection:  # what no act of the program does
            gone = {"old": f"{links[1]:08x}", "new": f"{999_999_999:08x}", "id": links[3]}
            connection.execute(text("UPDATE replies SET path = REPLACE(path, :old, :new) WHERE id = :id"), gone)
            connection.execute(text("UPDATE locks SET lifted_at = placed_at WHERE reply_id = :id"), {"id": links[0]})
    before = snapshot(ring, essay)
    # A preview of words that nobody could post yet is shown: nothing of it is stored.
    knock(person, doors, refusals(404, own=False) | {"preview, then send": 200})
    knock(writer, doors, refusals(404, own=True) | {"preview, then send": 200, "preview of an edit": 200})
    assert snapshot(ring, essay) == before
    with ring.site.database() as database, database.engine.begin() as connection:
        gone |= {"old": gone["new"], "new": gone["old"]}
        connection.execute(text("UPDATE replies SET path = REPLACE(path, :old, :new) WHERE id = :id"), gone)
    hidden = f"/replies/{links[2]}"
    assert ring.moderator.post(f"{hidden}/hide", reason="spam").status == 303
    assert person.post(f"{hidden}/replies", stance="pro", body=TYPED).status == 410
    # a lock above what is gone goes on closing what hangs beneath it
    assert ring.moderator.post(f"{hidden}/restore").status == 303
    assert ring.moderator.post(f"/replies/{links[0]}/lock", reason="Again.").status == 303
    assert ring.moderator.post(f"/replies/{links[1]}/hide", reason="spam").status == 303
    assert person.post(f"{hidden}/replies", stance="pro", body=TYPED).status == 423


@pytest.mark.parametrize("how", ["erased", "withdrawn"])
def test_l4_the_lock_on_a_reply_goes_on_closing_what_is_beneath_once_that_is_erased_or_withdrawn(
    ring: Ring, how: str
) -> None:
    essay = ring.site.add_essay()
    links = chain(ring, essay, 3)
    (chief,) = ring.site.add_people([f"Chief{essay.id}"], role="admin")
    chief.walk_in()
    above, writer, person = ring.people[1], ring.people[0], ring.people[3]
    doors = doors_at(ring, essay, links[2], person)
    locked = f"/replies/{links[1]}"
    assert ring.moderator.post(f"{locked}/lock", reason=RESTS, votes="1").status == 303
    removal = (
        chief.post(f"{locked}/erase", reason="other", note="A court said so.")
        if how == "erased"
        else above.post(f"{locked}/withdraw")
    )
    assert removal.status == 303
    assert ring.site.rows(select(Reply.state).where(Reply.id == links[1])) == [(how,)]
    before = snapshot(ring, essay)
    knock(person, doors, refusals(423, own=False))
    del doors["confirm"]
    knock(writer, doors, refusals(423, own=True))
    assert person.post(f"{locked}/replies", stance="pro", body=TYPED).status == 410
    assert snapshot(ring, essay) == before


def test_l5_a_moderators_way_around_a_lock_is_labelled_and_logged_and_unlocking_gives_all_back(ring: Ring) -> None:
    essay = ring.site.add_essay()
    links = chain(ring, essay, ABOVE + 2)
    last, person = links[-1], ring.people[6]

    def possible() -> dict[str, int]:
        return {
            "answer": person.post(f"/replies/{last}/replies", stance="pro", body=f"Now {time.monotonic()}.").status,
            "source": person.post(f"/replies/{last}/citations", url=f"https://a.example/{time.monotonic()}").status,
            "vote": person.post(f"/replies/{last}/vote", value=random.choice(("1", "-1"))).status,
            "edit": ring.people[(len(links) - 1) % 2].post(f"/replies/{last}/edit", body=f"{time.time()}").status,
            "paragraph": person.post(f"{essay.paragraph(1)}/replies", stance="con", body=f"{time.time()}").status,
        }

    formerly = possible()
    assert set(formerly.values()) == {303}
    for name, place in places(essay, links).items():
        assert ring.moderator.post(f"{place}/lock", reason="Rest.", votes="1").status == 303
        closed = {what: status for what, status in possible().items() if what != "paragraph" or "/p/" in place}
        assert set(closed.values()) == {423}, (name, closed)
        around = ring.moderator.post(f"/replies/{last}/replies", stance="pro", body=f"Around {name}.").reply_id
        assert "under the lock" in Person(ring.site).get(f"/replies/{around}").reply(around).text()
        logged = select(Ruling.act).where(Ruling.reply_id == around)
        assert [row.act for row in ring.site.rows(logged)] == ["reply"], name
        assert ring.moderator.post(f"{place}/unlock").status == 303
        assert possible() == formerly, name
    assert ring.site.rows(select(Lock.id).where(Lock.essay_id == essay.id, Lock.lifted_at.is_(None))) == []
