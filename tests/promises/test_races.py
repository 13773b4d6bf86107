"""Many at once, against a server of two processes: locks and hiding against writers, votes, one form sent ten times.

RACES is how often each race is run (`make check-full` sets 50).
"""

import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Barrier, Event

import pytest
from live import KINDS, PARAGRAPHS, EssayAt, Person, Site, site_on
from sqlalchemy import select

from debate.models import (
    Citation,
    Item,
    Lock,
    Notice,
    Placement,
    Reply,
    ReplyEdit,
    Revision,
    Ruling,
    Standing,
    User,
    Vote,
    Wording,
)

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("RACES", "2"))
CLIENTS = 20
ABOVE = 6  # levels between the lock and where the clients write
VALUES = ("1", "-1", "0")
REFUSALS = 3  # how often a client is refused before it stops

HIDES = ["parent", "far-parent"]
LOCKS = ["reply", "paragraph", "essay", "ancestor"]


# What a client does on its n-th turn: a path and the fields to send there.
Act = Callable[[Person, int], tuple[str, dict[str, str]]]


@dataclass
class Ring:
    """A running site with twenty participants and a moderator, all logged in."""

    site: Site
    people: list[Person]
    moderator: Person


@dataclass(frozen=True)
class Attempt:
    """One request of a client: when it began, what came of it."""

    began: float
    status: int
    location: str
    words: str


@pytest.fixture(params=KINDS, scope="module")
def ring(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    with site_on(request.param, tmp_path_factory.mktemp(f"ring-{request.param}"), DEBATE_WORKERS="2") as site:
        people = site.add_people([f"Racer{number:02}" for number in range(CLIENTS)])
        (moderator,) = site.add_people(["Warden"], role="moderator")
        site.start()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Person.login, [*people, moderator]))
        yield Ring(site, people, moderator)
        assert site.recounts() == "0 differences.\n"
        assert site.stop() == 0, site.log
        assert "Traceback" not in site.log
        assert "database is locked" not in site.log


def each_round(share: int = 1) -> range:
    """The rounds of a race that is one of `share` kinds."""
    return range(-(-ROUNDS // share))


def chain(ring: Ring, essay: EssayAt, length: int) -> list[int]:
    """Replies one beneath the other, by two participants in turn."""
    made: list[int] = []
    for depth in range(length):
        path = f"/replies/{made[-1]}/replies" if made else f"{essay.paragraph(1)}/replies"
        answer = ring.people[depth % 2].post(path, stance="con", body=f"Link {depth} of the chain.")
        made.append(answer.reply_id)
    return made


def until_refused(person: Person, act: Act) -> list[Attempt]:
    """Act again and again until the same refusal has come a few times."""
    attempts: list[Attempt] = []
    refused = 0
    end = time.monotonic() + 60
    while refused < REFUSALS:
        assert time.monotonic() < end, Counter(attempt.status for attempt in attempts)
        path, fields = act(person, len(attempts))
        began = time.monotonic()
        answer = person.post(path, **fields)
        attempts.append(Attempt(began, answer.status, answer.location, fields.get("body", "")))
        refused += answer.status != 303
    return attempts


def run(ring: Ring, acts: list[Act], closer: Person, path: str, **fields: str) -> tuple[list[list[Attempt]], float]:
    """Let each client act until it is refused, and close the place meanwhile; when that was answered comes second."""
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        running = [pool.submit(until_refused, person, act) for person, act in zip(ring.people, acts, strict=True)]
        time.sleep(random.uniform(0.3, 0.8))
        status = closer.post(path, **fields).status
        closed = time.monotonic()
        assert status == 303
        return [future.result() for future in running], closed


def check(attempts: list[list[Attempt]], closed: float, refusal: int) -> None:
    """Only success and the refusal; no success for what began after the close was answered; both happened."""
    flat = [attempt for mine in attempts for attempt in mine]
    assert set(Counter(attempt.status for attempt in flat)) == {303, refusal}
    late = [attempt for attempt in flat if attempt.status == 303 and attempt.began > closed]
    assert not late, late[:3]
    for mine in attempts:  # nor does a success follow a refusal: what is closed stays closed
        statuses = [attempt.status for attempt in mine]
        assert statuses == sorted(statuses), statuses


def poster(parent: str, mark: str) -> Act:
    """Posts to `parent` (the path of a reply or a paragraph), each time in other words."""

    def act(person: Person, number: int) -> tuple[str, dict[str, str]]:
        words = f"{mark}: {person.name} says it the {number}th time."
        return f"{parent}/replies", {"stance": random.choice(("pro", "con")), "body": words, "key": words}

    return act


def editor(reply_id: int) -> Act:
    return lambda _, turn: (f"/replies/{reply_id}/edit", {"body": f"Edited the {turn}th time."})


def citer(reply_id: int) -> Act:
    return lambda person, turn: (
        f"/replies/{reply_id}/citations",
        {"url": f"https://{person.name.lower()}.example/{turn}"},
    )


def voter(reply_id: int) -> Act:
    return lambda _, turn: (f"/replies/{reply_id}/vote", {"value": VALUES[turn % 3]})


def posted(ring: Ring, essay: EssayAt, mark: str) -> dict[int, tuple[str, datetime]]:
    """The replies of one race: id to words and time, as the database has them."""
    statement = select(Reply.id, Reply.body, Reply.made_at).where(
        Reply.essay_id == essay.id, Reply.body.startswith(mark)
    )
    return {row.id: (row.body, row.made_at) for row in ring.site.rows(statement)}


def all_stored(attempts: list[list[Attempt]], there: dict[int, tuple[str, datetime]]) -> None:
    """What was answered is what is stored: nothing more, nothing less, in the words that were sent."""
    answered = {
        int(attempt.location.rpartition("#reply-")[2]): attempt.words
        for mine in attempts
        for attempt in mine
        if attempt.status == 303
    }
    assert answered == {reply_id: words for reply_id, (words, _) in there.items()}


def lock_of(ring: Ring, essay: EssayAt) -> datetime:
    return ring.site.rows(select(Lock.placed_at).where(Lock.essay_id == essay.id, Lock.lifted_at.is_(None)))[
        0
    ].placed_at


@pytest.mark.parametrize("target", LOCKS)
def test_no_reply_lands_after_a_lock(ring: Ring, target: str) -> None:
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
def test_no_reply_lands_beneath_a_reply_after_it_was_hidden(ring: Ring, target: str) -> None:
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


def test_every_door_closes_with_a_lock(ring: Ring) -> None:
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
def test_nothing_lands_in_an_essay_after_it_was_archived_or_unpublished(ring: Ring, act: str, refusal: int) -> None:
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


def test_two_hundred_equal_votes_are_one(ring: Ring) -> None:
    for _ in each_round():
        essay = ring.site.add_essay()
        writer, voter = ring.people[:2]
        target = writer.post(f"{essay.paragraph(1)}/replies", stance="pro", body="Vote on this.").reply_id
        with ThreadPoolExecutor(40) as pool:
            running = [pool.submit(voter.post, f"/replies/{target}/vote", value="1") for _ in range(200)]
            statuses = Counter(future.result().status for future in running)
        assert statuses == {303: 200}
        assert [row.value for row in ring.site.rows(select(Vote.value).where(Vote.reply_id == target))] == [1]
        article = Person(ring.site).get(essay.paragraph(1)).reply(target)
        assert article.attributes["data-score"] == "1"


def test_votes_at_random_are_all_counted(ring: Ring) -> None:
    for _ in each_round():
        essay = ring.site.add_essay()
        targets = [
            ring.moderator.post(f"{essay.paragraph(1)}/replies", stance="pro", body=f"Vote on this, {number}.").reply_id
            for number in range(3)
        ]

        def votes(person: Person, targets: list[int] = targets) -> dict[int, int]:
            """Eight votes of one person; the last on each reply is what has to stand."""
            wanted = dict.fromkeys(targets, 0)
            for _ in range(8):
                target, value = random.choice(targets), random.choice((1, -1, 0))
                answer = person.post(f"/replies/{target}/vote", htmx=True, value=str(value))
                assert answer.status == 200, answer.words[:300]
                wanted[target] = value
                button = answer.one(f"#up-{target}")
                assert button.attributes["aria-pressed"] == ("true" if value == 1 else "false")
            return wanted

        with ThreadPoolExecutor(CLIENTS) as pool:
            wanted = list(pool.map(votes, ring.people))
        page = Person(ring.site).get(essay.paragraph(1))
        for target in targets:
            values = sorted(mine[target] for mine in wanted if mine[target])
            rows = ring.site.rows(select(Vote.value).where(Vote.reply_id == target))
            assert sorted(row.value for row in rows) == values
            kept = ring.site.rows(select(Reply.ups, Reply.downs).where(Reply.id == target))[0]
            assert (kept.ups, kept.downs) == (values.count(1), values.count(-1))
            assert page.reply(target).attributes["data-score"] == str(sum(values))
    assert ring.site.recounts() == "0 differences.\n"


def test_one_form_sent_ten_times_at_once_is_one_reply(ring: Ring) -> None:
    for number in each_round():
        essay = ring.site.add_essay()
        person = ring.people[number % CLIENTS]
        action = f"{essay.paragraph(2)}/replies"
        key = person.get(essay.paragraph(2)).form(action).css_first("input[name=key]").attributes["value"] or ""
        start = Barrier(10)

        def send(person: Person = person, action: str = action, key: str = key, start: Barrier = start) -> str:
            start.wait(30)
            answer = person.post(action, stance="con", body="Once is enough.", key=key, source_url="https://a.example/")
            assert answer.status == 303, (answer.status, answer.words[:300])
            return answer.location

        with ThreadPoolExecutor(10) as pool:
            locations = {future.result() for future in [pool.submit(send) for _ in range(10)]}
        assert len(locations) == 1
        assert len(ring.site.rows(select(Reply.id).where(Reply.essay_id == essay.id))) == 1


def test_withdrawing_under_replies_and_votes(ring: Ring) -> None:
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


def test_readers_see_whole_states_while_others_write(ring: Ring) -> None:
    """Pages read meanwhile are never an error, and counts on a page are what it shows and has left."""
    essay = ring.site.add_essay()
    over = Event()

    def read() -> int:
        pages = 0
        visitor = Person(ring.site)
        while not over.is_set():
            page = visitor.get(essay.paragraph(1))
            assert page.status == 200
            shown = sum(node.attributes["data-stance"] == "pro" for node in page.all("article.reply"))
            left = int((re.findall(r"\d+", page.one(f"#more-pro-{essay.keys[0]}").text()) or ["0"])[-1])
            assert page.one(f"#c-pro-{essay.keys[0]}").text() == str(shown + left)
            pages += 1
        return pages

    def write(person: Person) -> None:
        for number in range(5):
            body = f"{person.name} for the {number}th time."
            assert person.post(f"{essay.paragraph(1)}/replies", stance="pro", body=body).status == 303

    with ThreadPoolExecutor(14) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        try:
            list(pool.map(write, ring.people[:10]))
        finally:
            over.set()
        assert all(reader.result() for reader in readers)


@pytest.mark.parametrize("how", ["7", "ban"])
def test_nothing_of_an_account_lands_after_its_suspension(ring: Ring, how: str) -> None:
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


def until_over(person: Person, act: Act, over: Event) -> list[Attempt]:
    """Act again and again, until it is over."""
    attempts: list[Attempt] = []
    while not over.is_set():
        path, fields = act(person, len(attempts))
        began = time.monotonic()
        answer = person.post(path, **fields)
        attempts.append(Attempt(began, answer.status, answer.location, fields.get("body", "")))
    return attempts


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
