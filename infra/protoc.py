"""`python -m infra.protoc`: writes the descriptors of the gRPC services from their `.proto` files.

The service reads its messages by their descriptors, so that no generated code is needed. The SDKs know the same
messages under two packages: `ingest.proto` is compiled once for each.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from grpc_tools import protoc

ROOT = Path(__file__).parents[1]
PROTOS = ROOT / "chalicelib/rpc"
DESCRIPTORS = PROTOS / "descriptors.binpb"
WRITTEN = "package sigil.v1;"
PACKAGES = ("sigil.v1", "agento11y.v1")


def compiled() -> bytes:
    """A FileDescriptorSet of both packages, of the envelope and of what they import.

    Raises ValueError when they do not compile; what is wrong stands on standard error.
    """
    with TemporaryDirectory() as directory:
        place = Path(directory)
        sources = [_source(place, "catchment.v1", "envelope.proto", _text("envelope.proto"))]
        for package in PACKAGES:
            text = _text("ingest.proto").replace(WRITTEN, f"package {package};")
            sources.append(_source(place, package, "ingest.proto", text))
        target = place / "descriptors"
        options = [f"-I{place}", f"-I{_well_known()}", "--include_imports", f"--descriptor_set_out={target}"]
        if protoc.main(["protoc", *options, *sources]) != 0:
            raise ValueError("the .proto files do not compile")
        return target.read_bytes()


def _text(name: str) -> str:
    return (PROTOS / name).read_text(encoding="utf-8")


def _source(place: Path, package: str, name: str, text: str) -> str:
    path = place / package.replace(".", "/") / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def _well_known() -> Path:
    return Path(protoc.__file__).parent / "_proto"


if __name__ == "__main__":
    sys.exit(0 if DESCRIPTORS.write_bytes(compiled()) else 1)
