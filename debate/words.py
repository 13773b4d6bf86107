"""What pages call things: the words for reasons, acts, answers, orders and the fields of forms."""

from flask_babel import lazy_gettext

from debate.forms import BARS
from debate.models.evidence import ANSWERS, KINDS
from debate.models.moderation import ACTS, REASONS
from debate.models.reports import HELD_FOR
from debate.queries.evidence import SORTS, STATES
from debate.text.plan import CHANGES

ORDER_WORDS = {
    "best": lazy_gettext("votes"),
    "new": lazy_gettext("newest first"),
    "old": lazy_gettext("oldest first"),
    "disputed": lazy_gettext("most disputed"),
}
FILTER_WORDS = {
    "sources": lazy_gettext("have a source"),
    "disputed": lazy_gettext("are disputed"),
    "unanswered": lazy_gettext("nobody has answered"),
    "no-con": lazy_gettext("nobody has disputed"),
    "unsourced": lazy_gettext("are without any source"),
    "asked": lazy_gettext("a source was asked for"),
    "new": lazy_gettext("are new since your visit"),
}
CHANGE_WORDS = {
    "kept": lazy_gettext("unchanged"),
    "reworded": lazy_gettext("reworded"),
    "moved": lazy_gettext("moved"),
    "split": lazy_gettext("split"),
    "merged": lazy_gettext("merged"),
    "returned": lazy_gettext("back in the text"),
    "removed": lazy_gettext("removed"),
    "gone": lazy_gettext("no longer there"),
    "new": lazy_gettext("new"),
}
KIND_WORDS = {
    "essays": lazy_gettext("Essays"),
    "replies": lazy_gettext("Replies"),
    "sources": lazy_gettext("Sources"),
}
SHOWS_WORDS = {
    "supports": lazy_gettext("supports"),
    "undercuts": lazy_gettext("undercuts"),
    "context": lazy_gettext("context"),
}
OWN_SHOWS_WORDS = {
    "supports": lazy_gettext("It supports this reply"),
    "undercuts": lazy_gettext("It undercuts this reply"),
    "context": lazy_gettext("It gives context"),
}
SOURCE_WORDS = {
    "study": lazy_gettext("study"),
    "official": lazy_gettext("official"),
    "news": lazy_gettext("news"),
    "book": lazy_gettext("book"),
    "document": lazy_gettext("primary document"),
    "opinion": lazy_gettext("opinion"),
    "other": lazy_gettext("other"),
}
ANSWER_WORDS = {
    "yes": lazy_gettext("Yes"),
    "no": lazy_gettext("No"),
    "shut": lazy_gettext("Can't open"),
}
SORT_WORDS = {
    "cited": lazy_gettext("most cited"),
    "for": lazy_gettext("most for"),
    "against": lazy_gettext("most against"),
    "title": lazy_gettext("title"),
    "year": lazy_gettext("newest year"),
    "new": lazy_gettext("last added"),
}
SIDE_WORDS = {
    "both": lazy_gettext("cited on both sides"),
    "pro": lazy_gettext("cited for only"),
    "con": lazy_gettext("cited against only"),
}
STATE_WORDS = {
    "dead": lazy_gettext("dead link"),
    "denied": lazy_gettext("most say it does not say that"),
    "confirmed": lazy_gettext("found to say that"),
    "unchecked": lazy_gettext("nobody is sure yet"),
}
ROLE_WORDS = {
    "participant": lazy_gettext("participant"),
    "moderator": lazy_gettext("moderator"),
    "admin": lazy_gettext("admin"),
}
FIELD_WORDS = {
    "body": lazy_gettext("Your reply"),
    "text": lazy_gettext("Text"),
    "source_url": lazy_gettext("Address of the source"),
    "source_quote": lazy_gettext("The words you rely on"),
    "source_locator": lazy_gettext("Where in it"),
    "url": lazy_gettext("Address, DOI, ISBN or arXiv number"),
    "quote": lazy_gettext("The words it is cited for"),
    "locator": lazy_gettext("Where in it"),
    "reason": lazy_gettext("Reason"),
    "note": lazy_gettext("Note"),
    "title": lazy_gettext("Title"),
    "authors": lazy_gettext("Authors"),
    "year": lazy_gettext("Year"),
    "kind": lazy_gettext("Kind"),
    "publisher": lazy_gettext("Published by"),
    "archive_url": lazy_gettext("Address of an archived copy"),
    "into": lazy_gettext("Merge into"),
    "words": lazy_gettext("Your words"),
    "contact": lazy_gettext("E-mail"),
}
REASON_WORDS = {
    "spam": lazy_gettext("spam"),
    "insult": lazy_gettext("insult"),
    "off-topic": lazy_gettext("off topic"),
    "no-argument": lazy_gettext("no argument"),
    "duplicate": lazy_gettext("duplicate"),
    "source": lazy_gettext("source does not say that"),
    "other": lazy_gettext("other"),
}
BAR_WORDS = {
    "": lazy_gettext("no"),
    "1": lazy_gettext("for a day"),
    "7": lazy_gettext("for 7 days"),
    "30": lazy_gettext("for 30 days"),
    "always": lazy_gettext("without an end"),
    "ban": lazy_gettext("ban, and take the votes out of all counts"),
}
ACT_WORDS = {
    "lock": lazy_gettext("lock"),
    "unlock": lazy_gettext("unlock"),
    "hide": lazy_gettext("hide"),
    "restore": lazy_gettext("restore"),
    "reply": lazy_gettext("reply under a lock"),
    "role": lazy_gettext("role"),
    "keep": lazy_gettext("left alone"),
    "reopen": lazy_gettext("put back into the queue"),
    "ask": lazy_gettext("asked to edit"),
    "duplicate": lazy_gettext("folded as a duplicate"),
    "approve": lazy_gettext("let in"),
    "hold": lazy_gettext("held again"),
    "suspend": lazy_gettext("suspension"),
    "ban": lazy_gettext("ban"),
    "lift": lazy_gettext("suspension ended"),
    "admit": lazy_gettext("account let in"),
    "refuse": lazy_gettext("account refused"),
    "appoint": lazy_gettext("moderator of an essay"),
    "dismiss": lazy_gettext("no longer moderator of an essay"),
    "erase": lazy_gettext("erased"),
    "erase-note": lazy_gettext("note erased"),
    "premoderate": lazy_gettext("replies looked at first"),
    "uphold": lazy_gettext("appeal turned down"),
    "setting": lazy_gettext("setting"),
    "merge": lazy_gettext("sources merged"),
    "separate": lazy_gettext("sources separated"),
    "hide-edit": lazy_gettext("description of a source hidden"),
    "show-edit": lazy_gettext("description of a source shown again"),
    "publish": lazy_gettext("essay published again"),
    "unpublish": lazy_gettext("essay unpublished"),
    "archive": lazy_gettext("essay archived"),
    "unarchive": lazy_gettext("essay opened again"),
}
ITEM_WORDS = {
    "reported": lazy_gettext("Reported"),
    "held": lazy_gettext("Held"),
    "appeal": lazy_gettext("Appeals"),
    "account": lazy_gettext("Accounts"),
}
HELD_WORDS = {
    "links": lazy_gettext("links among an account's first replies"),
    "alike": lazy_gettext("several accounts said the same"),
    "essay": lazy_gettext("in this essay every reply is looked at first"),
    "new": lazy_gettext("a new account"),
    "many": lazy_gettext("very many replies of new accounts at once"),
}
REGISTRATION_WORDS = {
    "open": lazy_gettext("open to everybody"),
    "approval": lazy_gettext("a moderator lets each account in"),
    "closed": lazy_gettext("closed"),
}

assert set(CHANGE_WORDS) == {*CHANGES, "gone"}  # noqa: S101
assert set(REASON_WORDS) == set(REASONS)  # noqa: S101
assert set(ACT_WORDS) == set(ACTS)  # noqa: S101
assert set(HELD_WORDS) == set(HELD_FOR)  # noqa: S101
assert tuple(SOURCE_WORDS) == KINDS  # noqa: S101
assert tuple(ANSWER_WORDS) == ANSWERS  # noqa: S101
assert tuple(SORT_WORDS) == tuple(SORTS)  # noqa: S101
assert tuple(STATE_WORDS) == tuple(STATES)  # noqa: S101
assert tuple(BAR_WORDS) == BARS  # noqa: S101
