//! Payloads that lend large parts: copied once, to where the message leaves from, and kept where it arrives.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use datafusion::functions::math::expr_fn::abs;
use datafusion::logical_expr::{Expr, Volatility};
use datafusion::prelude::{SessionContext, col, lit};
use planwire_registry::{
    ALIGNMENT, AuthorizedFrame, DecodeContext, Described, EncodeContext, FamilyList, FamilyMode, FamilyName,
    Frames, Kind, Member, Node, NodeRef, Parts, Payload, SessionCodecs, Tag, WireError, WireFamily, trailer,
};

use super::native::elsewhere;
use crate::fixture::guarded::{rings, signed};
use crate::fixture::int64;
use planwire_guard::Algorithm;

const LARGE: usize = Parts::LARGE;

/// Sends `abs` with parts of its own, and keeps the frames that it decodes.
#[derive(Debug, Default)]
struct Lender {
    parts: Vec<Bytes>,
    kept: Mutex<Vec<Bytes>>,
}

impl WireFamily for Lender {
    fn name(&self) -> FamilyName {
        FamilyName::new("lender")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFLENDS", 1))
    }

    fn encode(&self, node: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        let mut payload = Payload::concat(&[]);
        self.parts.iter().for_each(|part| payload.lend(part.clone()));
        assert_eq!(payload.as_bytes(), self.parts.concat());
        assert_eq!(
            (payload.len(), payload.is_empty()),
            (self.parts.concat().len(), self.parts.concat().is_empty())
        );
        let described = Described {
            name: node.name(),
            arguments: vec![int64()],
            result: int64(),
            state: Vec::new(),
            volatility: Volatility::Volatile,
        };
        Ok((node.name() == "abs").then(|| payload.with_described(described)))
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        assert_eq!(frame.payload(), self.parts.concat());
        self.kept.lock().unwrap().push(frame.received_shared());
        Ok(Node::ScalarUdf(datafusion::functions::math::abs()))
    }
}

fn filled(byte: u8, length: usize) -> Bytes {
    vec![byte; length].into()
}

fn session(parts: &[Bytes], frames: Frames) -> (Arc<Lender>, SessionCodecs) {
    let lender = Arc::new(Lender { parts: parts.to_vec(), ..Lender::default() });
    let member = Member::new(Arc::clone(&lender) as Arc<dyn WireFamily>, "tests");
    let codecs = SessionCodecs::new(FamilyList::new([member]).unwrap());
    let codecs = codecs.with_mode("lender", FamilyMode::Inline).unwrap();
    (lender, codecs.with_frames("lender", frames).unwrap())
}

fn sent(codecs: &SessionCodecs) -> Parts {
    codecs.logical().expr_to_parts(&abs(col("a"))).unwrap()
}

fn arrived(codecs: &SessionCodecs, message: &[u8]) -> Result<Expr, WireError> {
    codecs.logical().expr_from_bytes(message, &SessionContext::new().task_ctx())
}

/// Where a lent part is in a message that is not in one piece yet.
fn lends(message: &Parts, part: &Bytes) -> bool {
    !part.is_empty()
        && message.iter().any(|piece| piece.as_ptr() == part.as_ptr() && piece.len() == part.len())
}

/// Parts on both sides of the size from which they are lent, in every order of two.
fn samples() -> Vec<Vec<Bytes>> {
    let sizes = [0, 1, LARGE - 1, LARGE, LARGE + 1];
    let pair = |first, second| vec![filled(1, first), filled(2, second)];
    sizes.iter().flat_map(|first| sizes.map(|second| pair(*first, second))).collect()
}

#[test]
fn a_large_part_is_not_copied_before_the_message_leaves() {
    for parts in samples() {
        let (_, codecs) = session(&parts, Frames::Native);
        let message = sent(&codecs);
        for part in &parts {
            assert_eq!(lends(&message, part), part.len() >= LARGE, "{} bytes", part.len());
        }
        let whole = codecs.logical().expr_to_bytes(&abs(col("a"))).unwrap();
        assert_eq!((message.len(), message.is_empty()), (whole.len(), false));
        assert_eq!(message.into_vec(), whole);
        assert_eq!(arrived(&codecs, &whole).unwrap(), abs(col("a")));
    }
}

#[test]
fn frames_of_version_1_and_signed_frames_hold_what_was_lent() {
    let [signer, verifier] = rings(Algorithm::HmacSha256);
    for parts in samples() {
        let (_, codecs) = session(&parts, Frames::Version1);
        assert_eq!(arrived(&codecs, &sent(&codecs).into_vec()).unwrap(), abs(col("a")));
        let (_, codecs) = session(&parts, Frames::Native);
        let guarded =
            |keyring| codecs.with_mode("lender", FamilyMode::Guarded(Arc::new(signed(keyring)))).unwrap();
        let mut message = sent(&guarded(&signer)).into_vec();
        assert_eq!(arrived(&guarded(&verifier), &message).unwrap(), abs(col("a")));
        let unsigned = sent(&codecs).into_vec();
        assert!(matches!(arrived(&guarded(&verifier), &unsigned), Err(WireError::PolicyRefused { .. })));
        if let Some(place) = message.iter().rposition(|byte| *byte == 2).filter(|_| !parts[1].is_empty()) {
            message[place] = 3;
            arrived(&guarded(&verifier), &message).unwrap_err();
        }
    }
}

#[test]
fn a_large_frame_stays_in_the_memory_of_a_message_that_is_shared() {
    for parts in samples() {
        let (lender, codecs) = session(&parts, Frames::Native);
        let message = Bytes::from(sent(&codecs).into_vec());
        arrived(&codecs.over(message.clone()), &message).unwrap();
        arrived(&codecs, &message).unwrap();
        let kept = lender.kept.lock().unwrap();
        let [shared, copied] = &kept[..] else { panic!("two frames") };
        assert_eq!(shared, copied);
        let memory = message.as_ptr_range();
        assert!(!memory.contains(&copied.as_ptr()));
        let is_large = shared.len() >= LARGE;
        assert_eq!(memory.contains(&shared.as_ptr()), is_large, "{} bytes", shared.len());
        if is_large {
            let payload = shared.as_ptr_range().end.addr() - parts.concat().len();
            assert_eq!((payload - memory.start.addr()) % ALIGNMENT, 0);
        }
    }
}

#[test]
fn memory_of_another_message_is_not_kept() {
    let (lender, codecs) = session(&[filled(1, LARGE)], Frames::Native);
    let message = sent(&codecs).into_vec();
    let other = Bytes::from(message.clone());
    arrived(&codecs.over(other.clone()), &message).unwrap();
    // Nor is the part of a message that ends before the frame does.
    let cut = Bytes::from(message.clone());
    arrived(&codecs.over(cut.slice(..cut.len() - 1)), &cut).unwrap();
    let kept = lender.kept.lock().unwrap();
    for (kept, memory) in kept.iter().zip([other, cut]) {
        assert!(!memory.as_ptr_range().contains(&kept.as_ptr()));
    }
}

#[test]
fn a_frame_that_is_little_of_its_message_is_copied() {
    let (lender, codecs) = session(&[filled(1, LARGE)], Frames::Native);
    let expr = abs(col("a")).eq(lit("x".repeat(3 * LARGE)));
    let message = Bytes::from(codecs.logical().expr_to_bytes(&expr).unwrap());
    arrived(&codecs.over(message.clone()), &message).unwrap();
    assert!(!message.as_ptr_range().contains(&lender.kept.lock().unwrap()[0].as_ptr()));
}

#[test]
fn a_process_without_the_family_sends_a_large_frame_on_as_it_came() {
    let (_, codecs) = session(&[filled(1, 3 * LARGE)], Frames::Native);
    let message = Bytes::from(sent(&codecs).into_vec());
    let held = arrived(&elsewhere().over(message.clone()), &message).unwrap();
    let again = elsewhere().logical().expr_to_parts(&held).unwrap();
    assert_eq!(again.clone().into_vec(), message);
    let frame = again.iter().find(|piece| piece.len() > LARGE).unwrap();
    assert!(message.as_ptr_range().contains(&frame.as_ptr()), "it was copied");
}

#[test]
fn a_payload_that_ends_like_a_signature_across_its_parts_is_not_sent() {
    let magic = trailer::MAGIC.as_bytes();
    for cut in 0..=magic.len() {
        let first = Bytes::from([&filled(1, LARGE), &magic[..cut]].concat());
        let (_, codecs) = session(&[first, Bytes::copy_from_slice(&magic[cut..])], Frames::Native);
        let error = codecs.logical().expr_to_parts(&abs(col("a"))).unwrap_err();
        assert_eq!(error.code(), "PW-E001", "{error}");
        let (_, codecs) = session(&[filled(1, LARGE), Bytes::copy_from_slice(&magic[1..])], Frames::Native);
        codecs.logical().expr_to_parts(&abs(col("a"))).unwrap();
    }
}
