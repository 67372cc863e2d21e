"""Payload objects in S3: gzipped JSON, so that a presigned link can be read by anybody it is given to."""

import gzip
from hashlib import sha256

from chalicelib.adapters.aws import Client, error_code, translated
from chalicelib.services.ports import Keys

LINK_SECONDS = 15 * 60
GZIP_LEVEL = 6


class ObjectMissing(Exception):
    """No object of that name."""


class Objects:
    """One bucket of payloads.

    An object's name holds the key of the request that wrote it, so that two writers never share one and either can
    be deleted without asking about the other.
    """

    def __init__(self, client: Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def name(self, tenant: str, generation_id: str, content_hash: str, owner: str) -> str:
        """The name of one writer's object: ids are hashed, because they may be longer than a name may be."""
        return f"{self._folder(tenant, generation_id)}{content_hash[:32]}/{owner}"

    def _folder(self, tenant: str, generation_id: str) -> str:
        return f"payloads/{tenant}/{sha256(generation_id.encode()).hexdigest()[:32]}/"

    def of_generation(self, tenant: str, generation_id: str) -> list[str]:
        """The names of all objects of a generation, at most a thousand."""
        with translated("object storage"):
            found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._folder(tenant, generation_id))
        return [each["Key"] for each in found.get("Contents", [])]

    def of_step(self, tenant: str, step_id: str, content_hash: str) -> str:
        """The name of a workflow step's object, the same for whoever writes this content."""
        return f"steps/{tenant}/{sha256(step_id.encode()).hexdigest()[:32]}/{content_hash[:32]}"

    def put(self, name: str, content: bytes) -> None:
        """Write an object durably."""
        body = gzip.compress(content, GZIP_LEVEL, mtime=0)
        with translated("object storage"):
            self._client.put_object(
                Bucket=self._bucket, Key=name, Body=body, ContentType="application/json", ContentEncoding="gzip"
            )

    def get(self, name: str) -> bytes:
        """Read an object. Raises ObjectMissing."""
        try:
            with translated("object storage"):
                body: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except Exception as error:
            if error_code(error) in {"NoSuchKey", "404"}:
                raise ObjectMissing(name) from error
            raise
        return gzip.decompress(body)

    def delete(self, name: str) -> None:
        """Delete an object; a missing one is no error."""
        with translated("object storage"):
            self._client.delete_object(Bucket=self._bucket, Key=name)

    def link(self, name: str) -> str:
        """A URL that reads the object for fifteen minutes."""
        url: str = self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": name}, ExpiresIn=LINK_SECONDS
        )
        return url


class S3Walks:
    """The `WalkStore` port: objects below `walks/`, which the bucket's lifecycle deletes after sixteen days."""

    def __init__(self, objects: Objects, new_key: Keys) -> None:
        self._objects = objects
        self._new_key = new_key

    def save(self, tenant: str, part: bytes) -> str:
        """One object per part, never rewritten."""
        name = f"walks/{tenant}/{self._new_key()}"
        self._objects.put(name, part)
        return name

    def load(self, name: str) -> bytes:
        """Read one object."""
        return self._objects.get(name)
