"""What is posted to each provider, literally, and what cannot be."""

import json
from typing import Any, get_args

import pytest

from chalicelib.domain.asking import request_of
from chalicelib.domain.errors import Malformed
from chalicelib.domain.generation import (
    Generation,
    Media,
    Message,
    Part,
    PartMetadata,
    Role,
    Tool,
    ToolCall,
    ToolResult,
)
from chalicelib.domain.provider import Api

APIS: list[Api] = list(get_args(Api))
SCHEMA = '{"type":"object","properties":{"city":{"type":"string"}}}'
PICTURE = "https://images.example/a.png"


def run(**fields: Any) -> Generation:
    """A generation that says no more than `fields`."""
    return Generation(id="g", source="lifecycle", **fields)


def message(role: Role | None, *parts: Part, name: str | None = None) -> Message:
    return Message(role=role, name=name, parts=parts)


def text(said: str) -> Part:
    return Part(text=said)


def call(call_id: str | None = "c1", name: str | None = "weather", arguments: str | None = '{"city": "Oslo"}') -> Part:
    return Part(tool_call=ToolCall(id=call_id, name=name, input_json=arguments))


def result(call_id: str | None = "c1", **fields: Any) -> Part:
    return Part(tool_result=ToolResult(tool_call_id=call_id, **fields))


def body(api: Api, *messages: Message, **fields: Any) -> dict[str, Any]:
    """What is posted, after a trip through JSON."""
    request = request_of(api, "m", run(**fields), messages)
    posted: dict[str, Any] = json.loads(request.content)
    assert posted == request.body
    return posted


USER = message("user", text("Weather in Oslo and Rome?"))
CONVERSATION = (
    USER,
    message("assistant", Part(thinking="hm"), text("Let me look."), call(), call("c2", arguments=None)),
    message("tool", result(content="2 °C")),
    message("tool", result("c2", content_json='{"error":1}', is_error=True)),
    message("user", text("And?"), Part(media=Media(kind="image", url=PICTURE))),
)
RUN: dict[str, Any] = {
    "system_prompt": "Be brief.",
    "tools": (
        Tool(name="weather", description="Looks out", type="function", input_schema_json=SCHEMA),
        Tool(name="now"),
    ),
    "tool_choice": "required",
    "max_tokens": 100,
    "temperature": 0.5,
    "top_p": 0.9,
}


def test_chat_completions() -> None:
    request = request_of("openai-chat", "m", run(**RUN), CONVERSATION)
    assert request.path == "/chat/completions"
    assert request.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather in Oslo and Rome?"},
            {
                "role": "assistant",
                "content": "Let me look.",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}},
                    {"id": "c2", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "2 °C"},
            {"role": "tool", "tool_call_id": "c2", "content": '{"error":1}'},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "And?"},
                    {"type": "image_url", "image_url": {"url": PICTURE}},
                ],
            },
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "weather", "description": "Looks out", "parameters": json.loads(SCHEMA)},
            },
            {"type": "function", "function": {"name": "now"}},
        ],
        "tool_choice": "required",
        "max_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
    }


def test_responses() -> None:
    request = request_of("openai-responses", "m", run(**RUN), CONVERSATION)
    assert request.path == "/responses"
    assert request.body == {
        "model": "m",
        "instructions": "Be brief.",
        "input": [
            {"type": "message", "role": "user", "content": "Weather in Oslo and Rome?"},
            {"type": "message", "role": "assistant", "content": "Let me look."},
            {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": '{"city": "Oslo"}'},
            {"type": "function_call", "call_id": "c2", "name": "weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "2 °C"},
            {"type": "function_call_output", "call_id": "c2", "output": '{"error":1}'},
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "And?"},
                    {"type": "input_image", "image_url": PICTURE, "detail": "auto"},
                ],
            },
        ],
        "tools": [
            {
                "type": "function",
                "name": "weather",
                "description": "Looks out",
                "parameters": json.loads(SCHEMA),
                "strict": False,
            },
            {"type": "function", "name": "now", "parameters": None, "strict": False},
        ],
        "tool_choice": "required",
        "max_output_tokens": 100,
        "store": False,
        "temperature": 0.5,
        "top_p": 0.9,
    }


def test_messages() -> None:
    request = request_of("anthropic-messages", "m", run(**RUN), CONVERSATION)
    assert request.path == "/v1/messages"
    assert request.body == {
        "model": "m",
        "max_tokens": 100,
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Weather in Oslo and Rome?"},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Oslo"}},
                    {"type": "tool_use", "id": "c2", "name": "weather", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": "2 °C"},
                    {"type": "tool_result", "tool_use_id": "c2", "content": '{"error":1}', "is_error": True},
                    {"type": "text", "text": "And?"},
                    {"type": "image", "source": {"type": "url", "url": PICTURE}},
                ],
            },
        ],
        "tools": [
            {"name": "weather", "description": "Looks out", "input_schema": json.loads(SCHEMA)},
            {"name": "now", "input_schema": {"type": "object"}},
        ],
        "tool_choice": {"type": "any"},
        "temperature": 0.5,
        "top_p": 0.9,
    }


def test_a_limit_of_tokens_is_there_where_it_must_be() -> None:
    assert body("anthropic-messages", USER)["max_tokens"] == 4096
    assert "max_tokens" not in body("openai-chat", USER)
    assert "max_output_tokens" not in body("openai-responses", USER)


@pytest.mark.parametrize("api", APIS)
def test_a_system_prompt_that_the_messages_begin_with_is_said_once(api: Api) -> None:
    asked = body(api, message("system", text("Be brief.")), USER, system_prompt="Be brief.")
    assert json.dumps(asked).count("Be brief.") == 1


def test_a_system_message_in_between_stays_there_unless_the_api_has_no_place_for_it() -> None:
    between = (USER, message("system", text("Now in French.")), USER)
    assert [each["role"] for each in body("openai-chat", *between)["messages"]] == ["user", "system", "user"]
    assert [each["role"] for each in body("openai-responses", *between)["input"]] == ["user", "system", "user"]
    asked = body("anthropic-messages", *between, system_prompt="Be brief.")
    assert asked["system"] == "Be brief.\n\nNow in French."
    assert [each["role"] for each in asked["messages"]] == ["user"]


@pytest.mark.parametrize("api", APIS)
def test_results_that_a_user_brings_come_before_what_the_user_says(api: Api) -> None:
    asked = json.dumps(
        body(api, USER, message("assistant", call()), message("user", text("So?"), result(content="42")))
    )
    assert asked.index('"42"') < asked.index('"So?"')


@pytest.mark.parametrize("api", APIS)
def test_what_a_providers_own_tools_did_is_not_told_again(api: Api) -> None:
    used = PartMetadata(provider_type="server_tool_use")
    gave = PartMetadata(provider_type="web_search_tool_result")
    own = (
        call("s1").model_copy(update={"metadata": used}),
        result("s1", content_json="[]").model_copy(update={"metadata": gave}),
    )
    assert '"s1"' not in json.dumps(body(api, USER, message("assistant", *own, text("Found.")), USER))


@pytest.mark.parametrize("api", APIS)
def test_a_call_that_only_names_its_type_is_one(api: Api) -> None:
    typed = call().model_copy(update={"metadata": PartMetadata(provider_type="tool_use")})
    assert '"c1"' in json.dumps(body(api, USER, message("assistant", typed)))


@pytest.mark.parametrize("api", APIS)
def test_a_message_that_holds_nothing_to_send_is_left_out(api: Api) -> None:
    empty = (message("assistant"), message("assistant", Part(thinking="hm")), message("user", text("")))
    assert body(api, USER, *empty) == body(api, USER)


def test_names_of_messages_are_for_chat_completions() -> None:
    named = message("user", text("Hi"), name="ada")
    assert body("openai-chat", named)["messages"] == [{"role": "user", "name": "ada", "content": "Hi"}]
    assert "ada" not in json.dumps([body("openai-responses", named), body("anthropic-messages", named)])


@pytest.mark.parametrize("api", APIS)
def test_without_tools_there_is_no_choice_of_one(api: Api) -> None:
    assert "tool_choice" not in body(api, USER, tool_choice="auto")


@pytest.mark.parametrize(
    ("said", "chat", "responses", "messages"),
    [
        ("auto", "auto", "auto", {"type": "auto"}),
        ("none", "none", "none", {"type": "none"}),
        ("any", "required", "required", {"type": "any"}),
        ('{"type":"auto","disable_parallel_tool_use":true}', "auto", "auto", {"type": "auto"}),
        (
            '{"type":"tool","name":"now"}',
            {"type": "function", "function": {"name": "now"}},
            {"type": "function", "name": "now"},
            {"type": "tool", "name": "now"},
        ),
    ],
)
def test_a_choice_in_any_spelling_is_told_in_each_api(said: str, chat: Any, responses: Any, messages: Any) -> None:
    told = [body(api, USER, tools=(Tool(name="now"),), tool_choice=said)["tool_choice"] for api in APIS]
    assert told == [chat, responses, messages]


def test_an_image_within_its_url_is_told_in_anthropics_way() -> None:
    [asked] = body(
        "anthropic-messages", message("user", Part(media=Media(kind="image", url="data:image/png;base64,QUJD")))
    )["messages"]
    assert asked["content"] == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}}
    ]


def test_documents_go_by_their_url_where_there_is_a_place_for_them() -> None:
    shown = message("user", Part(media=Media(kind="file", url="https://docs.example/a.pdf")))
    [asked] = body("anthropic-messages", shown)["messages"]
    assert asked["content"] == [{"type": "document", "source": {"type": "url", "url": "https://docs.example/a.pdf"}}]
    [asked] = body("openai-responses", shown)["input"]
    assert asked["content"] == [{"type": "input_file", "file_url": "https://docs.example/a.pdf"}]
    with pytest.raises(Malformed, match="images with a URL only"):
        body("openai-chat", shown)


def test_arguments_that_are_no_json_go_back_as_the_model_made_them_where_they_are_text() -> None:
    broken = (USER, message("assistant", call(arguments='{"city": ')))
    assert body("openai-chat", *broken)["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"city": '
    assert body("openai-responses", *broken)["input"][1]["arguments"] == '{"city": '
    with pytest.raises(Malformed, match="JSON object only as the arguments"):
        body("anthropic-messages", *broken)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("messages", "fields", "said"),
    [
        ((), {}, "ask nothing"),
        ((message("system", text("Be kind.")),), {}, "ask nothing"),
        ((message(None, text("Hi")),), {}, r"messages\[0\] needs a role"),
        ((USER, message("tool", text("42"))), {}, r"messages\[1\]: a tool says nothing but its results"),
        ((USER, message("tool", result(None, content="42"))), {}, r"messages\[1\]: a result needs the id"),
        ((USER, message("assistant", result())), {}, r"messages\[1\]: results of tools come from"),
        ((USER, message("assistant", call(None))), {}, r"messages\[1\]: a call of a tool needs"),
        ((USER, message("assistant", call(name=""))), {}, r"messages\[1\]: a call of a tool needs"),
        ((USER, message("user", call())), {}, r"messages\[1\]: only an assistant"),
        ((message("user", Part(media=Media(kind="image"))),), {}, "with a URL only"),
        ((message("user", Part(media=Media(kind="audio", url=PICTURE))),), {}, "with a URL only"),
        ((USER,), {"tools": (Tool(name="a", type="web_search"),)}, r"tools\[0\]: only functions"),
        ((USER,), {"tools": (Tool(),)}, r"tools\[0\] needs a name"),
        ((USER,), {"tools": (Tool(name="a", input_schema_json="[]"),)}, r"tools\[0\]: the schema"),
        ((USER,), {"tools": (Tool(name="a", input_schema_json="{"),)}, r"tools\[0\]: the schema"),
        ((USER,), {"tools": (Tool(name="a", input_schema_json='{"a":1e400}'),)}, r"tools\[0\]: the schema"),
        ((USER,), {"tools": (Tool(name="a", input_schema_json='{"a":' * 500 + "1" + "}" * 500),)}, r"tools\[0\]: the"),
        ((USER,), {"tools": (Tool(name="a", input_schema_base64="/w=="),)}, r"tools\[0\]: the schema"),
        ((USER,), {"tools": (Tool(name="a"),), "tool_choice": "maybe"}, "tool_choice must be"),
        ((USER,), {"tools": (Tool(name="a"),), "tool_choice": "{}"}, "tool_choice must be"),
        ((USER,), {"temperature": float("inf")}, "temperature must be a finite number"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    api: Api, messages: tuple[Message, ...], fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(Malformed, match=said):
        body(api, *messages, **fields)


@pytest.mark.parametrize("api", APIS)
def test_text_cut_within_a_character_does_not_stop_a_request(api: Api) -> None:
    assert request_of(api, "m", run(), [message("user", text("a\ud83d"))]).content.decode()
