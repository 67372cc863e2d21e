"""Redaction before the first durable write: what a deployment does not want to keep is replaced by `[REDACTED]`.

Credentials in headers and in URLs always are; patterns and paths are for the operator to switch on (docs/redaction.md).
"""

from chalicelib.domain.redaction.fields import skeleton
from chalicelib.domain.redaction.redactor import Redactor
from chalicelib.domain.redaction.rules import Rules, read_headers, read_paths, read_patterns

__all__ = ["Redactor", "Rules", "read_headers", "read_paths", "read_patterns", "skeleton"]
