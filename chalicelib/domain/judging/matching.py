"""Which generations an evaluator judges, and the id of what comes of it: the same at every delivery."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from chalicelib.domain.evaluator import Evaluator, Filter

_SPACE = 1 << 64


def matches(wanted: Filter, resource: Mapping[str, Any]) -> bool:
    """Whether a generation, as its resource shows it, is what a filter asks for."""
    has = {
        "agent_name": resource["agent_name"],
        "model": resource["model"]["name"],
        "source": resource["source"],
        "status": resource["status"],
        "conversation_id": resource["conversation_id"],
    }
    plain = all(getattr(wanted, name) in (None, value) for name, value in has.items())
    return plain and all(resource["tags"].get(key) == value for key, value in wanted.tags.items())


def sampled(evaluator_id: str, generation_id: str, rate: float) -> bool:
    """Whether a generation is in the share that is judged; who is in at one rate is in at every higher one."""
    return _digest(evaluator_id, generation_id) < rate * _SPACE


def score_id_of(evaluator: Evaluator, generation_id: str) -> str:
    """The id of the one score that this version of an evaluator gives a generation: `eval_` and 40 hex digits."""
    return f"eval_{_hash(20, evaluator.id, str(evaluator.version), generation_id).hex()}"


def _digest(*parts: str) -> int:
    return int.from_bytes(_hash(8, *parts))


def _hash(size: int, *parts: str) -> bytes:
    """A hash that tells parts apart: each is preceded by its length."""
    made = blake2b(digest_size=size)
    for part in parts:
        encoded = part.encode(errors="surrogatepass")
        made.update(len(encoded).to_bytes(8) + encoded)
    return made.digest()
