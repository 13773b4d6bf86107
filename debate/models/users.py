"""People with an account."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment

if TYPE_CHECKING:
    from debate.models.standings import Standing

ROLES = ("participant", "moderator", "admin")
BARS = ("banned", "suspended", "waiting")  # the gravest first


class User(UserMixin, Base):
    """An account. `name_key` is the name's look-alike-proof form: no two accounts share one."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role IN ('participant', 'moderator', 'admin')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
    name_key: Mapped[str] = mapped_column(String(200), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), index=True)  # case folded
    # The same once its owner has shown that mail to it arrives; before, anybody may have typed it.
    confirmed_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(12))
    session_version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime] = mapped_column(Moment)
    new_until: Mapped[datetime | None] = mapped_column(Moment)  # slower until then; none: made by who runs the site
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)

    standings: Mapped[list["Standing"]] = relationship(
        lazy="raise", foreign_keys="Standing.user_id", order_by="Standing.id", viewonly=True
    )
    # Whose replies are folded for this person; filled by what finds who asks (queries/users.py).
    muted_ids = frozenset[int]()
    # The secret of the session that this was loaded by; empty where there is none (commands, tests of actions).
    session_secret = ""
    session_used_at = datetime.max.replace(tzinfo=UTC)  # when it last wrote, to the hour

    def get_id(self) -> str:
        """What the session and the remember cookie hold: both die when `session_version` rises or the session ends."""
        return f"{self.id}|{self.session_version}" + (f"|{self.session_secret}" if self.session_secret else "")

    @property
    def is_confirmed(self) -> bool:
        """Whether mail to its address has been shown to arrive."""
        return self.confirmed_key is not None

    @property
    def is_moderator(self) -> bool:
        """Of the whole site."""
        return self.role in ("moderator", "admin") and self.barred() is None

    @property
    def is_admin(self) -> bool:
        return self.role == "admin" and self.barred() is None

    @property
    def is_new(self) -> bool:
        return self.role == "participant" and self.new_until is not None and self.new_until > datetime.now(UTC)

    @property
    def moderates_some(self) -> bool:
        """Whether there is any essay in which this person moderates."""
        return self.is_moderator or bool(self.charges)

    @property
    def charges(self) -> list[int]:
        """The essays that this person moderates by name."""
        if self.barred() is not None:
            return []
        held = [standing.essay_id for standing in self.standings if standing.kind == "moderator"]
        return [essay_id for essay_id in held if essay_id is not None and self.barred(essay_id) is None]

    def moderates(self, essay_id: int) -> bool:
        return self.barred(essay_id) is None and (self.is_moderator or essay_id in self.charges)

    def barred(self, essay_id: int | None = None) -> "Standing | None":
        """What keeps this person from writing in an essay (none: anywhere); the widest and gravest of them."""
        bars = [one for one in self.standings if one.kind in BARS and one.is_on() and one.essay_id in (None, essay_id)]
        return min(bars, key=lambda one: (one.essay_id is not None, BARS.index(one.kind)), default=None)
