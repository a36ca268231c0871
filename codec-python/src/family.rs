//! The family `python`: functions that run Python callables, as version 1 frames.

mod beside;
mod pickle;
mod pickler;

use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::datatypes::FieldRef;
use datafusion::logical_expr::Volatility;
use planwire_registry::error::Escaped;
use planwire_registry::frame::{self, Frame};
use planwire_registry::{
    AuthorizedFrame, DecodeContext, Described, EncodeContext, FamilyName, Floor, Inspection, Kind, Nested,
    Node, NodeRef, Payload, Stamp, StampError, Tag, WireError, WireFamily, register_family, reopen,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

use crate::error::attached;
use crate::function::aggregate::PythonAggregateUdf;
use crate::function::callable::{Callable, Late};
use crate::function::scalar::PythonScalarUdf;
use crate::function::window::PythonWindowUdf;
use crate::function::{PythonFunction, aliased};
use crate::interpreter::version;

/// The family that carries scalar, aggregate and window functions written in Python, by value.
#[derive(Debug)]
pub struct PythonFamily;

register_family!(PythonFamily);

const NAME: FamilyName = FamilyName::new("python");
const SCALAR: Tag = Tag::new(b"DFPYUDF", 1).with_native(NATIVE);
const AGGREGATE: Tag = Tag::new(b"DFPYUDA", 1).with_native(NATIVE);
const WINDOW: Tag = Tag::new(b"DFPYUDW", 1).with_native(NATIVE);

/// The version of the payload in native frames: the pickle of the callable, and large buffers beside it.
const NATIVE: u8 = 2;

impl WireFamily for PythonFamily {
    fn name(&self) -> FamilyName {
        NAME
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        match kind {
            Kind::ScalarUdf => Some(SCALAR),
            Kind::AggregateUdf => Some(AGGREGATE),
            Kind::WindowUdf => Some(WINDOW),
            _ => None,
        }
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        match node {
            NodeRef::ScalarUdf(udf) => {
                let inner = udf.inner();
                let ours = inner.downcast_ref::<PythonScalarUdf>().cloned();
                ours.or_else(|| aliased::inside(inner, || inner.documentation()))
                    .map(|udf| dump(cx, udf.function(), None))
            }
            NodeRef::AggregateUdf(udf) => {
                let inner = udf.inner();
                let ours = inner.downcast_ref::<PythonAggregateUdf>().cloned();
                ours.or_else(|| aliased::inside(inner, || inner.documentation()))
                    .map(|udf| dump(cx, udf.function(), Some(udf.state())))
            }
            NodeRef::WindowUdf(udf) => {
                let inner = udf.inner();
                let ours = inner.downcast_ref::<PythonWindowUdf>().cloned();
                ours.or_else(|| aliased::inside(inner, || inner.documentation()))
                    .map(|udf| dump(cx, udf.function(), None))
            }
            _ => None,
        }
        .transpose()
    }

    fn stamp(&self, frame: &Frame<'_>) -> Result<Option<Stamp>, StampError> {
        let malformed = |fault| Err(StampError::Malformed { fault });
        let [major, minor] = match (frame.is_native(), frame.stamp(), pickle::split(frame.payload)) {
            (true, Some((version::RUNTIME, major, minor)), _) => [major, minor],
            (true, ..) => return malformed("the header does not say for which CPython it is".to_owned()),
            (false, _, Some((stamp, _))) => stamp,
            (false, _, None) => {
                let found = frame.payload.len();
                return malformed(format!("truncated payload: {found} bytes, the stamp alone takes 2"));
            }
        };
        let (found, running) = (Stamp { runtime: version::RUNTIME, major, minor }, version::running());
        if found == running { Ok(Some(found)) } else { Err(StampError::Mismatch { found, running }) }
    }

    fn nested<'a>(&self, _: Kind, _: &Frame<'a>) -> Nested<'a> {
        Nested::Nothing
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        let Inspection { kind, name, .. } = frame.inspection();
        if let Some(described) = frame.described(cx.limits())? {
            return described_node(*kind, described, &frame);
        }
        attached(*kind, name, "decoding", |py| {
            audit(py, *kind, name, frame.payload().len())?;
            load(py, *kind, &frame)
        })
        .map_err(|error| frame.undecodable(error))
    }
}

fn dump(
    cx: &EncodeContext<'_>,
    function: &PythonFunction,
    state: Option<&[FieldRef]>,
) -> Result<Payload, WireError> {
    // Forwarded as it came: another pickle of the same function would have other bytes, which nobody signed
    // or pinned. Only the processes of an engine can do nothing with a frame that does not describe itself.
    if let Some(received) = function.kept().received()
        && !(cx.is_native() && cx.is_for_engine() && !frame::is_native(received))
    {
        return Ok(Payload::received(received.clone()));
    }
    let encode = |py: Python<'_>| {
        if cx.is_native() {
            let described = Described {
                name: function.name().to_owned(),
                arguments: pickle::arguments_on_wire(function.inputs()).map(Arc::new).collect(),
                result: Arc::clone(function.output()),
                state: state.unwrap_or_default().to_vec(),
                volatility: function.volatility(),
            };
            pickle::dump_callable(&pickle::local(py, function)?, described)
        } else {
            pickle::dump(&pickle::parts(py, function, state)?)
        }
    };
    let payload =
        function.kept().payload(cx.is_native(), || attached(cx.kind(), function.name(), "encoding", encode));
    payload.map_err(|error| cx.cannot_carry(error))
}

/// The function that a native frame describes, whose callable is unpickled when it is first needed.
fn described_node(kind: Kind, described: Described, frame: &AuthorizedFrame<'_>) -> Result<Node, WireError> {
    let late = Late { name: frame.inspection().name.as_str().into(), floor: frame.floor() };
    let callable = Callable::late(frame.received_shared(), late);
    let callable = match described.volatility {
        Volatility::Volatile => callable,
        Volatility::Immutable | Volatility::Stable => callable.shared(frame.digest()),
    };
    let state = described.state.clone();
    let function = PythonFunction::described(described, callable);
    match kind {
        Kind::ScalarUdf => Ok(Node::ScalarUdf(Arc::new(PythonScalarUdf::of(function).into()))),
        Kind::AggregateUdf => {
            Ok(Node::AggregateUdf(Arc::new(PythonAggregateUdf::of(function, state).into())))
        }
        Kind::WindowUdf => Ok(Node::WindowUdf(Arc::new(PythonWindowUdf::of(function).into()))),
        other => Err(frame.malformed(format!("the family carries no {other}"))),
    }
}

/// Unpickles the callable of a function that came in a native frame.
pub(crate) fn open<'c>(kind: Kind, name: &str, callable: &'c Callable) -> Result<&'c Py<PyAny>, WireError> {
    // The name that the policy was asked about, which may differ from the function's own.
    let name = callable.is_late().map_or(name, |late| &*late.name);
    if callable.is_late().is_some_and(|late| late.floor != Floor::of_process().as_str()) {
        reopen(&PythonFamily, kind, name, callable.received().map(|frame| &**frame).unwrap_or_default())?;
    }
    let outcome = attached(kind, name, "opening", |py| {
        callable.opened(py, |frame| {
            let payload = frame::payload(frame).map(|payload| frame.slice_ref(payload)).unwrap_or_default();
            audit(py, kind, name, payload.len())?;
            pickle::callable(beside::load(py, &payload)?)
        })
    });
    let name = name.to_owned();
    outcome.map_err(|error| WireError::Payload { family: NAME, kind, name, source: Arc::new(error) })
}

/// Tells Python's audit hooks which payload is about to be unpickled, so that a hook may veto it by raising.
fn audit(py: Python<'_>, kind: Kind, name: &str, size: usize) -> PyResult<()> {
    static AUDIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let audit = AUDIT.import(py, "sys", "audit")?;
    let name = Escaped(name).to_string();
    audit.call1(("planwire.decode", NAME.as_str(), kind.as_str(), name, size)).map(drop)
}

fn load(py: Python<'_>, kind: Kind, frame: &AuthorizedFrame<'_>) -> PyResult<Node> {
    let received = frame.received_shared();
    let blob = frame::payload(&received).and_then(pickle::split).map(|(_, blob)| received.slice_ref(blob));
    let parts = pickle::load(py, &blob.unwrap_or_default())?;
    match kind {
        Kind::ScalarUdf => {
            let function = function(exactly(&parts)?, frame, received)?;
            Ok(Node::ScalarUdf(Arc::new(PythonScalarUdf::of(function).into())))
        }
        Kind::AggregateUdf => {
            let [name, factory, inputs, output, state, volatility] = exactly(&parts)?;
            let function = function([name, factory, inputs, output, volatility], frame, received)?;
            let state = pickle::fields(&state)?;
            Ok(Node::AggregateUdf(Arc::new(PythonAggregateUdf::of(function, state).into())))
        }
        Kind::WindowUdf => {
            let function = function(exactly(&parts)?, frame, received)?;
            Ok(Node::WindowUdf(Arc::new(PythonWindowUdf::of(function).into())))
        }
        other => Err(PyValueError::new_err(format!("the family carries no {other}"))),
    }
}

/// Builds a function from the parts that every kind has.
fn function(
    parts: [Bound<'_, PyAny>; 5],
    frame: &AuthorizedFrame<'_>,
    received: Bytes,
) -> PyResult<PythonFunction> {
    let [name, callable, inputs, output, volatility] = parts;
    let volatility = pickle::volatility(&volatility)?;
    Ok(PythonFunction::new(
        name.extract()?,
        decoded(pickle::callable(callable)?, volatility, frame, received),
        pickle::fields(&inputs)?,
        pickle::field(&output)?,
        volatility,
    ))
}

fn exactly<'py, const N: usize>(parts: &Bound<'py, PyTuple>) -> PyResult<[Bound<'py, PyAny>; N]> {
    <[_; N]>::try_from(parts.iter().collect::<Vec<_>>())
        .map_err(|parts| PyValueError::new_err(format!("the pickle holds {} parts, not {N}", parts.len())))
}

/// Makes functions decoded from the same payload compare equal, unless volatile.
fn decoded(
    object: Py<PyAny>,
    volatility: Volatility,
    frame: &AuthorizedFrame<'_>,
    received: Bytes,
) -> Callable {
    let callable = Callable::new(object).with_received(received);
    match volatility {
        Volatility::Volatile => callable,
        Volatility::Immutable | Volatility::Stable => callable.shared(frame.digest()),
    }
}
