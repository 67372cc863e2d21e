"""Messages: what one version writes, every version reads, or refuses by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.services.messages import GenerationsStored, UnreadableMessage, as_final
from tests.contract.samples import AWKWARD_IDS, HEAVIEST_ID

MESSAGE = GenerationsStored("t", "K1", (("g", "0" * 64),), 1_777_636_800_000, "correlation")
MOST_SQS_BYTES = 256 * 1024


@given(st.lists(st.tuples(st.text(), st.text())), st.integers(0, 2**50), st.booleans())
def test_what_is_encoded_is_decoded(refs: list[tuple[str, str]], received_ms: int, final: bool) -> None:
    message = GenerationsStored("t", "K1", tuple(refs), received_ms, "c", final)
    assert GenerationsStored.decode(message.encode()) == message


def test_the_first_version_stays_readable() -> None:
    body = (
        '{"v":1,"tenant":"t","owner":"K1","refs":[["g","' + "0" * 64 + '"]],"received_ms":1777636800000,'
        '"correlation_id":"correlation"}'
    )
    assert GenerationsStored.decode(body) == MESSAGE
    assert GenerationsStored.decode(body[:-1] + ',"later":true}') == MESSAGE


def test_final_is_the_only_difference_of_a_final_message() -> None:
    final = GenerationsStored.decode(as_final(MESSAGE.encode()))
    assert final == GenerationsStored("t", "K1", MESSAGE.refs, MESSAGE.received_ms, "correlation", final=True)
    assert as_final(as_final(MESSAGE.encode())) == as_final(MESSAGE.encode())


@pytest.mark.parametrize("name", ["v", "tenant", "owner", "refs", "received_ms", "correlation_id"])
def test_a_message_without_one_of_its_fields_is_unreadable(name: str) -> None:
    body = {key: value for key, value in json.loads(MESSAGE.encode()).items() if key != name}
    with pytest.raises(UnreadableMessage):
        GenerationsStored.decode(json.dumps(body))


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "1", '"v"', '{"v":2}', MESSAGE.encode().replace('"0', '["0')])
def test_anything_else_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableMessage):
        GenerationsStored.decode(body)


@pytest.mark.parametrize("name", [*AWKWARD_IDS, HEAVIEST_ID, "é" * 240, "日" * 160])
def test_a_full_chunk_of_the_longest_ids_fits_into_a_message(name: str) -> None:
    message = GenerationsStored("t" * 150, "K" * 26, ((name, "0" * 64),) * 100, 10**13, "c" * 256, final=True)
    assert len(message.encode().encode()) < MOST_SQS_BYTES
