"""Which provider an event's call went to: by the tag that its client gives, else by what the bodies look like."""

from chalicelib.domain.free_form import Json

PROVIDERS = {
    "openai-chat-completions": "openai",
    "openai-responses": "openai",
    "anthropic-messages": "anthropic",
    "anthropic-beta-messages": "anthropic",
    "gemini-models": "google",
    "gemini-interactions": "google",
}
"""Provider by tag, as prices know it."""
UNKNOWN = "unknown"


def shape_of(tag: Json) -> str | None:
    """The tag, if its bodies can be read."""
    return tag if isinstance(tag, str) and tag in PROVIDERS else None


def provider_of(shape: str | None, inputs: Json, output: Json) -> str:
    """The provider; without a shape only what is unmistakable counts."""
    if shape is not None:
        return PROVIDERS[shape]
    asked = inputs if isinstance(inputs, dict) else {}
    answered = output if isinstance(output, dict) else {}
    if answered.get("type") == "message" or ("messages" in asked and "system" in asked):
        return "anthropic"
    if "candidates" in answered or "contents" in asked or "outputs" in answered:
        return "google"
    if "choices" in answered or answered.get("object") == "response":
        return "openai"
    return UNKNOWN
