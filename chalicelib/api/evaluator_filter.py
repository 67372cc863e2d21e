"""Reading which generations a backfill is about."""

from dataclasses import fields

from chalicelib.domain.errors import Malformed
from chalicelib.domain.evaluator import Filter
from chalicelib.domain.free_form import Json
from chalicelib.domain.identifiers import check_identifier

MOST_TAGS = 10
TAGS = "tags"
NAMES = frozenset(each.name for each in fields(Filter)) - {TAGS}


def read_filter(body: Json) -> Filter:
    """A filter out of a client's JSON; null is an empty one. Raises Malformed, whose `meta.field` names the field."""
    if body is None:
        return Filter()
    if not isinstance(body, dict) or body.keys() - NAMES - {TAGS}:
        raise Malformed(f"filter must be an object of {', '.join(sorted(NAMES))} and tags", meta={"field": "filter"})
    tags = {} if body.get(TAGS) is None else body[TAGS]
    if not isinstance(tags, dict) or len(tags) > MOST_TAGS:
        raise Malformed(f"filter.tags must be an object of at most {MOST_TAGS} texts", meta={"field": "filter.tags"})
    plain = {name: _text(name, value) for name, value in body.items() if name != TAGS and value is not None}
    return Filter(**plain, tags={key: _text(TAGS, value) for key, value in tags.items()})


def _text(name: str, value: Json) -> str:
    where = f"filter.{name}"
    if not isinstance(value, str):
        raise Malformed(f"{where} must be a text", meta={"field": where})
    try:
        return check_identifier(value)
    except ValueError as error:
        raise Malformed(f"{where} {error}", meta={"field": where}) from error
