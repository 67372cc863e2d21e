"""Patterns in RE2: no text makes one slow, because time is linear in the text whatever the pattern.

Linear times the size of the compiled pattern, that is: both together are bounded.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.evaluator import Judgement, JudgingFailed
from chalicelib.domain.judging.fields import text_of

MOST_PATTERN = 4 * 1024
MOST_MEMORY = 256 * 1024
"""Bytes of one compiled pattern, which bounds its instructions too; RE2 keeps the last 128 patterns."""
MOST_WORK = 200_000_000
"""Bytes of text times instructions of the pattern: at 4 to 7 ns each the worst search takes about a second."""


class Pattern:
    """A pattern, ready to search."""

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        """Compile it. Raises ValueError when it is no RE2 pattern, or too large a one; the text says why."""
        import re2

        if len(text.encode(errors="replace")) > MOST_PATTERN:
            reason = f"must be at most {MOST_PATTERN} bytes"
            raise ValueError(reason)
        options = re2.Options()
        options.max_mem = MOST_MEMORY
        options.log_errors = False
        options.never_capture = True
        options.case_sensitive = not ignore_case
        try:
            self._compiled = re2.compile(text, options)
        except (re2.error, UnicodeEncodeError) as error:
            reason = f"is no pattern that RE2 takes: {_said(error)}"
            raise ValueError(reason) from None

    def found_at(self, text: str) -> int | None:
        """The character at which the first match starts. Raises JudgingFailed when text and pattern are too much."""
        if self._compiled.programsize * len(text.encode()) > MOST_WORK:
            raise JudgingFailed("the text is too long for this pattern")
        match = self._compiled.search(text)
        return None if match is None else int(match.start())


def judge_text(config: Mapping[str, Any], value: object) -> Judgement:
    """Whether a value, as text, has a match. `config` is that of a `regex` evaluator."""
    at = Pattern(config["pattern"], ignore_case=config.get("ignore_case", False)).found_at(text_of(value))
    matched = at is not None
    explanation = f"the pattern matches at character {at}" if matched else "the pattern matches nowhere"
    return Judgement(matched, matched == (config.get("expect", "match") == "match"), explanation)


def _said(error: Exception) -> str:
    said = error.args[0] if isinstance(error.args[0], bytes | str) else "it cannot be read"
    return (said.decode(errors="replace") if isinstance(said, bytes) else said)[:200]
