"""Anthropic Messages."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from chalicelib.domain.asking.question import Question, known
from chalicelib.domain.asking.tools import Choice, Function, Named, Word, object_of
from chalicelib.domain.asking.turns import Call, Result, Turn, is_image
from chalicelib.domain.errors import Malformed
from chalicelib.domain.extraction.parts import paragraphs
from chalicelib.domain.generation import Part

MAX_TOKENS = 4096
"""What is asked for where the generation sets no limit: this API insists on one."""

_WORDS: dict[Word, str] = {"auto": "auto", "none": "none", "required": "any"}
_DATA_URL = re.compile(r"data:([\w.+-]{1,100}/[\w.+-]{1,100});base64,")


def body_of(question: Question) -> dict[str, Any]:
    """The body that asks the question. There is one place for all that the system says, before the conversation."""
    system = [question.system, *(turn.text for turn in question.turns if turn.role == "system")]
    spoken = [turn for turn in question.turns if turn.role != "system"]
    return known(
        {
            "model": question.model,
            "max_tokens": MAX_TOKENS if question.max_tokens is None else question.max_tokens,
            "system": paragraphs(system),
            "messages": [_message(list(turns)) for _, turns in groupby(spoken, key=lambda turn: turn.role)],
            "tools": [_tool(function) for function in question.functions],
            "tool_choice": _choice(question.choice),
            **question.sampling,
        }
    )


def _message(turns: Sequence[Turn]) -> dict[str, Any]:
    """Turns of one speaker, who does not speak twice here. What tools gave comes first, calls of them come last."""
    blocks = [
        *(_result(result) for turn in turns for result in turn.results),
        *(_part(part) for turn in turns for part in turn.said),
        *(_call(call) for turn in turns for call in turn.calls),
    ]
    alone = turns[0].only_text if len(blocks) == 1 else None
    return {"role": turns[0].role, "content": alone or blocks}


def _part(part: Part) -> dict[str, Any]:
    if part.media is None:
        return {"type": "text", "text": part.text}
    url = part.media.url
    if not url or part.media.kind == "audio":
        raise Malformed("this provider can be shown images and documents with a URL only")
    return {"type": "image" if is_image(part.media) else "document", "source": _source(url)}


def _source(url: str) -> dict[str, str]:
    data = _DATA_URL.match(url)
    if data is None:
        return {"type": "url", "url": url}
    return {"type": "base64", "media_type": data.group(1), "data": url[data.end() :]}


def _call(call: Call) -> dict[str, Any]:
    arguments = object_of(call.arguments)
    if arguments is None:
        raise Malformed("this provider takes a JSON object only as the arguments of a call")
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": arguments}


def _result(result: Result) -> dict[str, Any]:
    told = {"content": result.content or None, "is_error": result.is_error}
    return {"type": "tool_result", "tool_use_id": result.id, **known(told)}


def _tool(function: Function) -> dict[str, Any]:
    told = {"name": function.name, "description": function.description or None}
    return {**known(told), "input_schema": {"type": "object"} if function.schema is None else function.schema}


def _choice(choice: Choice | None) -> object:
    if isinstance(choice, Named):
        return {"type": "tool", "name": choice.name}
    return {"type": _WORDS[choice]} if choice else None
