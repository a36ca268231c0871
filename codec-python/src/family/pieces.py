"""What the pickler writes: pieces, so that large ones are not copied, and buffers beside them.

This runs in the module of `pickler.py`.
"""

from pickle import PickleBuffer

from pyarrow.lib import Buffer, ExtensionArray, py_buffer


def reduced_array(array, reduced):
    """An array of pyarrow, whose own pickle holds whole buffers, however little a slice shows of them."""
    storage = array.storage if isinstance(array, ExtensionArray) else array
    shows = compact(storage)  # noqa: F821 (pickler.rs gives it to this module)
    if shows is None:
        return reduced
    if storage is not array:
        shows = ExtensionArray.from_storage(array.type, shows)
    return (shows if shows.type == array.type else shows.cast(array.type)).__reduce__()


class Pieces:
    """What a pickler writes, piece by piece: it hands on large bytes as they are."""

    def __init__(self):
        self.pieces = []

    def write(self, piece):
        if type(piece) is not bytes:
            # As it is now, and in the order of its memory.
            piece = bytes(piece.raw() if isinstance(piece, PickleBuffer) else piece)
        self.pieces.append(piece)


def dumps(obj):
    """The pickle, in pieces."""
    file = Pieces()
    dump(Pickler(file), obj)  # noqa: F821
    return file.pieces


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
        # Arrow's arrays do not change, although some memory of theirs might.
        is_writable = not (memory.readonly or isinstance(memory.obj, Buffer))
        beside.append((py_buffer(memory), is_writable))
        return False

    file = Pieces()
    dump(Pickler(file, buffer_callback=stands_in), obj)  # noqa: F821
    return file.pieces, beside
