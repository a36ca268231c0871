"""A server of Amazon's S3 protocol on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import Request, urlopen

import pyarrow as pa
import pyarrow.parquet as pq
from moto.server import ThreadedMotoServer
from pyarrow.fs import FileSelector, S3FileSystem

BUCKET = "reports"
KEY, SECRET = "AKIAPLANWIRE", "the-secret-of-the-key"


@dataclass(frozen=True)
class Bucket:
    """A bucket of a server, with a client of its own."""

    endpoint: str
    files: S3FileSystem

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which a process reads and writes the bucket."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def put(self, path: str, table: pa.Table) -> None:
        pq.write_table(table, f"{BUCKET}/{path}", filesystem=self.files)

    def get(self, path: str) -> pa.Table:
        return pq.read_table(f"{BUCKET}/{path}", filesystem=self.files)

    def names(self, path: str) -> list[str]:
        found = self.files.get_file_info(FileSelector(f"{BUCKET}/{path}"))
        return sorted(file.base_name for file in found)


@contextmanager
def serving() -> Iterator[Bucket]:
    """A bucket with nothing in it, on a server of its own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        # All servers of a process have the same buckets.
        urlopen(Request(f"{endpoint}/moto-api/reset", method="POST")).close()
        files = S3FileSystem(
            access_key=KEY,
            secret_key=SECRET,
            endpoint_override=endpoint,
            region="us-east-1",
            allow_bucket_creation=True,
        )
        files.create_dir(BUCKET)
        yield Bucket(endpoint, files)
    finally:
        server.stop()
