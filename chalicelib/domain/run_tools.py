"""What a run asks its caller to do: the calls of the last thing that its model said, and what may answer them."""

from collections import Counter
from collections.abc import Sequence

from chalicelib.domain.errors import Malformed
from chalicelib.domain.generation import Message, Part, ToolCall, ToolResult
from chalicelib.domain.run import Course

NAMED_AT_MOST = 20


def calls_in(message: Message) -> tuple[ToolCall, ...]:
    """The tools that a message wants to be called."""
    return tuple(part.tool_call for part in message.parts if part.tool_call)


def pending(course: Course) -> tuple[ToolCall, ...]:
    """The calls that a run waits for."""
    said = course.overlay.input
    return calls_in(said[-1]) if course.status == "requires_action" and said else ()


def answering(results: Sequence[ToolResult]) -> Message:
    """What tools have answered, as one message."""
    return Message(role="tool", parts=tuple(Part(tool_result=result) for result in results))


def check_answers(course: Course, results: Sequence[ToolResult]) -> None:
    """Raise Malformed unless each pending call has exactly one answer; the message names those at fault."""
    wanted = {call.id or "" for call in pending(course)}
    given = Counter(result.tool_call_id or "" for result in results)
    for what, ids in (
        ("no output for", wanted - given.keys()),
        ("nobody has asked for", given.keys() - wanted),
        ("more than one output for", {own_id for own_id, times in given.items() if times > 1}),
    ):
        if ids:
            named = sorted(ids)[:NAMED_AT_MOST]
            raise Malformed(f"{what} {', '.join(named)}", meta={"field": "tool_outputs", "tool_call_ids": named})
