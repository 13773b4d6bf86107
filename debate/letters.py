"""What the letters say that an account gets; in the language of the page that they were asked for on."""

from flask_babel import gettext as _

from debate import web
from debate.actions.letters import Words


def to_confirm(name: str, secret: str) -> Words:
    """To an address that somebody gave for an account: show that it is yours."""
    return Words(
        _("Confirm your e-mail address"),
        _(
            "Hello %(name)s,\n\nthis address was given for your account at %(site)s. To confirm that it is yours, "
            "open this page and press the button:\n\n%(link)s\n\nIt is good for a week. If you know nothing of such an "
            "account, do nothing: without you nobody can confirm this address.",
            name=name,
            site=_site(),
            link=_link("confirm", secret),
        ),
    )


def already_known() -> Words:
    """To an address that somebody gave for another account than the one it is confirmed for."""
    return Words(
        _("You have an account already"),
        _(
            "Hello,\n\nsomebody, perhaps you, gave this address for an account at %(site)s. It is confirmed for "
            "another account there, and stays so. If you forgot its name or its password:\n\n%(link)s\n\n"
            "Otherwise you need do nothing.",
            site=_site(),
            link=f"{_site()}/forgotten",
        ),
    )


def to_reset(secret: str) -> Words:
    """To the owner of an account: choose another password."""
    return Words(
        _("Choose another password"),
        _(
            "Hello,\n\nsomebody, most likely you, asked for another password for your account at %(site)s. Choose it "
            "here:\n\n%(link)s\n\nThis is good for an hour, and once. If it was not you, do nothing: your password "
            "stays what it is.",
            site=_site(),
            link=_link("reset", secret),
        ),
    )


def password_changed() -> Words:
    """To the owner of an account, after it."""
    return Words(
        _("Your password was changed"),
        _(
            "Hello,\n\nthe password of your account at %(site)s was changed just now, and every other session of it "
            "has ended. If it was not you, choose another at once:\n\n%(link)s",
            site=_site(),
            link=f"{_site()}/forgotten",
        ),
    )


def to_move(name: str, secret: str) -> Words:
    """To the new address of an account."""
    return Words(
        _("Confirm your new e-mail address"),
        _(
            "Hello %(name)s,\n\nthis is to be the new address of your account at %(site)s. To confirm it, open this "
            "page and press the button:\n\n%(link)s\n\nIt is good for a day. Until then the old address stays.",
            name=name,
            site=_site(),
            link=_link("confirm", secret),
        ),
    )


def moved() -> Words:
    """To the old address of an account."""
    return Words(
        _("Your e-mail address was changed"),
        _(
            "Hello,\n\nyour account at %(site)s has another e-mail address from now on; this one gets no more letters. "
            "If it was not you, log in, choose another password, and write to those who run the site.",
            site=_site(),
        ),
    )


def _site() -> str:
    return web.settings().url


def _link(page: str, secret: str) -> str:
    return f"{_site()}/{page}/{secret}"
