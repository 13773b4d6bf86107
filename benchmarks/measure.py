"""One size on one database while its servers run: pages, bare views, writes, rates."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field

from client import Client, medians, rate
from debates import Made
from report import Line, Table
from servers import Server


@dataclass
class Run:
    """One size on one database while its servers run; what is measured lands in `figures`, by name."""

    made: Made
    ours: Server
    bare: Server
    times: int
    figures: dict[str, float] = field(default_factory=dict)

    def measure(self) -> Iterator[Line]:
        """Each page: kept, 304, afresh and signed in, beside the bare view of as many bytes."""
        visitor, plain = Client(self.ours.port), Client(self.bare.port)
        reader = Client(self.ours.port).log_in(self.made.participant, self.made.password)
        voter = Client(self.ours.port).log_in(self.made.voter, self.made.password)
        for name, path in self.made.pages.items():
            answer, data = visitor.get(path)
            whole = gzip.decompress(data)
            etag, size = answer.headers["ETag"], len(whole)
            kept, again, same = medians(
                [
                    lambda p=path: visitor.get(p),
                    lambda p=path, e=etag: visitor.get(p, If_None_Match=e),
                    lambda n=size: plain.get(f"/constant/{n}"),
                ],
                self.times,
            )
            reader.get(path)
            signed_in = medians([lambda p=path: reader.get(p)], self.times)[0]
            fresh = self._afresh(visitor, voter, path)
            self.figures |= {f"{name}: kept/same": kept / same, f"{name}: 304/same": again / same}
            self.figures |= {f"{name}: signed in": signed_in, f"{name}: afresh": fresh, f"{name}: kept": kept}
            self.figures |= {f"{name}: gzip": len(data)}
            yield Line(name, kept, again, same, fresh, signed_in, len(whole), len(data))

    def _afresh(self, visitor: Client, voter: Client, path: str) -> float:
        """Milliseconds of a page straight after somebody's vote, which is not counted."""
        taken = []
        for turn in range(max(5, self.times // 4)):
            voter.ask("POST", f"/replies/{self.made.crowded}/vote", {"value": ("1", "-1")[turn % 2]})
            taken += medians([lambda: visitor.get(path)], 1)
        return sorted(taken)[len(taken) // 2]

    def bare_views(self) -> Table:
        """The essay with its counts, and one thread of as many replies as the debate shows, in turn with ours."""
        visitor, plain = Client(self.ours.port), Client(self.bare.port)
        _, data = visitor.get(self.made.pages["debate"])
        shown = gzip.decompress(data).count(b'<article id="reply-')
        essay, thread = medians([lambda: plain.get("/essay"), lambda: plain.get(f"/thread/{shown}")], self.times)
        table = Table("ms, p50", ["", "ours, afresh", "ours, signed in", "bare", "ratio afresh", "ratio signed in"])
        for name, figure in (("essay", essay), ("debate", thread)):
            fresh, signed_in = self.figures[f"{name}: afresh"], self.figures[f"{name}: signed in"]
            self.figures |= {f"{name}: afresh/bare": fresh / figure, f"{name}: signed in/bare": signed_in / figure}
            label = name if name == "essay" else f"debate ({shown} replies)"
            table.add(label, fresh, signed_in, figure, fresh / figure, signed_in / figure)
        return table

    def writes(self) -> Table:
        """A vote and a reply, with htmx and without, beside one insert."""
        person = Client(self.ours.port).log_in(self.made.moderator, self.made.password)
        plain = Client(self.bare.port)
        turn = [0]

        def vote(**headers: str) -> None:
            turn[0] += 1
            answer, _ = person.ask(
                "POST", f"/replies/{self.made.crowded}/vote", {"value": ("1", "-1")[turn[0] % 2]}, **headers
            )
            assert answer.status in (200, 303), answer.status

        def reply(**headers: str) -> None:
            turn[0] += 1
            answer, _ = person.ask(
                "POST",
                f"/replies/{self.made.crowded}/replies",
                {"stance": "pro", "body": f"Said for the {turn[0]}th time, and not before.", "key": f"k{turn[0]}"},
                **headers,
            )
            assert answer.status in (200, 303), answer.status

        insert, *ours = medians(
            [
                lambda: plain.ask("POST", "/insert", {"words": "Said once more, and not before."}),
                vote,
                lambda: vote(HX_Request="true"),
                reply,
                lambda: reply(HX_Request="true"),
            ],
            self.times,
        )
        table = Table("ms, p50", ["", "ours", "one insert", "ratio"])
        for name, figure in zip(("vote", "vote, htmx", "reply", "reply, htmx"), ours, strict=True):
            self.figures[f"{name}/insert"] = figure / insert
            table.add(name, figure, insert, figure / insert)
        return table

    def rates(self) -> Table:
        """Answers a second to 16 at once."""
        table = Table("answers a second, 16 at once", ["", "ours, kept", "bare, same bytes"])
        each = max(10, self.times // 2)
        for name in ("essay", "debate"):
            _, data = Client(self.ours.port).get(self.made.pages[name])
            ours = rate(self.ours.port, self.made.pages[name], 16, each)
            table.add(name, ours, rate(self.bare.port, f"/constant/{len(gzip.decompress(data))}", 16, each))
        return table
