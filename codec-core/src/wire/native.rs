//! The native frame: a payload behind a header with all that a receiver without the family needs.
//!
//! `<8f "DFX"><version: u8><kind: u8><payload version: u8><length of the family's name: u8>`
//! `<length of the fields: u32 LE><length of the payload: u64 LE><family's name><fields><payload>`, then a
//! signature trailer, if any. A stored frame is `<8f "DFP">`, then the same without the payload, which is kept by
//! its digest elsewhere. `docs/wire-format.md` is the normative description.

mod fault;
mod stored;

use std::sync::{Arc, OnceLock};

use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::logical_expr::Volatility;

use crate::plan::described::Described;
use crate::plan::kind::Kind;
use crate::wire::digest::Digest;
use crate::wire::family_name::FamilyName;
use crate::wire::frame::{Frame, FrameError, Payload, Tag};
use crate::wire::inspection::Stamp;
pub use crate::wire::native::fault::NativeError;
pub(crate) use crate::wire::native::stored::{with_payload, without_payload};
use crate::wire::parts::Parts;
use crate::wire::reference::{self, Key};
use crate::wire::trailer;

/// The first bytes of a native frame. No protobuf message and no UTF-8 text begins with the first of them.
pub(crate) const START: &[u8; 4] = b"\x8fDFX";

/// The first bytes of a stored frame, right before its header.
const STORED: &[u8; 4] = b"\x8fDFP";

/// The only version of the native frame that exists.
const VERSION: u8 = 1;

/// Bytes before the family's name.
const FIXED: usize = 20;

/// Bytes that the length and the key of a field take.
const FIELD_HEAD: usize = 5;

/// Keys of fields. A reader refuses a frame with a key below [`ANCILLARY`] that it does not know.
mod key {
    pub(super) const DIGEST: u8 = 1;
    pub(super) const NAME: u8 = 2;
    pub(super) const VOLATILITY: u8 = 3;
    pub(super) const TYPES: u8 = 4;
    pub(super) const STAMP: u8 = 5;
    pub(super) const ANCILLARY: u8 = 128;
    pub(super) const DATAFUSION: u8 = 128;
}

/// The kinds in the order of their numbers on the wire, which begin at 1.
const KINDS: [Kind; 9] = [
    Kind::ScalarUdf,
    Kind::AggregateUdf,
    Kind::WindowUdf,
    Kind::HigherOrderUdf,
    Kind::TableProvider,
    Kind::FileFormat,
    Kind::LogicalNode,
    Kind::PhysicalNode,
    Kind::PhysicalExpr,
];

/// A native frame that was read.
#[derive(Debug, Clone)]
pub(crate) struct Native<'a> {
    /// The name of the family, which need not be linked here.
    pub(crate) family: &'a str,
    pub(crate) kind: Kind,
    pub(crate) frame: Frame<'a>,
    /// The payload of a stored frame, which is not in it.
    pub(crate) elsewhere: Option<Elsewhere>,
}

/// A payload that is kept by its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) digest: Digest,
    /// Its size in bytes, as the header says.
    pub(crate) size: u64,
}

impl Native<'_> {
    /// The key by which a message refers to the frame: the first bytes of the SHA-256 of its header, in which
    /// the digest of its payload stands, and of its signature.
    pub(crate) fn key(&self) -> Key {
        let signature = self.frame.received().get(self.frame.unsigned()..).unwrap_or_default();
        reference::key(match self.frame.about() {
            Some(about) if !signature.is_empty() => Digest::of(&[about.header, signature].concat()),
            _ => self.frame.digest(),
        })
    }

    /// Whether the header describes a function of this kind, so that it can be held although its family is
    /// not linked.
    pub(crate) fn is_held(&self, kind: Kind) -> bool {
        let is_described = self.frame.about().is_some_and(|about| about.name.is_some());
        self.kind == kind && kind.is_function() && kind != Kind::HigherOrderUdf && is_described
    }
}

/// The content of a native frame's header, besides family and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About<'a> {
    /// The header, with the digest of the payload in it.
    header: &'a [u8],
    /// The function's own name.
    pub(crate) name: Option<&'a str>,
    pub(crate) volatility: Option<Volatility>,
    /// How many of the fields are arguments, and all fields as an Arrow IPC stream: arguments, result, state.
    pub(crate) types: Option<(usize, &'a [u8])>,
    /// The runtime that the payload needs: its name, its major and its minor version.
    pub(crate) stamp: Option<(&'a str, u8, u8)>,
    /// The major version of DataFusion that wrote the frame.
    pub(crate) datafusion: Option<u16>,
}

impl About<'_> {
    /// The SHA-256 of the header, which holds that of the payload.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.header)
    }
}

/// Whether bytes open like a native frame, stored or not.
pub(crate) fn starts(bytes: &[u8]) -> bool {
    bytes.starts_with(START) || bytes.starts_with(STORED)
}

/// Whether bytes end inside [`START`].
pub(crate) fn is_cut_in_start(bytes: &[u8]) -> bool {
    bytes.len() < START.len() && (START.starts_with(bytes) || STORED.starts_with(bytes))
}

/// The number of bytes before the payload of a native frame, if so many are there.
pub(crate) fn header_len(bytes: &[u8]) -> Option<usize> {
    let fixed = bytes.first_chunk::<FIXED>()?;
    let [.., name_len, f0, f1, f2, f3, _, _, _, _, _, _, _, _] = *fixed;
    let fields_len = usize::try_from(u32::from_le_bytes([f0, f1, f2, f3])).ok()?;
    let header_len = FIXED.checked_add(usize::from(name_len))?.checked_add(fields_len)?;
    (header_len <= bytes.len()).then_some(header_len)
}

/// Reads a native frame, and checks its payload, if that is there, against the digest in its header.
pub(crate) fn decode(bytes: &[u8]) -> Result<Native<'_>, FrameError> {
    let (native, digest) = read(bytes)?;
    if native.elsewhere.is_none() && digest != Digest::of(native.frame.payload) {
        return Err(NativeError::Digest.into());
    }
    Ok(native)
}

/// Reads a native frame that was checked before or was made here.
pub(crate) fn read_checked(bytes: &[u8]) -> Result<Native<'_>, FrameError> {
    read(bytes).map(|(native, _)| native)
}

/// Reads a native frame, and returns the digest that its header says its payload has.
fn read(bytes: &[u8]) -> Result<(Native<'_>, Digest), FrameError> {
    let (before_trailer, trailer) = trailer::split(bytes)?;
    let (unsigned, is_stored) = match before_trailer.strip_prefix(STORED) {
        Some(header) => (header, true),
        None => (before_trailer, false),
    };
    let truncated = |needed| NativeError::Truncated { found: unsigned.len(), needed };
    if is_stored && !unsigned.starts_with(START) {
        return Err(NativeError::Unstored.into());
    }
    let (fixed, rest) = unsigned.split_first_chunk::<FIXED>().ok_or(truncated(FIXED))?;
    let [_, _, _, _, version, number, payload_version, name_len, f0, f1, f2, f3, payload @ ..] = *fixed;
    if version != VERSION {
        return Err(FrameError::Version { found: version, oldest: VERSION, newest: VERSION });
    }
    let kind = usize::from(number).checked_sub(1).and_then(|kind| KINDS.get(kind)).copied();
    let kind = kind.ok_or(NativeError::Kind(number))?;
    let (fields_len, payload_len) =
        (u64::from(u32::from_le_bytes([f0, f1, f2, f3])), u64::from_le_bytes(payload));
    let here = if is_stored { 0 } else { payload_len };
    let told = (FIXED as u64 + u64::from(name_len) + fields_len).saturating_add(here);
    if told != unsigned.len() as u64 {
        return Err(NativeError::Length { told, found: unsigned.len() }.into());
    }
    // Both lengths are within the bytes present, so nothing is cut off.
    let fields_len = usize::try_from(fields_len).unwrap_or(usize::MAX);
    let header_len = FIXED.saturating_add(usize::from(name_len)).saturating_add(fields_len);
    let (name, rest) = rest.split_at_checked(usize::from(name_len)).ok_or(truncated(header_len))?;
    let (fields, payload) = rest.split_at_checked(fields_len).ok_or(truncated(header_len))?;
    let (header, _) = unsigned.split_at_checked(header_len).ok_or(truncated(header_len))?;
    let family = std::str::from_utf8(name).ok().filter(|name| FamilyName::is_sound(name));
    let family = family.ok_or(NativeError::Family)?;
    let (about, digest) = read_fields(header, fields)?;
    let frame = Frame::native(payload_version, payload, trailer, before_trailer.len(), bytes, about);
    let elsewhere = is_stored.then_some(Elsewhere { digest, size: payload_len });
    Ok((Native { family, kind, frame, elsewhere }, digest))
}

fn read_fields<'a>(header: &'a [u8], mut fields: &'a [u8]) -> Result<(About<'a>, Digest), NativeError> {
    let mut about =
        About { header, name: None, volatility: None, types: None, stamp: None, datafusion: None };
    let (mut digest, mut last) = (None, None);
    while let Some((head, rest)) = fields.split_first_chunk::<FIELD_HEAD>() {
        let [key, length @ ..] = *head;
        let length = u32::from_le_bytes(length) as usize;
        let (value, rest) = rest.split_at_checked(length).ok_or(NativeError::Fields)?;
        if last.is_some_and(|last| last >= key) {
            return Err(NativeError::Fields);
        }
        (last, fields) = (Some(key), rest);
        let unsound = NativeError::Field(key);
        match key {
            key::DIGEST => digest = Some(Digest(value.try_into().map_err(|_| unsound)?)),
            key::NAME => about.name = Some(std::str::from_utf8(value).map_err(|_| unsound)?),
            key::VOLATILITY => about.volatility = Some(volatility(value).ok_or(unsound)?),
            key::TYPES => {
                let (arguments, stream) = value.split_first_chunk().ok_or(unsound)?;
                about.types = Some((usize::from(u16::from_le_bytes(*arguments)), stream));
            }
            key::STAMP => {
                let ([major, minor], runtime) = value.split_first_chunk().ok_or(unsound)?;
                let runtime = std::str::from_utf8(runtime).map_err(|_| unsound)?;
                about.stamp = Some((runtime, *major, *minor));
            }
            key::DATAFUSION => {
                about.datafusion = Some(u16::from_le_bytes(value.try_into().map_err(|_| unsound)?));
            }
            key if key < key::ANCILLARY => return Err(NativeError::Critical(key)),
            _ => {}
        }
    }
    if !fields.is_empty() {
        return Err(NativeError::Fields);
    }
    Ok((about, digest.ok_or(NativeError::Undigested)?))
}

const fn volatility(value: &[u8]) -> Option<Volatility> {
    match value {
        [0] => Some(Volatility::Immutable),
        [1] => Some(Volatility::Stable),
        [2] => Some(Volatility::Volatile),
        _ => None,
    }
}

/// Puts a native header before a payload.
///
/// # Errors
///
/// When the types of the function have no Arrow IPC form, or do not fit into a header.
pub(crate) fn encode(
    family: FamilyName,
    kind: Kind,
    tag: Tag,
    payload: Payload,
) -> Result<Parts, ArrowError> {
    let mut fields = Vec::new();
    let mut field = |key, parts: &[&[u8]]| -> Result<(), ArrowError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let length = u32::try_from(length).map_err(|_| too_much())?;
        fields.push(key);
        fields.extend_from_slice(&length.to_le_bytes());
        parts.iter().for_each(|part| fields.extend_from_slice(part));
        Ok(())
    };
    field(key::DIGEST, &[&Digest::of_parts(payload.parts()).0])?;
    if let Some(described) = payload.described() {
        field(key::NAME, &[described.name.as_bytes()])?;
        field(
            key::VOLATILITY,
            &[&[match described.volatility {
                Volatility::Immutable => 0,
                Volatility::Stable => 1,
                Volatility::Volatile => 2,
            }]],
        )?;
        let arguments = u16::try_from(described.arguments.len()).map_err(|_| too_much())?;
        field(key::TYPES, &[&arguments.to_le_bytes(), &types(described)?])?;
    }
    if let Some(Stamp { runtime, major, minor }) = payload.stamp() {
        field(key::STAMP, &[&[major, minor], runtime.as_bytes()])?;
    }
    field(key::DATAFUSION, &[&datafusion_major().to_le_bytes()])?;
    let kind = KINDS.into_iter().zip(1_u8..).find_map(|(known, number)| (known == kind).then_some(number));
    let name = family.as_str().as_bytes();
    let (name_len, kind) = u8::try_from(name.len()).ok().zip(kind).ok_or_else(too_much)?;
    let fields_len = u32::try_from(fields.len()).map_err(|_| too_much())?;
    let payload_len = payload.len();
    let payload = payload.into_parts();
    let copied = if payload_len < Parts::LARGE { payload_len } else { 0 };
    let mut bytes = Vec::with_capacity(FIXED + name.len() + fields.len() + copied);
    bytes.extend_from_slice(START);
    bytes.extend_from_slice(&[VERSION, kind, tag.native, name_len]);
    bytes.extend_from_slice(&fields_len.to_le_bytes());
    bytes.extend_from_slice(&(payload_len as u64).to_le_bytes());
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(&fields);
    let mut frame = Parts::from(bytes);
    frame.append(payload);
    Ok(frame)
}

fn too_much() -> ArrowError {
    ArrowError::IpcError("it has more than the header of a native frame holds".to_owned())
}

fn types(described: &Described) -> Result<Vec<u8>, ArrowError> {
    let Described { arguments, result, state, .. } = described;
    let fields = arguments.iter().chain([result]).chain(state);
    let mut writer =
        StreamWriter::try_new(Vec::new(), &Schema::new(fields.map(Arc::clone).collect::<Vec<_>>()))?;
    writer.finish()?;
    writer.into_inner()
}

/// The major version of DataFusion in this build; 0 if it has no number.
fn datafusion_major() -> u16 {
    static MAJOR: OnceLock<u16> = OnceLock::new();
    let read = || datafusion::DATAFUSION_VERSION.split('.').next()?.parse().ok();
    *MAJOR.get_or_init(|| read().unwrap_or_default())
}
