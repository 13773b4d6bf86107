"""Answers sent compressed: the same words, fewer bytes, and no length that tells on its reader."""

import gzip

import pytest
from cast import Browser, EssayAt

from debate.compression import squeezed


@pytest.fixture
def path(essay: EssayAt, critic: Browser) -> str:
    for number in range(6):
        essay.reply(critic, f"Something said at length, so that there is something to squeeze, {number}.")
    return essay.p()


def test_a_page_is_the_same_page_in_fewer_bytes(path: str, client: Browser) -> None:
    plain = client.get(path)
    packed = client.client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    assert len(packed.data) * 2 < len(plain.data)
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "", "deflate;q=1.0, gzip;q=0.0"])
def test_who_does_not_take_gzip_gets_none(path: str, client: Browser, accepted: str) -> None:
    answer = client.client.get(path, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"<!doctype html>")


def test_a_page_that_has_not_changed_is_not_sent_again_in_any_encoding(path: str, client: Browser) -> None:
    tags = {}
    for accepted in ("gzip", "identity"):
        tags[accepted] = client.client.get(path, headers={"Accept-Encoding": accepted}).headers["ETag"]
    assert tags["gzip"] == f"W/{tags['identity']}"
    for accepted in ("gzip", "identity"):
        for tag in tags.values():
            again = client.client.get(path, headers={"Accept-Encoding": accepted, "If-None-Match": tag})
            assert (again.status_code, again.data) == (304, b"")
            assert "Content-Encoding" not in again.headers


def test_errors_and_answers_to_forms_are_compressed_too(path: str, client: Browser, critic: Browser) -> None:
    gone = client.client.get("/nowhere", headers={"Accept-Encoding": "gzip"})
    assert gone.status_code == 404
    assert b"</html>" in gzip.decompress(gone.data)
    token = critic.token()
    wrong = critic.client.post(
        f"{path}/replies", data={"csrf_token": token, "body": ""}, headers={"Accept-Encoding": "gzip"}
    )
    assert wrong.status_code == 422
    assert b"Enter your reply." in gzip.decompress(wrong.data)


def test_the_length_of_a_page_for_one_person_differs_from_time_to_time(path: str, critic: Browser) -> None:
    critic.token()  # logs in
    answers = [critic.client.get(path, headers={"Accept-Encoding": "gzip"}) for _ in range(12)]
    assert len({len(answer.data) for answer in answers}) > 1
    assert all(b"</html>" in gzip.decompress(answer.data) for answer in answers)


def test_the_length_of_a_page_for_everybody_does_not(path: str, client: Browser) -> None:
    answers = [client.client.get(path, headers={"Accept-Encoding": "gzip"}).data for _ in range(3)]
    assert len(set(answers)) == 1


def test_head_has_no_body_and_small_answers_stay_as_they_are(path: str, client: Browser) -> None:
    assert client.client.head(path, headers={"Accept-Encoding": "gzip"}).data == b""
    assert "Content-Encoding" not in client.client.get("/livez", headers={"Accept-Encoding": "gzip"}).headers


def test_padding_makes_longer_and_changes_nothing() -> None:
    lengths = [len(squeezed(b"words " * 100, 6, padding)) for padding in (0, 1, 50, 100)]
    assert lengths == sorted(set(lengths))
    assert gzip.decompress(squeezed(b"words", 9, 77)) == b"words"
