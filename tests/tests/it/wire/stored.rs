//! Stored frames: a function whose payload is in a store, and only its digest in the message.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};

use datafusion::logical_expr::{Expr, Volatility};
use datafusion::prelude::{SessionContext, lit};
use planwire_conformance::crossing::{Layer, encode};
use planwire_guard::Algorithm;
use planwire_registry::{
    Digest, DirectoryStore, FamilyMode, Limit, Limits, Node, Parts, PayloadStore, Precedence, SessionCodecs,
    WireError,
};

use crate::fixture::guarded::{rings, signed};
use crate::fixture::{inline, python, scalar_of, strict};
use crate::wire::native::{elsewhere, frame_of, native, triple};

/// A store that counts, and takes everything.
#[derive(Debug, Default)]
struct Counting {
    payloads: Mutex<HashMap<Digest, Vec<u8>>>,
    puts: AtomicUsize,
    gets: AtomicUsize,
}

impl PayloadStore for Counting {
    fn smallest(&self) -> usize {
        1
    }

    fn put(&self, digest: Digest, payload: &Parts) -> io::Result<()> {
        self.puts.fetch_add(1, SeqCst);
        self.payloads.lock().unwrap().insert(digest, payload.clone().into_vec());
        Ok(())
    }

    fn find(&self, digest: Digest, _: u64) -> io::Result<()> {
        let payloads = self.payloads.lock().unwrap();
        payloads.get(&digest).map(drop).ok_or_else(|| io::Error::other("there is none"))
    }

    fn get(&self, digest: Digest, payload: &mut [u8]) -> io::Result<()> {
        self.gets.fetch_add(1, SeqCst);
        let payloads = self.payloads.lock().unwrap();
        payload.copy_from_slice(&payloads[&digest]);
        Ok(())
    }
}

impl Counting {
    fn counts(&self) -> (usize, usize) {
        (self.puts.load(SeqCst), self.gets.load(SeqCst))
    }
}

fn call(name: &str, volatility: Volatility) -> Expr {
    scalar_of(name, python("triple"), volatility).call(vec![lit(14_i64)])
}

fn sent(codecs: &SessionCodecs, expr: &Expr) -> Vec<u8> {
    codecs.logical().expr_to_bytes(expr).unwrap()
}

fn arrived(codecs: &SessionCodecs, message: &[u8]) -> Result<Expr, WireError> {
    codecs.logical().expr_from_bytes(message, &SessionContext::new().task_ctx())
}

/// The error of a message that does not arrive: its code and its text.
fn fault(codecs: &SessionCodecs, message: &[u8]) -> (&'static str, String) {
    let error = arrived(codecs, message).unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn a_function_goes_by_its_digest_and_is_fetched_once() {
    for volatility in [Volatility::Immutable, Volatility::Volatile] {
        let store = Arc::new(Counting::default());
        let sender = native().with_store(store.clone());
        let expr = call("far", volatility) + call("far", volatility);
        let message = sent(&sender, &expr);
        assert_eq!(store.counts(), (1, 0));
        let [payload] = &store.payloads.lock().unwrap().values().cloned().collect::<Vec<_>>()[..] else {
            panic!("one payload")
        };
        assert!(message.len() < sent(&native(), &expr).len() - payload.len() + 100);

        let receiver = inline().with_store(store.clone());
        for _ in 0..3 {
            assert_eq!(arrived(&receiver, &message).unwrap().to_string(), expr.to_string());
        }
        assert_eq!(store.counts(), (1, 1));
    }
}

#[tokio::test]
async fn it_gives_the_rows_that_were_meant_and_travels_on_by_its_digest() {
    let store = Arc::new(Counting::default());
    let relay = native().with_store(store.clone());
    let message = sent(&relay, &call("far", Volatility::Stable));
    let message = sent(&relay, &arrived(&relay, &message).unwrap());
    assert_eq!(store.payloads.lock().unwrap().len(), 1);
    let expr = arrived(&inline().with_store(store), &message).unwrap();
    let frame = SessionContext::new().read_empty().unwrap().select(vec![expr.alias("n")]).unwrap();
    let rows = datafusion::arrow::util::pretty::pretty_format_batches(&frame.collect().await.unwrap());
    assert!(rows.unwrap().to_string().contains("| 42 |"));
}

#[test]
fn a_process_that_holds_functions_of_others_needs_no_store() {
    let store = Arc::new(Counting::default());
    let message = sent(&native().with_store(store.clone()), &call("far", Volatility::Immutable));
    let held = arrived(&elsewhere(), &message).unwrap();
    assert_eq!(sent(&elsewhere(), &held), message);
    assert_eq!(store.counts(), (1, 0));
}

#[test]
fn a_session_fetches_nothing_that_it_refuses_or_replaces() {
    let store = Arc::new(Counting::default());
    let message = sent(&native().with_store(store.clone()), &call("far", Volatility::Immutable));
    let (code, _) = fault(&strict().with_store(store.clone()), &message);
    assert_eq!(code, "PW-D005");
    let narrow = Limits::default().with(Limit::Payload, 100);
    let (code, _) = fault(&inline().with_store(store.clone()).with_limits(narrow), &message);
    assert_eq!(code, "PW-D017");
    let ctx = SessionContext::new();
    ctx.register_udf(scalar_of("far", python("same"), Volatility::Immutable));
    let prefers = inline().with_store(store.clone()).with_precedence(Precedence::Registered);
    assert!(prefers.logical().expr_from_bytes(&message, &ctx.task_ctx()).is_ok());
    assert_eq!(store.counts(), (1, 0));
}

#[test]
fn the_limit_of_all_payloads_counts_one_in_a_store() {
    let store = Arc::new(Counting::default());
    let message = sent(&native().with_store(store.clone()), &call("far", Volatility::Immutable));
    let size = store.payloads.lock().unwrap().values().next().unwrap().len();
    let within = |most| {
        let limits = Limits::default().with(Limit::Inlined, most);
        inline().with_store(store.clone()).with_limits(limits)
    };
    let mut stored = Vec::new();
    let far = Node::ScalarUdf(Arc::new(scalar_of("far", python("triple"), Volatility::Immutable)));
    encode(&native().with_store(store.clone()), Layer::Logical, "", &far, &mut stored).unwrap();
    assert!(arrived(&within(stored.len() + size), &message).is_ok());
    assert_eq!(fault(&within(stored.len() + size - 1), &message).0, "PW-D017");
}

#[test]
fn what_does_not_come_from_a_store_is_said() {
    let store = Arc::new(Counting::default());
    let message = sent(&native().with_store(store.clone()), &call("far", Volatility::Immutable));
    let said = "the payload of the scalar UDF 'far' is in a store and does not come from there: ";
    let none = ("PW-D026", format!("{said}this session has no store"));
    assert_eq!(fault(&inline(), &message), none);
    let empty = inline().with_store(Arc::new(Counting::default()));
    assert_eq!(fault(&empty, &message), ("PW-D026", format!("{said}there is none")));
    store.payloads.lock().unwrap().values_mut().for_each(|payload| payload[0] ^= 1);
    let other = ("PW-D026", format!("{said}its digest is not that of its payload"));
    assert_eq!(fault(&inline().with_store(store), &message), other);
}

#[test]
fn a_signature_covers_a_payload_in_a_store() {
    let [signing, checking] = rings(Algorithm::Ed25519);
    let store = Arc::new(Counting::default());
    let guarded = |codecs: SessionCodecs, ring| {
        let mode = FamilyMode::Guarded(Arc::new(signed(ring)));
        codecs.with_mode("python", mode).unwrap().with_store(store.clone())
    };
    let message = sent(&guarded(native(), &signing), &call("far", Volatility::Immutable));
    assert!(arrived(&guarded(inline(), &checking), &message).is_ok());
    let fetched = store.counts().1;
    let unsigned = sent(&native().with_store(store.clone()), &call("away", Volatility::Immutable));
    assert_eq!(fault(&guarded(inline(), &checking), &unsigned).0, "PW-D006");
    assert_eq!(store.counts().1, fetched);
    let at = message.windows(3).position(|bytes| bytes == b"far").unwrap();
    let mut forged = message;
    forged[at..at + 3].copy_from_slice(b"fax");
    assert!(arrived(&guarded(inline(), &checking), &forged).is_err());
}

#[test]
fn a_stored_frame_without_the_header_of_a_native_one_is_malformed() {
    let frame = frame_of(&triple());
    let store = Arc::new(Counting::default());
    let (codecs, mut stored) = (native().with_store(store), Vec::new());
    encode(&codecs, Layer::Logical, "", &triple(), &mut stored).unwrap();
    assert_eq!(stored[..8], *b"\x8fDFP\x8fDFX");
    assert_eq!(stored[4..], frame[..stored.len() - 4]);
    let of = |bytes: &[u8]| {
        let Node::ScalarUdf(udf) = triple() else { unreachable!() };
        let error = planwire_conformance::crossing::decode(
            &codecs,
            Layer::Logical,
            "triple",
            &Node::ScalarUdf(udf),
            bytes,
        );
        error.map(drop).map_err(|error| WireError::find(&error).unwrap().to_string())
    };
    assert!(of(&stored).is_ok());
    assert!(of(&stored[..stored.len() - 1]).unwrap_err().contains("it says that it has"));
    assert!(of(&[&stored[..], b"x"].concat()).unwrap_err().contains("it says that it has"));
    let nested = [b"\x8fDFP", &stored[..]].concat();
    assert!(of(&nested).unwrap_err().contains("it has no header of a native frame"), "{:?}", of(&nested));
}

#[test]
fn a_directory_keeps_a_payload_under_its_digest() {
    let path = std::env::temp_dir().join(format!("planwire-store-{}", std::process::id()));
    assert!(DirectoryStore::open(&path).unwrap_err().to_string().starts_with("there is no store at "));
    std::fs::create_dir(&path).unwrap();
    let store = DirectoryStore::open(&path).unwrap();
    let (digest, payload) = (Digest::of(b"payload"), Parts::from(b"payload".to_vec()));
    for _ in 0..2 {
        store.put(digest, &payload).unwrap();
        let names: Vec<_> = std::fs::read_dir(&path).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, [digest.to_string().as_str()]);
    }
    let mut read = [0; 7];
    store.find(digest, 7).unwrap();
    store.get(digest, &mut read).unwrap();
    assert_eq!(read, *b"payload");
    assert!(store.find(digest, 6).unwrap_err().to_string().contains("7 bytes there, and had 6"));
    assert_eq!(store.find(Digest::of(b"other"), 7).unwrap_err().kind(), io::ErrorKind::NotFound);
    // One that was cut short or changed is put there again, by a process that has not put it there before.
    for damaged in [&b"pay"[..], b"PAYLOAD"] {
        std::fs::write(path.join(digest.to_string()), damaged).unwrap();
        DirectoryStore::open(&path).unwrap().put(digest, &payload).unwrap();
        store.get(digest, &mut read).unwrap();
        assert_eq!(read, *b"payload");
    }
    std::fs::remove_dir_all(&path).unwrap();
}
