"""Who may do what, asked of the rules themselves: every role against every state of a reply."""

import pytest

from debate import rules
from debate.models import Essay, Reply, User
from debate.models.users import ROLES

STATES = ("visible", "held", "hidden", "withdrawn")
ESSAY = Essay(id=1, owner_id=9)


def person(role: str, number: int = 2) -> User:
    return User(id=number, name="Somebody", role=role)


def reply(state: str, author_id: int = 1) -> Reply:
    return Reply(id=1, author_id=author_id, state=state)


# By state: who may read the words, and who may know that there was a reply at all.
VISITORS = {"visible": (True, True), "held": (False, False), "hidden": (False, True), "withdrawn": (False, True)}
MODERATORS = {"visible": (True, True), "held": (True, True), "hidden": (True, True), "withdrawn": (False, True)}


@pytest.mark.parametrize("state", STATES)
def test_who_may_read_and_know_of_a_reply(state: str) -> None:
    for who, expected in (
        (None, VISITORS), (person("participant"), VISITORS), (person("moderator"), MODERATORS),
        (person("admin"), MODERATORS), (person("participant", 1), MODERATORS),
    ):  # fmt: skip
        assert (rules.may_read(who, reply(state)), rules.may_see(who, reply(state))) == expected[state]


def test_nobody_reads_what_was_withdrawn() -> None:
    assert not any(rules.may_read(person(role, number), reply("withdrawn")) for role in ROLES for number in (1, 2))


@pytest.mark.parametrize("role", ROLES)
def test_only_its_writer_edits_or_withdraws_a_reply(role: str) -> None:
    own, others = person(role, 1), person(role, 2)
    assert [rules.may_edit(own, reply(state)) for state in STATES] == [True, True, False, False]
    assert [rules.may_withdraw(own, reply(state)) for state in STATES] == [True, True, True, False]
    for rule in (rules.may_edit, rules.may_withdraw, rules.is_own):
        assert not any(rule(who, reply(state)) for who in (others, None) for state in STATES)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_votes_but_on_their_own_reply(role: str) -> None:
    assert rules.may_vote(person(role, 2), reply("visible"))
    assert not rules.may_vote(person(role, 1), reply("visible"))
    assert not rules.may_vote(None, reply("visible"))


@pytest.mark.parametrize(
    ("role", "moderates", "gives_roles"),
    [("participant", False, False), ("moderator", True, False), ("admin", True, True)],
)
def test_roles(role: str, moderates: bool, gives_roles: bool) -> None:
    who = person(role)
    assert rules.may_moderate(who, ESSAY) == moderates
    assert rules.may_hide(who, reply("visible")) == moderates
    assert not rules.may_hide(who, reply("visible", author_id=who.id))
    assert rules.may_give_roles(who) == gives_roles
    assert rules.may_publish(who, "moderators") == moderates
    assert rules.may_publish(who, "everyone")
    assert rules.may_write(who)


def test_a_visitor_may_nothing_but_read() -> None:
    assert not rules.may_publish(None, "everyone")
    assert not rules.may_write(None)
    assert not rules.may_moderate(None, ESSAY)
    assert not rules.may_hide(None, reply("visible"))
    assert not rules.may_give_roles(None)


def test_an_essays_author_has_no_power_over_its_debate() -> None:
    owner = person("participant", 9)
    assert not rules.may_moderate(owner, ESSAY)
    assert not rules.may_hide(owner, reply("visible"))
