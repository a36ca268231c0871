//! What the tests share: Python functions that travel by value, and sessions that carry them.

pub(crate) mod geo;
pub(crate) mod guarded;
pub(crate) mod nodes;

use std::ffi::CStr;
use std::sync::{Arc, Once};

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::logical_expr::{AggregateUDF, ScalarUDF, Volatility, WindowUDF};
use planwire_arrow as _;
use planwire_python::{PythonAggregateUdf, PythonFamily, PythonScalarUdf, PythonWindowUdf};
use planwire_range_family as _;
use planwire_registry::{FamilyList, FamilyMode, Member, Registry, SessionCodecs};
use pyo3::prelude::*;
use pyo3::types::PyDict;

const FUNCTIONS: &CStr = c"
import threading
import pyarrow as pa
import pyarrow.compute as pc

rate = 3

def triple(values):
    return pc.multiply(values, rate)

def same(values):
    return values

def fails(values):
    raise KeyError('no such rate')

def floods(values):
    raise ValueError('n' * 1_000_000)

def short(values):
    return values[:1]

def doubled(values):
    return pa.concat_arrays([values, values])

def text(values):
    return values.cast(pa.string())

class OutOfRange:
    def supports_bounded_execution(self):
        return True
    def get_range(self, idx, num_rows):
        return (0, num_rows + 1)
    def evaluate(self, values, eval_range):
        return 0

def closes_over_a_lock():
    lock = threading.Lock()
    def guarded(values):
        with lock:
            return values
    return guarded

locked = closes_over_a_lock()

class Total:
    def __init__(self):
        self.total = 0
    def update(self, values):
        self.total += pc.sum(values).as_py() or 0
    def merge(self, states):
        self.total += pc.sum(states[0]).as_py() or 0
    def state(self):
        return [pa.scalar(self.total)]
    def evaluate(self):
        return self.total

class Running:
    def evaluate_all(self, values, num_rows):
        return pc.cumulative_sum(values[0])
";

/// Takes a Python object made by [`FUNCTIONS`], as if it stood in a script, so that it travels by value.
pub(crate) fn python(name: &str) -> Py<PyAny> {
    static START: Once = Once::new();
    START.call_once(Python::initialize);
    Python::attach(|py| {
        let globals = PyDict::new(py);
        globals.set_item("__name__", "__main__").expect("a dict takes an item");
        py.run(FUNCTIONS, Some(&globals), None).expect("the functions are sound");
        globals.get_item(name).expect("a dict can be asked").expect("the function is there").unbind()
    })
}

/// A nullable column of integers.
pub(crate) fn int64() -> FieldRef {
    Arc::new(Field::new("value", DataType::Int64, true))
}

pub(crate) fn scalar(name: &str) -> ScalarUDF {
    scalar_of(name, python(name), Volatility::Immutable)
}

pub(crate) fn scalar_of(name: &str, callable: Py<PyAny>, volatility: Volatility) -> ScalarUDF {
    PythonScalarUdf::new(name, callable, vec![int64()], int64(), volatility).into()
}

pub(crate) fn total() -> AggregateUDF {
    total_of("total")
}

pub(crate) fn total_of(name: &str) -> AggregateUDF {
    let state = Arc::new(Field::new("state_0", DataType::Int64, true));
    PythonAggregateUdf::new(name, python("Total"), vec![int64()], int64(), vec![state], Volatility::Immutable)
        .into()
}

pub(crate) fn running() -> WindowUDF {
    running_of("running")
}

pub(crate) fn running_of(name: &str) -> WindowUDF {
    PythonWindowUdf::new(name, python("Running"), vec![int64()], int64(), Volatility::Immutable).into()
}

/// Codecs of the linked families that refuse all of them.
pub(crate) fn fresh() -> SessionCodecs {
    SessionCodecs::new(Registry::linked().expect("the linked families agree"))
}

/// Codecs that carry Python functions inline.
pub(crate) fn inline() -> SessionCodecs {
    fresh().with_mode("python", FamilyMode::Inline).expect("the python family is linked")
}

/// Codecs that were told to refuse Python functions.
pub(crate) fn strict() -> SessionCodecs {
    fresh().with_mode("python", FamilyMode::Refuse).expect("the python family is linked")
}

/// Codecs of Python functions whose counters no other test sees.
pub(crate) fn counted(mode: FamilyMode) -> SessionCodecs {
    let member = Member::new(Arc::new(PythonFamily), "the crate under test");
    SessionCodecs::new(FamilyList::new([member]).expect("it is one"))
        .with_mode("python", mode)
        .expect("it is there")
}
