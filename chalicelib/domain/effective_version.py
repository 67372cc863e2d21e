"""The effective version of an agent: a digest of the system prompt and the tools, and nothing else.

The bytes that are hashed are a contract shared with other servers of this protocol, pinned by
`tests/data/sigil/effective_version_vectors.json`: compact JSON `{"canonical_version":2,"system_prompt":…,"tools":[…]}`
with its members in this order, tools sorted byte-wise by (name, type, description, deferred, schema), `deferred`
written only when true, and strings escaped the way Go's `encoding/json` does for HTML.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence

from chalicelib.domain.generation import Tool

_CANONICAL_VERSION = 2
_CHARACTERS_PER_TOKEN = 4
_ESCAPED = re.compile("[<>&\u2028\u2029\udc80-\udcff]")
# A byte that begins no valid sequence is one escaped U+FFFD each; `surrogateescape` turns exactly those into
# U+DC80..U+DCFF.
_BAD_BYTE = "\\ufffd"


def effective_version(system_prompt: str | None, tools: Sequence[Tool]) -> str:
    """`sha256:` and 64 lower-case hex digits. The order of the tools does not matter, all else of their fields does."""
    return f"sha256:{hashlib.sha256(canonical_version_json(system_prompt, tools)).hexdigest()}"


def canonical_version_json(system_prompt: str | None, tools: Sequence[Tool]) -> bytes:
    """The bytes that `effective_version` hashes."""
    members = ",".join(_tool_json(tool) for tool in sorted(tools, key=_sort_key))
    prompt = _quoted(system_prompt or "")
    return f'{{"canonical_version":{_CANONICAL_VERSION},"system_prompt":{prompt},"tools":[{members}]}}'.encode()


def token_estimate(text: str) -> int:
    """How many tokens a text may be: a quarter of its code points, rounded up; 0 for a blank one."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN) if text.strip() else 0


def tool_token_estimate(tool: Tool) -> int:
    """The estimate over `name description type schema`, joined by single spaces."""
    return token_estimate(f"{tool.name} {tool.description} {tool.type} {_schema_bytes(tool).decode(errors='replace')}")


def _schema_bytes(tool: Tool) -> bytes:
    if tool.input_schema_base64 is not None:
        return base64.b64decode(tool.input_schema_base64)
    return tool.input_schema_json.encode()


def _sort_key(tool: Tool) -> tuple[bytes, bytes, bytes, bool, bytes]:
    return tool.name.encode(), tool.type.encode(), tool.description.encode(), tool.deferred, _schema_bytes(tool)


def _tool_json(tool: Tool) -> str:
    schema = _schema_bytes(tool).decode(errors="surrogateescape")
    deferred = ',"deferred":true' if tool.deferred else ""
    return (
        f'{{"name":{_quoted(tool.name)},"description":{_quoted(tool.description)},"type":{_quoted(tool.type)},'
        f'"input_schema_json":{_quoted(schema)}{deferred}}}'
    )


def _quoted(text: str) -> str:
    return _ESCAPED.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _BAD_BYTE if "\udc80" <= character <= "\udcff" else f"\\u{ord(character):04x}"
