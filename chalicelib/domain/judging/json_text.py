"""JSON between text and value, for judging: what is no JSON is told apart from what is more than can be judged."""

import json
from typing import NoReturn

from chalicelib.domain.evaluator import JudgingFailed
from chalicelib.domain.free_form import Json, normal

MOST_CHARACTERS = 512 * 1024
SHOWN = 100

_FENCE = "```"
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_SORTED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class NotJson(ValueError):
    """A text is no JSON; the message says where it stops to be."""


def compact(value: Json) -> str:
    """JSON text without spaces."""
    return _COMPACT.encode(value)


def canonical(value: Json) -> str:
    """The one text of a value that `normal` has given: equal texts mean equal values, and true is not 1."""
    return _SORTED.encode(value)


def shown(value: Json) -> str:
    """A value for an explanation: scalars as JSON, cut; of containers only what they are."""
    if isinstance(value, dict | list):
        return "[…]" if isinstance(value, list) else "{…}"
    text = compact(value[:SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def read_json(text: str) -> Json:
    """The value of a JSON text, which may stand in one Markdown fence. Raises as `parse_json` does."""
    return parse_json(_unfenced(text))


def parse_json(text: str) -> Json:
    """The value of a JSON text, with its numbers in one form.

    Raises:
        NotJson: it is none.
        JudgingFailed: it is longer, deeper or has larger numbers than can be judged.
    """
    if len(text) > MOST_CHARACTERS:
        message = f"the text is over {MOST_CHARACTERS} characters, too long to be read as JSON"
        raise JudgingFailed(message)
    try:
        return normal(_DECODER.decode(text))
    except json.JSONDecodeError as error:
        reason = f"no JSON: {error.msg} at character {error.pos}"
        raise NotJson(reason) from None
    except NotJson:
        raise
    except RecursionError:
        raise JudgingFailed("the JSON is nested too deep") from None
    except ValueError as error:
        message = f"the JSON {error}"
        raise JudgingFailed(message) from None


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise ValueError("contains a number out of range") from None


def _no_constant(name: str) -> NoReturn:
    reason = f"no JSON: {name}"
    raise NotJson(reason)


_DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=_no_constant)


def _unfenced(text: str) -> str:
    """What is inside when the whole text is one fenced block, as models like to answer."""
    stripped = text.strip()
    first, _, rest = stripped.partition("\n")
    if first.strip().lower() in (_FENCE, _FENCE + "json") and rest.endswith(_FENCE):
        return rest.removesuffix(_FENCE)
    return stripped
