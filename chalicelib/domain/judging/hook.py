"""What a hook is asked and what of its answer is believed."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.evaluator import Evaluator, Judgement, JudgingFailed
from chalicelib.domain.free_form import Json, mended
from chalicelib.domain.judging.json_text import compact, parse_json
from chalicelib.domain.judging.matching import score_id_of
from chalicelib.domain.resource import LINEAGE_DEFAULTS

MOST_QUESTION = 1024 * 1024
MOST_REPLY = 64 * 1024
MOST_WORDS = 1_000
OMITTED_FIRST = (
    *("exchange", "raw_artifacts", "tools", "input", "output", "system_prompt", "prompt", "completion"),
    *("metadata", "error", "depends_on", "tags"),
)
"""What a question that is too long goes without: what tells least of the answer goes first."""

_ENVELOPE = 8 * 1024  # what is around the generation: ids of at most 480 bytes each, and names
_OK = range(200, 300)
_LATER = frozenset({408, 425, 429, *range(500, 600)})


def question(evaluator: Evaluator, resource: Mapping[str, Any]) -> bytes:
    """The body that is posted, of `MOST_QUESTION` bytes at most; `omitted` are the keys that had no room.

    Verdict and flags are not among the keys: nobody has decided them yet, and they are what the answer is for.

    Raises JudgingFailed when it is longer even without them.
    """
    keys = {key: _encoded(value) for key, value in resource.items() if key not in LINEAGE_DEFAULTS}
    size = sum(len(key) + len(text) + 4 for key, text in keys.items())
    omitted = []
    for key in OMITTED_FIRST:
        if size <= MOST_QUESTION - _ENVELOPE:
            break
        if key in keys:
            size -= len(keys.pop(key))
            omitted.append(key)
    if size > MOST_QUESTION - _ENVELOPE:
        raise JudgingFailed("the generation is too long for a hook")
    head = {
        "id": score_id_of(evaluator, resource["id"]),
        "evaluator_id": evaluator.id,
        "evaluator_version": evaluator.version,
        "score_key": evaluator.score_key,
        "omitted": omitted,
    }
    generation = b",".join(_encoded(key) + b":" + text for key, text in keys.items())
    return _encoded(head)[:-1] + b',"generation":{' + generation + b"}}"


def read_reply(status: int, body: bytes) -> Judgement:
    """What a hook has said: `value`, and if it likes `passed` and `explanation`, in a 2xx.

    Raises:
        JudgingFailed: it has said something else; to be asked again after a 408, 425, 429 and 5xx.
    """
    if status not in _OK:
        message = f"the hook answered {status}"
        raise JudgingFailed(message, again=status in _LATER)
    if len(body) > MOST_REPLY:
        message = f"the hook answered more than {MOST_REPLY} bytes"
        raise JudgingFailed(message)
    reply = _parsed(body)
    passed, explanation = reply.get("passed"), reply.get("explanation")
    if not isinstance(passed, bool | None):
        raise JudgingFailed("the hook's passed is neither true nor false")
    if not isinstance(explanation, str | None):
        raise JudgingFailed("the hook's explanation is no text")
    return Judgement(_value(reply.get("value")), passed, mended(explanation or "")[:MOST_WORDS])


def _value(value: Json) -> float | bool | str:
    if not isinstance(value, bool | int | float | str):
        raise JudgingFailed("the hook's value is neither a number nor a boolean nor a text")
    if isinstance(value, str) and len(value) > MOST_WORDS:
        message = f"the hook's value is over {MOST_WORDS} characters"
        raise JudgingFailed(message)
    return value


def _parsed(body: bytes) -> dict[str, Json]:
    try:
        reply = parse_json(body.decode())
    except (ValueError, JudgingFailed):
        raise JudgingFailed("the hook's answer is no JSON") from None
    if not isinstance(reply, dict):
        raise JudgingFailed("the hook's answer is no JSON object")
    return reply


def _encoded(value: Json) -> bytes:
    return mended(compact(value)).encode()
