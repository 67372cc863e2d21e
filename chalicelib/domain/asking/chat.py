"""OpenAI Chat Completions, and what is compatible with it."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.asking.question import Question, known
from chalicelib.domain.asking.tools import Choice, Function, Named
from chalicelib.domain.asking.turns import Call, Turn, is_image
from chalicelib.domain.errors import Malformed
from chalicelib.domain.generation import Part


def body_of(question: Question) -> dict[str, Any]:
    """The body that asks the question."""
    system = [{"role": "system", "content": question.system}] if question.system else []
    return known(
        {
            "model": question.model,
            "messages": system + [message for turn in question.turns for message in _messages(turn)],
            "tools": [_tool(function) for function in question.functions],
            "tool_choice": _choice(question.choice),
            # The newer max_completion_tokens is refused by servers that are merely compatible.
            "max_tokens": question.max_tokens,
            **question.sampling,
        }
    )


def _messages(turn: Turn) -> Iterator[dict[str, Any]]:
    """A message for each result, which have to follow on the calls directly, and one for what was said."""
    for result in turn.results:
        yield {"role": "tool", "tool_call_id": result.id, "content": result.content}
    if turn.said or turn.calls:
        yield known(
            {
                "role": turn.role,
                "name": turn.name,
                "content": turn.only_text or [_part(part) for part in turn.said],
                "tool_calls": [_call(call) for call in turn.calls],
            }
        )


def _part(part: Part) -> dict[str, Any]:
    if part.media is None:
        return {"type": "text", "text": part.text}
    if not is_image(part.media) or not part.media.url:
        raise Malformed("this provider can be shown images with a URL only")
    return {"type": "image_url", "image_url": {"url": part.media.url}}


def _call(call: Call) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _tool(function: Function) -> dict[str, Any]:
    told = {"name": function.name, "description": function.description or None, "parameters": function.schema}
    return {"type": "function", "function": known(told)}


def _choice(choice: Choice | None) -> object:
    return {"type": "function", "function": {"name": choice.name}} if isinstance(choice, Named) else choice
