"""What belongs to an account beside it: its sessions, the letters to it, its second steps."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from debate.db import Base, Moment


class SignIn(Base):
    """A session: from a log-in to its end. The browser holds its secret; here is only the digest."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(80))  # browser and system, as far as they say
    made_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime] = mapped_column(Moment)  # for a write, to the hour
    until: Mapped[datetime] = mapped_column(Moment)


class MailToken(Base):
    """A secret that was mailed to an address, and what it is good for, once."""

    __tablename__ = "mail_tokens"
    __table_args__ = (CheckConstraint("purpose IN ('confirm', 'reset', 'move')", name="purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(7))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    until: Mapped[datetime] = mapped_column(Moment)


class Letter(Base):
    """Mail that is still to be sent; its row goes when it is."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)  # or was taken last, to be sent
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    tries: Mapped[int] = mapped_column(default=0)


class RetiredName(Base):
    """The name of an account that was deleted, as a digest: nobody may pass for it."""

    __tablename__ = "retired_names"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)


class Step(Base):
    """What an account asks for after its password: the code of an app (TOTP), or a passkey."""

    __tablename__ = "steps"
    __table_args__ = (CheckConstraint("kind IN ('app', 'passkey')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(60))
    secret: Mapped[str] = mapped_column(String(64), default="")  # of an app, base32
    latest: Mapped[int] = mapped_column(BigInteger, default=0)  # the newest code's interval, or a passkey's count
    credential: Mapped[str | None] = mapped_column(String(1400), unique=True)  # of a passkey, base64url
    public_key: Mapped[str] = mapped_column(String(2000), default="")  # base64url of COSE
    made_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """One of the codes that stand in for a lost second step, as a digest; good once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
