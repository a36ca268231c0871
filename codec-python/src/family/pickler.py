"""The pickler of functions: cloudpickle's, so that a payload holds what it would only name there.

What is written refers to the standard library, cloudpickle and pyarrow alone, since a receiver that
reads it need not know planwire.
"""

import copyreg
import dis
import enum
import functools
import inspect
import pickle
import sys
import types
import typing

import cloudpickle
from cloudpickle import cloudpickle as internals
from pyarrow.lib import _restore_array as RESTORE_ARRAY

# The module that a program was started with. Each process has one of its own under these names.
MAIN = frozenset({"__main__", "__mp_main__"})


class Pickler(cloudpickle.Pickler):
    """Takes along what belongs to the sender's program, or says what cannot be taken."""

    # The object that could not be taken apart, and the last one that is only named.
    failed = by_name = None

    def reducer_override(self, obj):
        kind = type(obj)
        if kind is FUNCTION:
            if obj.__module__ not in MAIN and by_reference(obj):
                return NotImplemented
            return self._dynamic_function_reduce(obj)
        reduce = REDUCE.get(kind)
        if reduce is None:
            if issubclass(kind, type):
                return reduced_class(obj)
            reduce = REDUCE_CLOUDPICKLE.get(kind) or REDUCE_ANYWHERE.get(kind)
        try:
            reduced = (
                reduce(obj) if reduce is not None else obj.__reduce_ex__(self.proto)
            )
        except Exception:
            self.failed = obj
            raise
        if type(reduced) is tuple and reduced:
            # pieces.py has what becomes of arrays.
            return (
                reduced
                if reduced[0] is not RESTORE_ARRAY
                else reduced_array(obj, reduced)  # noqa: F821
            )
        if isinstance(reduced, str):
            self.by_name = obj
            return reduced_name(obj, reduced)
        return reduced

    def _dynamic_function_reduce(self, func):
        code = func.__code__
        if code is DISPATCHING:
            return reduced_dispatch(func)
        state = function_state(func)
        if func.__defaults__ or func.__kwdefaults__:
            packages = (
                *(func.__defaults__ or ()),
                *(func.__kwdefaults__ or {}).values(),
            )
            state[1]["_cloudpickle_submodules"] += submodules(code, packages)
        for inner in (code, *inner_codes(code)):
            if not inner.co_flags & inspect.CO_OPTIMIZED:
                complete_class_body(func, inner, state[1])
            if "__main__" in inner.co_names or "__mp_main__" in inner.co_names:
                refuse_main(func, inner)
        arguments = self._function_getnewargs(func)
        return MAKE_FUNCTION, arguments, state, None, None, SET_STATE


# What each call of the pickler asks for, without a way through modules.
FUNCTION, CODE = types.FunctionType, types.CodeType
MAKE_FUNCTION, SET_STATE = internals._make_function, internals._function_setstate
REDUCE_CLOUDPICKLE, REDUCE_ANYWHERE = (
    cloudpickle.Pickler._dispatch_table,
    copyreg.dispatch_table,
)
by_reference = internals._should_pickle_by_reference


# Names ------------------------------------------------------------------------------------------------


def stays(what, remedy):
    error = pickle.PicklingError(
        f"{what} is another one in another process, so it cannot be carried; {remedy}"
    )
    error.stays = str(error)  # planwire's own error repeats it
    return error


def is_own(module):
    """Whether the things of a module are the sender's own, rather than there for every process."""
    if module in MAIN:
        return True
    by_value = internals._PICKLE_BY_VALUE_MODULES
    if not by_value:
        return False
    parts = module.split(".")
    return any(
        ".".join(parts[:length]) in by_value for length in range(1, len(parts) + 1)
    )


def reduced_name(obj, name):
    """What pickle would find by a name: as such, unless the name is the sender's own."""
    module = pickle.whichmodule(obj, name)
    if not is_own(module):
        return name
    rebuild = REBUILD.get(type(obj))
    if rebuild is not None:
        return rebuild(obj)
    if isinstance(obj, enum.Enum):
        return type(obj), (obj.value,)
    what = f"{module}.{name}, which pickles by its name only ({type(obj).__module__}.{type(obj).__qualname__}),"
    raise stays(what, "move it to a module that the receiver can import")


def has_place(obj, name):
    """Whether a receiver finds an object by the name of its module and its own."""
    module = getattr(obj, "__module__", None)
    if not isinstance(module, str) or is_own(module):
        return False
    found = sys.modules.get(module)
    try:
        for part in name.split("."):
            found = getattr(found, part)
    except AttributeError:
        return False
    return found is obj


def reduced_class(obj):
    if obj is functools._CacheInfo:
        # Its own name is not the one that the module gives it.
        return getattr, (functools, "_CacheInfo")
    if getattr(obj, "__module__", None) == "__mp_main__":
        return internals._dynamic_class_reduce(obj)
    return internals._class_reduce(obj)


def reduced_cache(obj):
    """A function behind `functools.lru_cache`, with an empty cache."""
    name = getattr(obj, "__qualname__", None) or ""
    if name and has_place(obj, name):
        return obj.__reduce__()
    try:
        function, parameters = obj.__wrapped__, obj.cache_parameters()
    except AttributeError:
        raise stays(f"the cache {name}", "make it with functools.lru_cache") from None
    arguments = (
        function,
        parameters["maxsize"],
        parameters["typed"],
        functools._CacheInfo,
    )
    return functools._lru_cache_wrapper, arguments, vars(obj)


def reduced_cached_property(obj):
    state = {
        name: value for name, value in vars(obj).items() if name not in {"func", "lock"}
    }
    return functools.cached_property, (obj.func,), state


def reduced_dispatch(func):
    """A function of `functools.singledispatch`, whose own tables hold weak references."""
    made_again = {"register", "dispatch", "registry", "_clear_cache", "__wrapped__"}
    attributes = {
        name: value for name, value in vars(func).items() if name not in made_again
    }
    return functools.singledispatch, *choices(func.registry, attributes)


def reduced_dispatch_method(obj):
    attributes = {
        name: value
        for name, value in vars(obj).items()
        if name not in METHOD_MADE_AGAIN
    }
    return functools.singledispatchmethod, *choices(obj.dispatcher.registry, attributes)


METHOD_MADE_AGAIN = frozenset({"func", "dispatcher", "_method_cache"})


def choices(registry, attributes):
    registered = [
        (kind, chosen) for kind, chosen in registry.items() if kind is not object
    ]
    return (registry[object],), (registered, attributes), None, None, set_dispatch


def set_dispatch(function, state):
    # Travels by value itself: no process has this module under a name.
    for kind, chosen in state[0]:
        function.register(kind, chosen)
    function.__dict__.update(state[1])


def reduced_type_variable(obj):
    if obj.__module__ in MAIN:
        return internals._make_typevar, internals._decompose_typevar(obj)
    return internals._typevar_reduce(obj)


def rebuilt_new_type(obj):
    return (
        typing.NewType,
        (obj.__qualname__, obj.__supertype__),
        {"__module__": obj.__module__},
    )


def rebuilt_by_name(obj):
    return type(obj), (obj.__name__,)


def rebuilt_alias(obj):
    return functools.partial(
        type(obj), obj.__name__, obj.__value__, type_params=obj.__type_params__
    ), ()


DISPATCHING = functools.singledispatch(len).__code__


def reduced_module(obj):
    if obj.__name__ in MAIN:
        raise stays(
            f"the module {obj.__name__}", "refer to what is in it, not to the module"
        )
    return internals._module_reduce(obj)


# How objects are taken apart, by their exact class.
REDUCE = {
    functools._lru_cache_wrapper: reduced_cache,
    functools.cached_property: reduced_cached_property,
    functools.singledispatchmethod: reduced_dispatch_method,
    typing.TypeVar: reduced_type_variable,
    types.ModuleType: reduced_module,
}

# How objects of the sender's own are made again that pickle finds by name, by their exact class.
REBUILD = {
    typing.NewType: rebuilt_new_type,
    typing.ParamSpec: rebuilt_by_name,
}
if hasattr(typing, "TypeVarTuple"):
    REBUILD[typing.TypeVarTuple] = rebuilt_by_name
if hasattr(typing, "TypeAliasType"):
    REBUILD[typing.TypeAliasType] = rebuilt_alias


# Code within code -------------------------------------------------------------------------------------


def inner_codes(code):
    """All code inside of a function's own: comprehensions, lambdas, functions, classes."""
    codes = [const for const in code.co_consts if type(const) is CODE]
    for inner in codes:
        codes += [const for const in inner.co_consts if type(const) is CODE]
    return codes


def submodules(code, values):
    """The modules that code can address below packages, of which cloudpickle asks the outermost code only."""
    packages = [
        value
        for value in values
        if isinstance(value, MODULE) and getattr(value, "__package__", None)
    ]
    if not packages:
        return []
    names = dict.fromkeys(code.co_names)
    for inner in inner_codes(code):
        names.update(dict.fromkeys(inner.co_names))
    found = {}
    pending = [package.__name__ for package in packages]
    for package in pending:
        for name in names:
            path = f"{package}.{name}"
            module = sys.modules.get(path)
            if module is not None and path not in found and isinstance(module, MODULE):
                found[path] = module
                pending.append(path)
    return list(found.values())


MODULE = types.ModuleType

# What cloudpickle says of a function, but for the modules: a function of its own, since cloudpickle's
# serves the rest of this process.
function_state = types.FunctionType(
    internals._function_getstate.__code__,
    {**vars(internals), "_find_imported_submodules": submodules},
)

# What cloudpickle gives the variables of each function.
BESIDE = frozenset({"__package__", "__name__", "__path__", "__file__", "__builtins__"})

# By the name of the operation, since its number differs between versions.
LOOKED_UP = frozenset({"LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})


def complete_class_body(func, code, state):
    """Adds the variables that the body of an inner class looks up, which cloudpickle does not see."""
    stored, found = set(), {}
    for instruction in dis.get_instructions(code):
        name = instruction.argval
        if instruction.opname == "STORE_NAME":
            stored.add(name)
        elif (
            instruction.opname in LOOKED_UP
            and name in func.__globals__
            and name not in stored | BESIDE
        ):
            found[name] = func.__globals__[name]
    state["__globals__"].update(found)
    state["_cloudpickle_submodules"] += submodules(func.__code__, found.values())


def refuse_main(func, code):
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME" and instruction.argval in MAIN:
            what = (
                f"the module {instruction.argval}, which {func.__qualname__} imports,"
            )
            raise stays(what, "refer to what is in it, not to the module")
