"""Guards, which admit only signed or pinned payloads, and sealed messages, which nobody can change.

A guard is a mode between ``"inline"``, which runs every payload, and ``"refuse"``, which runs none.
``signed`` requires the signature of a key, ``pinned`` a place on a list, ``signed(...) &
pinned(...)`` both. ``seal`` signs a whole message and ``open`` verifies it, so that its parts
cannot be recombined and ``pickle`` never gets bytes from a stranger. A ``Quarantine`` tries a
message in a process that may end.

Example:
    >>> import pyarrow as pa
    >>> from planwire import Expr, SessionContext, col, guard, udf
    >>> sender, receiver = guard.generate_key("ed25519", "driver-1")
    >>> driver = SessionContext().with_family(
    ...     "python", guard.signed(guard.Keyring.from_text(sender), audience="workers"))
    >>> worker = SessionContext().with_family(
    ...     "python", guard.signed(guard.Keyring.from_text(receiver), audience="workers"))
    >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
    >>> Expr.from_bytes(same(col("a")).to_bytes(driver), worker)
    Expr(same(a))
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from planwire._base.closing import Closing
from planwire._internal import (
    Guard,
    Keyring,
    generate_key,
    get_process_keyring,
    open,  # noqa: A004
    pinned,
    seal,
    signed,
)
from planwire._quarantine import Quarantine, quarantine
from planwire.errors import EncodeError, LimitExceeded

if TYPE_CHECKING:
    from datetime import timedelta
    from multiprocessing.connection import Connection

    from typing_extensions import Buffer

__all__ = [
    "Guard",
    "Keyring",
    "Quarantine",
    "SealedConnection",
    "generate_key",
    "get_process_keyring",
    "open",
    "pinned",
    "quarantine",
    "seal",
    "signed",
]


# No seal is larger: opening, claims, lengths and signature.
_SEAL = 1024

_REMEDY = "send less at once, or give both ends of the connection a higher `limit`"


class SealedConnection(Closing):
    """A connection of `multiprocessing` that sends and receives sealed bytes, without `pickle`.

    `recv` returns bytes, once their signature is verified. The receiver says what to decode them
    as, e.g. ``Expr.from_bytes(connection.recv(), ctx)``.

    Anybody can claim a length before a signature is verified, so a message has a limit in both
    directions.

    Args:
        connection: One end of a pipe, or the connection of a listener or client.
        keyring: The keys.
        to: The audience of sent messages.
        audience: The audience that received messages must name. It must differ from `to`, so that
            nobody can send a message back to its sender.
        valid_for: How long sent messages are valid; without it they do not expire.
        limit: The size limit of a message in bytes, without its seal; by default the limit that a
            new session has.

    Raises:
        ValueError: `to` and `audience` are the same.

    Example:
        >>> import multiprocessing
        >>> from planwire import Expr, col, guard
        >>> key, _ = guard.generate_key("hmac-sha256", "2026-11")
        >>> keyring = guard.Keyring.from_text(key)
        >>> here, there = multiprocessing.Pipe()
        >>> driver = guard.SealedConnection(here, keyring, to="worker", audience="driver")
        >>> worker = guard.SealedConnection(there, keyring, to="driver", audience="worker")
        >>> driver.send(col("a").to_bytes())
        >>> Expr.from_bytes(worker.recv())
        Expr(a)
    """

    def __init__(
        self,
        connection: Connection[Any, Any],
        keyring: Keyring,
        *,
        to: str,
        audience: str,
        valid_for: timedelta | None = None,
        limit: int = 64 * 2**20,
    ) -> None:
        if to == audience:
            raise ValueError(f"what is sent and what arrives are both for {to!r}")
        self._connection = connection
        self._keyring = keyring
        self._to = to
        self._audience = audience
        self._valid_for = valid_for
        self._limit = limit

    def send(self, data: Buffer) -> None:
        """Seal bytes and send them.

        Args:
            data: The bytes, e.g. an expression's.

        Raises:
            EncodeError: The keyring holds no key that signs, or the bytes exceed the limit.
            OSError: The connection is closed.

        Example:
            >>> import multiprocessing
            >>> from planwire import guard
            >>> keyring = guard.Keyring.from_text(guard.generate_key("hmac-sha256", "2026-11")[0])
            >>> here, there = multiprocessing.Pipe()
            >>> guard.SealedConnection(here, keyring, to="worker", audience="driver").send(b"data")
            >>> b"data" in there.recv_bytes()
            True
        """
        if memoryview(data).nbytes > self._limit:
            raise EncodeError(self._excess("PW-E007"), code="PW-E007", note=_REMEDY)
        sealed = seal(data, self._keyring, audience=self._to, valid_for=self._valid_for)
        self._connection.send_bytes(sealed)

    def recv(self) -> bytes:
        """Wait for a message and open it.

        Raises:
            PolicyRefused: It is not sealed by one of the keys, for someone else, or too old.
            MalformedFrame: It is not a sealed message.
            LimitExceeded: Its claimed or real size exceeds the limit. If it could not be read, the
                connection receives nothing more.
            EOFError: The other end is closed and nothing is left.
            OSError: The connection is closed.

        Example:
            >>> import multiprocessing
            >>> from planwire import MalformedFrame, guard
            >>> keyring = guard.Keyring.from_text(guard.generate_key("hmac-sha256", "2026-11")[0])
            >>> here, there = multiprocessing.Pipe()
            >>> there.send("a pickle")
            >>> try:
            ...     guard.SealedConnection(here, keyring, to="worker", audience="driver").recv()
            ... except MalformedFrame as error:
            ...     print(error.code)
            PW-G004
        """
        try:
            sealed = self._connection.recv_bytes(self._limit + _SEAL)
        except OSError as error:
            # All that `multiprocessing` says of a length above the one it is given.
            if error.args != ("bad message length",):
                raise
            raise self._refusal() from error
        data = open(sealed, self._keyring, audience=self._audience)
        if len(data) > self._limit:
            raise self._refusal()
        return data

    def _refusal(self) -> LimitExceeded:
        """Make the error for a received message, and tell the audit hooks."""
        error = LimitExceeded(self._excess("PW-D017"), code="PW-D017", note=_REMEDY)
        sys.audit("planwire.refuse", "sealed", error.code, str(error))
        return error

    def _excess(self, code: str) -> str:
        """Describe a message that is too long."""
        return (
            "limit `message` exceeded: the sealed message has more bytes than "
            f"{self._limit}, the limit of this connection (planwire explain {code})"
        )

    def close(self) -> None:
        """Close the connection.

        Example:
            >>> import multiprocessing
            >>> from planwire import guard
            >>> keyring = guard.Keyring.from_text(guard.generate_key("hmac-sha256", "2026-11")[0])
            >>> here, _ = multiprocessing.Pipe()
            >>> guard.SealedConnection(here, keyring, to="worker", audience="driver").close()
            >>> here.closed
            True
        """
        self._connection.close()
