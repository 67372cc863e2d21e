"""DynamoDB's condition and update expressions, as far as this product writes them, compiled to functions over rows."""

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Row = dict[str, Any]
Names = Mapping[str, str]
Values = Mapping[str, Any]
Condition = Callable[[Row, Names, Values], bool]
Update = Callable[[Row, Names, Values], None]

_TOKEN = re.compile(
    r"\s*(?:(?P<exists>attribute_(?:not_)?exists)\((?P<held>#?\w+)\)|(?P<word>AND|OR)\b|(?P<bracket>[()])"
    r"|(?P<name>#?\w+)\s*(?P<sign><=|[<=])\s*(?P<value>:\w+))"
)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {"<": operator.lt, "<=": operator.le, "=": operator.eq}
_CLAUSE = re.compile(r"\b(SET|ADD|REMOVE)\b")


@lru_cache
def condition(text: str) -> Condition:
    """A condition over (row, names, values). Raises ValueError for what is not understood."""
    tokens = _tokens(text)
    found = _either(tokens)
    if tokens:
        raise ValueError(text)
    return found


@lru_cache
def update(text: str) -> Update:
    """An update of a row, with the same arguments."""
    parts = _CLAUSE.split(text)[1:]
    steps = [
        _step(verb, action.strip())
        for verb, actions in zip(parts[::2], parts[1::2], strict=True)
        for action in actions.split(",")
    ]

    def apply(row: Row, names: Names, values: Values) -> None:
        for step in steps:
            step(row, names, values)

    return apply


def _tokens(text: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(text)
        found.append(match)
        at = match.end()
    return found


def _either(tokens: list[re.Match[str]]) -> Condition:
    parts = [_both(tokens)]
    while tokens and tokens[0]["word"] == "OR":
        tokens.pop(0)
        parts.append(_both(tokens))
    return lambda row, names, values: any(part(row, names, values) for part in parts)


def _both(tokens: list[re.Match[str]]) -> Condition:
    parts = [_one(tokens)]
    while tokens and tokens[0]["word"] == "AND":
        tokens.pop(0)
        parts.append(_one(tokens))
    return lambda row, names, values: all(part(row, names, values) for part in parts)


def _one(tokens: list[re.Match[str]]) -> Condition:
    token = tokens.pop(0)
    if token["bracket"] == "(":
        inner = _either(tokens)
        tokens.pop(0)
        return inner
    if token["exists"]:
        held, wanted = str(token["held"]), token["exists"] == "attribute_exists"
        return lambda row, names, _: (names.get(held, held) in row) is wanted
    name, value, holds = str(token["name"]), str(token["value"]), _SIGNS[str(token["sign"])]

    def compare(row: Row, names: Names, values: Values) -> bool:
        found = row.get(names.get(name, name))
        return found is not None and bool(holds(found, values[value]))

    return compare


def _step(verb: str, action: str) -> Update:
    if verb == "REMOVE":
        return lambda row, names, _: row.pop(names.get(action, action), None)
    target, source = (part.strip() for part in action.split("=" if verb == "SET" else None))

    def change(row: Row, names: Names, values: Values) -> None:
        name = names.get(target, target)
        row[name] = values[source] if verb == "SET" else row.get(name, 0) + values[source]

    return change
