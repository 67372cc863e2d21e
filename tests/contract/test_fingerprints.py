"""The `Fingerprints` port: kept once, for ever, however large they may be."""

import random

import pytest

from chalicelib.domain.errors import TooLarge
from chalicelib.services.ports import Fingerprint, Fingerprints
from chalicelib.services.ports.fingerprints import MOST_BYTES
from tests.contract.grounds import Ground
from tests.contract.samples import NOON, at

FIELDS = {"language": "python", "system": "naïve \U0001f9ea", "all_packages": {"b": "1", "a": "2"}, "odd": [None, 1.5]}


@pytest.fixture
def fingerprints(ground: Ground) -> Fingerprints:
    return ground.ports.fingerprints


def test_a_fingerprint_is_read_back(fingerprints: Fingerprints, tenant: str) -> None:
    assert fingerprints.get(tenant, "f") is None
    fingerprints.put(tenant, Fingerprint("f", FIELDS, NOON))
    fingerprints.put(tenant, Fingerprint("f", FIELDS, at(9)))
    assert fingerprints.get(tenant, "f") == Fingerprint("f", FIELDS, NOON)
    assert fingerprints.get(f"{tenant}!", "f") is None


def test_thousands_of_packages_fit(fingerprints: Fingerprints, tenant: str) -> None:
    packages = {f"package-number-{number}": f"{number}.{number * 7919 % 100}" for number in range(20_000)}
    fingerprints.put(tenant, Fingerprint("f", {"all_packages": packages}, NOON))
    assert fingerprints.get(tenant, "f") == Fingerprint("f", {"all_packages": packages}, NOON)


def test_what_no_item_can_hold_is_refused_by_name(fingerprints: Fingerprints, tenant: str) -> None:
    noise = random.Random(1).randbytes(MOST_BYTES).hex()
    fingerprints.put(tenant, Fingerprint("largest", {"noise": noise[: MOST_BYTES * 3 // 2]}, NOON))
    with pytest.raises(TooLarge) as refused:
        fingerprints.put(tenant, Fingerprint("f", {"noise": noise}, NOON))
    assert refused.value.meta == {"limit": MOST_BYTES}
    assert fingerprints.get(tenant, "f") is None
