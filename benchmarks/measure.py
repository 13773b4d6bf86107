"""What is measured, and in which turns: everything under one key is (replies, page, state)."""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from client import Answer, Client
from clock import Entry, Key, Sample, race
from load import Load, rate
from sites import ARTICLE, Site

AT_ONCE = 16


@dataclass
class Plan:
    """How much: requests of each thing, seconds it may take, seconds of load."""

    rounds: int = 60
    budget: float = 3.0
    load: float = 2.0


@dataclass
class Weight:
    """Of a page: bytes as they are and as they travel, replies shown."""

    raw: int
    packed: int
    replies: int


@dataclass
class Found:
    """All that was measured of one kind of database."""

    kind: str
    sizes: list[int]
    times: dict[Key, Sample] = field(default_factory=dict)
    rates: dict[Key, tuple[float, int]] = field(default_factory=dict)
    weights: dict[Key, Weight] = field(default_factory=dict)
    per_reply: dict[int, float] = field(default_factory=dict)
    memory: dict[Key, dict[str, float]] = field(default_factory=dict)
    first: dict[Key, float] = field(default_factory=dict)
    statements: dict[Key, int] = field(default_factory=dict)
    recounts: dict[int, str] = field(default_factory=dict)

    def p50(self, *key: object) -> float | None:
        """Median in milliseconds; None if it was not measured, or if an answer was not the one to be measured."""
        sample = self.times.get(key)
        right = {304} if key[-1] == "304" else {200, 204, 303}
        return sample.p50 if sample is not None and sample.times and sample.statuses <= right else None


def _entry(key: Key, client: Client, ask: Callable[[], Answer], first: Callable[[], object] | None = None) -> Entry:
    def before() -> None:
        if first is not None:
            first()
        client.ready()

    return Entry(key, ask, before)


def weigh(found: Found, sites: Sequence[Site]) -> None:
    """Every page once, as visitors get it; what answers 404 is not measured further."""
    for site in sites:
        for page, path in list(site.pages.items()):
            answer = site.visitor.get(path)
            if answer.status == 404:
                del site.pages[page]
                continue
            raw = _plain(answer)
            found.weights[site.size, page] = Weight(len(raw), len(answer.body), len(ARTICLE.findall(raw)))
        found.per_reply[site.size] = _slope(site)


def _plain(answer: Answer) -> bytes:
    return gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body


def _slope(site: Site) -> float:
    """Bytes that one more reply adds to a compressed page: least squares over several paragraphs' debates."""
    points = []
    for key in site.made["paragraphs"]:
        answer = site.visitor.get(f"/essays/{site.made['slug']}/p/{key}")
        points.append((len(ARTICLE.findall(_plain(answer))), len(answer.body)))
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def kept(found: Found, sites: Sequence[Site], page: str, plan: Plan) -> None:
    """Nothing is written meanwhile: asked for again, answered 304, signed in, beside as many bytes of nothing."""
    entries = []
    for site in sites:
        if page not in site.pages:
            continue
        size, path = site.size, site.pages[page]
        answer = site.visitor.get(path)
        tag, same = answer.headers.get("etag", ""), f"/constant/{len(answer.body)}"
        entries += [
            _entry((size, page, "kept"), site.visitor, lambda s=site, p=path: s.visitor.get(p)),
            _entry((size, page, "304"), site.visitor, lambda s=site, p=path, t=tag: s.visitor.get(p, If_None_Match=t)),
            _entry((size, page, "signed in"), site.reader, lambda s=site, p=path: s.reader.get(p)),
            _entry((size, page, "same bytes"), site.floor, lambda s=site, p=same: s.floor.get(p)),
        ]
    found.times |= race(entries, plan.rounds, plan.budget)


def afresh(found: Found, sites: Sequence[Site], page: str, plan: Plan) -> None:
    """Somebody else writes before each request; the bare views, where there are any, in the same turns."""
    entries = []
    for site in sites:
        if page not in site.pages:
            continue
        size, path, first = site.size, site.pages[page], site.disturb(page)
        readers = {"afresh": site.visitor, "signed in, afresh": site.reader}
        if page in ("essay", "debate"):
            readers |= {"afresh, plain": site.plain_visitor, "signed in, plain": site.plain_reader}
            shown = found.weights[size, page].replies
            floor = path if page == "essay" else f"/thread?n={shown}"
            entries.append(_entry((size, page, "bare"), site.floor, lambda s=site, p=floor: s.floor.get(p), first))
        for state, client in readers.items():
            entries.append(_entry((size, page, state), client, lambda c=client, p=path: c.get(p), first))
    found.times |= race(entries, plan.rounds, plan.budget)


def writes(found: Found, sites: Sequence[Site], plan: Plan) -> None:
    """Votes and replies of somebody signed in, beside one row inserted by the bare app."""
    entries = []
    for site in sites:
        who, reply = site.reader, site.made["votable"]
        for how in (True, False):
            name = "htmx" if how else "plain"
            asks = {
                "vote": lambda s=site, h=how, r=reply: s.vote(s.reader, r, htmx=h),
                "reply to a paragraph": lambda s=site, h=how: s.reply_to_paragraph(s.reader, htmx=h),
                "reply to a reply": lambda s=site, h=how, r=reply: s.reply_to_reply(s.reader, r, htmx=h),
                "reply to the deepest": lambda s=site, h=how: s.reply_to_reply(s.reader, s.made["deepest"], htmx=h),
            }
            entries += [_entry((site.size, what, name), who, ask) for what, ask in asks.items()]
        entries.append(_entry((site.size, "insert", "bare"), site.floor, site.insert))
    found.times |= race(entries, plan.rounds, plan.budget)


def loads(found: Found, sites: Sequence[Site], plan: Plan) -> None:
    """How many a second, several at once: each thing in two halves, the second after all the others' first."""
    jobs: dict[Key, Load] = {}
    for site in sites:
        jobs |= {(site.size, what): load for what, load in _jobs(site, found).items()}
    for _ in range(2):
        for key, load in jobs.items():
            count, wrong = rate(load, plan.load / 2, AT_ONCE)
            before = found.rates.get(key, (0.0, 0))
            found.rates[key] = (before[0] + count / 2, before[1] + wrong)


def _jobs(site: Site, found: Found) -> dict[str, Load]:
    port, floor = site.debate.port, site.bare.port
    plain = {"Accept-Encoding": "identity"}
    form = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
    ballots = tuple(f"csrf_token={site.reader.token}&value={value}" for value in (1, -1))
    tag = site.visitor.get(site.pages["essay"]).headers.get("etag", "")
    same = found.weights[site.size, "essay"].packed
    return {
        "essay, kept": Load(port, "GET", site.pages["essay"], site.visitor.headers),
        "essay, 304": Load(port, "GET", site.pages["essay"], site.visitor.headers | {"If-None-Match": tag}),
        "essay, same bytes (bare)": Load(floor, "GET", f"/constant/{same}", plain),
        "essay, signed in": Load(port, "GET", site.pages["essay"], site.reader.headers),
        "essay (bare)": Load(floor, "GET", site.pages["essay"], plain),
        "debate, kept": Load(port, "GET", site.pages["debate"], site.visitor.headers),
        "debate, signed in": Load(port, "GET", site.pages["debate"], site.reader.headers),
        "vote": Load(port, "POST", f"/replies/{site.made['votable']}/vote", site.reader.headers | form, ballots),
        "insert (bare)": Load(floor, "POST", "/insert", plain | form, ("words=The+levy+forgets.",)),
    }
