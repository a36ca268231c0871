//! Looking into messages from Python: what they hold, as objects that never change.

use planwire_registry::error::Message;
use planwire_registry::trailer::Claims;
use planwire_registry::{Content, Contents, Fate, Part, Reading, WireError};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::ambient::{self, Role};
use crate::call::Call;
use crate::error;
use crate::message::contiguous;
use crate::session::PySessionContext;

/// What bytes hold, as far as that can be told without decoding any of it; its text is a tree.
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

/// What bytes hold if they are one sort of message.
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
    /// Whether there are fields that this release does not know, which decoding would pass over.
    unknown_fields: bool,
    /// What would be decoded, in the order of the bytes.
    parts: Py<PyTuple>,
}

/// One thing that a message carries, or names.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import col, inspect, udf
///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
///     >>> [reading] = inspect(same(col("a")).to_bytes()).readings
///     >>> [part] = reading.parts
///     >>> part.name, part.family, part.kind, part.version, len(part.sha256), part.admitted
///     ('same', 'python', 'scalar UDF', 1, 64, True)
#[pyclass(module = "planwire", name = "Part", frozen, get_all, skip_from_py_object)]
pub(crate) struct PyPart {
    /// What the plan says it is, e.g. `scalar UDF`; `None` for a frame that stands alone and does not
    /// say it either.
    kind: Option<String>,
    /// The plan's own name for it, as the sender wrote it; empty where plans give none.
    name: String,
    /// How it is carried: `name`, `frame`, `unknown family`, `envelope` if that cannot be opened, or
    /// `unframed`.
    content: &'static str,
    /// The ids of the codec envelopes around it, the outermost first.
    envelopes: Vec<String>,
    /// The family of its frame.
    family: Option<String>,
    /// The first bytes of a frame whose family is unknown.
    magic: Option<String>,
    /// What the frame itself says it is.
    frame_kind: Option<String>,
    /// The version of the frame.
    version: Option<u8>,
    /// The runtime that it needs, e.g. `CPython 3.11`.
    stamp: Option<String>,
    /// The id of the key that it says to be signed with, which only a guarded mode verifies.
    signer: Option<String>,
    /// Whom it says to be signed for.
    audience: Option<String>,
    /// The last second in which the signature counts, in Unix time; `None` if it counts for good.
    expires: Option<u64>,
    /// The size of its payload in bytes, without a signature.
    size: usize,
    /// The SHA-256 of its payload, by which it is pinned.
    sha256: Option<String>,
    /// Whether it would not be refused here, and is of no unknown family.
    admitted: bool,
    /// What would become of it: `admitted`, `refused`, left to a codec, or left alone because the session
    /// has a registered function of its name go before it.
    fate: String,
    /// The code of the error with which it would be refused.
    code: Option<&'static str>,
    /// The text of that error.
    reason: Option<String>,
    /// What stands inside of it in the plan, e.g. the arguments of a call.
    children: Py<PyTuple>,
}

/// Tell what bytes hold and what would become of it here, without decoding any of it.
///
/// Nothing is unpickled, imported or run, so it is safe with bytes from anywhere. What a payload holds
/// inside is not looked at.
///
/// Args:
///     blob: A message, a frame or a codec envelope, in any object that has the buffer protocol.
///     ctx: The session whose modes and limits are asked; without it the worker context of
///         `planwire.ipc`, and without that one a session that decodes Python functions.
///     what: `"expression"`, `"logical plan"` or `"physical plan"`; without it, all that the bytes can
///         be read as is told.
///
/// Raises:
///     MalformedFrame: The bytes are no message and no frame, or not of the sort asked for.
///     LimitExceeded: They are more than the session takes.
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
///     └── scalar UDF 'same'  python 1, CPython 3..., ... bytes
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
    let bytes = contiguous(blob)?;
    let session = ambient::session(py, ctx, Role::Worker)?;
    let (codecs, task) = (session.get().codecs(), session.get().ctx().task_ctx());
    let bytes = bytes.as_bytes();
    let contents =
        Call::begin(py)?.convert(|| codecs.inspect(bytes, what, &task)).map_err(|failure| match failure {
            WireError::NotAMessage { .. } | WireError::Unrecognized { .. } if is_pickle(bytes) => {
                error::pickled(py)
            }
            failure => error::from_wire(py, &failure),
        })?;
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

/// Whether bytes start as pickles of the protocols do that Python has written since version 2.3.
fn is_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..])
}

#[pymethods]
impl PyContents {
    /// How many bytes there are.
    #[getter]
    const fn size(&self) -> usize {
        self.contents.size
    }

    /// Whether nothing would be refused, whatever the bytes are read as, and no family is unknown.
    #[getter]
    fn admitted(&self) -> bool {
        self.contents.is_admitted()
    }

    /// What the bytes can be read as: one reading, unless they fit several sorts of message.
    #[getter]
    fn readings(&self, py: Python<'_>) -> Py<PyTuple> {
        self.readings.clone_ref(py)
    }

    /// Return all of it as dicts, lists, texts and numbers, as `planwire inspect --json` prints it.
    ///
    /// Raises:
    ///     Nothing.
    ///
    /// Example:
    ///     >>> from planwire import col, functions as f, inspect
    ///     >>> inspect(f.abs(col("a")).to_bytes()).to_dict()["readings"][0]["parts"][0]["name"]
    ///     'abs'
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("size", self.contents.size)?;
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
            parts: parts(py, &reading.parts)?,
        })
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let Self { what, unknown_fields, parts } = self;
        let fields = PyDict::new(py);
        fields.set_item("what", what)?;
        fields.set_item("unknown_fields", unknown_fields)?;
        fields.set_item("parts", dicts(parts.bind(py))?)?;
        Ok(fields)
    }
}

#[pymethods]
impl PyPart {
    fn __repr__(&self) -> String {
        let Self { kind, name, content, fate, .. } = self;
        let (name, kind) = (name.escape_debug(), kind.as_deref().unwrap_or_default());
        format!("Part('{name}', kind='{kind}', content='{content}', fate='{fate}')")
    }
}

impl PyPart {
    fn of(py: Python<'_>, part: &Part) -> PyResult<Self> {
        let (mut family, mut magic, mut frame_kind, mut version, mut stamp) = (None, None, None, None, None);
        let mut signed: Option<&Claims> = None;
        let content = match &part.content {
            Content::Name => "name",
            Content::Frame { family: of, kind, version: found, stamp: needed, signer } => {
                (family, frame_kind) = (Some(of.to_string()), Some(kind.to_string()));
                (version, stamp) = (*found, needed.map(|stamp| stamp.to_string()));
                signed = signer.as_ref();
                "frame"
            }
            Content::UnknownFamily(found) => {
                magic = Some(found.to_string());
                "unknown family"
            }
            Content::Envelope => "envelope",
            _ => "unframed",
        };
        let refused = match &part.fate {
            Fate::Refused(error) => Some(error),
            _ => None,
        };
        Ok(Self {
            kind: part.kind.map(|kind| kind.to_string()),
            name: part.name.clone(),
            content,
            envelopes: part.envelopes.clone(),
            family,
            magic,
            frame_kind,
            version,
            stamp,
            signer: signed.map(|claims| claims.key_id.clone()),
            audience: signed.map(|claims| claims.audience.clone()),
            expires: signed.and_then(|claims| claims.expires),
            size: part.size,
            sha256: part.digest.map(|digest| digest.to_string()),
            admitted: part.is_admitted(),
            fate: refused.map_or_else(|| part.fate.to_string(), |_| "refused".to_owned()),
            code: refused.map(WireError::code),
            reason: refused.map(error::bounded),
            children: parts(py, &part.children)?,
        })
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        macro_rules! fields {
            ($($name:ident),+ $(,)?) => {{
                let Self { children, $($name),+ } = self;
                let fields = PyDict::new(py);
                $(fields.set_item(stringify!($name), $name)?;)+
                fields.set_item("children", dicts(children.bind(py))?)?;
                Ok(fields)
            }};
        }
        fields! {
            kind, name, content, envelopes, family, magic, frame_kind, version, stamp, signer, audience, expires, size, sha256, admitted,
            fate, code, reason,
        }
    }
}

/// Parts as Python has them. They are no deeper in each other than messages are read.
fn parts(py: Python<'_>, parts: &[Part]) -> PyResult<Py<PyTuple>> {
    let parts = parts.iter().map(|part| PyPart::of(py, part)).collect::<PyResult<Vec<_>>>()?;
    Ok(PyTuple::new(py, parts)?.unbind())
}

fn dicts<'py>(parts: &Bound<'py, PyTuple>) -> PyResult<Vec<Bound<'py, PyDict>>> {
    parts.iter().map(|part| part.cast_into::<PyPart>()?.get().to_dict(parts.py())).collect()
}
