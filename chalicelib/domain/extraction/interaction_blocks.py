"""The typed blocks that the input, the outputs and the steps of an interaction consist of."""

from collections.abc import Callable

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.json_values import compact, mappings, string, text_or_json
from chalicelib.domain.extraction.parts import (
    media_part,
    paragraphs,
    present,
    text_part,
    thinking_part,
    typed,
    unknown_part,
)
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Part, Role, ToolCall, ToolResult


def read_blocks(content: Json) -> tuple[Part, ...]:
    """The parts of a content: a text, a block, or a list of them."""
    return tuple(part for block in (content if isinstance(content, list) else [content]) for part in read_block(block))


def read_block(block: Json) -> tuple[Part, ...]:
    """One block; what a result holds beside its text follows it in parts of its own."""
    if isinstance(block, str):
        return present(text_part(block))
    if not isinstance(block, dict):
        return ()
    kind = string(block, "type") or ""
    if kind == "function_result":
        return _function_result(block)
    return present(_READERS.get(kind, _other)(block))


def role_of(block: Json) -> Role:
    """Who a block comes from that stands in no turn."""
    kind = string(block, "type") or "" if isinstance(block, dict) else ""
    if kind.endswith("_result"):
        return "tool"
    return "assistant" if kind == "thought" or kind.endswith("_call") else "user"


def _text(block: Document) -> Part | None:
    return text_part(block.get("text"))


def _media(block: Document) -> Part:
    return media_part(string(block, "type") or "file", string(block, "uri"), string(block, "mime_type"))


def _thought(block: Document) -> Part:
    """The summary of what was thought; where there is none, that there was something."""
    summary = paragraphs(string(piece, "text") for piece in mappings(block.get("summary")))
    return thinking_part(summary) or unknown_part({"type": "thought"})


def _call(block: Document) -> Part:
    said = text_or_json(block.get("arguments"))
    return Part(tool_call=ToolCall(id=string(block, "id"), name=string(block, "name"), input_json=said))


def _function_result(block: Document) -> tuple[Part, ...]:
    said, is_error = block.get("result"), block.get("is_error")
    # No result holds results, and following them would go as deep as somebody likes.
    blocks = [piece for piece in said if role_of(piece) != "tool"] if isinstance(said, list) else said
    parts = read_blocks(blocks) if isinstance(said, str | list) else ()
    result = ToolResult(
        tool_call_id=string(block, "call_id"),
        name=string(block, "name"),
        content="".join(part.text for part in parts if part.text and part.metadata is None) or None,
        content_json=None if isinstance(said, str | list) else compact(said),
        is_error=is_error if isinstance(is_error, bool) else None,
    )
    return (Part(tool_result=result), *(part for part in parts if part.text is None or part.metadata))


def _other(block: Document) -> Part:
    """Blocks of tools that run at the provider's side are calls and results like others, and say which tool it is."""
    kind = string(block, "type") or ""
    name = string(block, "name")
    if kind.endswith("_call"):
        call = ToolCall(
            id=string(block, "id"),
            name=name or kind.removesuffix("_call"),
            input_json=text_or_json(block.get("arguments")),
        )
        return typed(Part(tool_call=call), kind)
    if kind.endswith("_result"):
        result = ToolResult(
            tool_call_id=string(block, "call_id"),
            name=name or kind.removesuffix("_result"),
            content_json=compact(block.get("result")),
        )
        return typed(Part(tool_result=result), kind)
    return unknown_part(block)


_READERS: dict[str, Callable[[Document], Part | None]] = {
    "text": _text,
    "image": _media,
    "audio": _media,
    "video": _media,
    "document": _media,
    "thought": _thought,
    "function_call": _call,
}
