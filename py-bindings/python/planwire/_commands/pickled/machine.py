"""The stack machine of `pickle`, with values that are told apart and nothing imported or called."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any, TypeAlias

from planwire._commands.pickled import opcodes
from planwire._commands.pickled.budget import Exhausted
from planwire._commands.pickled.callables import Callables
from planwire._commands.pickled.values import Untold
from planwire._commands.pickled.walked import Walked

if TYPE_CHECKING:
    from collections.abc import Callable

    from planwire._commands.pickled.budget import Budget

    _Step: TypeAlias = Callable[["Machine", bytes], None]

_LAST_PROTOCOL = 5

# The size limits of numbers, in bytes: of those that can be a byte, and of places in the memo.
_LONGEST_NUMBER = 8
_LONGEST_KEY = 64


def walk(blob: bytes, start: int, budget: Budget) -> Walked:
    """Walk over one pickle up to its STOP, or as far as it can be loaded or the budget goes."""
    budget.start()
    walked = Walked(start, start, budget)
    machine = Machine(walked)
    try:
        for name, argument, machine.at, end in opcodes.walk(blob, start, walked.torn):
            budget.step()
            walked.end = end
            _STEPS[name](machine, argument)
    except opcodes.Broken as fault:
        walked.fault = fault
    except Exhausted as error:
        walked.fault = opcodes.Broken(machine.at, str(error))
    except (LookupError, TypeError, ValueError) as error:
        # The stack, the memo or the argument is not what the opcode takes: loading ends there too.
        why = f"an opcode does not find what it takes ({type(error).__name__})"
        walked.fault = opcodes.Broken(machine.at, why)
    return walked


class Machine(Callables):
    """The stack and the memo, and the steps over them."""

    def push_string(self, form: str, value: bytes | bytearray | str) -> None:
        """Push bytes or a text, any of which can be a message."""
        self.walked.hold(value, form, self.at)
        self.stack.append(value)

    def mark(self) -> None:
        """Start what the next opcode for all since a mark takes."""
        self.marked.append(self.stack)
        self.stack = []

    def pop(self) -> None:
        """Drop a value or a mark."""
        if self.stack:
            self.stack.pop()
        else:
            self.since_mark()

    def append(self, items: list[Any]) -> None:
        """Append to what is on top, which need not be a list."""
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(items)
        elif not isinstance(target, bytearray):
            self.doubt_deed(target, "appending to it")
        elif all(type(item) is int for item in items) and self.walked.budget.spend(len(items)):
            target.extend(items)
        else:
            self.doubt("what is appended to a bytearray")

    def set_items(self, items: list[Any]) -> None:
        """Set items of what is on top, or add them to it; dicts and sets are not kept."""
        del items
        self.doubt_deed(self.stack[-1], "setting its items")

    def put(self, key: int) -> None:
        """Remember what is on top."""
        if key < 0:
            raise LookupError
        self.memo[key] = self.stack[-1]

    def memoize(self) -> None:
        """Remember what is on top in the next place."""
        self.memo[len(self.memo)] = self.stack[-1]

    def set_protocol(self, argument: bytes) -> None:
        """Go by another protocol from here on."""
        self.protocol = argument[0]
        if self.protocol > _LAST_PROTOCOL:
            raise opcodes.Broken(self.at, f"no pickle is of protocol {self.protocol}")


def _number(argument: bytes) -> int:
    return int.from_bytes(argument, "little")


def _key(argument: bytes) -> int:
    if len(argument) > _LONGEST_KEY:
        raise LookupError
    return int(argument)


def _small(argument: bytes) -> object:
    """Read a number, if it is short enough to be a byte."""
    number = int.from_bytes(argument[:_LONGEST_NUMBER], "little", signed=True)
    return number if len(argument) <= _LONGEST_NUMBER else Untold.DATA


def _digits(argument: bytes) -> object:
    """Read digits, if they are few enough to be a byte, as millions of them take time."""
    argument = argument.removesuffix(b"L")
    try:
        return int(argument, 0) if len(argument) <= _LONGEST_NUMBER else Untold.DATA
    except ValueError:
        return Untold.DATA


def _quoted(argument: bytes) -> bytes:
    value, _ = codecs.escape_decode(argument.strip()[1:-1])
    return bytes(value)


def _value(make: Callable[[bytes], object]) -> _Step:
    """Make a step that pushes what an argument stands for."""
    return lambda machine, argument: machine.push(make(argument))


def _string(make: Callable[[bytes], bytes | bytearray | str], form: str) -> _Step:
    return lambda machine, argument: machine.push_string(form, make(argument))


def _python_2(make: Callable[[bytes], bytes]) -> _Step:
    """Make a step for a string of Python 2, which is a text unless the loader wants bytes."""

    def step(machine: Machine, argument: bytes) -> None:
        machine.walked.hold(make(argument), "bytes", machine.at)
        machine.push(make(argument).decode("latin-1"))

    return step


def _text(encoding: str) -> _Step:
    errors = "surrogatepass" if encoding == "utf-8" else "strict"
    return _string(lambda argument: argument.decode(encoding, errors), "text")


def _nothing(_machine: Machine, _argument: bytes) -> None:
    """Leave everything as it is."""


def _constant(value: object) -> _Step:
    return lambda machine, _: machine.push(value)


def _marked(make: Callable[[list[Any]], object]) -> _Step:
    """Make a step that pushes what is made of all since a mark."""
    return lambda machine, _: machine.push(make(machine.since_mark()))


def _tuple(count: int) -> _Step:
    return lambda machine, _: machine.push(tuple(machine.take(count)))


def _plain(step: Callable[[Machine], None]) -> _Step:
    """Make a step of one that takes no argument."""
    return lambda machine, _: step(machine)


def _outside(what: str) -> _Step:
    return lambda machine, _: machine.push_unknown(what)


def _persistent(machine: Machine, _: bytes) -> None:
    machine.take(1)
    machine.push_unknown("what the program gives for a persistent id")


def _data(_: object) -> Untold:
    return Untold.DATA


_STEPS: dict[str, _Step] = {
    **dict.fromkeys(["BININT", "BININT1", "BININT2"], _value(_number)),
    **dict.fromkeys(["LONG1", "LONG4"], _value(_small)),
    **dict.fromkeys(["INT", "LONG"], _value(_digits)),
    **dict.fromkeys(["FLOAT", "BINFLOAT"], _value(_data)),
    **dict.fromkeys(["BINBYTES", "SHORT_BINBYTES", "BINBYTES8"], _string(bytes, "bytes")),
    **dict.fromkeys(["BINSTRING", "SHORT_BINSTRING"], _python_2(bytes)),
    "BYTEARRAY8": _string(bytearray, "bytes"),
    "STRING": _python_2(_quoted),
    "UNICODE": _text("raw-unicode-escape"),
    **dict.fromkeys(["SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"], _text("utf-8")),
    "NEXT_BUFFER": _outside("bytes that travel beside the pickle"),
    "READONLY_BUFFER": _nothing,
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    "EMPTY_LIST": _value(list),
    "EMPTY_TUPLE": _constant(()),
    **dict.fromkeys(["EMPTY_DICT", "EMPTY_SET"], _constant(Untold.DATA)),
    "LIST": _marked(list),
    "TUPLE": _marked(tuple),
    **dict.fromkeys(["DICT", "FROZENSET"], _marked(_data)),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "APPEND": lambda machine, _: machine.append(machine.take(1)),
    "APPENDS": lambda machine, _: machine.append(machine.since_mark()),
    "SETITEM": lambda machine, _: machine.set_items(machine.take(2)),
    **dict.fromkeys(
        ["SETITEMS", "ADDITEMS"], lambda machine, _: machine.set_items(machine.since_mark())
    ),
    "MARK": _plain(Machine.mark),
    "POP": _plain(Machine.pop),
    "POP_MARK": lambda machine, _: machine.since_mark().clear(),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "GET": lambda machine, argument: machine.push(machine.memo[_key(argument)]),
    **dict.fromkeys(
        ["BINGET", "LONG_BINGET"],
        lambda machine, argument: machine.push(machine.memo[_number(argument)]),
    ),
    "PUT": lambda machine, argument: machine.put(_key(argument)),
    **dict.fromkeys(
        ["BINPUT", "LONG_BINPUT"], lambda machine, argument: machine.put(_number(argument))
    ),
    "MEMOIZE": _plain(Machine.memoize),
    **dict.fromkeys(
        ["EXT1", "EXT2", "EXT4"], lambda machine, argument: machine.extension(_number(argument))
    ),
    "GLOBAL": Machine.named,
    "STACK_GLOBAL": _plain(Machine.named_by_stack),
    "REDUCE": lambda machine, _: machine.call(*machine.take(2)),
    "NEWOBJ": lambda machine, _: machine.call(*machine.take(2)),
    "NEWOBJ_EX": lambda machine, _: machine.call(*machine.take(3)),
    "INST": Machine.instance,
    "OBJ": _plain(Machine.instance_by_stack),
    "BUILD": _plain(Machine.build),
    "PERSID": _outside("what the program gives for a persistent id"),
    "BINPERSID": _persistent,
    "PROTO": Machine.set_protocol,
    "FRAME": _nothing,
    "STOP": lambda machine, _: machine.take(1).clear(),
}
