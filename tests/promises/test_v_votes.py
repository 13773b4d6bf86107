"""V: one vote a person and reply, the one asked for last, and a score that is their sum."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from live import Person
from ring import CLIENTS, ROUNDS, Ring, each_round
from sqlalchemy import select

from debate.models import Reply, User, Vote

pytestmark = [pytest.mark.slow, pytest.mark.nodes]

VOTES = 8 if ROUNDS < 50 else 4  # of each person in a round; where five hundred vote these are enough


def test_v1_two_hundred_equal_votes_are_one(ring: Ring) -> None:
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


@pytest.fixture
def voters(ring: Ring) -> list[Person]:
    """The ring's people; where races are run often, five hundred."""
    if ROUNDS < 50:
        return ring.people
    have = {row.name for row in ring.site.rows(select(User.name))}
    names = [f"Voter{number:03}" for number in range(500 - CLIENTS)]
    ring.site.add_people([name for name in names if name not in have])
    return [*ring.people, *(Person(ring.site, name).walk_in() for name in names)]


def test_v2_votes_at_random_are_all_counted(ring: Ring, voters: list[Person]) -> None:
    for _ in each_round():
        essay = ring.site.add_essay()
        targets = [
            ring.moderator.post(f"{essay.paragraph(1)}/replies", stance="pro", body=f"Vote on this, {number}.").reply_id
            for number in range(3)
        ]

        def votes(person: Person, targets: list[int] = targets) -> dict[int, int]:
            """Some votes of one person; the last on each reply is what has to stand."""
            wanted = dict.fromkeys(targets, 0)
            for _ in range(VOTES):
                target, value = random.choice(targets), random.choice((1, -1, 0))
                answer = person.post(f"/replies/{target}/vote", htmx=True, value=str(value))
                assert answer.status == 200, answer.words[:300]
                wanted[target] = value
                button = answer.one(f"#up-{target}")
                assert button.attributes["aria-pressed"] == ("true" if value == 1 else "false")
            return wanted

        with ThreadPoolExecutor(2 * CLIENTS) as pool:
            wanted = list(pool.map(votes, voters))
        page = Person(ring.site).get(essay.paragraph(1))
        for target in targets:
            values = sorted(mine[target] for mine in wanted if mine[target])
            rows = ring.site.rows(select(Vote.value).where(Vote.reply_id == target))
            assert sorted(row.value for row in rows) == values
            kept = ring.site.rows(select(Reply.ups, Reply.downs).where(Reply.id == target))[0]
            assert (kept.ups, kept.downs) == (values.count(1), values.count(-1))
            assert page.reply(target).attributes["data-score"] == str(sum(values))
    assert ring.site.recounts() == "0 differences.\n"


WRONG = ["2", "-999", "1e9", "1.0", "+1", "", None]


def test_v3_a_vote_that_may_not_be_is_refused_and_leaves_no_row(ring: Ring) -> None:
    essay = ring.site.add_essay()
    writer, voter = ring.people[:2]
    path = f"{essay.paragraph(1)}/replies"
    said = {
        name: writer.post(path, stance="pro", body=f"This one is {name}.").reply_id
        for name in ("open", "hidden", "withdrawn", "locked", "beneath")
    }
    ring.moderator.post(f"/replies/{said['hidden']}/hide", reason="spam")
    writer.post(f"/replies/{said['withdrawn']}/withdraw")
    ring.moderator.post(f"/replies/{said['locked']}/lock", reason="Enough.", votes="1")
    under = ring.moderator.post(f"/replies/{said['locked']}/replies", stance="con", body="Beneath it.").reply_id
    for value in WRONG:
        fields = {} if value is None else {"value": value}
        assert voter.post(f"/replies/{said['open']}/vote", **fields).status == 422, value
    statuses = {
        "own": writer.post(f"/replies/{said['open']}/vote", value="1").status,
        "hidden": voter.post(f"/replies/{said['hidden']}/vote", value="1").status,
        "withdrawn": voter.post(f"/replies/{said['withdrawn']}/vote", value="1").status,
        "locked": voter.post(f"/replies/{said['locked']}/vote", value="1").status,
        "beneath a lock": voter.post(f"/replies/{under}/vote", value="-1").status,
        "not there": voter.post("/replies/999999999/vote", value="1").status,
        "no number": voter.post("/replies/-1/vote", value="1").status,
        "far too high": voter.post("/replies/99999999999999999999/vote", value="1").status,
        "a visitor's": Person(ring.site).post(f"/replies/{said['open']}/vote", value="1").status,
    }
    assert statuses == {
        "own": 403, "hidden": 410, "withdrawn": 410, "locked": 423, "beneath a lock": 423, "not there": 404,
        "no number": 404, "far too high": 404, "a visitor's": 401,
    }  # fmt: skip
    assert ring.site.rows(select(Vote.reply_id).where(Vote.reply_id.in_((*said.values(), under)))) == []


def test_v4_a_vote_sent_twice_or_again_after_going_back_is_the_one_that_was_asked_for(ring: Ring) -> None:
    essay = ring.site.add_essay()
    writer, voter = ring.people[:2]
    target = writer.post(f"{essay.paragraph(1)}/replies", stance="pro", body="Vote on this.").reply_id
    path = f"/replies/{target}/vote"

    def stands() -> list[int]:
        return [row.value for row in ring.site.rows(select(Vote.value).where(Vote.reply_id == target))]

    first = voter.get(f"/replies/{target}")  # stays open in a tab, whatever comes after
    for anew, press, wanted in (
        (False, "1", [1]),
        (False, "1", [1]),
        (True, "-1", [-1]),
        (False, "1", [1]),
        (True, "0", []),
        (False, "-1", [-1]),
        (False, "-1", [-1]),
    ):
        page = voter.get(f"/replies/{target}") if anew else first
        assert voter.send(page, path, press=("value", press)).status == 303
        assert stands() == wanted


def test_v5_a_banned_accounts_votes_are_gone_from_the_next_page_of_every_worker(ring: Ring) -> None:
    essay = ring.site.add_essay()
    (loud,) = ring.site.add_people([f"Swayer{essay.id}"])
    loud.walk_in()
    target = ring.people[0].post(f"{essay.paragraph(1)}/replies", stance="pro", body="Vote on this.").reply_id
    assert ring.people[1].post(f"/replies/{target}/vote", value="1").status == 303
    assert loud.post(f"/replies/{target}/vote", value="1").status == 303

    def scores() -> set[str]:
        pages = [Person(ring.site).get(place) for place in (essay.paragraph(1), f"/replies/{target}") * 6]
        return {page.reply(target).attributes["data-score"] or "" for page in pages}

    assert scores() == {"2"}
    assert ring.moderator.post(f"/users/{loud.name}/suspend", bar="ban", reason="spam").status == 303
    assert scores() == {"1"}
    assert loud.post(f"/replies/{target}/vote", value="-1").status == 403
    assert ring.site.recounts() == "0 differences.\n"
