"""What the pickler writes: pieces, so that large ones are not copied, and buffers beside them.

This runs in the module of `pickler.py`.
"""

from pyarrow.lib import Buffer, py_buffer


class Pieces:
    """What a pickler writes, piece by piece: it hands on large bytes and buffers as they are."""

    def __init__(self):
        self.pieces = []
        self.write = self.pieces.append

    def as_bytes(self):
        return [
            piece if type(piece) is bytes else bytes(piece) for piece in self.pieces
        ]


def dumps(obj):
    """The pickle, in pieces."""
    file = Pieces()
    Pickler(file).dump(obj)  # noqa: F821
    return file.as_bytes()


# The size, in bytes, from which a buffer stands beside a pickle rather than in it.
LARGE = 64 * 1024


def dumps_beside(obj):
    """The pickle, in pieces, and beside it each large buffer and whether it may be changed."""
    beside = []

    def stands_in(buffer):
        try:
            memory = buffer.raw()
        except BufferError:  # it is not contiguous
            return True
        if memory.nbytes < LARGE:
            return True
        # Nobody changes a buffer of pyarrow, whatever it says of its memory.
        is_writable = not (memory.readonly or isinstance(memory.obj, Buffer))
        beside.append((py_buffer(memory), is_writable))
        return False

    file = Pieces()
    Pickler(file, buffer_callback=stands_in).dump(obj)  # noqa: F821
    return file.as_bytes(), beside
