"""The `ApiKeys` port: a key is there wholly or not at all, and once revoked it is for ever."""

import threading
from dataclasses import replace

import pytest

from chalicelib.adapters.dynamodb import api_keys, keys, record_keys
from chalicelib.adapters.dynamodb.table import ConditionFailed
from chalicelib.domain.api_key import ApiKey, digest_of
from chalicelib.services.ports import ApiKeys
from tests.contract.aws_ground import AwsGround
from tests.contract.grounds import Ground
from tests.contract.samples import HEAVIEST_ID

AT, LATER = "2026-05-01T12:00:00.000000Z", "2026-05-01T13:00:00.000000Z"


@pytest.fixture
def store(ground: Ground) -> ApiKeys:
    return ground.ports.api_keys


def key(tenant: str, number: int = 1) -> ApiKey:
    """Every other one with all that a key can have."""
    made = ApiKey(f"key_K{number:025d}", tenant, f"name {number}", "member", None, "abcd", AT)
    return replace(made, name=HEAVIEST_ID, project_id=HEAVIEST_ID, expires_at=LATER) if number % 2 else made


def digest(made: ApiKey) -> str:
    return digest_of(f"{made.tenant} {made.id}")


def test_a_key_is_found_by_its_digest_as_it_was_made(store: ApiKeys, tenant: str) -> None:
    made = [key(tenant, 1), key(tenant, 2)]
    for each in made:
        store.add(digest(each), each)
    assert [store.find(digest(each)) for each in made] == made
    assert store.find(digest(key(tenant, 3))) is None


def test_a_tenant_s_keys_are_listed_newest_first_page_by_page(store: ApiKeys, tenant: str) -> None:
    made = [key(tenant, number) for number in range(1, 8)]
    for each in (*made, key(f"{tenant}x"), key(tenant[:-1])):
        store.add(digest(each), each)
    listed: list[ApiKey] = []
    before = None
    for size in (3, 3, 1):
        page = store.page(tenant, before, 3)
        assert len(page.rows) == size
        listed += page.rows
        before = page.last
    assert before is None
    assert listed == made[::-1]
    assert store.page(tenant, None, 7).last is None
    assert store.page(f"{tenant}y", None, 3).rows == []


def test_a_key_is_revoked_once_and_for_all(store: ApiKeys, tenant: str) -> None:
    made = key(tenant)
    store.add(digest(made), made)
    ended = replace(made, revoked_at=AT)
    assert store.revoke(tenant, made.id, AT) == ended
    assert store.revoke(tenant, made.id, LATER) == ended
    assert store.find(digest(made)) == ended
    assert store.page(tenant, None, 5).rows == [ended]


def test_nobody_revokes_another_tenant_s_key_or_one_that_is_not_there(store: ApiKeys, tenant: str) -> None:
    made = key(tenant)
    store.add(digest(made), made)
    assert store.revoke(f"{tenant}x", made.id, AT) is None
    assert store.revoke(tenant, key(tenant, 2).id, AT) is None
    assert store.find(digest(made)) == made
    assert store.page(tenant, None, 5).rows == [made]


def test_keys_made_and_revoked_at_once_are_all_there(store: ApiKeys, tenant: str) -> None:
    made = [key(tenant, number) for number in range(1, 21)]

    def make_and_revoke(each: ApiKey) -> None:
        store.add(digest(each), each)
        store.revoke(tenant, each.id, AT)

    threads = [threading.Thread(target=make_and_revoke, args=(each,)) for each in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.page(tenant, None, 50).rows == [replace(each, revoked_at=AT) for each in made[::-1]]


def test_a_key_never_opens_without_being_listed(ground: Ground, tenant: str) -> None:
    """Where one of the two rows cannot be written, neither is."""
    if not isinstance(ground, AwsGround):
        pytest.skip("the fake has no rows")
    first, second = key(tenant), replace(key(tenant), name="second")
    ground.ports.api_keys.add(digest(first), first)
    with pytest.raises(ConditionFailed):
        ground.ports.api_keys.add(digest_of("another"), second)
    assert ground.ports.api_keys.find(digest_of("another")) is None
    assert ground.ports.api_keys.page(tenant, None, 5).rows == [first]


def test_a_revocation_that_died_half_way_has_ended_the_key_and_can_be_done_again(
    ground: Ground, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(ground, AwsGround):
        pytest.skip("the fake has no rows")
    made = key(tenant)
    ground.ports.api_keys.add(digest(made), made)
    update = ground.table.update
    updated: list[object] = []

    def dies(row: keys.Key, *rest: object) -> bool:
        updated.append(row)
        if len(updated) > 1:
            raise KeyboardInterrupt
        return update(row, *rest)  # type: ignore[arg-type]  # handed on as it came

    with monkeypatch.context() as patched:
        patched.setattr(ground.table, "update", dies)
        with pytest.raises(KeyboardInterrupt):
            ground.ports.api_keys.revoke(tenant, made.id, AT)
    assert ground.ports.api_keys.find(digest(made)) == replace(made, revoked_at=AT)
    assert ground.ports.api_keys.page(tenant, None, 5).rows == [made]
    ground.ports.api_keys.revoke(tenant, made.id, LATER)
    assert ground.ports.api_keys.page(tenant, None, 5).rows == [replace(made, revoked_at=LATER)]


def test_no_row_holds_more_of_a_key_than_its_digest_and_its_end(ground: Ground, tenant: str) -> None:
    if not isinstance(ground, AwsGround):
        pytest.skip("the fake has no rows")
    made = key(tenant, 2)
    ground.ports.api_keys.add(digest(made), made)
    found = ground.table.get(record_keys.api_key(digest(made)))
    listed = ground.table.get(record_keys.listed_api_key(tenant, made.id))
    assert found is not None
    assert listed is not None
    assert set(found) == {"pk", "sk", "n", "r", "l", "c", "tn", "i"}
    assert set(listed) == {"pk", "sk", "n", "r", "l", "c", "h"}
    assert api_keys.LOW < made.id < api_keys.HIGH
