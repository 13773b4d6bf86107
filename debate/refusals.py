"""What a write can be refused for: raised by actions, worded by pages, each with its status."""

from dataclasses import dataclass
from datetime import datetime

from debate.models import Essay, Lock, Ruling, Standing
from debate.text.message import N_

OWN_WORDS = N_("Nobody rules on their own words: another moderator has to do this.")
NOT_YOURS = N_("This is not yours to do: only admins suspend moderators, and nobody oneself.")
UNDONE = N_("This has been undone already.")


class Refused(Exception):
    """A write that must not happen; nothing was stored."""

    status = 400


@dataclass
class Missing(Refused):
    """There is nothing there to write to (or nothing this person may know of)."""

    status = 404


@dataclass
class Forbidden(Refused):
    """It is there, and it is not this person's to change; `why` is one sentence."""

    why: str
    status = 403


@dataclass
class Barred(Refused):
    """The account is suspended or banned, or waits to be let in."""

    standing: Standing
    status = 403


@dataclass
class TooFast(Refused):
    """It was done too often of late; it can be done again at `until`."""

    why: str
    until: datetime
    status = 429


@dataclass
class SignedOut(Refused):
    """The account that asked is gone or signed out meanwhile."""

    status = 401


@dataclass
class Locked(Refused):
    """A lock closes it."""

    lock: Lock
    status = 423


@dataclass
class Archived(Refused):
    """The essay is archived: it is read, and nobody writes to it."""

    essay: Essay
    status = 423


@dataclass
class Unpublished(Refused):
    """The essay was unpublished; the ruling says when and why."""

    essay: Essay
    ruling: Ruling | None
    status = 410


@dataclass
class Gone(Refused):
    """The reply was removed meanwhile; its paragraph is offered instead."""

    state: str
    status = 410


@dataclass
class Twice(Refused):
    """It is there already; the reply or the essay it is, where there is one."""

    why: str
    reply_id: int | None = None
    slug: str | None = None
    status = 409


class Outdated(Refused):
    """Somebody else has changed it meanwhile; what was typed is not stored, and is not lost."""

    status = 409


@dataclass
class Decided(Refused):
    """Another moderator has decided it meanwhile; their ruling, with who made it."""

    ruling: Ruling
    status = 409


@dataclass
class Invalid(Refused):
    """A value that cannot be stored: field name to sentence."""

    errors: dict[str, str]
    status = 422
