"""OpenAI Responses. Each turn is said in full: nothing is left with the provider to refer to."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.asking.question import Question, known
from chalicelib.domain.asking.tools import Choice, Function, Named
from chalicelib.domain.asking.turns import Turn, is_image
from chalicelib.domain.errors import Malformed
from chalicelib.domain.generation import Part


def body_of(question: Question) -> dict[str, Any]:
    """The body that asks the question."""
    return known(
        {
            "model": question.model,
            "instructions": question.system,
            "input": [item for turn in question.turns for item in _items(turn)],
            "tools": [_tool(function) for function in question.functions],
            "tool_choice": _choice(question.choice),
            "max_output_tokens": question.max_tokens,
            "store": False,
            **question.sampling,
        }
    )


def _items(turn: Turn) -> Iterator[dict[str, Any]]:
    for result in turn.results:
        yield {"type": "function_call_output", "call_id": result.id, "output": result.content}
    if turn.role == "assistant":
        # Lists of parts are for messages that the provider keeps, with its ids.
        for part in turn.said:
            yield _message(turn, part.text)
    elif turn.said:
        yield _message(turn, turn.only_text or [_part(part) for part in turn.said])
    for call in turn.calls:
        yield {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}


def _message(turn: Turn, content: object) -> dict[str, Any]:
    return {"type": "message", "role": turn.role, "content": content}


def _part(part: Part) -> dict[str, Any]:
    if part.media is None:
        return {"type": "input_text", "text": part.text}
    url = part.media.url
    if not url or part.media.kind == "audio":
        raise Malformed("this provider can be shown images and files with a URL only")
    if is_image(part.media):
        return {"type": "input_image", "image_url": url, "detail": "auto"}
    return {"type": "input_file", "file_url": url}


def _tool(function: Function) -> dict[str, Any]:
    told = {"name": function.name, "description": function.description or None}
    # Strict is the default here and refuses schemas that other APIs take.
    return {"type": "function", **known(told), "parameters": function.schema, "strict": False}


def _choice(choice: Choice | None) -> object:
    return {"type": "function", "name": choice.name} if isinstance(choice, Named) else choice
