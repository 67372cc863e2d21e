"""Ratings in memory."""

import threading
from collections.abc import Iterable

from chalicelib.domain.rating import Mark, Rating
from chalicelib.services.ports.ratings import RatingName


class FakeRatings:
    """The `Ratings` port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ratings: dict[tuple[str, str, str], Rating] = {}

    def add(self, tenant: str, rating: Rating) -> bool:
        with self._lock:
            return self._ratings.setdefault((tenant, rating.conversation_id, rating.rating_id), rating) is rating

    def some(self, tenant: str, conversation_id: str, rating_ids: Iterable[str]) -> dict[str, Rating]:
        keys = {rating_id: (tenant, conversation_id, rating_id) for rating_id in rating_ids}
        return {rating_id: self._ratings[key] for rating_id, key in keys.items() if key in self._ratings}

    def marks(self, tenant: str, conversation_id: str) -> list[Mark]:
        with self._lock:
            found = [each.mark for key, each in self._ratings.items() if key[:2] == (tenant, conversation_id)]
        return sorted(found, key=lambda mark: (mark.created_at, mark.rating_id), reverse=True)

    def about(self, tenant: str, generation_id: str, after: RatingName | None, limit: int) -> list[RatingName]:
        with self._lock:
            names = sorted(
                (key[1], key[2])
                for key, each in self._ratings.items()
                if key[0] == tenant and each.mark.generation_id == generation_id
            )
        return [name for name in names if after is None or name > after][:limit]

    def rewrite(self, tenant: str, rating: Rating) -> None:
        with self._lock:
            key = (tenant, rating.conversation_id, rating.rating_id)
            if key in self._ratings:
                self._ratings[key] = rating
