//! What parcels hold: encoded on one side, decoded on the other.

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF, WindowUDF};
use planwire_registry::parcel::{Content, Parcel, Plan};
use planwire_registry::{SessionCodecs, WireError};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::expr::PyExpr;
use crate::host::call::Call;
use crate::host::error;
use crate::plan::{PyExecutionPlan, PyLogicalPlan, meant_by};
use crate::session::pickle::meaning::Meaning;
use crate::session::{PySessionContext, Snapshot, options, options_of};
use crate::udf::{PyAggregateUdf, PyScalarUdf, PyWindowUdf, wire};
use crate::wire::ambient::{self, Role};
use crate::wire::message;

/// Encodes what a parcel is to hold.
///
/// # Errors
///
/// An `EncodeError`, or a `TypeError` for what no parcel holds.
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
    macro_rules! encoded {
        ($($class:ident, $codecs:ident, $value:ident => $content:ident($encode:expr);)+) => {$(
            if let Ok(found) = value.cast::<$class>() {
                let $value = found.get();
                return message::encoded(&call, codecs, |$codecs| $encode).map(Content::$content);
            }
        )+};
    }
    encoded! {
        PyExpr, codecs, expr => Expr(codecs.logical().expr_to_bytes(expr.expr()));
        PyScalarUdf, codecs, udf => ScalarUdf(wire::to_bytes(codecs, udf.udf()));
        PyAggregateUdf, codecs, udaf => AggregateUdf(wire::to_bytes(codecs, udaf.udf()));
        PyWindowUdf, codecs, udwf => WindowUdf(wire::to_bytes(codecs, udwf.udf()));
    }
    let plan = |meaning: Option<&Meaning>,
                encode: &(dyn Fn(&SessionCodecs) -> Result<Vec<u8>, WireError> + Sync)| {
        let known = meaning.map(|meaning| meaning.options(py)).transpose()?;
        let message = message::encoded(&call, codecs, encode)?;
        PyResult::Ok(Plan { message, options: known.map(|known| options(Arc::unwrap_or_clone(known))) })
    };
    if let Ok(found) = value.cast::<PyDataFrame>() {
        let (frame, meaning) = (found.get().frame(), found.get().meaning());
        let query = plan(Some(&meaning), &|codecs| {
            Meaning::asking(Some(&meaning), codecs.logical()).logical_plan_to_bytes(frame.logical_plan())
        });
        return query.map(Content::Query);
    }
    if let Ok(found) = value.cast::<PyLogicalPlan>() {
        let found = found.get();
        let encode = |codecs: &SessionCodecs| {
            Meaning::asking(found.meaning(), codecs.logical()).logical_plan_to_bytes(found.plan())
        };
        return plan(found.meaning(), &encode).map(Content::LogicalPlan);
    }
    if let Ok(found) = value.cast::<PyExecutionPlan>() {
        let found = found.get();
        let encode = |codecs: &SessionCodecs| {
            Meaning::asking(found.meaning(), codecs.physical()).physical_plan_to_bytes(found.plan())
        };
        return plan(found.meaning(), &encode).map(Content::ExecutionPlan);
    }
    let class = value.get_type();
    Err(PyTypeError::new_err(format!(
        "{} cannot be packed: an expression, a function, a query, a plan or a session can",
        class.name()?
    )))
}

/// Reads what a parcel holds.
///
/// # Errors
///
/// A `DecodeError`.
pub(super) fn read(py: Python<'_>, session: &PySessionContext, bytes: &[u8]) -> PyResult<Content> {
    Parcel::from_bytes(bytes, session.codecs().limits()).map_err(|failure| error::from_wire(py, &failure))
}

/// Decodes what a parcel holds, which has to be of a kind.
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
    let session = ambient::session(py, ctx, Role::Worker)?;
    let session = session.get();
    let content = read(py, session, bytes)?;
    if let Some(wanted) = wanted.filter(|wanted| content.as_str() != *wanted) {
        let fault = format!("it holds the parcel of one {}, and a {wanted} was asked for", content.as_str());
        return Err(error::from_wire(py, &WireError::NotAParcel { fault }));
    }
    macro_rules! function {
        ($class:ident, $function:ty, $message:ident) => {{
            let task = session.ctx().task_ctx();
            let call = Call::begin(py)?;
            let found = message::decoded(&call, session.codecs(), |codecs| {
                wire::from_bytes::<$function>(codecs, &task, &$message)
            });
            Ok($class::from(Arc::new(found?)).into_pyobject(py)?.into_any())
        }};
    }
    match content {
        Content::Expr(message) => {
            let expr = meant_by(py, session, &message, None, |codecs, task, bytes| {
                codecs.logical().expr_from_bytes(bytes, task)
            });
            Ok(PyExpr::from(expr?).into_pyobject(py)?.into_any())
        }
        Content::ScalarUdf(message) => function!(PyScalarUdf, ScalarUDF, message),
        Content::AggregateUdf(message) => function!(PyAggregateUdf, AggregateUDF, message),
        Content::WindowUdf(message) => function!(PyWindowUdf, WindowUDF, message),
        Content::LogicalPlan(plan) => Ok(logical(py, session, plan)?.into_pyobject(py)?.into_any()),
        Content::Query(plan) => {
            let plan = logical(py, session, plan)?;
            let state = plan.meant(py, session.ctx().state())?;
            let frame = PyDataFrame::from(DataFrame::new(state, plan.cloned()));
            Ok(frame.into_pyobject(py)?.into_any())
        }
        Content::ExecutionPlan(Plan { message, options }) => {
            let options = options.map(options_of);
            let plan = meant_by(py, session, &message, options.as_ref(), |codecs, task, bytes| {
                codecs.physical().physical_plan_from_bytes(bytes, task)
            })?;
            let came = options.map(|options| Meaning::Came(Arc::new(options)));
            Ok(PyExecutionPlan::made_under(plan, came).into_pyobject(py)?.into_any())
        }
        Content::Session(snapshot) => {
            let snapshot = Snapshot::of_parcel(snapshot);
            let session = PySessionContext::of_snapshot(&Call::begin(py)?, &snapshot, session)?;
            Ok(session.into_pyobject(py)?.into_any())
        }
    }
}

fn logical(
    py: Python<'_>,
    session: &PySessionContext,
    Plan { message, options }: Plan,
) -> PyResult<PyLogicalPlan> {
    let options = options.map(options_of);
    let plan = meant_by(py, session, &message, options.as_ref(), |codecs, task, bytes| {
        codecs.logical().logical_plan_from_bytes(bytes, task)
    })?;
    Ok(PyLogicalPlan::made_under(plan, options.map(|options| Meaning::Came(Arc::new(options)))))
}
