"""A question to a model, checked, in the form that is common to all APIs."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.asking.tools import Choice, Function, choice_of, functions_of
from chalicelib.domain.asking.turns import Turn, turns_of
from chalicelib.domain.errors import Malformed
from chalicelib.domain.extraction.parts import leading_system_texts, paragraphs
from chalicelib.domain.generation import Generation, Message


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `system` is the system prompt, unless the turns begin with it already.

    `choice` is how a tool is to be chosen; None where there are no tools, which APIs insist on.
    """

    model: str
    turns: tuple[Turn, ...]
    system: str | None
    functions: tuple[Function, ...]
    choice: Choice | None
    max_tokens: int | None
    sampling: Mapping[str, float]


def question_of(model: str, generation: Generation, messages: Sequence[Message]) -> Question:
    """The question that a generation and its conversation make.

    Raises:
        Malformed: nothing of the kind can be asked; the message says why.
    """
    turns = turns_of(messages)
    if all(turn.role == "system" for turn in turns):
        raise Malformed("the messages ask nothing of the model", meta={"field": "messages"})
    functions = functions_of(generation.tools)
    said_already = paragraphs(leading_system_texts(messages)) == generation.system_prompt
    return Question(
        model=model,
        turns=turns,
        system=None if said_already else generation.system_prompt or None,
        functions=functions,
        choice=choice_of(generation.tool_choice) if functions else None,
        max_tokens=generation.max_tokens,
        sampling=dict(_sampling(generation)),
    )


def known(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a body that have something to say."""
    return {name: value for name, value in fields.items() if value is not None and value != []}


def _sampling(generation: Generation) -> Iterator[tuple[str, float]]:
    for name, value in (("temperature", generation.temperature), ("top_p", generation.top_p)):
        if value is not None:
            if not math.isfinite(value):
                message = f"{name} must be a finite number"
                raise Malformed(message)
            yield name, value
