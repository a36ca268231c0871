"""The way from a function to the object in it that cannot be pickled.

This runs in the module of `pickler.py`. It looks at what is there and runs no code of the function's: no
method, property or `__repr__`.
"""

import contextlib
from collections import deque

# How much is looked at, where a plain value counts as one; and how long a part of the way and the whole way
# are, in characters.
MOST_LOOKED_AT = 2_000_000
A_PART = 40
LONGEST_STEP = 80
LONGEST_WAY = 400

ATOMS = frozenset(
    {
        type(None),
        bool,
        int,
        float,
        complex,
        str,
        bytes,
        bytearray,
        type(...),
        types.ModuleType,  # noqa: F821
    }
)
SEQUENCES = ((list, list.__iter__), (tuple, tuple.__iter__), (deque, deque.__iter__))
SETS = ((set, set.__iter__), (frozenset, frozenset.__iter__))
# Asked by these, a class runs nothing of its metaclass.
CLASS_DICT, CLASS_BASES, CLASS_MRO, CLASS_MODULE, CLASS_NAME = (
    vars(type)[f"__{name}__"] for name in ("dict", "bases", "mro", "module", "qualname")
)
GETSET, MEMBER = types.GetSetDescriptorType, types.MemberDescriptorType  # noqa: F821


def dump(pickler, obj):
    """Pickles an object; the exception of a failure says which part of a function failed."""
    try:
        pickler.dump(obj)
    except Exception as error:
        culprit = blamed(pickler, error)
        if culprit is not None and "stays" not in error.__dict__:
            # Another thread may change what is looked at.
            with contextlib.suppress(Exception):
                error.stays = named(obj[1] if type(obj) is tuple else obj, culprit)
        raise


def blamed(pickler, error):
    """The object at which the pickler stopped, if it is known."""
    if pickler.failed is not None:
        return pickler.failed
    is_name = type(error) is pickle.PicklingError and str(error).startswith("Can't")  # noqa: F821
    return pickler.by_name if is_name else None


def named(function, culprit):
    """Says where the object that cannot be pickled is, and what it is."""
    kind = type(culprit)
    module, name = CLASS_MODULE.__get__(kind), CLASS_NAME.__get__(kind)
    is_what = f"{module}.{name}"[:LONGEST_STEP]
    if culprit is function:
        return f"it is a {is_what}, which cannot be pickled"
    way = way_to(function, culprit)
    if way is None:
        return f"a {is_what} in it cannot be pickled"
    return f"{shown(way)} is a {is_what}, which cannot be pickled"


def way_to(function, culprit):
    """The steps from a function to an object, each from the one before; the shortest way."""
    ways = {id(function): (None, "")}
    pending, looked_at = deque([function]), 0
    while pending:
        holder = pending.popleft()
        for step, part in parts(holder):
            looked_at += 1 if type(part) in ATOMS else A_PART
            if looked_at > MOST_LOOKED_AT:
                return None
            if part is culprit:
                steps, place = [step], id(holder)
                while ways[place][0] is not None:
                    steps.append(ways[place][1])
                    place = ways[place][0]
                return steps[::-1]
            if type(part) not in ATOMS and id(part) not in ways:
                ways[id(part)] = (id(holder), step)
                pending.append(part)
    return None


def parts(holder):
    """What an object holds, each with the text that leads to it."""
    kind = type(holder)
    if kind is FUNCTION:  # noqa: F821
        yield from parts_of_function(holder)
    elif kind is types.MethodType:  # noqa: F821
        yield "self", holder.__self__
        yield "", holder.__func__
    elif kind in (staticmethod, classmethod):
        yield "", holder.__func__
    elif kind is property:
        yield from (("", part) for part in (holder.fget, holder.fset, holder.fdel))
    elif issubclass(kind, type):
        yield from parts_of_class(holder)
    else:
        yield from parts_of_container(holder, kind)
        yield from parts_of_object(holder, kind)


def parts_of_function(function):
    """The variables of a function that is carried, rather than named."""
    if function.__module__ not in MAIN and by_reference(function):  # noqa: F821
        return
    of = f" of {function.__qualname__}"
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or ()):
        try:
            yield f"the variable {name}\0{of}", cell.cell_contents
        except ValueError:  # it has no value yet
            continue
    for name in internals._extract_code_globals(code):  # noqa: F821
        if name in function.__globals__:
            yield f"the global {name}\0{of}", function.__globals__[name]
    arguments = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    for name, value in zip(arguments[len(arguments) - len(defaults) :], defaults):
        yield f"the default of {name}\0{of}", value
    for name, value in (function.__kwdefaults__ or {}).items():
        yield f"the default of {name}\0{of}", value
    for name, value in function.__annotations__.items():
        yield f"the annotation of {name}\0{of}", value
    for name, value in function.__dict__.items():
        yield f"the attribute {name}\0{of}", value


def parts_of_class(cls):
    """What a class that is carried, rather than named, defines."""
    if by_reference(cls):  # noqa: F821
        return
    of = f" of {CLASS_NAME.__get__(cls)}"
    for name, value in CLASS_DICT.__get__(cls).items():
        if type(name) is str:
            yield f"the attribute {name}\0{of}", value
    for base in CLASS_BASES.__get__(cls):
        yield "", base


def parts_of_container(holder, kind):
    if issubclass(kind, dict):
        for key, value in dict.items(holder):
            yield f"[{text_of_key(key)}]", value
            yield "", key
    for container, iterate in SEQUENCES:
        if issubclass(kind, container):
            for place, value in enumerate(iterate(holder)):
                yield f"[{place}]", value
    for container, iterate in SETS:
        if issubclass(kind, container):
            for value in iterate(holder):
                yield "{...}", value
    if kind is functools.partial:  # noqa: F821
        yield ".func", holder.func
        yield ".args", holder.args
        yield ".keywords", holder.keywords


def parts_of_object(holder, kind):
    """The attributes of an object, in its dictionary and its slots, and its class."""
    for base in CLASS_MRO.__get__(kind):
        defined = CLASS_DICT.__get__(base)
        dictionary = defined.get("__dict__")
        if type(dictionary) is GETSET:
            attributes = dictionary.__get__(holder)
            for name, value in dict.items(attributes):
                yield f".{name}" if type(name) is str else ".?", value
            break
    for base in CLASS_MRO.__get__(kind):
        for name, slot in CLASS_DICT.__get__(base).items():
            if type(slot) is MEMBER and type(name) is str:
                try:
                    yield f".{name}", slot.__get__(holder)
                except AttributeError:  # it has no value yet
                    continue
    yield "", kind


def text_of_key(key):
    """A key as Python writes it, if that runs no code."""
    if type(key) in (str, int, bool, bytes, float, type(None)):
        text = repr(key) if type(key) is not int or abs(key) < 10**40 else "..."
        return text if len(text) <= LONGEST_STEP else f"{text[:LONGEST_STEP]}..."
    return "..."


def shown(steps):
    """The way as a text: the last variable and what leads from it to the object."""
    starts = [place for place, step in enumerate(steps) if "\0" in step]
    start = starts[-1] if starts else 0
    if not starts:
        text = "".join(steps)
        return shortened(
            text if not text.startswith((".", "[", "{")) else f"self{text}"
        )
    text = of_variable(steps[start:])
    # Many functions have this name, so the variable that leads to it says which.
    if text.endswith("<lambda>") and len(starts) > 1:
        text += f", which is {of_variable(steps[starts[-2] : start])}"
    return text


def of_variable(steps):
    """The way from a variable, with the function that it is of at the end."""
    variable, of = steps[0].split("\0")
    if len(of) > LONGEST_STEP and of.endswith("<lambda>"):
        of = f"{of[: LONGEST_STEP - 11]}...<lambda>"
    return shortened(variable[:LONGEST_STEP] + "".join(steps[1:])) + of[:LONGEST_STEP]


def shortened(text):
    return (
        text
        if len(text) <= LONGEST_WAY
        else f"{text[: LONGEST_WAY // 2]}...{text[-LONGEST_WAY // 2 :]}"
    )
