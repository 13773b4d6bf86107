"""Who may do what: yes or no over (person, thing); the same answer hides a button and guards its POST.

`person` is a User or None for a visitor. Locks are not asked about here: see queries/locks.py and actions/.
"""

from debate.models import Citation, Essay, Item, Reply, Ruling, User

APPEALABLE = ("hide", "duplicate", "lock", "suspend", "ban", "refuse")


def may_publish(person: User | None, publishing: str) -> bool:
    """`publishing` is the setting: `moderators` or `everyone`."""
    return person is not None and (person.is_moderator or (publishing == "everyone" and person.barred() is None))


def may_see_essay(person: User | None, essay: Essay) -> bool:
    """A draft is its owner's alone, or moderators' if it has none; what was unpublished is its owner's and
    moderators'."""
    if essay.is_public:
        return True
    if person is None:
        return False
    if essay.status == "draft":
        return person.id == essay.owner_id if essay.owner_id is not None else person.is_moderator
    return person.id == essay.owner_id or person.moderates(essay.id)


def may_revise(person: User | None, essay: Essay) -> bool:
    """Change its text, where it is not archived: its owner, and moderators of the site where it has none."""
    if person is None or person.barred(essay.id) is not None:
        return False
    return person.id == essay.owner_id if essay.owner_id is not None else person.is_moderator


def may_retire(person: User | None, essay: Essay) -> bool:
    """Unpublish or archive it, with a reason, and take that back: its owner, and moderators of the site."""
    if person is None or person.barred(essay.id) is not None:
        return False
    return person.id == essay.owner_id or (person.is_moderator and may_see_essay(person, essay))


def may_write(person: User | None, essay_id: int | None = None) -> bool:
    """Post replies, vote, add sources, report: nobody who is suspended, banned, or not let in yet."""
    return person is not None and person.barred(essay_id) is None


def may_read(person: User | None, reply: Reply) -> bool:
    """Read the words of a reply."""
    if reply.state in ("visible", "duplicate"):
        return True
    if person is None or reply.state in ("withdrawn", "erased"):
        return False
    return person.id == reply.author_id or person.moderates(reply.essay_id)


def may_see(person: User | None, reply: Reply) -> bool:
    """Know that a reply was there at all: a held one is nowhere for others."""
    return reply.state != "held" or may_read(person, reply)


def may_vote(person: User | None, reply: Reply) -> bool:
    return may_write(person, reply.essay_id) and not is_own(person, reply)


def may_report(person: User | None, reply: Reply) -> bool:
    """Visitors too; what one wrote oneself one can take back."""
    return reply.is_visible and not is_own(person, reply) and (person is None or may_write(person, reply.essay_id))


def may_ask(person: User | None, reply: Reply) -> bool:
    """For a source of somebody else's reply."""
    return may_write(person, reply.essay_id) and not is_own(person, reply)


def may_check(person: User | None, citation: Citation) -> bool:
    """Say whether a source says what it is cited for: not who linked it."""
    return person is not None and may_write(person, citation.reply.essay_id) and person.id != citation.by_id


def may_merge(person: User | None) -> bool:
    """Merge and separate sources, which belong to no one essay."""
    return person is not None and person.is_moderator


def is_own(person: User | None, reply: Reply) -> bool:
    return person is not None and person.id == reply.author_id


def may_edit(person: User | None, reply: Reply) -> bool:
    return may_write(person, reply.essay_id) and is_own(person, reply) and reply.state in ("visible", "held")


def may_withdraw(person: User | None, reply: Reply) -> bool:
    return may_write(person, reply.essay_id) and is_own(person, reply) and reply.state not in ("withdrawn", "erased")


def may_moderate(person: User | None, essay: Essay) -> bool:
    """Lock and unlock anything in an essay: moderators of the site, and its own. In a draft there is nothing to."""
    return person is not None and person.moderates(essay.id) and essay.status != "draft"


def may_hide(person: User | None, reply: Reply) -> bool:
    """Hide or restore: nobody rules on own words."""
    return person is not None and person.moderates(reply.essay_id) and person.id != reply.author_id


def may_suspend(person: User | None, other: User) -> bool:
    """From the whole site. Only admins suspend moderators, and nobody oneself."""
    if person is None or person.id == other.id or not person.is_moderator:
        return False
    return other.role == "participant" or person.is_admin


def may_bar_writer(person: User | None, reply: Reply) -> bool:
    """The same from a reply of theirs; not where that would tell who wrote what an admin erased."""
    return may_suspend(person, reply.author) and (reply.state != "erased" or reply.author.deleted_at is not None)


def may_erase(person: User | None) -> bool:
    """Erase words for good, and notes in the log."""
    return person is not None and person.is_admin


def may_appeal(person: User | None, ruling: Ruling, reply: Reply | None) -> bool:
    """A ruling on oneself or on an own reply (`reply` is the one it is about); open to who is barred too."""
    if person is None or ruling.act not in APPEALABLE or ruling.by_id == person.id:
        return False
    return person.id == ruling.user_id or (reply is not None and is_own(person, reply))


def may_decide(person: User | None, item: Item) -> bool:
    """What waits in an essay is for its moderators too, the rest for those of the site."""
    if person is None:
        return False
    return person.is_moderator or (item.essay_id is not None and person.moderates(item.essay_id))


def may_see_queue(person: User | None) -> bool:
    return person is not None and person.moderates_some


def may_see_health(person: User | None) -> bool:
    return person is not None and person.is_admin


def may_give_roles(person: User | None) -> bool:
    return person is not None and person.is_admin
