"""Evidence: sources, one row a thing; the citations that use them; what readers found when they looked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.replies import Reply
from debate.models.users import User

SCHEMES = ("url", "doi", "isbn", "arxiv")
SHOWS = ("supports", "undercuts", "context")
KINDS = ("study", "official", "news", "book", "document", "opinion", "other")
ANSWERS = ("yes", "no", "shut")  # does it say that? shut: could not be opened
SIDES = ("pro", "con", "none")  # where who answers stands toward the paragraph
ENOUGH = 2  # people who have to agree before anything is said of a citation, or of a link


class Described:
    """What is said of a source; each may be empty. `authors` are separated by semicolons."""

    title: Mapped[str] = mapped_column(String(300), default="")
    authors: Mapped[str] = mapped_column(String(1000), default="")
    year: Mapped[int | None]
    publisher: Mapped[str] = mapped_column(String(300), default="")
    kind: Mapped[str] = mapped_column(String(8), default="")
    archive_url: Mapped[str] = mapped_column(Text, default="")


DESCRIPTION = ("title", "authors", "year", "publisher", "kind", "archive_url")
_KIND = f"kind IN {('', *KINDS)!r}"


class Source(Described, Base):
    """A thing that can be cited; `canonical` is the one form of it within the scheme.

    A duplicate stays, with its description: `merged_into_id` is what it is counted as, which has none itself.
    `unopened` is how many people could not open it, `dead_since` when that were ENOUGH.
    """

    __tablename__ = "sources"
    __table_args__ = (
        CheckConstraint(f"scheme IN {SCHEMES!r}", name="scheme"),
        CheckConstraint(_KIND, name="kind"),
        CheckConstraint("merged_into_id <> id", name="merged"),
        UniqueConstraint("scheme", "digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(String(8), default="url")
    canonical: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))  # of the canonical form, which is longer than an index may hold
    made_at: Mapped[datetime] = mapped_column(Moment)
    edits: Mapped[int] = mapped_column(default=0)  # how often it was described, merged or separated
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id"), index=True)
    unopened: Mapped[int] = mapped_column(default=0)
    dead_since: Mapped[datetime | None] = mapped_column(Moment)


class SourceEdit(Described, Base):
    """A source as it was described at one time (`act` describe), or that it was merged or separated; never changed."""

    __tablename__ = "source_edits"
    __table_args__ = (
        CheckConstraint("act IN ('describe', 'merge', 'separate')", name="act"),
        CheckConstraint(_KIND, name="kind"),
        UniqueConstraint("source_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    number: Mapped[int]  # from 1
    act: Mapped[str] = mapped_column(String(8), default="describe")
    other_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id"))  # what it was merged into or separated from
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    hidden: Mapped[bool] = mapped_column(default=False)  # by a moderator: only moderators read it

    by: Mapped[User] = relationship(lazy="raise")


class Citing(Base):
    """How often an essay's debate cites a source: citations by visible replies, by the side those stand on.

    `confirmed` and `denied` are how many of them readers found to say what they are cited for, or not.
    """

    __tablename__ = "citings"
    __table_args__ = (
        CheckConstraint(
            "count = pro + con AND pro >= 0 AND con >= 0 AND confirmed >= 0 AND denied >= 0"
            " AND confirmed + denied <= count",
            name="counts",
        ),
    )

    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), primary_key=True, index=True)
    pro: Mapped[int] = mapped_column(default=0)
    con: Mapped[int] = mapped_column(default=0)
    count: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[int] = mapped_column(default=0)
    denied: Mapped[int] = mapped_column(default=0)


Index("ix_citings_essay_id_count", Citing.essay_id, Citing.count.desc(), Citing.source_id)


@dataclass(frozen=True)
class Tally:
    """How many people gave one answer, by the side that they stand on."""

    pro: int
    con: int
    none: int

    @property
    def all(self) -> int:
        return self.pro + self.con + self.none


class Citation(Base):
    """The use of a source by a reply: the quoted words, where they stand, what it shows.

    `url` leads to it: as it was given, or made from the identifier. `given_id` is the source that was named, for good;
    `source_id` what it counts as, another where a moderator merged the two. `yes_pro` and so on: see Check.
    """

    __tablename__ = "citations"
    __table_args__ = (
        CheckConstraint("shows IN ('supports', 'undercuts', 'context')", name="shows"),
        UniqueConstraint("reply_id", "given_id", "quote_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    given_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    url: Mapped[str] = mapped_column(String(2000))
    quote: Mapped[str] = mapped_column(Text, default="")
    quote_digest: Mapped[str] = mapped_column(String(64))  # the quote itself is longer than an index may hold
    locator: Mapped[str] = mapped_column(String(200), default="")
    shows: Mapped[str] = mapped_column(String(9), default="supports")
    made_at: Mapped[datetime] = mapped_column(Moment)
    yes_pro: Mapped[int] = mapped_column(default=0)
    yes_con: Mapped[int] = mapped_column(default=0)
    yes_none: Mapped[int] = mapped_column(default=0)
    no_pro: Mapped[int] = mapped_column(default=0)
    no_con: Mapped[int] = mapped_column(default=0)
    no_none: Mapped[int] = mapped_column(default=0)
    shut_pro: Mapped[int] = mapped_column(default=0)
    shut_con: Mapped[int] = mapped_column(default=0)
    shut_none: Mapped[int] = mapped_column(default=0)

    source: Mapped[Source] = relationship(lazy="raise", foreign_keys=[source_id])
    given: Mapped[Source] = relationship(lazy="raise", foreign_keys=[given_id])
    by: Mapped[User] = relationship(lazy="raise")
    reply: Mapped[Reply] = relationship(lazy="raise")

    def tally(self, answer: str) -> Tally:
        """Who gave one of ANSWERS."""
        return Tally(*(getattr(self, f"{answer}_{side}") or 0 for side in SIDES))

    @property
    def tallies(self) -> dict[str, Tally]:
        return {answer: self.tally(answer) for answer in ANSWERS}

    @property
    def verdict(self) -> str:
        """`denied` or `confirmed` where ENOUGH people say so and more than say otherwise; else empty."""
        yes, no = self.tally("yes").all, self.tally("no").all
        if no >= ENOUGH and no > yes:
            return "denied"
        return "confirmed" if yes >= ENOUGH and yes > no else ""


class Check(Base):
    """What one reader found when looking whether a source says what it is cited for; one answer a citation.

    `side` is where the reader stood toward the paragraph then; `aside` while the account is banned: not counted.
    """

    __tablename__ = "checks"
    __table_args__ = (
        CheckConstraint(f"answer IN {ANSWERS!r}", name="answer"),
        CheckConstraint(f"side IN {SIDES!r}", name="side"),
        Index("ix_checks_citation_id", "citation_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    citation_id: Mapped[int] = mapped_column(ForeignKey("citations.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(4))
    side: Mapped[str] = mapped_column(String(4))
    aside: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(Moment)


class Ask(Base):
    """A reader asks for a source; one a reply. `answered_at`: when a citation was added to it."""

    __tablename__ = "asks"
    __table_args__ = (Index("ix_asks_reply_id", "reply_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    aside: Mapped[bool] = mapped_column(default=False)
