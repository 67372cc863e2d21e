"""Parts of messages, and what the text of a message is."""

import re
from collections.abc import Iterable

from chalicelib.domain.extraction.bodies import Document
from chalicelib.domain.extraction.json_values import string
from chalicelib.domain.generation import Media, Message, Part, PartMetadata

REFUSAL = "refusal"
TRANSCRIPT = "audio"

_DATA_URL = re.compile(r"data:([\w.+-]{1,100}/[\w.+-]{1,100})?")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://")


def text_part(text: object, provider_type: str | None = None) -> Part | None:
    """A part of text, None for what is no text or empty. With a type it is not what was said in so many words."""
    if not isinstance(text, str) or not text:
        return None
    return Part(text=text, metadata=_metadata(provider_type))


def thinking_part(text: str | None) -> Part | None:
    """A part of what the model thought."""
    return Part(thinking=text) if text else None


def media_part(kind: str, link: str | None = None, mime_type: str | None = None, name: str | None = None) -> Part:
    """A reference to an image, sound or file. Of data inside the message only the type is kept."""
    data_url = _DATA_URL.match(link) if link else None
    if data_url:
        mime_type = data_url.group(1) or mime_type
    url = link if link and _URL.match(link) else None
    return Part(media=Media(kind=kind, url=url, mime_type=mime_type, name=name))


def unknown_part(fields: Document) -> Part:
    """A part that nobody here knows, with its plain text if it has one."""
    return Part(text=string(fields, "text"), metadata=_metadata(string(fields, "type")))


def typed(part: Part, provider_type: str | None) -> Part:
    """The part with the provider's name for its type."""
    return part.model_copy(update={"metadata": _metadata(provider_type)})


def present(*parts: Part | None) -> tuple[Part, ...]:
    """Those that are there."""
    return tuple(part for part in parts if part is not None)


def plain_text(message: Message) -> str | None:
    """The text of a message, its parts joined; None where it has none."""
    return _joined(message, None)


def spoken_text(message: Message) -> str | None:
    """What an answer says: its text; else its refusal; else what its sound says."""
    return _joined(message, None) or _joined(message, REFUSAL) or _joined(message, TRANSCRIPT)


def last_prompt(messages: Iterable[Message]) -> str | None:
    """The text of the last user message that has text."""
    users = (message for message in reversed(tuple(messages)) if message.role == "user")
    return next((text for message in users if (text := plain_text(message))), None)


def leading_system_texts(messages: Iterable[Message]) -> list[str]:
    """The texts of the system messages that stand before all others."""
    texts = []
    for message in messages:
        if message.role != "system":
            break
        texts.append(plain_text(message))
    return [text for text in texts if text]


def paragraphs(texts: Iterable[str | None]) -> str | None:
    """The texts that are there, an empty line between them; None where there is none."""
    return "\n\n".join(text for text in texts if text) or None


def _joined(message: Message, provider_type: str | None) -> str | None:
    texts = [part.text for part in message.parts if part.text and _type_of(part) == provider_type]
    return "".join(texts) or None


def _type_of(part: Part) -> str | None:
    return part.metadata.provider_type if part.metadata else None


def _metadata(provider_type: str | None) -> PartMetadata | None:
    return PartMetadata(provider_type=provider_type) if provider_type else None
