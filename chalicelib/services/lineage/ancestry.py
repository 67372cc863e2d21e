"""What generations consumed, and what is told of each in a picture of its lineage, read in batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.domain.content import from_stored_json
from chalicelib.domain.extraction import read_exchange
from chalicelib.domain.resource import Findings, summarise
from chalicelib.services.entries import completed, is_cut, receipt_of
from chalicelib.services.ports import GenerationIndex, GenerationStore, Head

CONTENT_BYTES = 32 * 1024 * 1024
"""Contents that are read at once, for generations without an entry or with one that does not hold everything."""

Summary = Mapping[str, Any]
"""At least what is known of `status`, `agent_name` and `depends_on`."""


class Ancestry:
    """Reads summaries by id."""

    def __init__(self, store: GenerationStore, index: GenerationIndex) -> None:
        self._store = store
        self._index = index

    def of(self, tenant: str, generation_ids: Sequence[str]) -> dict[str, Summary]:
        """What is known of each; an unknown one is absent. Strongly consistent."""
        heads = self._store.heads(tenant, generation_ids) if generation_ids else {}
        positions = [(head.listed_at, head.id) for head in heads.values()]
        entries = self._index.entries(tenant, positions, consistent=True) if positions else {}
        known: dict[str, Summary] = dict(entries)
        lacking = [head for head in heads.values() if head.id not in entries or is_cut(entries[head.id])]
        for part in _in_parts(lacking):
            known.update(self._read(tenant, part, entries))
        return known

    def _read(self, tenant: str, heads: Sequence[Head], entries: Mapping[str, Summary]) -> dict[str, Summary]:
        contents = self._store.contents(tenant, [head.ref for head in heads])
        return {head.id: _summary(tenant, head, contents.get(head.id), entries.get(head.id)) for head in heads}


def _summary(tenant: str, head: Head, content: bytes | None, stored: Summary | None) -> Summary:
    """What the content tells, beside the entry where there is one; nothing more, when it cannot be read."""
    try:
        generation = read_exchange(from_stored_json(content or b"")).generation
    except ValueError:
        return stored or {}
    if stored is None:
        return summarise(generation, receipt_of(tenant, head), Findings())
    return completed(stored, generation)


def _in_parts(heads: Iterable[Head]) -> Iterator[list[Head]]:
    """Runs of heads whose contents fit into memory together."""
    part: list[Head] = []
    size = 0
    for head in heads:
        if part and size + head.size > CONTENT_BYTES:
            yield part
            part, size = [], 0
        part.append(head)
        size += head.size
    if part:
        yield part
