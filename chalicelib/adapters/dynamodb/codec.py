"""Compression of what is stored: DEFLATE with a preset dictionary of the keys that every document repeats.

The first byte names the codec, so that another one can be added; a dictionary once released never changes, because old
items need it. On a 4 KB generation the dictionary saves about 300 bytes, which is often one write unit.
"""

import zlib

CODEC_1 = b"\x01"
LEVEL = 6
DICTIONARY_1 = (
    b'"raw_artifacts":[{"kind":"request","content_type":"application/json","payload":"'
    b'"max_tokens":"temperature":"top_p":"tool_choice":"auto","thinking_enabled":true,'
    b'"tool_result":{"content":"","content_json":"","is_error":true,"name":"","tool_call_id":"call_'
    b'"tool_call":{"id":"call_","input_json":"{\\"","name":"'
    b'"thinking":"","media":{"kind":"image","mime_type":"image/png","url":"https://'
    b'"tools":[{"deferred":false,"description":"","input_schema_json":"{\\"type\\":\\"object\\",\\"properties\\":{\\"'
    b'\\":{\\"type\\":\\"string\\",\\"description\\":\\"\\"},\\"required\\":[\\"\\"]}","name":"","type":"function"}]'
    b'"first_token_at":"2026-01-01T00:00:00.000000Z","depends_on":["gen_'
    b'"error":{"code":"AI_PROVIDER_ERROR","message":"Provider returned ","meta":{"provider_status_code":4'
    b'"processing":{"extraction":"not_applicable","state":"processed"},"project_id":"default","status":"completed",'
    b'"cost_usd":0.00,"created_at":"2026-01-01T00:00:00.000000Z","latency_ms":1,"token_count":1,'
    b'"effective_version":"sha256:'
    b'"agent_name":"assistant","agent_version":"1.0.0","completed_at":"2026-01-01T00:00:00.000000Z",'
    b'"conversation_id":"conv'
    b'","id":"gen_","input":[{"parts":[{"text":"You are a helpful assistant. "}],"role":"system"},{"parts":[{"text":"'
    b'"}],"role":"user"},{"parts":[{"text":"","metadata":{"provider_type":"'
    b'"metadata":{"sigil.sdk.name":"sdk-python","sigil.sdk.content_capture_mode":"full","agento11y.sdk.name":"'
    b'"mode":"STREAM","mode":"SYNC","model":{"name":"claude-","provider":"anthropic"},'
    b'"model":{"name":"gpt-","provider":"openai"},'
    b'"operation_name":"streamText","operation_name":"generateText","output":[{"parts":[{"text":"'
    b'"}],"role":"assistant"}],"response_id":"resp_","response_model":"gpt-","source":"sigil","span_id":"'
    b'","started_at":"2026-01-01T00:00:00.000000Z","stop_reason":"end_turn","stop_reason":"stop",'
    b'"system_prompt":"You are '
    b'","tags":{"env":"production","team":"'
    b'"},"trace_id":"","usage":{"cache_creation_input_tokens":0,"cache_read_input_tokens":0,'
    b'"input_tokens":1,"output_tokens":1,'
    b'"reasoning_tokens":0,"total_tokens'
    b'":1}} the of and to in is that for it with as on be this are by an at from or not '
)


def compress(content: bytes) -> bytes:
    """Pack bytes for storage."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15, zdict=DICTIONARY_1)
    return CODEC_1 + packer.compress(content) + packer.flush()


def decompress(stored: bytes) -> bytes:
    """The inverse of `compress`. Raises ValueError for a codec this version does not know, and for damaged bytes."""
    if stored[:1] != CODEC_1:
        raise ValueError(f"unknown codec {stored[:1].hex()}")
    unpacker = zlib.decompressobj(-15, zdict=DICTIONARY_1)
    try:
        return unpacker.decompress(stored[1:]) + unpacker.flush()
    except zlib.error as error:
        raise ValueError("the stored bytes are damaged") from error
