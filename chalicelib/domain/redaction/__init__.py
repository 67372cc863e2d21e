"""Redaction before the first durable write: what a deployment does not want to keep is replaced by `[REDACTED]`.

Credentials in headers and in URLs always are; patterns and paths are for the operator to switch on (docs/redaction.md).
`redactor` applies `rules`; the settings are read by `rules` alone, which needs no model.
"""
