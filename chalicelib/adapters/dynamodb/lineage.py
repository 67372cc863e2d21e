"""States, reach rows and the list of failing roots; edges are in `edges.py`.

A state item holds one attribute per pair of evaluator and score key, `e:<evaluator>␟<key>` = `<time>#<score>␟<+|-|?>`,
so that each score is a conditional write of its own attribute: text order is the order of (time, score id), and
scores of different evaluators never compete.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.attributes import attribute, item, key_of
from chalicelib.adapters.dynamodb.edges import Edges
from chalicelib.adapters.dynamodb.table import ConditionFailed, Record, Table
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.lineage import Latest, Reach, Reached, State, failing_since
from chalicelib.services.ports import Change, ChildPage, Edge, Score

MOST_PAIRS = 100
RELIST_ROUNDS = 16
PAIR = "e:"
PARTS = "\x1f"
OUTCOMES = {True: "+", False: "-", None: "?"}
PASSED = {sign: passed for passed, sign in OUTCOMES.items()}
REACH_ROWS = 2_000  # more than one walk ever stores


class DynamoLineage:
    """The `Lineage` port."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._edges = Edges(table)

    def put_edges(self, tenant: str, edges: Sequence[Edge]) -> None:
        """See `Edges.put`."""
        self._edges.put(tenant, edges)

    def children(self, tenant: str, parent: str, after: str | None, limit: int) -> ChildPage:
        """See `Edges.children`."""
        return self._edges.children(tenant, parent, after, limit)

    def touched(self, tenant: str, generation_ids: Iterable[str]) -> set[str]:
        """One strong batch read."""
        wanted = {keys.touched(tenant, generation_id): generation_id for generation_id in generation_ids}
        return {wanted[key] for key in self._table.get_all(wanted)}

    def touch(self, tenant: str, generation_ids: Iterable[str]) -> None:
        """One batch write."""
        self._table.put_all((keys.touched(tenant, generation_id), {}) for generation_id in generation_ids)

    def states(self, tenant: str, generation_ids: Iterable[str]) -> dict[str, State]:
        """One strong batch read."""
        wanted = {keys.state(tenant, generation_id): generation_id for generation_id in generation_ids}
        return {wanted[key]: _state(record) for key, record in self._table.get_all(wanted).items()}

    def apply_score(self, tenant: str, score: Score) -> None:
        """Add the pair, or else replace what is older; a pair beyond the hundredth is left out."""
        names = {"#p": PAIR + PARTS.join(score.pair)}
        values: dict[str, str | int | bool] = {
            ":v": f"{score.created_at}#{score.score_id}{PARTS}{OUTCOMES[score.passed]}"
        }
        change = "SET #p = :v"
        if score.passed is False:
            change += ", a = :true"
            values[":true"] = True
        key = keys.state(tenant, score.generation_id)
        added = self._table.update(
            key,
            f"{change} ADD n :one",
            "attribute_not_exists(#p) AND (attribute_not_exists(n) OR n < :most)",
            names,
            {**values, ":one": 1, ":most": MOST_PAIRS},
        )
        if not added:
            self._table.update(key, change, "attribute_exists(#p) AND #p < :v", names, values)

    def apply_failure(self, tenant: str, generation_id: str, failed_at: str) -> None:
        """The first failure stands."""
        self._table.update(
            keys.state(tenant, generation_id),
            "SET f = :at, a = :true",
            "attribute_not_exists(f)",
            {},
            {":at": failed_at, ":true": True},
        )

    def apply_course(self, tenant: str, generation_id: str, failed_at: str | None, version: int) -> None:
        """One update conditional on the version."""
        failed: dict[str, str | bool] = {":at": failed_at, ":true": True} if failed_at else {}
        self._table.update(
            keys.state(tenant, generation_id),
            "SET u = :u, f = :at, a = :true" if failed_at else "SET u = :u REMOVE f",
            "attribute_not_exists(u) OR u < :u",
            {},
            {**failed, ":u": version},
        )

    def apply_waiver(self, tenant: str, generation_id: str, *, waived: bool, reason: str, at: str) -> None:
        """The latest decision stands."""
        self._table.update(
            keys.state(tenant, generation_id),
            "SET w = :w, wr = :reason",
            "attribute_not_exists(w) OR w < :w",
            {},
            {":w": f"{at}{PARTS}{OUTCOMES[waived]}", ":reason": reason},
        )

    def mark_walked(self, tenant: str, generation_id: str) -> None:
        """Monotone."""
        self._table.update(
            keys.state(tenant, generation_id), "SET k = :true", "attribute_not_exists(k)", {}, {":true": True}
        )

    def relist(self, tenant: str, generation_id: str) -> Change | None:
        """Move the row until it is where the state asks for, looking again after each move.

        Row and record move in one transaction: a worker that was delayed, or dies between the two, would otherwise
        leave a root that fails without a row, and no later reading of the record would show it.
        """
        moves = 0
        for _ in range(RELIST_ROUNDS):
            state = self.states(tenant, [generation_id]).get(generation_id, State())
            wanted, listed = failing_since(state), state.listed_as
            if wanted == listed:
                return _change(moves)
            if self._move(tenant, generation_id, listed, wanted):
                moves += (wanted is not None) - (listed is not None)
        raise Unavailable("storage is busy")

    def _move(self, tenant: str, generation_id: str, listed: str | None, wanted: str | None) -> bool:
        """Have the row at `wanted` instead of at `listed`, unless somebody else has moved it: says whether."""
        actions = [self._record(tenant, generation_id, listed, wanted)]
        if listed is not None:
            row = key_of(_failing(tenant, generation_id, listed))
            actions.append({"Delete": {"TableName": self._table.name, "Key": row}})
        if wanted is not None:
            row = item(_failing(tenant, generation_id, wanted), {})
            actions.append({"Put": {"TableName": self._table.name, "Item": row}})
        try:
            self._table.transact(actions)
        except ConditionFailed:
            return False
        return True

    def _record(self, tenant: str, generation_id: str, listed: str | None, wanted: str | None) -> dict[str, Any]:
        values = {":wanted": wanted, ":listed": listed}
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": key_of(keys.state(tenant, generation_id)),
                "UpdateExpression": "SET l = :wanted" if wanted is not None else "REMOVE l",
                "ConditionExpression": "l = :listed" if listed is not None else "attribute_not_exists(l)",
                "ExpressionAttributeValues": {name: attribute(at) for name, at in values.items() if at is not None},
            }
        }

    def reach(self, tenant: str, generation_id: str) -> Reach:
        """One strong query. Walks at the same time may have stored more than it reads: that is overflow too."""
        partition, low = keys.overflow(tenant, generation_id)
        records = self._table.query(partition, low, "R~", limit=REACH_ROWS, consistent=True)
        roots = [record for record in records if record["sk"] != low]
        reached = [Reached(str(record["sk"])[2:], record["v"], record["t"]) for record in roots]
        overflow = len(roots) < len(records) or len(records) == REACH_ROWS
        return Reach({one.root: one for one in reached}, overflow=overflow)

    def put_reach(self, tenant: str, edge: Edge, roots: Mapping[str, str], at: str, *, overflow: bool) -> None:
        """Reach rows last: one that exists says that its list row and the touched mark do too."""
        position = (edge.listed_at, edge.child)
        marks = [keys.list_row(tenant, "root", root, position) for root in roots]
        self._table.put_all((key, {}) for key in [*marks, keys.touched(tenant, edge.child)])
        rows: dict[keys.Key, Mapping[str, str]] = {
            keys.reach(tenant, edge.child, root): {"v": via, "t": at} for root, via in roots.items()
        }
        if overflow:
            rows[keys.overflow(tenant, edge.child)] = {}
        self._table.put_all(rows.items())


def _state(record: Record) -> State:
    waiver = str(record.get("w", ""))
    return State(
        latest={_pair(name): _latest(value) for name, value in record.items() if name.startswith(PAIR)},
        failed_at=record.get("f"),
        waived=waiver.endswith(OUTCOMES[True]),
        activated=record.get("a", False),
        walked=record.get("k", False),
        listed_as=record.get("l"),
    )


def _pair(name: str) -> tuple[str, str]:
    evaluator, _, score_key = name.removeprefix(PAIR).partition(PARTS)
    return evaluator, score_key


def _latest(value: str) -> Latest:
    position, _, sign = value.rpartition(PARTS)
    created_at, _, score_id = position.partition("#")
    return Latest(created_at, score_id, PASSED[sign])


def _failing(tenant: str, generation_id: str, at: str) -> keys.Key:
    return keys.list_row(tenant, "failing", "", (at, generation_id))


def _change(moves: int) -> Change | None:
    """What the moves onto the list (1) and off it (-1) come to."""
    if moves == 0:
        return None
    return "started" if moves > 0 else "stopped"
