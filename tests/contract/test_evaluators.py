"""The `Evaluators`, `Judgements` and `Backfills` ports."""

import threading
from dataclasses import replace

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.evaluator import Evaluator, Filter
from chalicelib.services.ports import MOST_EVALUATORS, Backfill, Counts, EvaluatorSet, Failure, Score
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS, HEAVIEST_ID

AT = "2026-05-01T12:00:00.000000Z"
DAY, NEXT_DAY = "2026-05-01", "2026-05-02"


def evaluator(name: str = "e", version: int = 1) -> Evaluator:
    return Evaluator(
        name,
        version,
        "regex",
        {"field": "completion", "pattern": "ä|\u2028", "nested": [1, 2.5, None, {"deep": True}]},
        "key",
        AT,
        Filter(agent_name="a", tags={"k": "v"}),
        sampling_rate=0.1,
    )


def score(name: str, passed: bool | None = True, of: str = "e", version: int = 1) -> Score:
    return Score.of(
        {
            "score_id": name,
            "generation_id": "g",
            "evaluator_id": of,
            "evaluator_version": str(version),
            "score_key": "k",
            "created_at": AT,
            "passed": passed,
        }
    )


def failure(name: str, second: int = 0) -> Failure:
    at = f"2026-05-01T12:00:{second:02}.000000Z"
    return Failure(name, "e", 2, "g", at, "the hook answered 500", AT)


def backfill(**fields: object) -> Backfill:
    made = Backfill("b1", "e", None, AT, Filter(model="m", tags={"k": "v"}), 50, AT, AT, due_ms=1_000)
    return replace(made, **fields)  # type: ignore[arg-type] # any of its fields


def test_an_evaluator_is_read_as_it_was_put_by_id_version_and_set(ground: Ground, tenant: str) -> None:
    port = ground.ports.evaluators
    assert (port.version(tenant), port.all(tenant), port.get(tenant, "e")) == (0, EvaluatorSet(), None)
    first, second = evaluator(), replace(evaluator(version=2), enabled=False)
    assert port.put(tenant, first)
    assert port.version(tenant) == 1
    assert port.put(tenant, second)
    assert (port.version(tenant), port.all(tenant)) == (2, EvaluatorSet(2, (second,)))
    assert port.get(tenant, "e") == second
    assert [port.past(tenant, "e", version) for version in (0, 1, 2, 3)] == [
        None,
        first,
        second,
        None,
    ]
    assert port.get(f"{tenant}x", "e") is None
    assert port.version(f"{tenant}x") == 0


def test_a_version_follows_only_on_the_one_before_it(ground: Ground, tenant: str) -> None:
    port = ground.ports.evaluators
    assert not port.put(tenant, evaluator(version=2))
    assert port.put(tenant, evaluator())
    assert not port.put(tenant, replace(evaluator(), score_key="other"))
    assert not port.put(tenant, evaluator(version=3))
    assert port.all(tenant) == EvaluatorSet(1, (evaluator(),))


def test_of_changes_at_once_one_is_made_each_time(ground: Ground, tenant: str) -> None:
    port = ground.ports.evaluators
    port.put(tenant, evaluator())
    won: list[int] = []

    def change(number: int) -> None:
        if port.put(tenant, replace(evaluator(version=2), score_key=str(number))):
            won.append(number)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    present = port.get(tenant, "e")
    assert present is not None
    assert present.score_key == str(won[0])
    assert port.version(tenant) == 2


def test_ids_of_any_kind_are_kept_apart_and_in_one_order(ground: Ground, tenant: str) -> None:
    port = ground.ports.evaluators
    names = [*AWKWARD_IDS, "~~", "!"]
    for name in names:
        assert port.put(tenant, evaluator(name))
    assert [one.id for one in port.all(tenant).members] == sorted(names, key=str.encode)


def test_a_tenant_has_a_hundred_evaluators_at_most(ground: Ground, tenant: str) -> None:
    port = ground.ports.evaluators
    for number in range(MOST_EVALUATORS):
        assert port.put(tenant, evaluator(f"e{number:03}"))
    with pytest.raises(Conflict):
        port.put(tenant, evaluator("another"))
    assert not port.put(tenant, evaluator("e000"))
    assert port.put(tenant, evaluator("e000", 2))
    assert len(port.all(tenant).members) == MOST_EVALUATORS


def test_a_score_is_counted_by_the_one_who_writes_it(ground: Ground, tenant: str) -> None:
    port = ground.ports.judgements
    first = [score("a"), score("b", passed=False), score("c", passed=None)]
    assert port.commit(tenant, "one", first, DAY) == [True, True, True]
    again = [score("b"), score("d", passed=False, version=2), score("e", of="other")]
    assert port.commit(tenant, "two", again, NEXT_DAY) == [False, True, True]
    assert port.commit(tenant, "two", again, NEXT_DAY) == [False, False, False]
    assert port.commit(tenant, "two", [], NEXT_DAY) == []
    assert port.counts(tenant, "e", DAY, NEXT_DAY) == {(DAY, 1): Counts(3, 1, 1), (NEXT_DAY, 2): Counts(1, 0, 1)}
    assert port.counts(tenant, "e", DAY, DAY) == {(DAY, 1): Counts(3, 1, 1)}
    assert port.counts(tenant, "other", DAY, NEXT_DAY) == {(NEXT_DAY, 1): Counts(1, 1)}
    assert port.scored(tenant, ["a", "z", "d"]) == {"a", "d"}
    assert port.scored(tenant, []) == set()
    assert {one.score_id for one in ground.ports.scores.owned(tenant, "two", ["a", "b", "d", "e"])} == {"d", "e"}


def test_many_workers_at_once_count_each_score_once(ground: Ground, tenant: str) -> None:
    port = ground.ports.judgements
    scores = [score(f"s{number:03}", passed=number % 3 == 0) for number in range(120)]
    threads = [
        threading.Thread(target=port.commit, args=(tenant, f"owner {at}", scores[at * 20 : at * 20 + 60], DAY))
        for at in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert port.counts(tenant, "e", DAY, DAY) == {(DAY, 1): Counts(120, 40, 80)}


def test_failures_are_listed_newest_first_and_counted_once(ground: Ground, tenant: str) -> None:
    port = ground.ports.judgements
    failures = [failure(f"f{second}", second) for second in range(7)]
    assert port.fail(tenant, failures[:4], DAY) == [True] * 4
    assert port.fail(tenant, [*failures[2:], failure("same time", 6)], DAY) == [False, False, True, True, True, True]
    listed: list[Failure] = []
    before = None
    for size in (3, 3, 2):
        page = port.failures(tenant, "e", before, 3)
        assert len(page.rows) == size
        listed += page.rows
        before = page.last
    assert before is None
    assert listed == [failure("same time", 6), *failures[::-1]]
    assert port.counts(tenant, "e", DAY, DAY) == {(DAY, 2): Counts(errors=8)}
    assert port.failures(tenant, "other", None, 3).rows == []


def test_one_backfill_of_an_evaluator_runs_at_a_time(ground: Ground, tenant: str) -> None:
    port = ground.ports.backfills
    assert port.get(tenant, "e") is None
    assert port.start(tenant, backfill())
    assert not port.start(tenant, backfill(id="b2"))
    assert port.get(tenant, "e") == backfill()
    moved = backfill(step=1, after=(AT, "g"), examined=200, queued=10, due_ms=2_000)
    assert port.save(tenant, moved)
    assert not port.save(tenant, moved)
    assert not port.save(tenant, backfill(step=2, id="b2"))
    assert port.get(tenant, "e") == moved
    assert port.save(tenant, backfill(step=2, state="stopped"))
    assert not port.save(tenant, backfill(step=3))
    assert port.start(tenant, backfill(id="b2"))
    assert port.start(f"{tenant}x", backfill())


def test_running_backfills_are_found_once_they_are_due(ground: Ground, tenant: str) -> None:
    port = ground.ports.backfills
    names = ["e#1", "e", HEAVIEST_ID]
    for name in names:
        assert port.start(tenant, backfill(evaluator_id=name))

    def due(now_ms: int) -> list[str]:
        return sorted(one.evaluator_id for of, one in port.due(now_ms, 1_000) if of == tenant)

    assert due(999) == []
    assert due(1_000) == sorted(names)
    port.save(tenant, backfill(step=1, due_ms=5_000))
    port.save(tenant, backfill(evaluator_id="e#1", step=1, state="done"))
    assert due(1_000) == [HEAVIEST_ID]
    assert due(5_000) == sorted(["e", HEAVIEST_ID])
