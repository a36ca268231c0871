//! What the tests of guarded modes share: keys, sessions that count what they decode, and what they carry.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::arrow::array::{Int64Array, RecordBatch};
use datafusion::datasource::MemTable;
use hmac::{Hmac, KeyInit as _, Mac as _};
use planwire_arrow::ArrowFamily;
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_guard::{Algorithm, Keyring, Signed};
use planwire_python::PythonFamily;
use planwire_range_family::{RangeFamily, RangeTable};
use planwire_registry::frame::Frame;
use planwire_registry::trailer::{Claims, split};
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member, Nested,
    Node, NodeRef, Payload, SessionCodecs, Stamp, StampError, StrictMode, Tag, WireError, WireFamily,
};
use sha2::Sha256;

use crate::fixture::{running, scalar, total};
use crate::nodes::{Probe, wire_error, with_installed};

pub(crate) const LAYERS: [Layer; 2] = [Layer::Logical, Layer::Physical];
pub(crate) const AUDIENCE: &str = "workers";
pub(crate) const ID: &str = "driver-1";
pub(crate) const SECRET: &[u8; 32] = b"thirty-two bytes that nobody has";

/// The seed and the public key of the first test in RFC 8032, section 7.1.
pub(crate) const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44,
    0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
pub(crate) const PUBLIC: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e,
    0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// A line of a keyring.
pub(crate) fn line(use_of: &str, algorithm: Algorithm, id: &str, key: &[u8]) -> String {
    format!("{use_of} {algorithm} {id} {}\n", STANDARD.encode(key))
}

pub(crate) fn ring(text: &str) -> Arc<Keyring> {
    Arc::new(Keyring::parse(text).unwrap())
}

/// The keyring that signs by a key, and the one that only verifies by it.
pub(crate) fn rings(algorithm: Algorithm) -> [Arc<Keyring>; 2] {
    let [signs, verifies] = match algorithm {
        Algorithm::HmacSha256 => [SECRET, SECRET],
        Algorithm::Ed25519 => [&SEED, &PUBLIC],
    };
    [ring(&line("sign", algorithm, ID, signs)), ring(&line("verify", algorithm, ID, verifies))]
}

pub(crate) fn signed(keyring: &Arc<Keyring>) -> Signed {
    Signed::new(Arc::clone(keyring), AUDIENCE).unwrap()
}

/// What `rings` signs by HMAC, made without planwire's code for keys.
pub(crate) fn hmac(secret: &[u8], statement: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(statement);
    mac.finalize().into_bytes().to_vec()
}

/// Bytes with a trailer of these claims that is signed by HMAC.
pub(crate) fn forged(secret: &[u8], claims: &Claims, bytes: &[u8]) -> Vec<u8> {
    [bytes, &claims.trailer(&hmac(secret, &claims.statement(planwire_registry::Digest::of(bytes))))].concat()
}

/// What a sender by HMAC claims.
pub(crate) fn claims() -> Claims {
    Claims { key_id: ID.to_owned(), audience: AUDIENCE.to_owned(), expires: None }
}

/// Counts what the family inside decodes.
#[derive(Debug)]
struct Counted<F>(F, Arc<AtomicUsize>);

#[deny(clippy::missing_trait_methods)]
impl<F: WireFamily> WireFamily for Counted<F> {
    fn name(&self) -> FamilyName {
        self.0.name()
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        self.0.tag(kind)
    }
    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        self.0.encode(node, cx)
    }
    fn stamp(&self, frame: &Frame<'_>) -> Result<Option<Stamp>, StampError> {
        self.0.stamp(frame)
    }
    fn nested<'a>(&self, kind: Kind, frame: &Frame<'a>) -> Nested<'a> {
        self.0.nested(kind, frame)
    }
    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        self.1.fetch_add(1, SeqCst);
        self.0.decode(frame, cx)
    }
}

/// Codecs of three families, with what came through to any of them.
pub(crate) struct Session {
    codecs: SessionCodecs,
    decoded: Arc<AtomicUsize>,
}

impl Session {
    /// One in which every family has this mode.
    pub(crate) fn of(mode: &FamilyMode) -> Self {
        let decoded = Arc::<AtomicUsize>::default();
        let member = |family: Arc<dyn WireFamily>| Member { family, origin: "planwire-tests" };
        let families = FamilyList::new([
            member(Arc::new(Counted(ArrowFamily, Arc::clone(&decoded)))),
            member(Arc::new(Counted(PythonFamily, Arc::clone(&decoded)))),
            member(Arc::new(Counted(RangeFamily, Arc::clone(&decoded)))),
        ]);
        let codecs = ["arrow", "python", "range"]
            .iter()
            .fold(SessionCodecs::new(families.unwrap()), |codecs, family| {
                codecs.with_mode(family, mode.clone()).unwrap()
            });
        Self { codecs, decoded }
    }

    pub(crate) fn guarded(mode: impl StrictMode + 'static) -> Self {
        Self::of(&FamilyMode::Guarded(Arc::new(mode)))
    }

    pub(crate) fn inline() -> Self {
        Self::of(&FamilyMode::Inline)
    }

    pub(crate) fn with_installed(&self, id: &str, codec: &Arc<Probe>) -> Self {
        Self { codecs: with_installed(&self.codecs, id, codec), decoded: Arc::clone(&self.decoded) }
    }

    pub(crate) fn debug(&self) -> String {
        format!("{:?} {:#?}", self.codecs, self.codecs)
    }

    pub(crate) fn decoded(&self) -> usize {
        self.decoded.load(SeqCst)
    }

    pub(crate) fn encode(&self, layer: Layer, (name, node): &Sample) -> Result<Vec<u8>, WireError> {
        let mut bytes = Vec::new();
        match encode(&self.codecs, layer, name, node, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(wire_error(&error).clone()),
        }
    }

    pub(crate) fn decode(
        &self,
        layer: Layer,
        (name, node): &Sample,
        bytes: &[u8],
    ) -> Result<Sample, WireError> {
        match decode(&self.codecs, layer, name, node, bytes) {
            Ok(node) => Ok((name, node)),
            Err(error) => Err(wire_error(&error).clone()),
        }
    }

    /// The error for bytes that must not reach a family.
    pub(crate) fn refusal(&self, layer: Layer, sample: &Sample, bytes: &[u8]) -> WireError {
        let before = self.decoded();
        let error = self.decode(layer, sample, bytes).expect_err("the bytes were taken");
        assert!(error.code().starts_with("PW-D"), "{error}");
        assert_eq!(self.decoded(), before, "a family got what was then refused: {error}");
        error
    }
}

/// A node and its name.
pub(crate) type Sample = (&'static str, Node);

/// A Python function of each kind.
pub(crate) fn functions() -> [Sample; 3] {
    [
        ("triple", Node::ScalarUdf(Arc::new(scalar("triple")))),
        ("total", Node::AggregateUdf(Arc::new(total()))),
        ("running", Node::WindowUdf(Arc::new(running()))),
    ]
}

pub(crate) fn triple() -> Sample {
    let [triple, ..] = functions();
    triple
}

pub(crate) fn range() -> Sample {
    ("numbers", Node::TableProvider(Arc::new(RangeTable { end: 3 })))
}

/// A node of each family and kind.
pub(crate) fn samples() -> Vec<Sample> {
    let column = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let batch = RecordBatch::try_from_iter([("n", column as _)]).unwrap();
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap();
    let mut samples = Vec::from(functions());
    samples.extend([range(), ("table", Node::TableProvider(Arc::new(table)))]);
    samples
}

/// Splits a signed frame or message into what was signed and its trailer.
pub(crate) fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (signed, trailer) = split(bytes).unwrap();
    assert!(trailer.is_some(), "there is no trailer");
    bytes.split_at(signed.len())
}
