"""Every page of the site, to be swept, and an essay with something hidden in its debate."""

from cast import PARAGRAPHS, Browser, EssayAt, cite, hide, report, rows, vote
from sqlalchemy import select
from werkzeug.test import TestResponse

from debate.models import Citation, Ruling
from debate.surfaces import MORE_SURFACES, SURFACES

MARK = "xyzzymark"
PAGES = SURFACES
MORE_PAGES = (*MORE_SURFACES, "/sources/{seen}", "/sources/{seen}/edit", "/citations/{use}", "/sources?url=nothing")


def hidden_among(
    essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser
) -> dict[str, str]:
    """A hidden reply of the critic's between two visible ones, marked in all that it says; what fills in the paths."""
    above = essay.reply(author, "Above it.")
    hidden = essay.reply(critic, f"{MARK} first", to=above, stance="con")
    critic.post(f"/replies/{hidden}/edit", body=f"{MARK} body [{MARK}](https://{MARK}.example/)")
    cite(stranger, hidden, f"https://{MARK}.example/source", f"{MARK} quote")
    below = essay.reply(stranger, "Below it.", to=hidden, stance="con")
    vote(stranger, hidden, 1)
    hide(moderator, hidden, "insult")
    report(author, below, "off-topic")
    use = cite(critic, above, "https://example.org/seen", "Seen words.")
    source = rows(essay.app, select(Citation.source_id).where(Citation.id == use))[0]
    stranger.post(f"/sources/{source}/edit", edit="0", title="A described one", authors="Somebody", year="1999")
    stranger.post(f"/citations/{use}/check", answer="no")
    stranger.post(f"/replies/{above}/asks", wanted="1")
    return places(essay, hidden, above, below) | {"use": str(use), "seen": str(source)}


def places(essay: EssayAt, about: int, above: int, below: int, writer: str = "Critic") -> dict[str, str]:
    """What fills in the addresses of debate/surfaces.py."""
    ruling = rows(essay.app, select(Ruling.id).where(Ruling.reply_id == about).order_by(Ruling.id.desc()))
    cited = rows(essay.app, select(Citation).where(Citation.reply_id == about))
    return {
        "essay": essay.path, "slug": essay.slug, "key": essay.paragraphs[0][1], "mark": MARK[:5], "writer": writer,
        "about": str(about), "hidden": str(about), "below": str(below), "above": str(above),
        "ruling": str(ruling[0] if ruling else 0), "citation": str(cited[0].id if cited else 0),
        "source": str(cited[0].source_id if cited else 0),
    }  # fmt: skip


def every_page(
    essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> dict[str, str]:
    """The HTML of every page, as a visitor, a participant and a moderator get it, by who and path."""
    places = hidden_among(essay, critic, author, stranger, moderator)
    said = essay.reply(critic, "Said of what will be taken out.", p=3)
    vote(stranger, said, 1)
    revised = "\n\n".join((PARAGRAPHS[0].replace("more kinds", "many more kinds"), PARAGRAPHS[1]))
    assert author.post(f"{essay.path}/edit", title="Bees", text=revised, intent="publish").status_code == 303
    found: dict[str, str] = {}
    for who in (client, critic, moderator):
        for path in ("/nowhere", *PAGES.values(), *MORE_PAGES):
            answer = who.get(path.format(**places))
            if answer.mimetype == "text/html" and answer.status_code != 303:
                found[f"{who.name or 'visitor'} {path}"] = answer.text
        found[f"{who.name or 'visitor'}, gone"] = who.get(essay.p(3)).text
        found[f"{who.name or 'visitor'}, wrong"] = _wrong(who, essay).text
    found["author, preview"] = author.post(f"{essay.path}/edit", title="Bees", text=f"New.\n\n{PARAGRAPHS[0]}").text
    found["author, form"] = author.get(f"{essay.path}/edit").text
    found["moderator, split"] = moderator.post("/essays/new", title="B", text="One. Two.", adjust="part-0").text
    return found


def _wrong(who: Browser, essay: EssayAt) -> TestResponse:
    """A form that comes back with what is wrong with it."""
    return who.post(f"{essay.p()}/replies", body="x" * 10_001, source_url="nothing", source_quote="y" * 1001)
