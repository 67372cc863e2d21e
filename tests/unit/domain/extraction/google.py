"""Bodies of Google's interfaces for tests."""

import re
from typing import Any

CALL = {"type": "function_call", "id": "c", "name": "f", "arguments": {"x": 1}}


def candidate(*parts: Any, **fields: Any) -> dict[str, Any]:
    """One candidate of an answer."""
    return {"content": {"role": "model", "parts": list(parts)}, **fields}


def chunks() -> list[dict[str, Any]]:
    """A streamed answer."""
    return [
        {
            "candidates": [candidate({"text": "hm", "thought": True}, index=0)],
            "usageMetadata": {"promptTokenCount": 10, "cachedContentTokenCount": 4, "totalTokenCount": 10},
            "modelVersion": "gemini-2.5-flash-001",
            "responseId": "r",
        },
        {"candidates": [candidate({"text": "Hi ", "thoughtSignature": "s"}, index=0)]},
        {"candidates": [candidate({"text": "there!"}, index=0)], "usageMetadata": {"promptTokenCount": 10}},
        {"candidates": [candidate({"functionCall": {"name": "f", "args": {"x": 1}}}, index=0)]},
        {
            "candidates": [candidate({"text": ""}, index=0, finishReason="STOP")],
            "usageMetadata": {
                "promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 17,
            },
            "responseId": "r",
        },
    ]  # fmt: skip


def as_dumped(value: Any) -> Any:
    """A body of the wire as the package spells it; what is in arguments and schemas keeps its own spelling."""
    if isinstance(value, list):
        return [as_dumped(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = ("args", "parameters")
    return {
        re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", key): item if key in kept else as_dumped(item)
        for key, item in value.items()
    }


WIRE_REQUEST: dict[str, Any] = {
    "contents": [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}],
    "systemInstruction": {"parts": [{"text": "be kind"}, {"text": "be brief"}]},
    "generationConfig": {
        "maxOutputTokens": 9, "temperature": 0.5, "topP": 0.25, "thinkingConfig": {"thinkingBudget": 0},
    },
    "tools": [
        {"functionDeclarations": [{"name": "f", "description": "d", "parameters": {"someKey": {"type": "OBJECT"}}}]},
        {"googleSearch": {}},
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
}  # fmt: skip
WIRE_ANSWER: dict[str, Any] = {
    "candidates": [
        candidate({"text": "two"}, index=1, finishReason="MAX_TOKENS"),
        candidate(
            {"text": "hm", "thought": True},
            {"text": "one"},
            {"functionCall": {"id": "c", "name": "f", "args": {"someArg": 1}}},
            index=0,
            finishReason="STOP",
        ),
    ],
    "usageMetadata": {
        "promptTokenCount": 10, "cachedContentTokenCount": 4, "candidatesTokenCount": 5, "thoughtsTokenCount": 2,
        "toolUsePromptTokenCount": 3, "totalTokenCount": 20,
    },
    "modelVersion": "gemini-2.5-flash-001",
    "responseId": "r",
}  # fmt: skip


def interaction(*outputs: Any, **fields: Any) -> dict[str, Any]:
    """An answer."""
    return {"id": "i", "object": "interaction", "status": "completed", "outputs": list(outputs), **fields}


def said(text: str) -> dict[str, Any]:
    """A block of text."""
    return {"type": "text", "text": text}


def events(family: str, *pieces: Any) -> list[dict[str, Any]]:
    """A streamed interaction in the names of one revision, without its last event."""
    key = "content" if family == "content" else "step"
    started = {"id": "i", "object": "interaction", "status": "in_progress", "model": "m"}
    stream: list[dict[str, Any]] = [{"event_type": "interaction.start", "interaction": started}]
    for index, (begun, *deltas) in enumerate(pieces):
        stream.append({"event_type": f"{family}.start", "index": index, key: begun})
        stream += [{"event_type": f"{family}.delta", "index": index, "delta": delta} for delta in deltas]
        stream.append({"event_type": f"{family}.stop", "index": index})
    return stream


def ended(kind: str) -> dict[str, Any]:
    """The last event, whose interaction has no outputs."""
    usage = {"total_input_tokens": 1, "total_output_tokens": 2, "total_tokens": 3}
    return {"event_type": kind, "interaction": interaction(status="completed", outputs=None, usage=usage)}


CONTENTS = events(
    "content",
    ({"type": "thought"}, {"type": "thought_summary", "content": said("hm")}, {"type": "thought_signature"}),
    (said("Hi"), said(" there"), {"type": "text_annotation", "annotations": []}, said("!")),
    ({"type": "function_call"}, CALL),
)
STEPS = events(
    "step",
    ({"type": "thought", "summary": [said("hm")]}, {"type": "thought_signature", "signature": "s"}),
    ({"type": "model_output"}, said("Hi there"), said("!")),
    (
        {"type": "function_call", "id": "c", "name": "f"},
        {"type": "arguments_delta", "arguments": '{"x"'},
        {"type": "arguments_delta", "arguments": ":1}"},
    ),
)
