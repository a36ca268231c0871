//! Inspection of messages from Python: their contents as immutable objects.

mod part;

use planwire_registry::error::Message;
use planwire_registry::trailer::Claims;
use planwire_registry::{Contents, Reading, WireError};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

pub(crate) use self::part::PyPart;
use self::part::{dicts, parts};
use crate::host::call::Call;
use crate::host::error;
use crate::policy::guard;
use crate::session::PySessionContext;
use crate::wire::current_session::{self, Role};
use crate::wire::message::contiguous;
use crate::wire::parcel::PyParcel;

/// The contents of some bytes, found without decoding them; the text is a tree.
///
/// Example:
///     >>> from planwire import col, functions as f, inspect
///     >>> contents = inspect(f.abs(col("a")).to_bytes())
///     >>> contents.admitted, contents.readings
///     (True, (Reading('expression', parts=1),))
#[pyclass(module = "planwire", name = "Contents", frozen, skip_from_py_object)]
pub(crate) struct PyContents {
    contents: Contents,
    readings: Py<PyTuple>,
}

/// The contents of bytes read as one sort of message.
///
/// Example:
///     >>> from planwire import col, functions as f, inspect
///     >>> [reading] = inspect(f.abs(col("a")).to_bytes()).readings
///     >>> reading.what, reading.unknown_fields, reading.parts
///     ('expression', False, (Part('abs', kind='scalar UDF', content='name', fate='admitted'),))
#[pyclass(module = "planwire", name = "Reading", frozen, get_all, skip_from_py_object)]
pub(crate) struct PyReading {
    /// The sort of message: `expression`, `logical plan` or `physical plan`; `None` for a frame that
    /// stands alone.
    what: Option<String>,
    /// Whether there are fields that this release does not know, which a decode would skip.
    unknown_fields: bool,
    /// The parts that would be decoded, in the order of the bytes.
    parts: Py<PyTuple>,
    /// The statement of the first plan in it that changes files, tables or the session, e.g. `COPY TO`.
    writes: Option<&'static str>,
    /// The code of the error with which a decode would refuse it as a whole: a claim exceeds a limit, or it
    /// writes, and the process is hardened.
    code: Option<&'static str>,
}

/// Show the contents of some bytes and the verdict on each part here, without decoding them.
///
/// Nothing is unpickled, imported or run, so it is safe with bytes from anywhere. Plans and expressions inside a
/// payload are shown if its family tells of them.
///
/// Args:
///     blob: A parcel; or a message, a sealed message, a frame or a codec envelope, in any object that has the buffer protocol.
///     ctx: The session whose modes and limits apply; without it the worker context of
///         `planwire.ipc`, and without that one a session that decodes Python functions.
///     what: `"expression"`, `"logical plan"` or `"physical plan"`; without it, all readings of the bytes are
///         shown.
///
/// Raises:
///     MalformedFrame: The bytes are neither a message nor a frame, or not of the requested sort.
///     LimitExceeded: Their size, nesting or number of messages exceeds a limit of the session. A message that only
///         claims more than a limit allows is read, and is not admitted.
///     ValueError: There is no such sort.
///     TypeError: `blob` is not a buffer.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import SessionContext, col, inspect, udf
///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
///     >>> strict = SessionContext().with_python_udf_inlining(enabled=False)
///     >>> print(inspect(same(col("a")).to_bytes(), strict))  # doctest: +ELLIPSIS
///     expression, ... bytes, 1 inline, 0 by name
///     └── scalar UDF 'same'  python v1, CPython 3..., ... bytes
///             sha256 ...
///             refused (PW-D005): refused the inline scalar UDF 'same' of family `python`: ...
#[pyfunction]
#[pyo3(signature = (blob, ctx = None, *, what = None))]
pub(crate) fn inspect<'py>(
    blob: &Bound<'py, PyAny>,
    ctx: Option<&Bound<'py, PySessionContext>>,
    what: Option<&str>,
) -> PyResult<PyContents> {
    let py = blob.py();
    let what = what.map(sort).transpose()?;
    let bytes = match blob.cast::<PyParcel>() {
        Ok(parcel) => PyBytes::new(py, parcel.get().as_bytes()),
        Err(_) => contiguous(blob)?,
    };
    let session = current_session::session(py, ctx, Role::Worker)?;
    let (codecs, task) = (session.get().codecs(), session.get().ctx().task_ctx());
    let whole = bytes.as_bytes();
    let sealed = guard::unverified(py, whole)?;
    let bytes = sealed.as_ref().map_or(whole, |(content, _)| content);
    let contents =
        Call::begin(py)?.convert(|| codecs.inspect(bytes, what, &task)).map_err(|failure| match failure {
            WireError::NotAMessage { .. } | WireError::Unrecognized { .. } if is_pickle(bytes) => {
                error::pickled(py)
            }
            failure => error::from_wire(py, &failure),
        })?;
    let contents = match sealed {
        Some((_, signer)) => contents.sealed(whole.len(), signer),
        None => contents,
    };
    let readings = contents.readings.iter().map(|reading| PyReading::of(py, reading));
    let readings = PyTuple::new(py, readings.collect::<PyResult<Vec<_>>>()?)?.unbind();
    Ok(PyContents { contents, readings })
}

/// Reads the name of a sort of message.
fn sort(name: &str) -> PyResult<Message> {
    let sorts = [Message::Expr, Message::LogicalPlan, Message::PhysicalPlan];
    sorts.into_iter().find(|sort| sort.to_string() == name).ok_or_else(|| {
        let known = "\"expression\", \"logical plan\" and \"physical plan\"";
        PyValueError::new_err(format!("no sort of message is named {name:?}, known are {known}"))
    })
}

/// Whether bytes begin as a pickle of protocol 2 or later.
fn is_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..])
}

#[pymethods]
impl PyContents {
    /// Whether the bytes are a sealed message; the readings are of its content. Only
    /// `planwire.guard.open` verifies the signature.
    #[getter]
    const fn sealed(&self) -> bool {
        self.contents.seal.is_some()
    }

    /// The id of the key that the seal claims.
    #[getter]
    fn signer(&self) -> Option<&str> {
        self.claims().map(|claims| claims.key_id.as_str())
    }

    /// The audience that the seal claims.
    #[getter]
    fn audience(&self) -> Option<&str> {
        self.claims().map(|claims| claims.audience.as_str())
    }

    /// The last second in which the seal is valid, in Unix time; `None` if it does not expire.
    #[getter]
    fn expires(&self) -> Option<u64> {
        self.claims()?.expires
    }

    /// The size in bytes, without a seal.
    #[getter]
    const fn size(&self) -> usize {
        self.contents.size
    }

    /// Whether no part of any reading would be refused, every family is known here, and every family tells
    /// what its payloads hold inside.
    #[getter]
    fn admitted(&self) -> bool {
        self.contents.is_admitted()
    }

    /// The readings of the bytes: one, unless they fit several sorts of message.
    #[getter]
    fn readings(&self, py: Python<'_>) -> Py<PyTuple> {
        self.readings.clone_ref(py)
    }

    /// Return all of it as dicts, lists, texts and numbers, as `planwire inspect --json` prints it.
    ///
    /// Example:
    ///     >>> from planwire import col, functions as f, inspect
    ///     >>> inspect(f.abs(col("a")).to_bytes()).to_dict()["readings"][0]["parts"][0]["name"]
    ///     'abs'
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("size", self.contents.size)?;
        fields.set_item("sealed", self.sealed())?;
        fields.set_item("signer", self.signer())?;
        fields.set_item("audience", self.audience())?;
        fields.set_item("expires", self.expires())?;
        fields.set_item("admitted", self.contents.is_admitted())?;
        let readings = self.readings.bind(py).iter();
        let readings = readings.map(|reading| reading.cast_into::<PyReading>()?.get().to_dict(py));
        fields.set_item("readings", readings.collect::<PyResult<Vec<_>>>()?)?;
        Ok(fields)
    }

    fn __str__(&self) -> String {
        self.contents.to_string()
    }

    fn __repr__(&self) -> String {
        let Contents { size, readings, .. } = &self.contents;
        format!("Contents(size={size}, readings={})", readings.len())
    }
}

impl PyContents {
    /// The claims of the seal.
    fn claims(&self) -> Option<&Claims> {
        self.contents.seal.as_ref()?.signer.as_ref()
    }
}

#[pymethods]
impl PyReading {
    fn __repr__(&self, py: Python<'_>) -> String {
        let what = self.what.as_ref().map_or_else(|| "None".to_owned(), |what| format!("'{what}'"));
        format!("Reading({what}, parts={})", self.parts.bind(py).len())
    }
}

impl PyReading {
    fn of(py: Python<'_>, reading: &Reading) -> PyResult<Self> {
        Ok(Self {
            what: reading.what.map(|what| what.to_string()),
            unknown_fields: reading.unknown_fields,
            writes: reading.writes,
            code: reading.refused.as_ref().map(WireError::code),
            parts: parts(py, &reading.parts)?,
        })
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let Self { what, unknown_fields, parts, writes, code } = self;
        let fields = PyDict::new(py);
        fields.set_item("what", what)?;
        fields.set_item("unknown_fields", unknown_fields)?;
        fields.set_item("writes", writes)?;
        fields.set_item("code", code)?;
        fields.set_item("parts", dicts(parts.bind(py))?)?;
        Ok(fields)
    }
}
