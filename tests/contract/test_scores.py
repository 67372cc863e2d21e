"""The `Scores` and `WalkStore` ports."""

from chalicelib.services.ports import Score
from tests.contract.grounds import Ground
from tests.contract.samples import AWKWARD_IDS


def score(score_id: str, second: int = 0, generation_id: str = "g", explanation: str = "") -> Score:
    at = f"2026-11-21T12:00:{second:02}.000000Z"
    document = {
        "score_id": score_id,
        "generation_id": generation_id,
        "evaluator_id": "e",
        "score_key": "k",
        "created_at": at,
        "passed": False,
        "explanation": explanation,
    }
    return Score(score_id, generation_id, "e", "k", at, passed=False, document=document)


def test_the_first_writer_of_a_score_owns_it(ground: Ground, tenant: str) -> None:
    scores = ground.ports.scores
    assert scores.commit(tenant, "first", [score("a"), score("b")]) == [True, True]
    assert scores.commit(tenant, "second", [score("b", explanation="other"), score("c")]) == [False, True]
    assert sorted(each.score_id for each in scores.owned(tenant, "first", ["a", "b", "c"])) == ["a", "b"]
    assert scores.owned(tenant, "second", ["a", "b", "c"]) == [score("c")]
    assert scores.owned(f"{tenant}!", "first", ["a"]) == []


def test_a_generations_scores_are_listed_newest_first_in_pages(ground: Ground, tenant: str) -> None:
    scores = ground.ports.scores
    filed = [score(score_id, second) for second, score_id in enumerate(AWKWARD_IDS)]
    scores.file(tenant, filed)
    scores.file(tenant, filed)
    scores.file(tenant, [score("another", 59, generation_id="h")])
    found: list[str] = []
    before: str | None = None
    for _ in range(len(filed)):
        page = scores.of_generation(tenant, "g", before, 2)
        found += [document["score_id"] for document in page.rows]
        before = page.last
        if before is None:
            break
    assert found == AWKWARD_IDS[::-1]


def test_parts_of_walks_come_back_as_they_were(ground: Ground, tenant: str) -> None:
    parts = [b"", b"[]", bytes(range(256)) * 1000]
    names = [ground.ports.walks.save(tenant, part) for part in parts]
    assert len(set(names)) == len(parts)
    assert [ground.ports.walks.load(name) for name in names] == parts
