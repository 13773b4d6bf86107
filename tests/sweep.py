"""Every page of the site, to be swept, and an essay with something hidden in its debate."""

from cast import Browser, EssayAt, cite, hide, vote
from werkzeug.test import TestResponse

MARK = "xyzzymark"
# Every page of the site, as a path per endpoint; a page that is not here fails a test.
PAGES = {
    "home.index": "/?q={mark}",
    "essays.show": "{essay}?open={key}",
    "tree.show": "{essay}/tree?depth=all",
    "essays.sources": "{essay}/sources",
    "essays.new": "/essays/new",
    "paragraphs.show": "{essay}/p/{key}?sort=new",
    "paragraphs.new": "{essay}/p/{key}/new?since=0&show=1",
    "search.index": "/search?q={mark}",
    "replies.show": "/replies/{hidden}",
    "replies.to_paragraph": "{essay}/p/{key}/replies",
    "replies.to_reply": "/replies/{below}/replies",
    "replies.edit": "/replies/{hidden}/edit",
    "moderation.log": "/moderation/log",
    "notices.index": "/notices",
    "display.form": "/display",
    "site.about": "/about",
    "site.rules": "/rules",
    "site.privacy": "/privacy",
    "site.contact": "/contact",
    "sessions.login": "/login?next=/replies/{hidden}",
    "sessions.register": "/register",
    "users.show": "/users/Critic",
    "users.index": "/users",
    "health.livez": "/livez",
    "health.readyz": "/readyz",
    "asset": "/assets/debate-x.css",
    "icon": "/favicon.ico",
    "static": "/static/icon.svg",
}
MORE_PAGES = (
    "{essay}",
    "{essay}/tree",
    "{essay}/tree?depth=1",
    "/replies/{below}",
    "/replies/{above}",
    "/users/Author",
)


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
    return {
        "essay": essay.path, "key": essay.paragraphs[0][1], "mark": MARK[:5],
        "hidden": str(hidden), "below": str(below), "above": str(above),
    }  # fmt: skip


def every_page(
    essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> dict[str, str]:
    """The HTML of every page, as a visitor, a participant and a moderator get it, by who and path."""
    places = hidden_among(essay, critic, author, stranger, moderator)
    found: dict[str, str] = {}
    for who in (client, critic, moderator):
        for path in ("/nowhere", *PAGES.values(), *MORE_PAGES):
            answer = who.get(path.format(**places))
            if answer.mimetype == "text/html" and answer.status_code != 303:
                found[f"{who.name or 'visitor'} {path}"] = answer.text
        found[f"{who.name or 'visitor'}, wrong"] = _wrong(who, essay).text
    return found


def _wrong(who: Browser, essay: EssayAt) -> TestResponse:
    """A form that comes back with what is wrong with it."""
    return who.post(f"{essay.p()}/replies", body="x" * 10_001, source_url="nothing", source_quote="y" * 1001)
