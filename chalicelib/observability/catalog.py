"""Everything that can be seen from outside: log events, metrics and trace entities, each in one table.

`docs/observability.md` shows these tables; tests keep the page, the tables and the code in step.
"""

from typing import Literal, NamedTuple

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Unit = Literal["Count", "Milliseconds"]
MetricName = Literal[
    "accepted",
    "rejected",
    "duplicate",
    "limited",
    "calls",
    "processed",
    "failed",
    "lag",
    "resent",
    "abandoned",
    "roots_started",
    "roots_stopped",
    "dependents",
    "judged",
    "not_judged",
]


class Event(NamedTuple):
    """A log line's constant name, and when it is written."""

    name: str
    level: Level
    meaning: str


class Metric(NamedTuple):
    """`dimensions` are those beside `stage`, which every metric has; `unit` is CloudWatch's."""

    name: MetricName
    unit: Unit
    dimensions: tuple[str, ...]
    meaning: str


class Span(NamedTuple):
    """A segment or subsegment of a trace."""

    name: str
    kind: Literal["segment", "subsegment"]
    meaning: str


EVENTS = (
    Event("backfill_started", "INFO", "A backfill of an evaluator was started"),
    Event("backfill_ended", "INFO", "A backfill has come to its end or was stopped; `state` says which"),
    Event("evaluator_changed", "INFO", "An evaluator was created, changed or disabled; `version` is its new one"),
    Event("evaluation_given_up", "ERROR", "A message of the evaluate queue failed its last time; it can be redriven"),
    Event(
        "backing_off_failed", "WARNING", "A failed message could not be postponed; it comes again when its queue says"
    ),
    Event(
        "flagging_given_up", "ERROR", "A flag message failed its last time; flags stay incomplete until it is redriven"
    ),
    Event(
        "generation_unreadable", "ERROR", "A stored generation cannot be read; it is listed with `processing: failed`"
    ),
    Event("giving_up_failed", "ERROR", "Generations of a message given up could not be marked as failed"),
    Event("key_created", "INFO", "An API key was made; `key_id` names it, its secret is nowhere"),
    Event("key_revoked", "INFO", "An API key was revoked, or asked to be once more"),
    Event("message_failed", "ERROR", "A queue message could not be processed; it comes again, or ends in the DLQ"),
    Event("outbox_resent", "INFO", "The resend schedule found rows that were due"),
    Event("redaction_failed", "ERROR", "A generation could not be redacted; it is stored without its content"),
    Event("content_purged", "INFO", "The content of a generation was purged on request"),
    Event("person_forgotten", "INFO", "A person is marked: what they have left, and still leave, is purged"),
    Event("provider_key_unreadable", "ERROR", "The key of a provider could not be read; runs that need it answer 503"),
    Event("provider_unreachable", "WARNING", "A provider gave no whole answer; the run's record has what is known"),
    Event("purge_given_up", "ERROR", "A purge failed its last time; content stays until its message is redriven"),
    Event("request_failed", "ERROR", "A request ended in an error that is not the caller's; the client got a 500"),
    Event("root_started_failing", "WARNING", "A generation started to fail; `dependents` (up to 1,000) are flagged"),
    Event("root_stopped_failing", "INFO", "A generation stopped failing; its flags are gone"),
    Event("webhook_given_up", "ERROR", "A notice failed its last time; its message is in the DLQ and can be redriven"),
    Event("webhook_gone", "INFO", "A notice was dropped because its tenant has no webhook any more"),
    Event("webhook_not_queued", "ERROR", "Storage or queue was down: a webhook is not told of a root, or only later"),
    Event("webhook_removed", "INFO", "A tenant's webhook was removed"),
    Event("webhook_set", "INFO", "A tenant's webhook was set or replaced"),
    Event("waiver_decided", "INFO", "A person settled the failures of a generation, or took that back"),
    Event("run_abandoned", "WARNING", "A run was failed after too long a silence; `silent_since` is its last activity"),
    Event(
        "run_answer_unreadable",
        "ERROR",
        "A fault of the service while a provider was asked, or its answer read or written; the run was failed",
    ),
    Event("run_interrupted", "WARNING", "A run was failed: its process died while it may have asked the provider"),
    Event("run_never_opened", "INFO", "A run was promised, but its record was never stored"),
    Event(
        "run_outcome_late",
        "WARNING",
        "A provider's answer came to a run that a client has moved; only what it has used is kept",
    ),
    Event("tenant_header_trusted", "WARNING", "Said at start: X-Scope-OrgID is trusted, so a proxy must authenticate"),
    Event("tracing_failed", "WARNING", "The X-Ray SDK failed; said once per process, work goes on untraced"),
)

METRICS = (
    Metric("accepted", "Count", (), "Generations stored for the first time"),
    Metric("rejected", "Count", ("reason",), "Items refused, by the reason's code"),
    Metric("duplicate", "Count", (), "Generations that were already stored with the same content"),
    Metric("limited", "Count", (), "Items of requests that came faster than their key may send"),
    Metric("calls", "Count", ("method", "code"), "Calls over gRPC, by the status they were answered with"),
    Metric("processed", "Count", (), "Generations whose entry was written by the worker"),
    Metric("failed", "Count", (), "Messages given back to the queue after an error"),
    Metric("lag", "Milliseconds", (), "From receipt of a generation to its entry being written"),
    Metric("resent", "Count", (), "Outbox rows sent to the queue again"),
    Metric("abandoned", "Count", (), "Runs that were failed because nobody can be at them any more"),
    Metric("roots_started", "Count", (), "Generations that started to fail, and flag what they reach"),
    Metric("roots_stopped", "Count", (), "Generations that stopped failing; their flags are gone"),
    Metric("dependents", "Count", (), "How many generations such a root reaches, up to 1,000"),
    Metric("judged", "Count", (), "Scores that evaluators have given, each counted once"),
    Metric("not_judged", "Count", (), "Generations that an evaluator could not judge and nobody tries again"),
)

SPANS = (
    Span("catchment-api", "segment", "One HTTP request"),
    Span("catchment-evaluate", "segment", "One message of the evaluate queue"),
    Span("catchment-flag", "segment", "One message of the flag queue"),
    Span("catchment-process", "segment", "One message of the process queue; continues the trace of its request"),
    Span("catchment-purge", "segment", "One message of the purge queue"),
    Span("catchment-resend", "segment", "One run of the resend schedule"),
    Span("catchment-rpc", "segment", "One call over gRPC"),
    Span("catchment-webhook", "segment", "One notice to a tenant's webhook"),
    Span("ingest", "subsegment", "Storing the items of one request and handing them to the queue"),
    Span(
        "extract",
        "subsegment",
        "Reading one message's payloads and writing what lists, counts and lineage need of them",
    ),
    Span("version", "subsegment", "Working out the effective versions of one message's generations"),
    Span("flag", "subsegment", "Walking the lineage of a generation and flagging its consumers"),
    Span("evaluate", "subsegment", "Judging the generations of one message, or a page of a backfill"),
    Span("deliver", "subsegment", "Posting a notice to its receiver"),
    Span("purge", "subsegment", "Taking the content of generations away, or finding a person's"),
)
