"""Object stores, for sessions that read and write more than the files of this machine.

Register one with `SessionContext.register_object_store`, and use its URLs wherever a path is
wanted. Credentials stay in the process: they are in no plan and no message.

Example:
    >>> from planwire import SessionContext
    >>> from planwire.object_store import AmazonS3
    >>> ctx = SessionContext()
    >>> ctx.register_object_store("s3://", AmazonS3("reports", region="eu-central-1"))
"""

from planwire._internal import (
    AmazonS3,
    GoogleCloud,
    Http,
    LocalFileSystem,
    MicrosoftAzure,
    ObjectStore,
)

__all__ = [
    "AmazonS3",
    "GoogleCloud",
    "Http",
    "LocalFileSystem",
    "MicrosoftAzure",
    "ObjectStore",
]
