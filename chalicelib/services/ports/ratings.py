"""Ratings, each id once within its conversation."""

from collections.abc import Iterable
from typing import Protocol, TypeAlias

from chalicelib.domain.rating import Mark, Rating

RatingName: TypeAlias = tuple[str, str]
"""Conversation and rating id."""


class Ratings(Protocol):
    """Ratings of conversations. All reads here are strongly consistent."""

    def add(self, tenant: str, rating: Rating) -> bool:
        """Write a rating, its mark and, when it names a generation, its name there; all or none of them.

        Not when the id is taken; says whether this call did.
        """
        ...

    def some(self, tenant: str, conversation_id: str, rating_ids: Iterable[str]) -> dict[str, Rating]:
        """Ratings by id; an unknown one is absent."""
        ...

    def marks(self, tenant: str, conversation_id: str) -> list[Mark]:
        """The marks of all ratings of a conversation, newest first."""
        ...

    def about(self, tenant: str, generation_id: str, after: RatingName | None, limit: int) -> list[RatingName]:
        """The ratings that name a generation, known or not, by conversation and id, behind `after`."""
        ...

    def rewrite(self, tenant: str, rating: Rating) -> None:
        """Put another document in place of a rating's; its mark stays."""
        ...
