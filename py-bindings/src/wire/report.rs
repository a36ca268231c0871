//! Reports of an encode: the inline parts, the parts by name, and their sizes.

use planwire_registry::error::Escaped;
use planwire_registry::{Carried, Carrier};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::expr::PyExpr;
use crate::host::call::Call;
use crate::plan::{PyExecutionPlan, PyLogicalPlan};
use crate::session::PySessionContext;
use crate::udf::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};
use crate::wire::crossing::Encodes;
use crate::wire::current_session::{self, Role};
use crate::wire::message;

/// A report of an encode: the size of the message, and each thing in it that a codec was asked to encode.
///
/// Example:
///     >>> from planwire import col, encode_report, functions as f
///     >>> report = encode_report(f.abs(col("a")))
///     >>> report.inline, report.by_name
///     ([], [Carried('abs', kind='scalar UDF', carrier=None, size=0)])
#[pyclass(module = "planwire", name = "EncodeReport", frozen, skip_from_py_object)]
pub(crate) struct PyEncodeReport {
    size: usize,
    carried: Vec<PyCarried>,
}

/// One thing of an `EncodeReport`.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import col, encode_report, udf
///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
///     >>> [carried] = encode_report(same(col("a"))).inline
///     >>> carried.name, carried.kind, carried.carrier, carried.size > 100
///     ('same', 'scalar UDF', 'python', True)
#[pyclass(module = "planwire", name = "Carried", frozen, get_all, skip_from_py_object)]
#[derive(Clone)]
pub(crate) struct PyCarried {
    /// The plan's own name for it.
    name: String,
    /// Its kind, e.g. `scalar UDF`.
    kind: String,
    /// The family or codec that carries it; `None` if it goes by name.
    carrier: Option<String>,
    /// Its size in the message in bytes, without its name.
    size: usize,
}

impl From<Carried> for PyCarried {
    fn from(carried: Carried) -> Self {
        let carrier = match carried.carrier {
            Carrier::Name => None,
            Carrier::Family(family) => Some(family.to_string()),
            Carrier::Codec(codec) => Some(codec.to_string()),
            Carrier::Held(family) => Some(family),
        };
        Self { name: carried.name, kind: carried.kind.to_string(), carrier, size: carried.size }
    }
}

#[pymethods]
impl PyCarried {
    fn __repr__(&self) -> String {
        let Self { name, kind, carrier, size } = self;
        let carrier = carrier.as_ref().map_or_else(|| "None".to_owned(), |carrier| format!("'{carrier}'"));
        format!("Carried('{}', kind='{kind}', carrier={carrier}, size={size})", Escaped(name))
    }
}

#[pymethods]
impl PyEncodeReport {
    /// The size of the message in bytes.
    #[getter]
    const fn size(&self) -> usize {
        self.size
    }

    /// The things that travel inside the message, in the order of the plan.
    #[getter]
    fn inline(&self) -> Vec<PyCarried> {
        self.carried.iter().filter(|carried| carried.carrier.is_some()).cloned().collect()
    }

    /// The functions that the receiver must have, in the order of the plan; DataFusion's own included.
    #[getter]
    fn by_name(&self) -> Vec<PyCarried> {
        self.carried.iter().filter(|carried| carried.carrier.is_none()).cloned().collect()
    }

    fn __repr__(&self) -> String {
        let inline = self.carried.iter().filter(|carried| carried.carrier.is_some()).count();
        let by_name = self.carried.len() - inline;
        format!("EncodeReport(size={}, inline={inline}, by_name={by_name})", self.size)
    }
}

/// Report what a message would carry, without keeping the message.
///
/// Args:
///     value: An expression, a plan, a data frame or a function.
///     ctx: The session whose modes apply, as for `to_bytes`.
///
/// Raises:
///     EncodeError: It cannot be encoded.
///     TypeError: `value` is an object of another class.
///
/// Example:
///     >>> from planwire import SessionContext, encode_report
///     >>> frame = SessionContext().from_pydict({"a": [1, 2]})
///     >>> [table] = encode_report(frame).inline
///     >>> table.kind, table.carrier
///     ('table provider', 'arrow')
#[pyfunction]
#[pyo3(signature = (value, ctx = None))]
pub(crate) fn encode_report<'py>(
    value: &Bound<'py, PyAny>,
    ctx: Option<&Bound<'py, PySessionContext>>,
) -> PyResult<PyEncodeReport> {
    let report = |found: &dyn Encodes| {
        let session = current_session::session(value.py(), ctx, Role::Sender)?;
        let call = Call::begin(value.py())?;
        let (bytes, carried) =
            message::reported(&call, session.get().codecs(), |codecs| found.encode(codecs))?;
        Ok(PyEncodeReport { size: bytes.len(), carried: carried.into_iter().map(PyCarried::from).collect() })
    };
    macro_rules! as_any_of {
        ($($class:ident),+) => {$(
            if let Ok(found) = value.cast::<$class>() {
                return report(found.get());
            }
        )+};
    }
    as_any_of!(PyExpr, PyLogicalPlan, PyExecutionPlan, PyScalarUdf, PyAggregateUdf, PyWindowUdf);
    if let Ok(query) = value.cast::<PyDataFrame>() {
        return report(&query.get().logical_plan());
    }
    let class = value.get_type();
    Err(PyTypeError::new_err(format!("{} has no message of its own", class.name()?)))
}
