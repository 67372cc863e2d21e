"""How small payloads get, with and without the preset dictionary, for texts that repeat themselves more or less."""

import zlib
from dataclasses import dataclass

from benchmarks.unit_run import TENANT
from benchmarks.units import write_units
from benchmarks.workload import Workload
from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.codec import LEVEL, compress
from chalicelib.api.sigil.export import ItemRejected, read_export
from chalicelib.domain.content import canonical_json, content_hash

SAMPLE = 100
VOCABULARIES = (100, 200, 500, 2000)
OTHER_ATTRIBUTES = len("pkskbo") + 26
"""The names of the row's attributes, and its owner's key."""


@dataclass(frozen=True)
class Compressed:
    """Means over a sample of generations, in bytes, and the write units of the payload's row."""

    words: int
    text_ratio: float
    content: float
    plain: float
    with_dictionary: float
    units: float
    units_without: float


def measure(words: int) -> Compressed:
    """Compress a sample whose texts are made of `words` different words."""
    workload = Workload("compression", vocabulary_words=words)
    texts = [f"{workload.text()} {workload.text()}".encode() for _ in range(SAMPLE)]
    generations = read_export({"generations": workload.batch(SAMPLE)})
    contents = {one.id: canonical_json(one) for one in generations if not isinstance(one, ItemRejected)}
    plain = {one: _deflated(content) for one, content in contents.items()}
    packed = {one: len(compress(content)) for one, content in contents.items()}
    extra = {one: _key_bytes(one, content) for one, content in contents.items()}
    return Compressed(
        words=words,
        text_ratio=sum(map(_deflated, texts)) / sum(map(len, texts)),
        content=_mean([len(content) for content in contents.values()]),
        plain=_mean(list(plain.values())),
        with_dictionary=_mean(list(packed.values())),
        units=_mean([write_units(packed[one] + extra[one]) for one in contents]),
        units_without=_mean([write_units(plain[one] + extra[one]) for one in contents]),
    )


def _deflated(content: bytes) -> int:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return len(packer.compress(content) + packer.flush())


def _key_bytes(generation_id: str, content: bytes) -> int:
    key = keys.payload(TENANT, generation_id, content_hash(content))
    return sum(len(part.encode()) for part in key) + OTHER_ATTRIBUTES


def _mean(values: list[int] | list[float]) -> float:
    return sum(values) / len(values)
