"""Run many schedules, on all processors: `make test-lineage N=100000`, and `N=1 SEED=…` for one that went wrong."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.lineage.mutants import MUTANTS
from tests.lineage.schedules import Part, part, run

PART = 250
MOST_SHOWN = 5
MOST_TRIED = 20_000


def main() -> int:
    """The exit code: 0 when flags were right in every schedule."""
    parser = argparse.ArgumentParser(prog="tests.lineage", description=__doc__)
    parser.add_argument("--schedules", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--mutants", action="store_true", help="count the schedules until each mutant is caught")
    chosen = parser.parse_args()
    logging.disable()
    return _mutants(chosen.first) if chosen.mutants else _many(range(chosen.first, chosen.first + chosen.schedules))


def _many(seeds: range) -> int:
    begun, done, steps, wrong = time.monotonic(), 0, 0, 0
    for number, calls, failures in _parts(seeds):
        done, steps = done + number, steps + calls
        for seed, result in failures:
            wrong += 1
            if wrong <= MOST_SHOWN:
                _say(f"seed {seed}: {'; '.join(result.differences)}\n  again with: make test-lineage N=1 SEED={seed}")
        if done % (20 * PART) == 0 or done == len(seeds):
            rate = done / (time.monotonic() - begun)
            _say(f"{done} of {len(seeds)} schedules, {wrong} wrong, {rate:.0f} a second, {steps // done} calls each")
    return 1 if wrong else 0


def _parts(seeds: range) -> Iterator[Part]:
    parts = [seeds[start : start + PART] for start in range(0, len(seeds), PART)]
    with ProcessPoolExecutor(min(len(parts), os.cpu_count() or 1), get_context("spawn"), logging.disable) as pool:
        yield from pool.map(part, parts)


def _mutants(first: int) -> int:
    missed = 0
    for name, mutant in MUTANTS.items():
        seeds = range(first, first + MOST_TRIED)
        caught = next((seed for seed in seeds if run(seed, mutant).differences), None)
        missed += caught is None
        _say(f"{name}: " + (f"seed {caught}, schedule {caught - first + 1}" if caught is not None else "not caught"))
    return 1 if missed else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
