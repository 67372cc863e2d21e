"""The `GenerationStore` port: each id is committed once, with a content that can be read back."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.services.ports import GenerationStore, Head, Payload
from tests.contract.grounds import HASH_PREFIX, Ground
from tests.contract.samples import AWKWARD_IDS, HEAVIEST_ID, head, payload

RACERS = 16
INCOMPRESSIBLE = os.urandom(500_000)


@pytest.fixture
def store(ground: Ground) -> GenerationStore:
    return ground.ports.store


def ref(item: Payload) -> tuple[str, str]:
    return item.id, item.content_hash


def stored(item: Payload) -> tuple[str, str]:
    return item.id, item.content_hash[:HASH_PREFIX]


def race(store: GenerationStore, tenant: str, payloads: list[Payload]) -> list[Head]:
    """Every payload put and committed by an owner of its own, all at once; the head that each was told."""

    def write(number: int) -> Head:
        store.put_payloads(tenant, f"owner-{number}", [payloads[number]])
        return store.commit(tenant, [head(payloads[number], f"owner-{number}")])[0]

    with ThreadPoolExecutor(len(payloads)) as pool:
        return list(pool.map(write, range(len(payloads))))


def test_what_was_put_and_committed_is_read_back_at_once(store: GenerationStore, tenant: str) -> None:
    item = payload("g", b'{"id":"g"}')
    store.put_payloads(tenant, "K1", [item])
    assert store.commit(tenant, [head(item)]) == [head(item)]
    assert store.heads(tenant, ["g", "unknown"]) == {"g": head(item)}
    assert store.contents(tenant, [ref(item), ("g", "0" * 64), ("unknown", item.content_hash)]) == {"g": item.content}


def test_awkward_ids_never_collide(store: GenerationStore, tenant: str) -> None:
    items = [payload(name, str(number).encode()) for number, name in enumerate(AWKWARD_IDS)]
    heads = [head(item, position=number) for number, item in enumerate(items)]
    store.put_payloads(tenant, "K1", items)
    assert store.commit(tenant, heads) == heads
    assert store.heads(tenant, AWKWARD_IDS) == {item.id: head for item, head in zip(items, heads, strict=True)}
    assert store.contents(tenant, map(ref, items)) == {item.id: item.content for item in items}


def test_tenants_do_not_see_each_other(store: GenerationStore, tenant: str) -> None:
    item, other = payload("g", b"1"), f"{tenant}!"
    store.put_payloads(tenant, "K1", [item])
    store.commit(tenant, [head(item)])
    assert store.heads(other, ["g"]) == {}
    assert store.contents(other, [ref(item)]) == {}


def test_batches_may_be_larger_than_any_batch_of_the_engine(store: GenerationStore, tenant: str) -> None:
    items = [payload(f"g{number}", str(number).encode() * 40) for number in range(130)]
    heads = [head(item, position=number) for number, item in enumerate(items)]
    store.put_payloads(tenant, "K1", items)
    assert store.commit(tenant, heads) == heads
    assert store.heads(tenant, [item.id for item in items]) == {head.id: head for head in heads}
    assert store.contents(tenant, map(ref, items)) == {item.id: item.content for item in items}


def test_one_id_may_be_asked_for_twice(store: GenerationStore, tenant: str) -> None:
    item = payload("g", b"1")
    store.put_payloads(tenant, "K1", [item, item])
    store.commit(tenant, [head(item)])
    assert list(store.heads(tenant, ["g", "g"])) == ["g"]
    assert list(store.contents(tenant, [ref(item), ref(item)])) == ["g"]


def test_nothing_is_nothing(store: GenerationStore, tenant: str) -> None:
    store.put_payloads(tenant, "K1", [])
    store.discard(tenant, "K1", [])
    assert store.commit(tenant, []) == []
    assert store.heads(tenant, []) == {}
    assert store.contents(tenant, []) == {}


def test_the_first_commit_stands_and_later_ones_are_told(store: GenerationStore, tenant: str) -> None:
    first, second = payload("g", b"1"), payload("g", b"2")
    store.commit(tenant, [head(first, "A")])
    assert store.commit(tenant, [head(payload("new"), "B"), head(second, "B", 1)]) == [
        head(payload("new"), "B"),
        head(first, "A"),
    ]


@pytest.mark.parametrize("contents", [(b"1", b"2"), (b"1",)], ids=["two contents", "one content"])
def test_of_racing_commits_one_wins_and_all_are_told_the_same(
    store: GenerationStore, tenant: str, contents: tuple[bytes, ...]
) -> None:
    for round_ in range(5):
        payloads = [payload(f"g{round_}", contents[number % len(contents)]) for number in range(RACERS)]
        told = race(store, tenant, payloads)
        assert len(set(told)) == 1
        winner = told[0]
        assert winner in [head(item, f"owner-{number}") for number, item in enumerate(payloads)]
        read = store.contents(tenant, [(winner.id, winner.content_hash)])[winner.id]
        assert payload(winner.id, read).content_hash == winner.content_hash


def test_repeating_a_commit_is_harmless(store: GenerationStore, tenant: str) -> None:
    """A request may be sent twice by the client below us, when the first answer got lost."""
    item = head(payload("g"))
    assert store.commit(tenant, [item]) == store.commit(tenant, [item]) == [item]


@pytest.mark.parametrize(
    "content",
    [INCOMPRESSIBLE, b'{"text":"' + b"a" * (2 * 1024 * 1024) + b'"}', b"x" * 16_000, INCOMPRESSIBLE[:16_384]],
    ids=["over an item's limit", "2 MiB that compress to nothing", "small", "about the inline limit"],
)
def test_content_of_any_size_comes_back_unchanged(store: GenerationStore, tenant: str, content: bytes) -> None:
    item = payload(HEAVIEST_ID, content)
    store.put_payloads(tenant, "K1", [item, payload("small")])
    store.commit(tenant, [head(item)])
    assert store.contents(tenant, [ref(item), ref(payload("small"))]) == {item.id: content, "small": b"{}"}


def test_every_content_can_be_linked_to(store: GenerationStore, tenant: str) -> None:
    large, small = payload("large", b"a" * (2 * 1024 * 1024 + 1)), payload("small")
    store.put_payloads(tenant, "K1", [large, small])
    assert store.link(tenant, head(large)) is not None
    assert store.link(tenant, head(small)) is not None
    assert store.contents(tenant, [(small.id, small.content_hash)]) == {small.id: small.content}
    assert store.link(tenant, head(payload("unknown"))) is None


@pytest.mark.parametrize("content", [b"1", INCOMPRESSIBLE], ids=["small", "large"])
def test_a_discarded_payload_leaves_nothing(ground: Ground, tenant: str, content: bytes) -> None:
    lost, kept = payload("lost", content), payload("kept", content)
    ground.ports.store.put_payloads(tenant, "A", [lost, kept])
    ground.ports.store.discard(tenant, "A", [ref(lost), ("unknown", "0" * 64)])
    ground.ports.store.discard(tenant, "A", [ref(lost)])
    assert ground.payloads(tenant) == {stored(kept)}
    assert ground.objects(tenant) == ground.named_objects(tenant)
    assert ground.ports.store.contents(tenant, [ref(lost), ref(kept)]) == {"kept": content}


@pytest.mark.parametrize("content", [b"1", INCOMPRESSIBLE], ids=["small", "large"])
def test_a_payload_that_another_owner_has_rewritten_is_not_discarded(
    ground: Ground, tenant: str, content: bytes
) -> None:
    """A dies before it commits; B, the retry, writes the same payload; then A's remains are cleared away."""
    item = payload("g", content)
    ground.ports.store.put_payloads(tenant, "A", [item])
    ground.ports.store.put_payloads(tenant, "B", [item])
    ground.ports.store.commit(tenant, [head(item, "B")])
    ground.ports.store.discard(tenant, "A", [ref(item)])
    assert ground.ports.store.contents(tenant, [ref(item)]) == {"g": content}
    assert ground.objects(tenant) == ground.named_objects(tenant)


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_settling_leaves_one_object_that_is_readable(ground: Ground, tenant: str, order: str) -> None:
    """Two writers of the same large content: whichever wrote the payload last, the commit of A stands."""
    item = payload("g", INCOMPRESSIBLE)
    for owner in order:
        ground.ports.store.put_payloads(tenant, owner, [item])
    [standing] = ground.ports.store.commit(tenant, [head(item, "A")])
    ground.ports.store.settle(tenant, "B", standing)
    ground.ports.store.settle(tenant, "B", standing)
    assert ground.ports.store.contents(tenant, [ref(item)]) == {"g": INCOMPRESSIBLE}
    assert ground.objects(tenant) == ground.named_objects(tenant)


def test_settling_is_nothing_to_a_small_payload(ground: Ground, tenant: str) -> None:
    item = payload("g", b"1")
    ground.ports.store.put_payloads(tenant, "B", [item])
    [standing] = ground.ports.store.commit(tenant, [head(item, "A")])
    ground.ports.store.settle(tenant, "B", standing)
    assert ground.ports.store.contents(tenant, [ref(item)]) == {"g": b"1"}


def test_a_large_content_is_not_written_again_once_its_id_is_taken(ground: Ground, tenant: str) -> None:
    item = payload("g", INCOMPRESSIBLE)
    ground.ports.store.put_payloads(tenant, "A", [item])
    ground.ports.store.commit(tenant, [head(item, "A")])
    before = ground.objects(tenant)
    ground.ports.store.put_payloads(tenant, "B", [item, payload("g", INCOMPRESSIBLE[1:])])
    assert ground.objects(tenant) == before
    assert ground.payloads(tenant) == {stored(item)} or ground.name == "fake"
