//! A family that carries every kind, and counts what is decoded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use planwire_registry::{
    AuthorizedFrame, CodecRef, DecodeContext, EncodeContext, FamilyName, Kind, Member, Node, NodeRef,
    Payload, Place, Tag, WireError, WireFamily,
};

use super::nodes::node;

/// Carries every kind; its payloads say what becomes of them.
#[derive(Debug)]
pub struct Carrier {
    name: FamilyName,
    tags: [Tag; Kind::ALL.len()],
    decoded: AtomicUsize,
}

macro_rules! tags {
    ($($magic:literal)+) => { [$(Tag::new($magic, 1).with_native(2)),+] };
}

impl Carrier {
    /// The family `demo`.
    #[must_use]
    pub fn demo() -> Arc<Self> {
        let tags = tags!(b"DFDEMOA" b"DFDEMOB" b"DFDEMOC" b"DFDEMOD" b"DFDEMOE" b"DFDEMOF" b"DFDEMOG" b"DFDEMOH" b"DFDEMOI");
        Arc::new(Self { name: FamilyName::new("demo"), tags, decoded: AtomicUsize::new(0) })
    }

    /// The family `forbidden`, which no session of a target enables.
    #[must_use]
    pub fn forbidden() -> Arc<Self> {
        let tags = tags!(b"DFFORBA" b"DFFORBB" b"DFFORBC" b"DFFORBD" b"DFFORBE" b"DFFORBF" b"DFFORBG" b"DFFORBH" b"DFFORBI");
        Arc::new(Self { name: FamilyName::new("forbidden"), tags, decoded: AtomicUsize::new(0) })
    }

    /// The family as a member of a list.
    pub fn member(self: &Arc<Self>) -> Member {
        Member::new(Arc::clone(self) as _, "planwire-fuzz")
    }

    /// How often a payload of it was decoded.
    ///
    /// It is counted because a panic would not show: planwire catches those of a family.
    pub fn decoded(&self) -> usize {
        self.decoded.load(Relaxed)
    }
}

impl WireFamily for Carrier {
    fn name(&self) -> FamilyName {
        self.name
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        self.tags.get(kind as usize).copied()
    }

    /// Only nodes of a name that says so, or a plan of built-in functions would be all frames.
    fn encode(&self, node: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        let name = node.name();
        Ok(name.contains(self.name.as_str()).then(|| Payload::from(name.as_bytes())))
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        self.decoded.fetch_add(1, Relaxed);
        let kind = frame.inspection().kind;
        let wanted = match frame.payload() {
            // A fault that repeats what came from outside.
            [b'!', fault @ ..] => return Err(frame.malformed(String::from_utf8_lossy(fault))),
            // How deep it goes is for the family to bound, as with any recursion of its own.
            [b'(', inner @ ..] if inner.len() < 256 => return nested(&frame, inner, cx),
            // Messages within the message.
            [b'[', inner @ ..] => cx.expr_from_bytes(inner).map(|_| kind)?,
            [b'{', inner @ ..] => cx.logical_plan_from_bytes(inner).map(|_| kind)?,
            [b'<', inner @ ..] => cx.physical_plan_from_bytes(inner).map(|_| kind)?,
            // A node of another kind than its tag says.
            [b'~', other, ..] => Kind::ALL.get(usize::from(*other)).copied().unwrap_or(kind),
            _ => kind,
        };
        node(wanted).ok_or_else(|| frame.malformed("no such kind"))
    }
}

/// Decodes a frame within the frame by the codec of the call.
fn nested(frame: &AuthorizedFrame<'_>, inner: &[u8], cx: &DecodeContext<'_>) -> Result<Node, WireError> {
    let Place::ScalarUdf { name } = cx.place else { return Err(frame.malformed("nothing nests there")) };
    let udf = match cx.codec {
        CodecRef::Logical(codec) => codec.try_decode_udf(name, inner),
        CodecRef::Physical(codec) => codec.try_decode_udf(name, inner),
    };
    udf.map(Node::ScalarUdf).map_err(|error| match WireError::find(&error) {
        Some(found) => found.clone(),
        None => frame.undecodable(error),
    })
}
