//! One thing that a message carries or names, for Python.

use planwire_guard::Pin;
use planwire_registry::error::Escaped;
use planwire_registry::trailer::Claims;
use planwire_registry::{Content, Fate, Part, Unlinked, WireError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::host::error;

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
    /// Its kind, e.g. `scalar UDF`: the plan's, or the frame's own for a frame that stands alone; `None` if
    /// neither says it.
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
    /// The kind that the frame itself names.
    frame_kind: Option<String>,
    /// The version of the frame.
    version: Option<u8>,
    /// The runtime that it needs, e.g. `CPython 3.11`.
    stamp: Option<String>,
    /// The id of the key that its signature claims, which only a guarded mode verifies.
    signer: Option<String>,
    /// The audience that its signature claims.
    audience: Option<String>,
    /// The last second in which the signature is valid, in Unix time; `None` if it does not expire.
    expires: Option<u64>,
    /// The size of its payload in bytes, without a signature.
    size: usize,
    /// The SHA-256 of its header and payload, without a signature; without a frame, of all its bytes.
    sha256: Option<String>,
    /// Its text in a list of pins; `None` unless it is in a frame of a family.
    pin: Option<String>,
    /// Whether it would not be refused here, and its family is known and tells what is inside. The parts
    /// inside are judged on their own.
    admitted: bool,
    /// The verdict: `admitted`, `refused`, left to a codec, left to its family, which does not tell what is
    /// inside, or left alone because a registered function of its name takes precedence.
    fate: String,
    /// The code of the error with which it would be refused.
    code: Option<&'static str>,
    /// The text of that error.
    reason: Option<String>,
    /// The parts inside of it: in its payload, as far as its family tells, and in the plan, e.g. the arguments
    /// of a call.
    children: Py<PyTuple>,
}

#[pymethods]
impl PyPart {
    fn __repr__(&self) -> String {
        let Self { kind, name, content, fate, .. } = self;
        let (name, kind) = (Escaped(name), kind.as_deref().unwrap_or_default());
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
                match found {
                    Unlinked::Magic(found) => magic = Some(found.to_string()),
                    Unlinked::Name(found) => family = Some(found.clone()),
                    _ => {}
                }
                "unknown family"
            }
            Content::Broken => "envelope",
            _ => "unframed",
        };
        let refused = match &part.fate {
            Fate::Refused(error) => Some(error),
            _ => None,
        };
        let pin = part.digest.filter(|_| family.is_some()).map(|digest| Pin::from(digest).to_string());
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
            pin,
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
            kind, name, content, envelopes, family, magic, frame_kind, version, stamp, signer, audience, expires, size, sha256, pin, admitted,
            fate, code, reason,
        }
    }
}

/// Converts parts for Python. They nest no deeper than messages do.
pub(super) fn parts(py: Python<'_>, parts: &[Part]) -> PyResult<Py<PyTuple>> {
    let parts = parts.iter().map(|part| PyPart::of(py, part)).collect::<PyResult<Vec<_>>>()?;
    Ok(PyTuple::new(py, parts)?.unbind())
}

pub(super) fn dicts<'py>(parts: &Bound<'py, PyTuple>) -> PyResult<Vec<Bound<'py, PyDict>>> {
    parts.iter().map(|part| part.cast_into::<PyPart>()?.get().to_dict(parts.py())).collect()
}
