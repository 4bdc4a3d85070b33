"""The MIME message and its encoding: the same bytes each time, never more than Nova takes."""

import base64
import gzip
import random
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cecf.render.cloud_init import USER_DATA_LIMIT, File, UserDataTooLongError, cloud_config, encoded, message

LONGEST_PLAIN = 49_149
"""Bytes: base64 turns 3 into 4, and 65,532 is the last multiple of 4 below the limit."""

ASCII = st.text(st.characters(max_codepoint=127), max_size=200)


def noise(length: int) -> bytes:
    """Return bytes that no compression makes shorter."""
    return random.Random(length).randbytes(length)


def unpacked(raw: bytes) -> Any:
    """Return the cloud-config in a message, as cloud-init reads it."""
    (part,) = parts(raw)
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return yaml.safe_load(payload)


def parts(raw: bytes) -> list[Message]:
    """Return the parts of a message, which must be without a defect."""
    whole = message_from_bytes(raw)
    assert whole.is_multipart()
    found = [part for part in whole.walk() if not part.is_multipart()]
    assert [part.defects for part in (whole, *found) if part.defects] == []
    return found


def test_the_limit_is_nova_s() -> None:
    assert USER_DATA_LIMIT == 65_535


def test_user_data_that_just_fits_is_sent_as_it_is() -> None:
    raw = noise(LONGEST_PLAIN)
    assert base64.b64decode(encoded(raw)) == raw
    assert len(encoded(raw)) == 65_532


def test_one_byte_more_does_not_fit() -> None:
    with pytest.raises(UserDataTooLongError, match="Nova takes 65535"):
        encoded(noise(LONGEST_PLAIN + 1))


def test_one_byte_more_is_compressed_where_that_helps() -> None:
    raw = b"a" * (LONGEST_PLAIN + 1)
    packed = base64.b64decode(encoded(raw))
    assert packed[:2] == b"\x1f\x8b"
    assert gzip.decompress(packed) == raw


def test_text_that_fits_is_never_compressed() -> None:
    raw = b"a" * LONGEST_PLAIN
    assert base64.b64decode(encoded(raw)) == raw


def test_compressed_user_data_holds_no_clock() -> None:
    packed = base64.b64decode(encoded(b"a" * 60_000))
    assert packed[4:8] == bytes(4)


@given(st.integers(0, 100_000), st.binary(min_size=1, max_size=64))
def test_whatever_is_encoded_is_within_the_limit_and_comes_back(length: int, pattern: bytes) -> None:
    raw = (pattern * (length // len(pattern) + 1))[:length]
    text = encoded(raw)
    packed = base64.b64decode(text, validate=True)
    assert len(text) <= USER_DATA_LIMIT
    assert raw == (packed if length <= LONGEST_PLAIN else gzip.decompress(packed))
    assert encoded(raw) == text


@given(st.lists(ASCII, max_size=4))
def test_every_file_arrives_as_it_was_written(contents: list[str]) -> None:
    files = [File(path=f"/etc/{number}", content=content) for number, content in enumerate(contents)]
    written = unpacked(message(cloud_config({}, files)))["write_files"]
    assert [(item["path"], item["content"]) for item in written] == [(f.path, f.content) for f in files]


@pytest.mark.parametrize("content", ["Zürich\n", "a\u2028b\n", "日本"])
def test_a_file_beyond_ascii_arrives_as_it_was_written(content: str) -> None:
    document = unpacked(message(cloud_config({}, [File(path="/etc/x", content=content)])))
    assert document["write_files"][0]["content"] == content


LINES = ["", "\n", "no newline", "two\n\n\nlines\n", " leading", "trailing \n", "\ttab\n", "a\r\nb\n"]
WORDS = ["From here\n", "--==cecf\n", "#cloud-config\n", ": {\n", "-", "yes", "0644", "null"]


@pytest.mark.parametrize("content", [*LINES, *WORDS])
def test_text_that_yaml_or_mail_could_mistake_arrives_as_it_was_written(content: str) -> None:
    document = unpacked(message(cloud_config({}, [File(path="/etc/x", content=content)])))
    assert document["write_files"][0]["content"] == content


def test_the_message_says_what_its_part_is() -> None:
    (part,) = parts(message(cloud_config({"hostname": "x"}, [])))
    assert part.get_content_type() == "text/cloud-config"
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.startswith(b"#cloud-config\n")


def test_the_same_document_makes_the_same_message() -> None:
    document = cloud_config({"hostname": "x"}, [File(path="/a", content="b\n")])
    assert message(document) == message(document)


def test_the_order_of_keys_decides_nothing() -> None:
    assert cloud_config({"a": 1, "b": 2}, []) == cloud_config({"b": 2, "a": 1}, [])


def test_permissions_stay_text_and_are_no_number() -> None:
    files = [File(path="/a", content=""), File(path="/b", content="", permissions="0600")]
    written = unpacked(message(cloud_config({}, files)))["write_files"]
    assert [item["permissions"] for item in written] == ["0644", "0600"]


def test_a_file_of_several_lines_can_be_read_in_the_document() -> None:
    assert "content: |\n    one\n    two\n" in cloud_config({}, [File(path="/a", content="one\ntwo\n")])
