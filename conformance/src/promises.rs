//! The promises of every wire family, checked from outside through a session's codecs.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::functions::math::signum;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::functions_window::row_number::row_number_udwf;
use planwire_registry::frame::HEADER_LEN;
use planwire_registry::{
    FamilyList, FamilyMode, Fate, Kind, Member, Node, Reading, Report, SessionCodecs, Tag, WireError,
    WireFamily,
};

use crate::crossing::{Layer, decode, encode};
use crate::hexdump::hexdump;

/// An author's check that two things are the same.
type Recognise = Box<dyn Fn(&Node) -> bool>;

/// A node that the family carries, under the name that a plan has for it.
pub struct Sample {
    name: String,
    node: Node,
    recognise: Option<Recognise>,
    is_written_anew: bool,
}

impl Sample {
    /// Makes a sample; for a function `name` is the function's own.
    #[must_use]
    pub fn new(name: impl Into<String>, node: Node) -> Self {
        Self { name: name.into(), node, recognise: None, is_written_anew: false }
    }

    /// Adds a check of the decoded thing.
    #[must_use]
    pub fn recognised_by(self, recognise: impl Fn(&Node) -> bool + 'static) -> Self {
        Self { recognise: Some(Box::new(recognise)), ..self }
    }

    /// Says that what comes back is encoded to other bytes, which is otherwise taken for a loss. A sample like
    /// that is to be [recognised](Self::recognised_by).
    #[must_use]
    pub fn written_anew(self) -> Self {
        Self { is_written_anew: true, ..self }
    }
}

/// Checks a family with samples of all that it carries: of each kind two with different payloads, unless the
/// payload is empty.
///
/// # Panics
///
/// If a promise is broken, with a message that says which.
#[expect(clippy::panic, reason = "that is how a test fails")]
pub fn check(family: Arc<dyn WireFamily>, samples: &[Sample]) {
    let suite = Suite::new(family);
    for kind in suite.tags().map(|(kind, _)| kind) {
        assert!(samples.iter().any(|sample| sample.node.kind() == kind), "there is no sample of a {kind}");
    }
    for kind in suite.tags().map(|(kind, _)| kind) {
        suite.has_samples_that_differ(kind, samples);
    }
    for sample in samples {
        let Some((_, tag)) = suite.tags().find(|(kind, _)| *kind == sample.node.kind()) else {
            panic!("the family has no tag for the {} {}", sample.node.kind(), sample.name)
        };
        for layer in [Layer::Logical, Layer::Physical] {
            let subject = Subject { suite: &suite, sample, tag, layer };
            subject.crosses_inline();
            subject.is_appended_once();
            subject.is_refused();
            subject.reports_every_truncation();
            subject.reports_another_version();
            subject.reports_another_hook(samples);
            subject.tells_what_is_inside();
        }
    }
    suite.leaves_the_rest_alone();
}

/// Kind and name of what is inside; only functions have the same name for both sides.
fn inner(kind: Kind, name: &str) -> (Kind, String) {
    (kind, if kind.is_function() { name.to_owned() } else { String::new() })
}

struct Suite {
    family: Arc<dyn WireFamily>,
    inline: SessionCodecs,
    refuse: SessionCodecs,
}

impl Suite {
    #[expect(clippy::panic, reason = "that is how a test fails")]
    fn new(family: Arc<dyn WireFamily>) -> Self {
        let member = Member::new(Arc::clone(&family), "the crate under test");
        let families = FamilyList::new([member]).unwrap_or_else(|conflict| panic!("{conflict}"));
        let name = family.name();
        let with = |mode| {
            SessionCodecs::new(families.clone())
                .with_mode(name.as_str(), mode)
                .unwrap_or_else(|unknown| panic!("{unknown}"))
        };
        Self { inline: with(FamilyMode::Inline), refuse: with(FamilyMode::Refuse), family }
    }

    fn tags(&self) -> impl Iterator<Item = (Kind, Tag)> + '_ {
        Kind::ALL.iter().copied().filter_map(|kind| Some((kind, self.family.tag(kind)?)))
    }

    /// A decoder that ignores the payload can fit one sample, but not two.
    fn has_samples_that_differ(&self, kind: Kind, samples: &[Sample]) {
        let of_kind = samples.iter().filter(|sample| sample.node.kind() == kind);
        let payloads: BTreeSet<_> = of_kind
            .map(|Sample { name, node, .. }| {
                let mut bytes = Vec::new();
                let outcome = encode(&self.inline, Layer::Logical, name, node, &mut bytes);
                assert!(outcome.is_ok(), "the {kind} {name} does not encode: {outcome:?}");
                bytes.get(HEADER_LEN..).unwrap_or_default().to_vec()
            })
            .collect();
        assert!(
            payloads.len() > 1 || payloads.contains(&[][..]),
            "all samples of the kind {kind} have one payload, so a decoder that ignores it would pass: add a \
             sample that differs"
        );
    }

    /// Built-in functions go by name, so no family may write one.
    fn leaves_the_rest_alone(&self) {
        let foreign =
            [Node::ScalarUdf(signum()), Node::AggregateUdf(sum_udaf()), Node::WindowUdf(row_number_udwf())];
        for node in foreign.iter().filter(|node| self.family.tag(node.kind()).is_some()) {
            let mut bytes = Vec::new();
            let outcome = encode(&self.inline, Layer::Logical, "", node, &mut bytes);
            assert!(outcome.is_ok(), "a {} of someone else's fails to encode: {outcome:?}", node.kind());
            assert!(bytes.is_empty(), "the family encodes a {} of someone else's", node.kind());
        }
    }
}

#[derive(Clone, Copy)]
struct Subject<'a> {
    suite: &'a Suite,
    sample: &'a Sample,
    tag: Tag,
    layer: Layer,
}

impl Subject<'_> {
    fn encoded(&self) -> Vec<u8> {
        let Sample { name, node, .. } = self.sample;
        let mut bytes = Vec::new();
        let outcome = encode(&self.suite.inline, self.layer, name, node, &mut bytes);
        assert!(outcome.is_ok(), "{self} does not encode: {outcome:?}");
        bytes
    }

    fn decoded(&self, codecs: &SessionCodecs, bytes: &[u8]) -> Result<Node, DataFusionError> {
        decode(codecs, self.layer, &self.sample.name, &self.sample.node, bytes)
    }

    #[expect(clippy::panic, reason = "that is how a test fails")]
    fn error(&self, codecs: &SessionCodecs, bytes: &[u8], what: &str) -> WireError {
        match self.decoded(codecs, bytes) {
            Ok(_) => panic!("{self}: {what} decodes"),
            Err(error) => match WireError::find(&error) {
                Some(found) => found.clone(),
                None => panic!("{self}: {what} gives an untyped error: {error}"),
            },
        }
    }

    fn crosses_inline(&self) {
        let bytes = self.encoded();
        let expected = [self.tag.magic.as_bytes().as_slice(), &[self.tag.newest]].concat();
        assert!(bytes.starts_with(&expected), "{self} does not open with its tag");
        match self.decoded(&self.suite.inline, &bytes) {
            Ok(node) => self.is_the_same(&node, &bytes),
            Err(error) => assert_eq!(error.to_string(), "", "{self} does not decode"),
        }
    }

    fn is_the_same(&self, node: &Node, bytes: &[u8]) {
        let Sample { name, node: sent, recognise, is_written_anew } = self.sample;
        assert_eq!(node.kind(), sent.kind(), "{self} comes back as another kind");
        let is_recognised = recognise.as_ref().map(|recognise| recognise(node));
        assert!(is_recognised != Some(false), "{self} comes back as something else: {node:?}");
        assert!(
            is_recognised.is_some() || !is_written_anew,
            "{self} is written anew, and nothing recognises it"
        );
        let mut again = Vec::new();
        let outcome = encode(&self.suite.inline, self.layer, name, node, &mut again);
        assert!(outcome.is_ok(), "{self} does not encode again: {outcome:?}");
        assert!(
            *is_written_anew || again == bytes,
            "{self} comes back as something else: it is encoded to other bytes\n{}\nthan those it came from\n{}",
            hexdump(&again),
            hexdump(bytes)
        );
    }

    fn is_appended_once(&self) {
        let Sample { name, node, .. } = self.sample;
        let mut bytes = b"before".to_vec();
        let outcome = encode(&self.suite.inline, self.layer, name, node, &mut bytes);
        assert!(outcome.is_ok() && bytes.starts_with(b"before"), "{self} overwrites what was written");
        let appended = bytes.get(b"before".len()..).unwrap_or_default();
        let back = self.decoded(&self.suite.inline, appended);
        assert!(back.is_ok(), "{self} does not decode when it was appended: {back:?}");
    }

    fn is_refused(&self) {
        let error = self.error(&self.suite.refuse, &self.encoded(), "a frame of a refused family");
        assert!(matches!(error, WireError::Refused { .. }), "{self}: a refusal says {error}");
        let Sample { name, node, .. } = self.sample;
        let mut bytes = Vec::new();
        // A kind that cannot go by name may fail here; what must not happen is a frame.
        let _ = encode(&self.suite.refuse, self.layer, name, node, &mut bytes);
        assert!(!bytes.starts_with(self.tag.magic.as_bytes()), "{self} is encoded inline in refuse mode");
    }

    /// A cut header says so. Where a cut payload is still one, only the family can tell, so what is
    /// wanted there is that nothing panics and that an error is typed.
    fn reports_every_truncation(&self) {
        let bytes = self.encoded();
        for length in 1..bytes.len() {
            let cut = bytes.get(..length).unwrap_or_default();
            if length < HEADER_LEN {
                let error = self.error(&self.suite.inline, cut, &format!("its first {length} bytes"));
                let malformed = matches!(error, WireError::Malformed { .. });
                assert!(malformed, "{self}: a truncated header says {error}");
            } else if let Err(error) = self.decoded(&self.suite.inline, cut) {
                let found = WireError::find(&error);
                assert!(found.is_some(), "{self}: its first {length} bytes give an untyped error: {error}");
            }
        }
    }

    /// A family that tells what its payloads hold inside tells all that codecs were asked about in there.
    fn tells_what_is_inside(&self) {
        let Sample { name, node, .. } = self.sample;
        let (report, mut bytes) = (Report::default(), Vec::new());
        let outcome = encode(&self.suite.inline.reporting(&report), self.layer, name, node, &mut bytes);
        assert!(outcome.is_ok(), "{self} does not encode: {outcome:?}");
        let mut asked = report.carried();
        // What is around is carried when all that is inside has been.
        asked.pop();
        let mut asked: Vec<_> = asked.into_iter().map(|part| inner(part.kind, &part.name)).collect();
        let reading = self.suite.inline.logical().inspect_frame(&bytes);
        let parts: Vec<_> = reading.iter().flat_map(Reading::iter).collect();
        if parts.first().is_none_or(|part| matches!(part.fate, Fate::LeftToFamily(_))) {
            return;
        }
        let inside = parts.iter().skip(1).filter_map(|part| Some(inner(part.kind?, &part.name)));
        let mut told: Vec<_> = inside.collect();
        asked.sort();
        told.sort();
        assert_eq!(told, asked, "{self}: `nested` does not tell what is inside");
        let refused = parts.iter().find(|part| !part.is_admitted());
        assert!(refused.is_none(), "{self}: what `nested` tells of is no message: {refused:?}");
    }

    fn reports_another_version(&self) {
        let mut bytes = self.encoded();
        if let Some(version) = bytes.get_mut(HEADER_LEN - 1) {
            *version = self.tag.newest.wrapping_add(1);
        }
        for (codecs, refuses) in [(&self.suite.inline, false), (&self.suite.refuse, true)] {
            let error = self.error(codecs, &bytes, "another version");
            assert!(
                matches!(error, WireError::Version { refuses: found, .. } if found == refuses),
                "{self}: another version says {error}"
            );
        }
    }

    fn reports_another_hook(&self, samples: &[Sample]) {
        for other in samples.iter().filter(|other| other.node.kind() != self.sample.node.kind()) {
            let there = Subject { sample: other, ..*self };
            let error = there.error(&self.suite.inline, &self.encoded(), "a frame of another kind");
            assert!(matches!(error, WireError::WrongKind { .. }), "{self}: another hook says {error}");
        }
    }
}

impl std::fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the {} '{}' on the {:?} layer", self.sample.node.kind(), self.sample.name, self.layer)
    }
}
