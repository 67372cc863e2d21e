"""The `Purge` port, and what purging asks of the other ports: what is taken away stays away, all else stays."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.services.ports import PURGED, Entry, Head, NewAgent, Payload, Score, VersionRecord, Window
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, HEAVIEST_ID, NOON, at, head, payload

SMALL, LARGE = b'{"text":"secret"}', os.urandom(250_000).hex().encode()
REMAINS = b'{"id":"g"}'
SIZES = pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])


def stored(ground: Ground, tenant: str, content: bytes, generation_id: str = "g") -> tuple[Payload, Head]:
    item = payload(generation_id, content)
    ground.ports.store.put_payloads(tenant, "K1", [item])
    [standing] = ground.ports.store.commit(tenant, [head(item)])
    return item, standing


def purged(ground: Ground, tenant: str, standing: Head, remains: bytes = REMAINS) -> Head:
    marked = ground.ports.purge.replace(tenant, standing, remains, at(9))
    ground.ports.purge.sweep(tenant, standing.id)
    return marked


@SIZES
def test_a_marked_head_names_what_may_stay_and_nothing_else_is_left(
    ground: Ground, tenant: str, content: bytes
) -> None:
    store = ground.ports.store
    _, standing = stored(ground, tenant, content)
    marked = ground.ports.purge.replace(tenant, standing, REMAINS, at(9))
    assert marked == replace(standing, purged_at=at(9), size=len(REMAINS))
    assert store.heads(tenant, ["g"]) == {"g": marked}
    assert marked.ref == ("g", PURGED)
    assert store.contents(tenant, [marked.ref]) == {"g": REMAINS}
    for _ in range(2):
        ground.ports.purge.sweep(tenant, "g")
        assert ground.payloads(tenant) == {("g", PURGED)}
        assert ground.objects(tenant) == set()
        assert store.contents(tenant, [marked.ref]) == {"g": REMAINS}


@SIZES
def test_who_has_read_the_head_before_the_mark_finds_what_may_stay(ground: Ground, tenant: str, content: bytes) -> None:
    _, standing = stored(ground, tenant, content)
    _, other = stored(ground, tenant, content, "other")
    purged(ground, tenant, standing)
    found = ground.ports.store.contents(tenant, [standing.ref, other.ref, ("unknown", "0" * 64)])
    assert found == {"g": REMAINS, "other": content}


def test_the_first_mark_stands(ground: Ground, tenant: str) -> None:
    _, standing = stored(ground, tenant, SMALL)
    first = ground.ports.purge.replace(tenant, standing, REMAINS, at(1))
    assert ground.ports.purge.replace(tenant, standing, REMAINS, at(2)) == first
    with ThreadPoolExecutor(8) as pool:
        told = pool.map(lambda second: ground.ports.purge.replace(tenant, standing, REMAINS, at(second)), range(8))
    assert set(told) == {first}


def test_there_is_nothing_to_purge_of_what_was_never_committed(ground: Ground, tenant: str) -> None:
    with pytest.raises(NotFound):
        ground.ports.purge.replace(tenant, head(payload("g")), REMAINS, at(1))
    assert ground.ports.store.heads(tenant, ["g"]) == {}


def test_what_may_stay_may_be_large(ground: Ground, tenant: str) -> None:
    _, standing = stored(ground, tenant, SMALL)
    marked = purged(ground, tenant, standing, LARGE * 2)
    ground.ports.purge.sweep(tenant, "g")
    assert ground.ports.store.contents(tenant, [marked.ref]) == {"g": LARGE * 2}
    assert ground.objects(tenant) == ground.named_objects(tenant)


@SIZES
def test_whoever_has_written_it_it_goes_with_what_was_made_to_be_linked_to(
    ground: Ground, tenant: str, content: bytes
) -> None:
    store = ground.ports.store
    item, standing = stored(ground, tenant, content)
    for owner in ("A", "B"):
        store.put_payloads(tenant, owner, [item, payload("g", content + b" ")])
    assert store.link(tenant, standing)
    marked = purged(ground, tenant, standing)
    assert ground.payloads(tenant) == {("g", PURGED)}
    assert ground.objects(tenant) == set()
    assert store.link(tenant, marked)


@SIZES
def test_a_late_writer_restores_nothing(ground: Ground, tenant: str, content: bytes) -> None:
    store = ground.ports.store
    item, standing = stored(ground, tenant, content)
    marked = purged(ground, tenant, standing)
    store.put_payloads(tenant, "late", [item])
    assert store.commit(tenant, [head(item, "late")]) == [marked]
    store.settle(tenant, "late", marked)
    assert store.contents(tenant, [marked.ref]) == {"g": REMAINS}
    store.discard(tenant, "late", [(item.id, item.content_hash)])
    assert ground.payloads(tenant) == {("g", PURGED)}
    assert ground.objects(tenant) == set()


def test_neighbours_keep_their_contents(ground: Ground, tenant: str) -> None:
    heads = {each: stored(ground, tenant, SMALL, each)[1] for each in AWKWARD_IDS}
    stored(ground, f"{tenant}!", SMALL, "a")
    purged(ground, tenant, heads["a"])
    found = ground.ports.store.contents(tenant, [one.ref for one in heads.values()])
    assert found == {each: REMAINS if each == "a" else SMALL for each in AWKWARD_IDS}
    assert ground.payloads(f"{tenant}!") == {("a", payload("a", SMALL).content_hash[:32])}


def test_marks_of_people_are_of_one_tenant_and_stay(ground: Ground, tenant: str) -> None:
    purge = ground.ports.purge
    for person in (*AWKWARD_IDS, HEAVIEST_ID):
        assert purge.forgotten(tenant, [person]) == set()
    for person in (*AWKWARD_IDS, AWKWARD_IDS[0]):
        purge.forget_person(tenant, person)
    assert purge.forgotten(tenant, [*AWKWARD_IDS, "known"]) == set(AWKWARD_IDS)
    assert purge.forgotten(f"{tenant}!", AWKWARD_IDS) == set()
    assert purge.forgotten(tenant, []) == set()


def test_an_entry_is_rewritten_where_it_stands(ground: Ground, tenant: str) -> None:
    index = ground.ports.index
    index.put(tenant, [Entry("g", NOON, {"id": "g", "metadata": {"é": 0.1}}, (("person", "p"),))])
    index.put(tenant, [Entry("h", NOON, {"id": "h"})])

    def without_metadata(stored: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in stored.items() if name != "metadata"}

    for position in ((NOON, "g"), (NOON, "g"), (NOON, "unknown"), (at(1), "g")):
        index.rewrite(tenant, position, without_metadata)
    assert index.entries(tenant, [(NOON, "g"), (NOON, "h")], consistent=True) == {"g": {"id": "g"}, "h": {"id": "h"}}
    assert index.newest(tenant, None, Window(), 10) == [(NOON, "h"), (NOON, "g")]
    assert index.newest(tenant, ("person", "p"), Window(), 10) == [(NOON, "g")]


def test_an_entry_that_is_written_while_it_is_rewritten_is_not_lost(ground: Ground, tenant: str) -> None:
    if ground.name == "fake":
        pytest.skip("the fakes rewrite behind a lock")
    index = ground.ports.index
    index.put(tenant, [Entry("g", NOON, {"state": "failed"})])
    seen: list[str] = []

    def change(stored: dict[str, str]) -> dict[str, str]:
        seen.append(stored["state"])
        if len(seen) == 1:
            index.put(tenant, [Entry("g", NOON, {"state": "processed"})])
        return {**stored, "purged": "yes"}

    index.rewrite(tenant, (NOON, "g"), change)
    assert seen == ["failed", "processed"]
    assert index.entries(tenant, [(NOON, "g")], consistent=True) == {"g": {"state": "processed", "purged": "yes"}}


def test_a_rewritten_score_keeps_owner_and_place(ground: Ground, tenant: str) -> None:
    scores = ground.ports.scores
    documents = [
        {"score_id": name, "generation_id": "g", "evaluator_id": "e", "score_key": "k", "created_at": NOON}
        | {"passed": False, "explanation": f"secret {tenant}"}
        for name in ("a", "b")
    ]
    sent = [Score.of(document) for document in documents]
    scores.commit(tenant, "K1", sent)
    scores.file(tenant, sent)
    bare = [score.without_words() for score in sent]
    scores.rewrite(tenant, bare)
    scores.rewrite(tenant, [])
    assert scores.of_generation(tenant, "g", None, 10).rows == [dict(score.document) for score in reversed(bare)]
    assert sorted(scores.owned(tenant, "K1", ["a", "b"]), key=lambda score: score.score_id) == bare
    assert scores.commit(tenant, "K2", sent) == [False, False]
    assert f"secret {tenant}" not in ground.everything(tenant)


def test_the_prompt_goes_from_the_version_that_the_generation_defined(ground: Ground, tenant: str) -> None:
    catalog = ground.ports.catalog
    made = [VersionRecord("agent", f"v{number}", NOON, f"g{number}", "You are", 2, {"total": 9}) for number in (1, 2)]
    catalog.register(tenant, [NewAgent("agent", NOON)], made)
    catalog.forget_prompt(tenant, "agent", "v1", "g1")
    catalog.forget_prompt(tenant, "agent", "v2", "g1")
    catalog.forget_prompt(tenant, "agent", "v3", "g1")
    assert catalog.version(tenant, "agent", "v1") == replace(made[0], system_prompt_prefix="")
    assert catalog.version(tenant, "agent", "v2") == made[1]
    assert catalog.version(tenant, "agent", "v3") is None
