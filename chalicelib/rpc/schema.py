"""The messages of the `.proto` files beside this module.

They live in a descriptor pool of their own: a process takes a name once into its default pool, and an SDK's generated
code has the same names.
"""

from functools import cache
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

PACKAGES = ("sigil.v1", "agento11y.v1")
"""The names under which the SDKs know the same services and messages: the earlier one and the later one."""

_DESCRIPTORS = Path(__file__).with_name("descriptors.binpb")


def new_pool() -> DescriptorPool:
    """A pool with all that the `.proto` files declare."""
    made = DescriptorPool()
    for file in FileDescriptorSet.FromString(_DESCRIPTORS.read_bytes()).file:
        made.Add(file)
    return made


_POOL = new_pool()  # made here and not on first use: threads that came first together would each make one


@cache
def message(name: str, package: str = PACKAGES[0]) -> type[Message]:
    """A message's class. Both packages are alike on the wire, so that the first one serves for either."""
    return GetMessageClass(_POOL.FindMessageTypeByName(f"{package}.{name}"))
