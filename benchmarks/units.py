"""Request units of on-demand tables by the published rules.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from math import ceil

WRITE_BYTES = 1024
READ_BYTES = 4096
TRANSACTION_FACTOR = 2
EVENTUAL = 0.5


def write_units(size: int, *, transactional: bool = False) -> float:
    """One unit for each begun KB of the larger of the item before and after; twice that in a transaction.

    A deletion costs the item's size, one of an item that is not there a unit; so does a condition that fails.
    """
    return max(1, ceil(size / WRITE_BYTES)) * (TRANSACTION_FACTOR if transactional else 1)


def read_units(size: int, *, consistent: bool) -> float:
    """One unit for each begun 4 KB, half of one when eventually consistent; a missing item costs the least."""
    return max(1, ceil(size / READ_BYTES)) * (1 if consistent else EVENTUAL)
