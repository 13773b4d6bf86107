"""What keeps machines from the forms that need no account, without a puzzle: a field that people do not see, and a
least time between opening a form and sending it."""

import time

from itsdangerous import BadSignature, Signer

from debate import web
from debate.text.message import N_

LEAST = 3  # seconds
TRAP = "homepage"  # a machine fills it in


def began() -> str:
    """When a form is opened, signed: its hidden field `began`."""
    return _signer().sign(str(int(time.time()))).decode()


def kept() -> str:
    """The same field of a form that comes back: as it was sent, so that waiting counts."""
    return web.field("began")[:200] or began()


def problems() -> dict[str, str]:
    """What is wrong with a form as a machine would send it, by field; nothing where limits are off."""
    if web.field(TRAP).strip():
        return {TRAP: N_("Leave the field empty that is not for people, and send this again.")}
    if web.settings().limits and _age(web.field("began")) < LEAST:
        return {"began": N_("That was faster than people type. Look it over and send it again.")}
    return {}


def _age(given: str) -> float:
    try:
        return abs(time.time() - int(_signer().unsign(given)))  # the clock may have gone back
    except (BadSignature, ValueError):
        return 0


def _signer() -> Signer:
    return Signer(web.settings().secret_key, salt="began")
