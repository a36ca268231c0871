//! What parcels hold: encoded on one side, decoded on the other.

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use planwire_registry::parcel::{self, Content, Parcel, Plan};
use planwire_registry::{Parts, SessionCodecs, WireError};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::expr::PyExpr;
use crate::host::call::Call;
use crate::host::error;
use crate::plan::{PyExecutionPlan, PyLogicalPlan};
use crate::session::{PySessionContext, Snapshot, options, options_of};
use crate::udf::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};
use crate::wire::crossing::{Crosses, Encodes, decoded};
use crate::wire::current_session::{self, Role};
use crate::wire::message;

/// Encodes the contents of a parcel.
///
/// # Errors
///
/// An `EncodeError`, or a `TypeError` for an object that no parcel holds.
pub(super) fn content(value: &Bound<'_, PyAny>, codecs: &SessionCodecs) -> PyResult<Content> {
    let py = value.py();
    let call = Call::begin(py)?;
    if let Ok(session) = value.cast::<PySessionContext>() {
        let snapshot = session.get().snapshot(&call, codecs)?;
        let written = snapshot.into_parcel().map_err(|directory| {
            error::session_stays(py, &format_args!("the directory {directory:?} has a name that is no text"))
        });
        return written.map(Content::Session);
    }
    let message = |found: &dyn Encodes| {
        message::encoded(&call, codecs, |codecs| found.encode(codecs).map(Parts::into_vec))
    };
    let plan = |found: &dyn Encodes| {
        let known = found.meaning().map(|meaning| meaning.options(py)).transpose()?;
        let message = message(found)?;
        PyResult::Ok(Plan { message, options: known.map(|known| options(Arc::unwrap_or_clone(known))) })
    };
    macro_rules! encoded {
        ($($class:ident => $content:ident by $encode:ident;)+) => {$(
            if let Ok(found) = value.cast::<$class>() {
                return $encode(found.get()).map(Content::$content);
            }
        )+};
    }
    encoded! {
        PyExpr => Expr by message;
        PyScalarUdf => ScalarUdf by message;
        PyAggregateUdf => AggregateUdf by message;
        PyWindowUdf => WindowUdf by message;
        PyLogicalPlan => LogicalPlan by plan;
        PyExecutionPlan => ExecutionPlan by plan;
    }
    if let Ok(query) = value.cast::<PyDataFrame>() {
        return plan(&query.get().logical_plan()).map(Content::Query);
    }
    let class = value.get_type();
    Err(PyTypeError::new_err(format!(
        "{} cannot be packed: an expression, a function, a query, a plan or a session can",
        class.name()?
    )))
}

/// Reads the contents of a parcel.
///
/// # Errors
///
/// A `DecodeError`.
pub(super) fn read(py: Python<'_>, session: &PySessionContext, bytes: &[u8]) -> PyResult<Content> {
    Parcel::from_bytes(bytes, session.codecs().limits()).map_err(|failure| error::from_wire(py, &failure))
}

/// Decodes the contents of a parcel, which must be of a certain kind.
///
/// # Errors
///
/// A `DecodeError`.
pub(super) fn opened<'py>(
    py: Python<'py>,
    bytes: &[u8],
    wanted: Option<&str>,
    ctx: Option<&Bound<'py, PySessionContext>>,
) -> PyResult<Bound<'py, PyAny>> {
    let session = current_session::session(py, ctx, Role::Worker)?;
    let session = session.get();
    let content = read(py, session, bytes)?;
    if let Some(wanted) = wanted.filter(|wanted| content.as_str() != *wanted) {
        let fault = format!("it holds the parcel of one {}, and a {wanted} was asked for", content.as_str());
        return Err(error::from_wire(py, &WireError::NotAParcel { fault }));
    }
    match content {
        Content::Expr(message) => made::<PyExpr>(py, session, message, None),
        Content::ScalarUdf(message) => made::<PyScalarUdf>(py, session, message, None),
        Content::AggregateUdf(message) => made::<PyAggregateUdf>(py, session, message, None),
        Content::WindowUdf(message) => made::<PyWindowUdf>(py, session, message, None),
        Content::LogicalPlan(Plan { message, options }) => {
            made::<PyLogicalPlan>(py, session, message, options)
        }
        Content::ExecutionPlan(Plan { message, options }) => {
            made::<PyExecutionPlan>(py, session, message, options)
        }
        Content::Query(Plan { message, options }) => {
            let plan: PyLogicalPlan = decoded(py, session, &message.into(), options.map(options_of))?;
            let state = plan.meant(py, session.ctx().state())?;
            PyDataFrame::from(DataFrame::new(state, plan.cloned())).into_bound_py_any(py)
        }
        Content::Session(snapshot) => {
            let snapshot = Snapshot::of_parcel(snapshot);
            PySessionContext::of_snapshot(&Call::begin(py)?, &snapshot, session)?.into_bound_py_any(py)
        }
    }
}

fn made<'py, T: Crosses + IntoPyObject<'py>>(
    py: Python<'py>,
    session: &PySessionContext,
    message: Vec<u8>,
    options: Option<parcel::Options>,
) -> PyResult<Bound<'py, PyAny>> {
    decoded::<T>(py, session, &message.into(), options.map(options_of))?.into_bound_py_any(py)
}
