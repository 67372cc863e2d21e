"""Which shape an exchange has: by its client's word, else by its path, else by its bodies.

What the provider is called counts only where these leave a choice.
"""

from chalicelib.domain.extraction.anthropic import ANTHROPIC
from chalicelib.domain.extraction.bodies import Body, Document, Events
from chalicelib.domain.extraction.chat import CHAT
from chalicelib.domain.extraction.endpoints import Endpoint
from chalicelib.domain.extraction.gemini import GEMINI
from chalicelib.domain.extraction.interactions import INTERACTIONS
from chalicelib.domain.extraction.responses import RESPONSES
from chalicelib.domain.extraction.shape import Shape

# Those with the clearer marks first.
_SHAPES = (ANTHROPIC, INTERACTIONS, RESPONSES, GEMINI, CHAT)
_TAGS = {
    "openai-chat-completions": CHAT,
    "openai-responses": RESPONSES,
    "anthropic-messages": ANTHROPIC,
    "anthropic-beta-messages": ANTHROPIC,
    "gemini-models": GEMINI,
    "gemini-interactions": INTERACTIONS,
}
# Whose request a plain one of the shape looks like.
_LOOKALIKES = {ANTHROPIC.name: CHAT, INTERACTIONS.name: RESPONSES}
_SIGHTED_EVENTS = 20  # pings and the like may come before the first event that is telling
_HINTS = ("anthropic", "claude")


def recognise(
    endpoint: Endpoint, request: Document | None, response: Body, provider: str | None, tag: str | None = None
) -> Shape | None:
    """The shape, None where nothing tells it. `tag` is the client's own name for it; an unknown one says nothing."""
    tagged = _TAGS.get(tag or "")
    if tagged:
        return _unless_told_otherwise(tagged, request, response)
    if endpoint.unread:
        return None
    return endpoint.shape or _of_response(response) or _of_request(request, provider or "")


def is_of(shape: Shape, response: Body) -> bool:
    """Whether something of a response is of the shape; a stream of nothing is, it was cut."""
    if isinstance(response, Events):
        return not response.items or any(is_of(shape, event) for event in response.items)
    return isinstance(response, dict) and (shape.is_response(response) or shape.is_event(response))


def _unless_told_otherwise(tagged: Shape, request: Document | None, response: Body) -> Shape:
    """The shape that was named; the one of the bodies, where they are plainly of another."""
    if is_of(tagged, response):
        return tagged
    if told := _of_response(response):
        return told
    alike = _LOOKALIKES.get(tagged.name, tagged)
    if request is None or tagged.is_request(request) or alike.is_request(request):
        return tagged
    return _of_request(request, "") or tagged


def _of_response(response: Body) -> Shape | None:
    if isinstance(response, dict):
        for shape in _SHAPES:
            if shape.is_response(response) or shape.is_event(response):
                return shape
    if isinstance(response, Events):
        for event in response.items[:_SIGHTED_EVENTS]:
            for shape in _SHAPES:
                if shape.is_event(event):
                    return shape
    return None


def _of_request(request: Document | None, provider: str) -> Shape | None:
    if request is None:
        return None
    shape = next((shape for shape in _SHAPES if shape.is_request(request)), None)
    hinted = any(hint in provider.lower() for hint in _HINTS)
    # A plain request with `messages` may be either's.
    return ANTHROPIC if shape is CHAT and hinted and "max_tokens" in request else shape
