//! Parcels: encoded objects that stay bytes until they are opened where they are used.

mod contents;

use planwire_registry::parcel::Parcel;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyTuple, PyType};

use self::contents::{content, opened, read};
use crate::host::error;
use crate::session::PySessionContext;
use crate::wire::current_session::{self, Role};
use crate::wire::message::contiguous;

/// An encoded object that stays bytes until it is opened where it is used, under the session there.
///
/// A parcel goes through every pool and cluster: unpickling one decodes nothing, so nothing is refused and no
/// code runs before `open`, where the caller sees the exception.
///
/// Example:
///     >>> import pickle
///     >>> from planwire import SessionContext, col, pack
///     >>> parcel = pickle.loads(pickle.dumps(pack(col("a") + 1)))
///     >>> parcel
///     Parcel('expression', size=31)
///     >>> parcel.open()
///     Expr(a + Int64(1))
#[pyclass(module = "planwire", name = "Parcel", frozen, eq, hash, skip_from_py_object)]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct PyParcel {
    bytes: Vec<u8>,
    kind: &'static str,
}

/// Encode something for shipping: an expression, a function, a query, a plan or a session.
///
/// Args:
///     value: The object to ship.
///     ctx: The session whose modes and guards apply; without it the sender context of `planwire.ipc`, and
///         without that one a session in which Python functions travel inline.
///
/// Raises:
///     EncodeError: Something in it cannot be carried.
///     TypeError: `value` is an object of another class.
///
/// Example:
///     >>> from planwire import SessionContext, pack
///     >>> ctx = SessionContext()
///     >>> parcel = pack(ctx.from_pydict({"a": [1, 2]}))
///     >>> parcel.kind
///     'query'
///     >>> parcel.open(ctx).to_pydict()
///     {'a': [1, 2]}
#[pyfunction]
#[pyo3(signature = (value, ctx = None))]
pub(crate) fn pack<'py>(
    value: &Bound<'py, PyAny>,
    ctx: Option<&Bound<'py, PySessionContext>>,
) -> PyResult<PyParcel> {
    let py = value.py();
    let session = current_session::session(py, ctx, Role::Sender)?;
    let codecs = session.get().codecs();
    let content = content(value, codecs)?;
    let kind = content.as_str();
    let bytes = Parcel::from(content).to_bytes(codecs.limits());
    Ok(PyParcel { bytes: bytes.map_err(|failure| error::from_wire(py, &failure))?, kind })
}

#[pymethods]
impl PyParcel {
    /// Read a parcel without decoding anything of it yet.
    ///
    /// Args:
    ///     data: The bytes of a parcel, in any object that has the buffer protocol.
    ///     ctx: The session whose limits hold; without it the worker context of `planwire.ipc`.
    ///
    /// Raises:
    ///     MalformedFrame: The bytes are not a parcel.
    ///     LimitExceeded: They exceed a limit of the session.
    ///     TypeError: `data` is not a buffer.
    ///
    /// Example:
    ///     >>> from planwire import Parcel, col, pack
    ///     >>> Parcel.from_bytes(pack(col("a")).to_bytes()).open()
    ///     Expr(a)
    #[classmethod]
    #[pyo3(signature = (data, ctx = None))]
    fn from_bytes<'py>(
        cls: &Bound<'py, PyType>,
        data: &Bound<'py, PyAny>,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Self> {
        let session = current_session::session(cls.py(), ctx, Role::Worker)?;
        let bytes = contiguous(data)?.as_bytes().to_vec();
        let kind = read(cls.py(), session.get(), &bytes)?.as_str();
        Ok(Self { bytes, kind })
    }

    /// Decode the packed object, under the session that will use it.
    ///
    /// Args:
    ///     ctx: The session whose modes, guards and limits hold, and in which a query runs; without it the
    ///         worker context of `planwire.ipc`, and without that one a session that decodes Python functions.
    ///
    /// Raises:
    ///     DecodeError: The object cannot be decoded here, or is refused.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import InlineRefused, SessionContext, col, pack, udf
    ///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
    ///     >>> parcel = pack(same(col("a")))
    ///     >>> parcel.open()
    ///     Expr(same(a))
    ///     >>> strict = SessionContext().with_python_udf_inlining(enabled=False)
    ///     >>> try:
    ///     ...     parcel.open(strict)
    ///     ... except InlineRefused as refusal:
    ///     ...     print(refusal)  # doctest: +ELLIPSIS
    ///     refused the inline scalar UDF 'same' of family `python`: ...
    #[pyo3(signature = (ctx = None))]
    fn open<'py>(
        &self,
        py: Python<'py>,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        opened(py, &self.bytes, None, ctx)
    }

    /// The kind of the object: `expression`, `scalar UDF`, `aggregate UDF`, `window UDF`, `logical plan`,
    /// `physical plan`, `query` or `session`.
    #[getter]
    const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Return the bytes of the parcel.
    ///
    /// Example:
    ///     >>> from planwire import col, pack
    ///     >>> parcel = pack(col("a"))
    ///     >>> parcel.to_bytes() == bytes(parcel)
    ///     True
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes)
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.to_bytes(py)
    }

    const fn __len__(&self) -> usize {
        self.bytes.len()
    }

    fn __repr__(&self) -> String {
        format!("Parcel('{}', size={})", self.kind, self.bytes.len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        static RESTORE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let (py, parcel) = (slf.py(), slf.get());
        let arguments = (parcel.to_bytes(py),).into_pyobject(py)?;
        Ok((RESTORE.import(py, "planwire._internal", "_restore_parcel")?.clone(), arguments))
    }
}

/// Makes a parcel of what its `__reduce__` returned: a function, because pickle takes twice as long to find a
/// method of a class.
///
/// Nothing is read before `open`, so that unpickling never fails where nobody sees the error.
#[pyfunction(name = "_restore_parcel")]
pub(crate) fn restore_parcel(data: &Bound<'_, PyBytes>) -> PyParcel {
    let bytes = data.as_bytes().to_vec();
    let kind = Parcel::kind(&bytes).unwrap_or("unknown");
    PyParcel { bytes, kind }
}

impl PyParcel {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The bytes of a parcel of something.
///
/// # Errors
///
/// An `EncodeError`.
pub(crate) fn packed<'py>(
    value: &Bound<'py, PyAny>,
    ctx: Option<&Bound<'py, PySessionContext>>,
) -> PyResult<Bound<'py, PyBytes>> {
    pack(value, ctx).map(|parcel| parcel.to_bytes(value.py()))
}

/// Reads the bytes of a parcel that has to hold a certain kind.
///
/// # Errors
///
/// A `DecodeError`, or a `TypeError` if the object is not a buffer.
pub(crate) fn opened_as<'py>(
    class: &Bound<'py, PyType>,
    kind: &str,
    data: &Bound<'py, PyAny>,
    ctx: Option<&Bound<'py, PySessionContext>>,
) -> PyResult<Bound<'py, PyAny>> {
    opened(class.py(), contiguous(data)?.as_bytes(), Some(kind), ctx)
}
