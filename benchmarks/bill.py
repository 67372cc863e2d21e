"""What a million generations cost on AWS, line by line, and what stands there every month whatever is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from benchmarks import prices
from benchmarks.meter import Ledger

GENERATIONS = 1_000_000
FULL_CORE_MB = 1769
"""At this memory size Lambda gives a function one whole vCPU (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""
CORE_FACTOR = 2.0
"""A Lambda arm64 vCPU is taken to need twice the CPU time of the machine that measured."""
ROUND_TRIP_S = 0.005
"""What a call to DynamoDB or SQS is taken to last, beside the CPU it needs."""
CONCURRENT_CALLS = 16
XRAY_SAMPLED = 0.05
PLATFORM_LOG_BYTES = 350
"""The START, END and REPORT lines that Lambda itself writes for an invocation."""
ITEM_OVERHEAD = 100
"""Bytes that DynamoDB adds to each item where it bills storage."""

MONTH_MINUTES = 30 * 24 * 60
IDLE_POLLS = MONTH_MINUTES * 3 * 5
"""Lambda long-polls an idle queue with five pollers for twenty seconds each."""
OUTBOX_SHARDS = 16


@dataclass(frozen=True)
class Invocation:
    """One invocation of a function: CPU seconds as measured, bytes logged, rounds of calls that follow one another."""

    cpu: float
    log_bytes: float
    rounds: int
    memory_mb: int

    @property
    def seconds(self) -> float:
        """Billed duration: CPU at the function's share of a core, and waiting, as if nothing overlapped."""
        return self.cpu * CORE_FACTOR / min(1.0, self.memory_mb / FULL_CORE_MB) + self.rounds * ROUND_TRIP_S

    @property
    def dollars(self) -> float:
        """Request and GB-seconds."""
        return prices.LAMBDA_REQUEST + self.seconds * self.memory_mb / 1024 * prices.LAMBDA_ARM_GB_SECOND


@dataclass(frozen=True)
class Usage:
    """What one batch of `size` generations takes."""

    size: int
    writes: float
    reads: float
    queue_requests: float
    response_bytes: float
    api: Invocation
    worker: Invocation


def lines(usage: Usage) -> dict[str, float]:
    """Dollars per million generations."""
    batches = GENERATIONS / usage.size
    log_bytes = usage.api.log_bytes + usage.worker.log_bytes + 2 * PLATFORM_LOG_BYTES
    per_batch = {
        "DynamoDB writes": usage.writes * prices.DYNAMODB_WRITE,
        "DynamoDB reads": usage.reads * prices.DYNAMODB_READ,
        "SQS (send, receive, delete)": usage.queue_requests * prices.SQS_REQUEST,
        "Lambda, API": usage.api.dollars,
        "Lambda, worker": usage.worker.dollars,
        "API Gateway requests": prices.API_GATEWAY_REQUEST,
        "Data out": usage.response_bytes / prices.GIB * prices.TRANSFER_OUT_GB,
        "S3": 0.0,
        "CloudWatch Logs": log_bytes / prices.GIB * (prices.LOGS_INGESTED_GB + prices.LOGS_STORED_GB_MONTH),
        "X-Ray": XRAY_SAMPLED * prices.XRAY_TRACE,
    }
    return {name: dollars * batches for name, dollars in per_batch.items()}


def storage(bytes_per_generation: float, rows_per_generation: float) -> dict[str, float]:
    """Dollars per month for a million stored generations."""
    gib = GENERATIONS * (bytes_per_generation + rows_per_generation * ITEM_OVERHEAD) / prices.GIB
    return {
        "DynamoDB storage": gib * prices.DYNAMODB_STORAGE_GB_MONTH,
        "Point-in-time recovery": gib * prices.DYNAMODB_RECOVERY_GB_MONTH,
    }


def standing(resend: Invocation, metrics: int, alarms: int) -> dict[str, float]:
    """Dollars per month when nothing is sent at all."""
    return {
        "Resend schedule: Lambda": MONTH_MINUTES * resend.dollars,
        "Resend schedule: 16 strong queries a minute": MONTH_MINUTES * OUTBOX_SHARDS * prices.DYNAMODB_READ,
        "Resend schedule: logs": MONTH_MINUTES
        * (resend.log_bytes + PLATFORM_LOG_BYTES)
        / prices.GIB
        * prices.LOGS_INGESTED_GB,
        "Lambda's polling of an idle queue": IDLE_POLLS * prices.SQS_REQUEST,
        f"{metrics} metrics": metrics * prices.METRIC_MONTH,
        f"{alarms} alarms": alarms * prices.ALARM_MONTH,
    }


def rounds(ledger: Ledger, phase: str, batches: int) -> int:
    """How many calls follow one another in one batch's phase: those of a step go out sixteen at a time."""
    steps = [tally for (of, _), tally in ledger.steps.items() if of == phase]
    return sum(ceil(tally.calls / batches / CONCURRENT_CALLS) for tally in steps)


def total(dollars: Mapping[str, float]) -> float:
    """The sum of the lines."""
    return sum(dollars.values())
