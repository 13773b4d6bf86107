"""How often whom may do what: windows that slide, counted in the database, or in Redis where several nodes share one.

Counted are an account and the network it comes from (as a digest; see debate/web.py). On PostgreSQL an account's row is
held by every write of it (queries/ground.py), a network's key by an advisory lock: workers cannot slip past together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from debate import tokens
from debate.models import Pace, User, Vote
from debate.refusals import TooFast
from debate.text.message import N_, Message

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Window:
    """At most so many within so many seconds."""

    most: int
    seconds: int


ACCOUNT = {
    "reply": (Window(10, MINUTE), Window(60, HOUR)),
    "edit": (Window(10, MINUTE), Window(60, HOUR)),
    "cite": (Window(10, MINUTE), Window(40, HOUR)),
    "vote": (Window(60, MINUTE), Window(300, HOUR)),
    "report": (Window(20, HOUR),),
    "check": (Window(30, MINUTE), Window(150, HOUR)),
    "ask": (Window(10, MINUTE), Window(40, HOUR)),
    "describe": (Window(10, MINUTE), Window(60, HOUR)),
    "confirm": (Window(60, MINUTE), Window(300, HOUR)),
    "file": (Window(20, HOUR), Window(60, DAY)),  # each may take a process as long as a long text takes
    "publish": (Window(10, HOUR), Window(30, DAY)),  # drafts too
    "revise": (Window(6, HOUR), Window(20, DAY)),  # each tells everybody under whose words something changed
}
NEW_ACCOUNT = {
    "reply": (Window(3, 5 * MINUTE), Window(20, DAY)),
    "edit": (Window(5, 5 * MINUTE), Window(20, HOUR)),
    "cite": (Window(3, HOUR),),
    "vote": (Window(20, MINUTE), Window(60, HOUR)),
    "report": (Window(5, HOUR),),
    "check": (Window(10, MINUTE), Window(30, HOUR)),
    "ask": (Window(5, HOUR),),
    "describe": (Window(5, HOUR),),
    "confirm": (Window(20, MINUTE), Window(60, HOUR)),
    "file": (Window(10, HOUR), Window(20, DAY)),
    "publish": (Window(3, HOUR), Window(6, DAY)),
    "revise": (Window(3, HOUR), Window(6, DAY)),
}
NETWORK = {
    "reply": (Window(30, MINUTE), Window(200, HOUR)),
    "cite": (Window(30, MINUTE), Window(100, HOUR)),
    "ask": (Window(60, HOUR),),
    "describe": (Window(100, HOUR),),
    "report": (Window(30, HOUR),),
    "visit report": (Window(5, HOUR),),
    "register": (Window(5, HOUR),),
    "log in": (Window(20, 15 * MINUTE),),
}
LETTERS = (Window(3, HOUR), Window(8, DAY))  # to one address, or about one account
LETTERS_ASKED_FOR = (Window(10, HOUR),)  # from one network
AT_ONE_ACCOUNT = (Window(5, 15 * MINUTE),)  # wrong passwords for one account from one network
CODES = (Window(20, HOUR),)  # wrong codes for one account, from wherever: a code is six digits, and three are good
AHEAD = timedelta(minutes=1)  # what is counted later than that from now, a clock counted that was ahead
NEW_ON_THE_SITE = Window(100, 10 * MINUTE)  # replies of new accounts altogether; what is beyond that is held
_WHY = {
    "reply": N_("You have posted a lot in a short time. You can post again at %(time)s (UTC)."),
    "edit": N_("You have edited a lot in a short time. You can edit again at %(time)s (UTC)."),
    "cite": N_("You have linked a lot of sources in a short time. You can link one again at %(time)s (UTC)."),
    "vote": N_("Not counted: you have voted a lot in a short time. Try at %(time)s (UTC)."),
    "register": N_("Many accounts were made from your network just now. You can register at %(time)s (UTC)."),
    "log in": N_("Too many wrong passwords. You can try again at %(time)s (UTC)."),
    "letter": N_("A few letters were asked for just now. You can ask for another at %(time)s (UTC)."),
    "branch": N_("This branch was reported, so it goes slower here. You can post again in it at %(time)s (UTC)."),
}
_ANY = N_("That was a lot in a short time. You can do it again at %(time)s (UTC).")

Windows = dict[str, tuple[Window, ...]]  # by key


def are_on(session: Session) -> bool:
    """Whether there are limits at all: off for tests and benchmarks (DEBATE_LIMITS)."""
    return session.info.get("limits", False)


def keep(session: Session, what: str, person: User | None, at: datetime) -> None:
    """Count one more of what somebody does, at `at`. Raises TooFast, and counts nothing, where it is one too many."""
    if not are_on(session) or (person is not None and person.role != "participant"):
        return
    windows: Windows = {}
    if person is not None:
        windows[f"{what}:{person.id}"] = (NEW_ACCOUNT if person.is_new else ACCOUNT)[what]
    address = session.info.get("address", "")
    if what in NETWORK and (address or person is None):  # visitors of networks that are not known share one limit
        windows[f"{what}@{address}"] = NETWORK[what]
    take(session, what, windows, at)


def take(session: Session, what: str, windows: Windows, at: datetime) -> None:
    """Count one more for each key. Raises TooFast where any of them is full."""
    shared = session.info.get("shared paces")
    until = shared.take(windows, at) if shared is not None else None
    if shared is None or until is shared.SILENT:  # no Redis, or it does not answer: the database counts
        until = _taken(session, windows, at)
    if until is not None:
        raise too_fast(what, until)


def too_fast(what: str, until: datetime) -> TooFast:
    """The refusal, in words; the time in whole minutes, never too early."""
    why = _WHY.get(what, _ANY)
    shown = until + timedelta(seconds=59)
    is_today = shown.date() == datetime.now(UTC).date()
    return TooFast(Message(why.template, time=shown.strftime("%H:%M" if is_today else "%Y-%m-%d, %H:%M")), until)


def _taken(session: Session, windows: Windows, at: datetime) -> datetime | None:
    keys = sorted(windows)
    if session.get_bind().dialect.name == "postgresql":
        for key in keys:
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    longest = max(window.seconds for several in windows.values() for window in several)
    counts = Pace.at.between(at - timedelta(seconds=longest), at + AHEAD)
    rows = session.execute(select(Pace.key, Pace.at).where(Pace.key.in_(keys), counts)).all()
    full = [
        end
        for key, several in windows.items()
        for window in several
        if (end := ends(window, (when for one, when in rows if one == key), at)) is not None
    ]
    if full:
        return max(full)
    session.execute(delete(Pace).where(Pace.key.in_(keys), ~counts))
    session.execute(insert(Pace), [{"key": key, "at": at} for key in keys])
    if int(at.timestamp() * 1000) % 50 == 0:  # now and then: what nobody came back for
        session.execute(delete(Pace).where(~Pace.at.between(at - timedelta(days=1), at + AHEAD)))
    return None


def ends(window: Window, times: Iterable[datetime], at: datetime) -> datetime | None:
    """When a full window has room again; None if it has room at `at`."""
    within = sorted((when for when in times if when > at - timedelta(seconds=window.seconds)), reverse=True)
    return within[window.most - 1] + timedelta(seconds=window.seconds) if len(within) >= window.most else None


def on_votes(session: Session, person: User, at: datetime) -> None:
    """The same for votes, which keep their times themselves. Raises TooFast."""
    if not are_on(session) or person.role != "participant":
        return
    windows = (NEW_ACCOUNT if person.is_new else ACCOUNT)["vote"]
    since = at - timedelta(seconds=max(window.seconds for window in windows))
    question = select(Vote.cast_at).where(Vote.user_id == person.id, Vote.cast_at.between(since, at + AHEAD))
    times = session.scalars(question.order_by(Vote.cast_at.desc()).limit(max(window.most for window in windows))).all()
    full = [end for window in windows if (end := ends(window, times, at)) is not None]
    if full:
        raise too_fast("vote", max(full))


def is_too_many(session: Session, key: str, window: Window, at: datetime) -> bool:
    """Count one more for a key; whether it is one too many. Nothing is refused."""
    try:
        take(session, key, {key: (window,)}, at)
    except TooFast:
        return True
    return False


def attempt(session: Session, door: str, at: datetime, *, code_of: int | None = None) -> None:
    """Somebody tries to log in: counted before the password is looked at, or the code of an account. Raises TooFast."""
    address = session.info.get("address", "")
    if are_on(session):
        windows = {f"log in@{address}": NETWORK["log in"], _door(address, door): AT_ONE_ACCOUNT}
        take(session, "log in", windows | ({f"codes:{code_of}": CODES} if code_of is not None else {}), at)


def on_letters(session: Session, to: str, at: datetime) -> None:
    """Somebody asks for a letter to an address, or to an account by its name, if there is one. Raises TooFast."""
    if are_on(session):
        windows = {f"letters to:{tokens.digest(to.strip().casefold())[:32]}": LETTERS}
        address = session.info.get("address", "")
        take(session, "letter", windows | {f"letters@{address}": LETTERS_ASKED_FOR}, at)


def is_a_letter_too_many(session: Session, address: str, at: datetime) -> bool:
    """Count one more letter by where it goes, whatever the account was called that it is about; whether it is one too
    many. Not by the keys above: that an address is full because a name was given would tell whose it is."""
    if not are_on(session):
        return False
    try:
        take(session, "letter", {f"letters at:{tokens.digest(address)[:32]}": LETTERS}, at)
    except TooFast:
        return True
    return False


def succeeded(session: Session, door: str) -> None:
    """The password was right: the attempts at this door from there are forgotten, and one of the network's."""
    if not are_on(session):
        return
    address = session.info.get("address", "")
    shared = session.info.get("shared paces")
    if shared is not None:
        shared.forget(_door(address, door))
        shared.take_back(f"log in@{address}")
    session.execute(delete(Pace).where(Pace.key == _door(address, door)))
    newest = select(func.max(Pace.id)).where(Pace.key == f"log in@{address}").scalar_subquery()
    session.execute(delete(Pace).where(Pace.id == newest))


def _door(address: str, door: str) -> str:
    # The digest of all of it: of names that only begin alike each has its own.
    return f"log in:{tokens.digest(door)[:32]}@{address}"
