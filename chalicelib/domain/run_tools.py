"""What a run asks its caller to do: the calls of the last thing that its model said, and what may answer them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count

from chalicelib.domain.errors import Malformed
from chalicelib.domain.generation import Message, Part, ToolCall, ToolResult
from chalicelib.domain.run import Course

NAMED_AT_MOST = 20
KEPT_CHARACTERS = 240  # of an id that is numbered: it stays one


def calls_in(message: Message) -> tuple[ToolCall, ...]:
    """The tools that a message wants to be called."""
    return tuple(part.tool_call for part in message.parts if part.tool_call)


def with_ids_of_its_own(message: Message, before: Iterable[Message]) -> Message:
    """A message whose calls have no id of an earlier one: some providers begin at `call_1` in each answer.

    The ids in the message itself have to differ. One that is used already gets a number.
    """
    earlier = {call.id for each in before for call in calls_in(each)}
    used = earlier | {call.id for call in calls_in(message)}
    return message.model_copy(update={"parts": tuple(_with_own_id(part, earlier, used) for part in message.parts)})


def _with_own_id(part: Part, earlier: set[str | None], used: set[str | None]) -> Part:
    call = part.tool_call
    if call is None or call.id not in earlier:
        return part
    lead = (call.id or "")[:KEPT_CHARACTERS]
    own_id = next(each for number in count(2) if (each := f"{lead}-{number}") not in used)
    used.add(own_id)
    return part.model_copy(update={"tool_call": call.model_copy(update={"id": own_id})})


def pending(course: Course) -> tuple[ToolCall, ...]:
    """The calls that a run waits for."""
    said = course.overlay.input
    return calls_in(said[-1]) if course.status == "requires_action" and said else ()


def answering(results: Sequence[ToolResult]) -> Message:
    """What tools have answered, as one message."""
    return Message(role="tool", parts=tuple(Part(tool_result=result) for result in results))


def is_answered_by(course: Course, results: Sequence[ToolResult]) -> bool:
    """Whether results are of the very calls that a run waits for."""
    wanted = {call.id for call in pending(course)}
    return bool(wanted) and wanted == {result.tool_call_id for result in results}


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
