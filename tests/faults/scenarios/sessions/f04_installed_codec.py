"""F4: A strict session with another's codec installed unpickles."""

from __future__ import annotations

from typing import Any

import functions
import message
import unpickling
from scenario import Seen, run

ID = b"other"
ENVELOPE = b"DFPYCHN\x01" + len(ID).to_bytes(4, "little") + ID


def receiver(package: Any) -> Any:
    """A strict session that the codec of an inline session was installed in."""
    other = package.SessionContext()
    return functions.strict(package).with_logical_extension_codec(other, ID.decode())


def in_an_envelope(package: Any) -> Seen:
    """Decodes a function that is addressed to the installed codec."""
    ctx = receiver(package)
    plain = functions.call(package, "scalar").to_bytes()
    enveloped = message.change(plain, lambda frame: ENVELOPE + frame)
    return unpickling.refuses(lambda: package.Expr.from_bytes(enveloped, ctx))


def in_a_bare_frame(package: Any) -> Seen:
    """Decodes a function that is addressed to nobody."""
    ctx = receiver(package)
    plain = functions.call(package, "scalar").to_bytes()
    return unpickling.refuses(lambda: package.Expr.from_bytes(plain, ctx))


if __name__ == "__main__":
    run(in_an_envelope, in_a_bare_frame)
