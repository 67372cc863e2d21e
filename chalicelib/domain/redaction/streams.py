"""Streamed answers, whose text comes in pieces: a secret may lie across two of them.

Pieces that belong together stand at the same place in their chunks. They are joined, searched, and where something
was found the first piece becomes the whole text and the others become empty: readers that join them get what is left.
"""

from collections.abc import Callable, Iterator

from chalicelib.domain.free_form import Json

_INDEXES = ("index", "output_index", "content_index", "summary_index")
_Place = tuple[object, ...]
_Piece = tuple[int, Json, str | int]  # position of the chunk, the container in it, key in the container


def redact_across(chunks: list[Json], redacted: Callable[[str], str]) -> set[int]:
    """Redact, in place, what lies across the pieces of a stream; gives the positions of the chunks that changed."""
    texts: dict[_Place, list[_Piece]] = {}
    for position, chunk in enumerate(chunks):
        for place, container, key in _pieces(chunk, ()):
            texts.setdefault(place, []).append((position, container, key))
    changed: set[int] = set()
    for pieces in texts.values():
        whole = "".join(container[key] for _, container, key in pieces)
        left = redacted(whole) if len(pieces) > 1 else whole
        if left != whole:
            for number, (position, container, key) in enumerate(pieces):
                container[key] = "" if number else left
                changed.add(position)
    return changed


def _pieces(node: Json, place: _Place) -> Iterator[tuple[_Place, Json, str | int]]:
    """Each text in a chunk, with its place: the way to it, and the indexes by which providers tell texts apart."""
    if isinstance(node, dict):
        place = (*place, *(node[index] for index in _INDEXES if isinstance(node.get(index), int)))
        items: Iterator[tuple[str | int, Json]] = iter(node.items())
    elif isinstance(node, list):
        items = enumerate(node)
    else:
        return
    for key, item in items:
        if isinstance(item, str):
            yield (*place, key), node, key
        else:
            yield from _pieces(item, (*place, key))
