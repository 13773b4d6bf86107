"""Passkeys (WebAuthn), by the library of that name: what a browser is asked, and whether its answer is right."""

import json
from collections.abc import Sequence

from flask import request, session

from debate import web
from debate.actions.steps import Passkey
from debate.models import Step, User

ASKED = "passkey asked"


class BadPasskey(Exception):
    """The browser's answer is not right."""


def to_add(user: User, steps: Sequence[Step]) -> str:
    """What a browser is to be asked so that it makes a passkey for an account, as JSON; none that it has already."""
    import webauthn
    from webauthn.helpers.structs import AuthenticatorSelectionCriteria, ResidentKeyRequirement

    options = webauthn.generate_registration_options(
        rp_id=_site(),
        rp_name="Debate",
        user_id=str(user.id).encode(),
        user_name=user.name,
        exclude_credentials=_known(steps),
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.DISCOURAGED),
    )
    return _asked(options)


def added(answer: str) -> Passkey:
    """The passkey that a browser made when it was asked so. Raises BadPasskey."""
    import webauthn

    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=_challenge(), expected_rp_id=_site(), expected_origin=web.origin()
        )
    except Exception as error:  # the library raises a dozen kinds for what anybody may send
        raise BadPasskey from error
    kept = webauthn.helpers.bytes_to_base64url
    return Passkey(kept(made.credential_id), kept(made.credential_public_key), made.sign_count)


def to_use(steps: Sequence[Step]) -> str:
    """What a browser is to be asked so that it shows one of an account's passkeys, as JSON; empty if there is none."""
    import webauthn

    known = _known(steps)
    return _asked(webauthn.generate_authentication_options(rp_id=_site(), allow_credentials=known)) if known else ""


def used(answer: str, steps: Sequence[Step]) -> tuple[int, int]:
    """The step whose passkey a browser showed, and the passkey's own count. Raises BadPasskey."""
    import webauthn

    try:
        shown = str(json.loads(answer)["id"])
        step = next(step for step in steps if step.kind == "passkey" and step.credential == shown)
        checked = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_challenge(),
            expected_rp_id=_site(),
            expected_origin=web.origin(),
            credential_public_key=webauthn.base64url_to_bytes(step.public_key),
            credential_current_sign_count=step.latest,
        )
    except Exception as error:
        raise BadPasskey from error
    return step.id, checked.new_sign_count


def _known(steps: Sequence[Step]) -> list:
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    ids = [step.credential for step in steps if step.credential]
    return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(known)) for known in ids]


def _asked(options: object) -> str:
    import webauthn

    session[ASKED] = webauthn.helpers.bytes_to_base64url(options.challenge)  # type: ignore[attr-defined]
    return webauthn.options_to_json(options)  # type: ignore[arg-type]


def _challenge() -> bytes:
    """What this browser was asked last; an answer to it is taken once."""
    import webauthn

    return webauthn.base64url_to_bytes(session.pop(ASKED))


def _site() -> str:
    """The name that passkeys are made for: the host, which is one of those trusted."""
    return web.split_address(request.host_url).hostname or ""
