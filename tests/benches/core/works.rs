//! The works that are timed and counted: frames, the gate, the chain and whole messages, without Python.

use std::hint::black_box;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datafusion::functions::math;
use datafusion::logical_expr::{Expr, Volatility};
use datafusion::prelude::{SessionContext, col, lit};
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use planwire_guard::{Algorithm, Keyring, Signed};
use planwire_registry::{
    AuthorizedFrame, DecodeContext, Described, EncodeContext, FamilyList, FamilyMode, FamilyName, Frames,
    Kind, Member, Node, NodeRef, Payload, SessionCodecs, Tag, WireError, WireFamily, envelope, frame,
};
use tokio::runtime::Runtime;

/// Something that is done again and again.
pub(crate) struct Work {
    pub(crate) name: String,
    pub(crate) run: Box<dyn Fn()>,
}

impl Work {
    fn new<T>(name: impl Into<String>, run: impl Fn() -> T + 'static) -> Self {
        let run = Box::new(move || {
            black_box(run());
        });
        Self { name: name.into(), run }
    }
}

const TAG: Tag = Tag::new(b"DFBENCH", 1);

/// The size of a payload, which is about that of a small Python function.
const PAYLOAD: usize = 1000;

/// Carries `abs` with a payload of that size.
#[derive(Debug)]
struct Family;

impl WireFamily for Family {
    fn name(&self) -> FamilyName {
        FamilyName::new("bench")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::ScalarUdf).then_some(TAG)
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        if node.name() != "abs" {
            return Ok(None);
        }
        let payload = Payload::from(&[1; PAYLOAD]);
        let field = Arc::new(datafusion::arrow::datatypes::Field::new(
            "a",
            datafusion::arrow::datatypes::DataType::Int64,
            true,
        ));
        let described = Described {
            name: "abs".to_owned(),
            arguments: vec![Arc::clone(&field)],
            result: field,
            state: Vec::new(),
            volatility: Volatility::Immutable,
        };
        Ok(Some(if cx.is_native() { payload.with_described(described) } else { payload }))
    }

    fn decode(&self, _: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        Ok(Node::ScalarUdf(math::abs()))
    }
}

fn codecs(mode: FamilyMode, frames: Frames) -> SessionCodecs {
    let families = FamilyList::new([Member::new(Arc::new(Family), "benches")]).unwrap();
    let codecs = SessionCodecs::new(families).with_mode("bench", mode).unwrap();
    codecs.with_frames("bench", frames).unwrap()
}

fn signing(algorithm: Algorithm) -> FamilyMode {
    let key = STANDARD.encode([7; 32]);
    let keyring = Keyring::parse(&format!("sign {algorithm} key {key}\n")).unwrap();
    FamilyMode::Guarded(Arc::new(Signed::new(Arc::new(keyring), "benches").unwrap()))
}

/// Every work.
pub(crate) fn all() -> Vec<Work> {
    [frames(), nodes(), expressions(), plans()].into_iter().flatten().collect()
}

fn frames() -> Vec<Work> {
    let written = frame::encode(TAG, Payload::from(&[1; PAYLOAD]));
    let native = one_node(&codecs(FamilyMode::Inline, Frames::Native));
    let enveloped = envelope::encode(envelope::Envelope { id: "codec", bytes: &written });
    vec![
        Work::new("frame: write", || frame::encode(TAG, Payload::from(&[1; PAYLOAD]))),
        Work::new("frame: read", move || frame::decode(TAG, &written).unwrap().version),
        Work::new("frame: read a native one", move || frame::payload(&native).unwrap().len()),
        Work::new("frame: read an envelope", move || envelope::decode(&enveloped).unwrap().bytes.len()),
    ]
}

fn one_node(codecs: &SessionCodecs) -> Vec<u8> {
    let mut bytes = Vec::new();
    codecs.logical().try_encode_udf(&math::abs(), &mut bytes).unwrap();
    bytes
}

/// One function through the gate and the chain, in each mode that lets it through, and refused.
fn nodes() -> Vec<Work> {
    let modes = [
        ("inline", FamilyMode::Inline),
        ("by HMAC", signing(Algorithm::HmacSha256)),
        ("by Ed25519", signing(Algorithm::Ed25519)),
    ];
    let mut works = Vec::new();
    for (mode, of) in modes {
        for frames in [Frames::Version1, Frames::Native] {
            let codecs = codecs(of.clone(), frames);
            let bytes = one_node(&codecs);
            let encoding = codecs.clone();
            works.push(Work::new(format!("node: encode, {mode}, {frames}"), move || one_node(&encoding)));
            works.push(Work::new(format!("node: decode, {mode}, {frames}"), move || {
                codecs.logical().try_decode_udf("abs", &bytes).unwrap()
            }));
        }
    }
    let bytes = one_node(&codecs(FamilyMode::Inline, Frames::Version1));
    let strict = codecs(FamilyMode::Refuse, Frames::Version1);
    works.push(Work::new("node: refuse", move || strict.logical().try_decode_udf("abs", &bytes).is_err()));
    works
}

fn calls(times: usize) -> Expr {
    let call = || math::expr_fn::abs(col("a"));
    (1..times).fold(call(), |sum, _| sum + call())
}

fn expressions() -> Vec<Work> {
    let mut works = Vec::new();
    let built_in = || math::expr_fn::signum(col("a")) + lit(1);
    let sorts = [("built-ins", built_in(), Frames::Version1)].into_iter().chain(
        [1, 100]
            .iter()
            .flat_map(|times| [Frames::Version1, Frames::Native].map(|frames| (*times, frames)))
            .map(|(times, frames)| (if times == 1 { "one call" } else { "100 calls" }, calls(times), frames)),
    );
    for (name, expr, frames) in sorts {
        let codecs = codecs(FamilyMode::Inline, frames);
        let bytes = codecs.logical().expr_to_bytes(&expr).unwrap();
        let (decoding, task) = (codecs.clone(), SessionContext::new().task_ctx());
        works.push(Work::new(format!("expression: encode, {name}, {frames}"), move || {
            codecs.logical().expr_to_bytes(&expr).unwrap()
        }));
        works.push(Work::new(format!("expression: decode, {name}, {frames}"), move || {
            decoding.logical().expr_from_bytes(&bytes, &task).unwrap()
        }));
    }
    works
}

/// Plans of a query with a join, an aggregate and a sort.
fn plans() -> Vec<Work> {
    const QUERY: &str = "SELECT abs(t.a) AS k, sum(u.b) AS s FROM (VALUES (1, 2), (3, 4)) AS t (a, b) \
        JOIN (VALUES (1, 2)) AS u (a, b) ON t.a = u.a WHERE t.b > 1 GROUP BY abs(t.a) ORDER BY s LIMIT 5";
    let codecs = codecs(FamilyMode::Inline, Frames::Version1);
    let ctx = SessionContext::new();
    let (logical, physical) = Runtime::new().unwrap().block_on(async {
        let rows = ctx.sql(QUERY).await.unwrap();
        (rows.logical_plan().clone(), rows.create_physical_plan().await.unwrap())
    });
    let task = ctx.task_ctx();
    let (logical_bytes, physical_bytes) = (
        codecs.logical().logical_plan_to_bytes(&logical).unwrap(),
        codecs.physical().physical_plan_to_bytes(&physical).unwrap(),
    );
    let [first, second, third, fourth] = [(); 4].map(|()| codecs.clone());
    let other_task = Arc::clone(&task);
    vec![
        Work::new("logical plan: encode", move || first.logical().logical_plan_to_bytes(&logical).unwrap()),
        Work::new("logical plan: decode", move || {
            second.logical().logical_plan_from_bytes(&logical_bytes, &task).unwrap()
        }),
        Work::new("physical plan: encode", move || {
            third.physical().physical_plan_to_bytes(&physical).unwrap()
        }),
        Work::new("physical plan: decode", move || {
            fourth.physical().physical_plan_from_bytes(&physical_bytes, &other_task).unwrap()
        }),
    ]
}
