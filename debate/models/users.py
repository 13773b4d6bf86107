"""People with an account."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from debate.db import Base, Moment

ROLES = ("participant", "moderator", "admin")


class User(UserMixin, Base):
    """An account. `name_key` is the name's look-alike-proof form: no two accounts share one."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role IN ('participant', 'moderator', 'admin')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
    name_key: Mapped[str] = mapped_column(String(200), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)  # case folded
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(12))
    session_version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime] = mapped_column(Moment)

    def get_id(self) -> str:
        """What the session and the remember cookie hold: both die when `session_version` rises."""
        return f"{self.id}|{self.session_version}"

    @property
    def is_moderator(self) -> bool:
        return self.role in ("moderator", "admin")

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"
