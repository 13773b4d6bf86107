"""Who may do what: yes or no over (person, thing); the same answer hides a button and guards its POST.

`person` is a User or None for a visitor. Locks are not asked about here: see queries/locks.py and actions/.
"""

from debate.models import Essay, Reply, User


def may_publish(person: User | None, publishing: str) -> bool:
    """`publishing` is the setting: `moderators` or `everyone`."""
    return person is not None and (publishing == "everyone" or person.is_moderator)


def may_write(person: User | None) -> bool:
    """Post replies, add sources."""
    return person is not None


def may_read(person: User | None, reply: Reply) -> bool:
    """Read the words of a reply."""
    if reply.state == "visible":
        return True
    if person is None or reply.state == "withdrawn":
        return False
    return person.is_moderator or person.id == reply.author_id


def may_see(person: User | None, reply: Reply) -> bool:
    """Know that a reply was there at all: a held one is nowhere for others."""
    return reply.state != "held" or may_read(person, reply)


def may_vote(person: User | None, reply: Reply) -> bool:
    return person is not None and person.id != reply.author_id


def is_own(person: User | None, reply: Reply) -> bool:
    return person is not None and person.id == reply.author_id


def may_edit(person: User | None, reply: Reply) -> bool:
    return is_own(person, reply) and reply.state in ("visible", "held")


def may_withdraw(person: User | None, reply: Reply) -> bool:
    return is_own(person, reply) and reply.state != "withdrawn"


def may_moderate(person: User | None, essay: Essay) -> bool:
    """Lock and unlock anything in an essay. (Roles for named essays come in here.)"""
    return person is not None and person.is_moderator


def may_hide(person: User | None, reply: Reply) -> bool:
    """Hide or restore: nobody rules on own words."""
    return person is not None and person.is_moderator and person.id != reply.author_id


def may_give_roles(person: User | None) -> bool:
    return person is not None and person.is_admin
