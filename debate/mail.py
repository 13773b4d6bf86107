"""Sending mail: by an SMTP server, or to the console where none is set."""

import logging
import smtplib
import ssl
import sys
import threading
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from debate.actions import letters
from debate.actions.letters import Words
from debate.config import Settings, is_loopback
from debate.db import Database

log = logging.getLogger(__name__)

PATIENCE = 20  # seconds for a server to answer
LOOKS_EVERY = 3  # seconds
IS_ANY_DUE = "SELECT 1 FROM letters WHERE due_at <= CURRENT_TIMESTAMP OR made_at > CURRENT_TIMESTAMP LIMIT 1"


def send(settings: Settings, address: str, words: Words) -> None:
    """Send one letter. Raises OSError or SMTPException where it cannot be, ValueError for what is no address."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, address, words.subject
    if str(message["To"]) != address:  # it was read as something else: encoded words, a group, a comment
        raise ValueError("not an address")
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=settings.mail_from.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.body)
    if settings.mail_url.startswith("console"):
        sys.stderr.write(f"--- a letter (DEBATE_MAIL_URL is not set)\nTo: {address}\nSubject: {words.subject}\n\n")
        sys.stderr.write(f"{words.body}\n---\n")
        sys.stderr.flush()
        return
    server = _connected(settings.mail_url)
    try:
        server.send_message(message, to_addrs=[address])
    finally:
        with suppress(smtplib.SMTPException, OSError):  # whatever it says to that: it has taken the letter, or not
            server.quit()
        server.close()


def _connected(url: str) -> smtplib.SMTP:
    """A connection to the server, encrypted wherever a password or more than this machine is involved."""
    parts = urlsplit(url)
    host, context = parts.hostname or "", ssl.create_default_context()
    is_here = is_loopback(host)
    if is_here:  # where a server has most likely made its certificate itself, and nobody is in between
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=PATIENCE)
    try:
        if is_here:
            server.ehlo_or_helo_if_needed()  # before that nothing is known of what it can do
        if parts.scheme == "smtp" and (not is_here or server.has_extn("starttls")):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def send_due(database: Database, settings: Settings) -> tuple[int, int]:
    """Send the letters that are due; how many were sent, and how many could not be (they are tried again later)."""
    good = bad = 0
    while taken := database.write(letters.take):
        which, address, words = taken
        try:
            if address:
                send(settings, address, words)
        except Exception as error:  # whatever is wrong with this one, those behind it are to go out
            bad += 1
            given_up = database.write(letters.failed, which)
            log.error("letter %s: %s%s", which.id, _told(error), "; it is given up" if given_up else "")
        else:
            good += 1 if address else 0
            database.write(letters.sent, which)
    return good, bad


def _told(error: Exception) -> str:
    # A server's refusal repeats the address; the log holds none.
    is_silent = isinstance(error, smtplib.SMTPException) or not isinstance(error, OSError)
    return type(error).__name__ if is_silent else str(error)


def start(database: Database, settings: Settings) -> threading.Thread:
    """Send letters as they come, beside everything else, for as long as this process lives."""
    thread = threading.Thread(target=_go_on, args=(database, settings), name="mail", daemon=True)
    thread.start()
    return thread


def _go_on(database: Database, settings: Settings) -> None:
    pause = threading.Event()
    while not pause.wait(LOOKS_EVERY):
        try:
            if database.peek(IS_ANY_DUE):
                send_due(database, settings)
        except Exception:  # whatever it was, the next letter may fare better
            log.exception("mail")
