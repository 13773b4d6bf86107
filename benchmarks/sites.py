"""A debate being served by Debate and by the bare app, with those who read it and those who write in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import servers
from client import Answer, Client
from servers import Server

ARTICLE = re.compile(rb"<article\b[^>]*\bid=\"reply-")


@dataclass
class Site:
    """One database, served. `made` is what the generator says of it."""

    size: int
    url: str
    made: dict[str, Any]
    folder: Path
    debate: Server = field(init=False)
    bare: Server = field(init=False)
    _count: int = 0
    _votes: dict[tuple[int, int], int] = field(default_factory=dict)
    _posted: int = 0

    def start(self) -> "Site":
        """Start both servers, one after the other."""
        self.debate = servers.debate(self.url, self.folder).start("/livez", self.pages["essay"])
        self.bare = servers.bare(self.url, self.folder).start("/livez", self.pages["essay"])
        return self

    def stop(self) -> None:
        for server in (getattr(self, "debate", None), getattr(self, "bare", None)):
            if server is not None:
                server.stop()

    @cached_property
    def pages(self) -> dict[str, str]:
        """The paths of the pages measured, by name."""
        essay = f"/essays/{self.made['slug']}"
        return {
            "essay": essay,
            "debate": f"{essay}/p/{self.made['paragraph']}",
            "most answered": f"/replies/{self.made['crowded']}",
            "deepest": f"/replies/{self.made['deepest']}",
            "tree": f"{essay}/tree",
            "tree, all": f"{essay}/tree?depth=all",
            "sources": f"{essay}/sources",
            "home": "/",
            "search": "/search?q=council+winter",
        }

    def person(self, role: str, **how: bool) -> Client:
        """Somebody signed in: `participant`, `voter` or `moderator`."""
        client = Client(self.debate.port, **how)
        return client.login(self.made[role], self.made["password"], self.pages["debate"])

    @cached_property
    def visitor(self) -> Client:
        return Client(self.debate.port)

    @cached_property
    def plain_visitor(self) -> Client:
        """A visitor who takes no compressed answers."""
        return Client(self.debate.port, gzip=False)

    @cached_property
    def reader(self) -> Client:
        return self.person("participant")

    @cached_property
    def plain_reader(self) -> Client:
        return self.person("participant", gzip=False)

    @cached_property
    def other(self) -> Client:
        """Who writes while others read."""
        return self.person("voter")

    @cached_property
    def floor(self) -> Client:
        """A visitor of the bare app."""
        return Client(self.bare.port, gzip=False)

    # --- writing

    def vote(self, client: Client, reply: int, *, htmx: bool) -> Answer:
        """Another vote than this client's last."""
        value = self._votes[id(client), reply] = -self._votes.get((id(client), reply), -1)
        return client.post(f"/replies/{reply}/vote", {"value": str(value)}, htmx=htmx)

    def reply(self, client: Client, path: str, *, htmx: bool) -> Answer:
        """Words that nobody has said yet, posted to a path."""
        self._count += 1
        words = f"The levy forgets the far bank at a loss, and so the mill owes forty letters. ({self._count})"
        return client.post(path, {"stance": "con" if self._count % 2 else "pro", "body": words}, htmx=htmx)

    def insert(self) -> Answer:
        """The bare app's one row."""
        return self.floor.post("/insert", {"words": "The levy forgets the far bank at a loss, and so the mill owes."})

    def reply_to_paragraph(self, client: Client, *, htmx: bool) -> Answer:
        return self.reply(client, f"{self.pages['debate']}/replies", htmx=htmx)

    def reply_to_reply(self, client: Client, reply: int, *, htmx: bool) -> Answer:
        return self.reply(client, f"/replies/{reply}/replies", htmx=htmx)

    def disturb(self, page: str) -> Callable[[], object]:
        """What another does before a page is asked for: a vote on it, or a reply where votes do not show.

        The reply takes back the one before, so that the debate does not grow.
        """
        if page in ("essay", "home"):
            return self._reply_again
        target = self.made.get({"most answered": "crowded"}.get(page, page), self.made["votable"])
        return lambda: self.vote(self.other, target, htmx=True)

    def _reply_again(self) -> None:
        if self._posted:
            self.other.post(f"/replies/{self._posted}/withdraw", {})
        answer = self.reply(
            self.other, f"/essays/{self.made['slug']}/p/{self.made['paragraphs'][-1]}/replies", htmx=False
        )
        self._posted = int(answer.headers["location"].rpartition("#reply-")[2])
