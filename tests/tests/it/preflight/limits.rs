//! Limits: each holds on the way out as on the way in, and at the very number that it says.

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, cast, lit};
use datafusion::prelude::{SessionContext, col};
use planwire_registry::{Limit, Limits, SessionCodecs, WireError};

use crate::fixture::{inline, scalar};
use crate::preflight::hostile::nulls;

fn with(limit: Limit, most: usize) -> SessionCodecs {
    inline().with_limits(Limits::default().with(limit, most))
}

/// Two frames, a chain of six operands, a name of six bytes, a schema of two fields, and a list of nulls that
/// take no bytes.
fn sample() -> Expr {
    let call = |argument| scalar("triple").call(vec![argument]);
    let list = ScalarValue::new_list_nullable(&[ScalarValue::Int64(Some(1))], &DataType::Int64);
    call(col("a")) + call(lit(ScalarValue::List(list))) + col("b") + col("c") + col("d") + nulls(2_000)
}

fn encoded(codecs: &SessionCodecs) -> Result<Vec<u8>, WireError> {
    codecs.logical().expr_to_bytes(&sample())
}

fn decoded(codecs: &SessionCodecs, bytes: &[u8]) -> Result<Expr, WireError> {
    codecs.logical().expr_from_bytes(bytes, &SessionContext::new().task_ctx())
}

/// The least number with which the sample passes.
fn least(limit: Limit) -> usize {
    let (mut fails, mut passes) = (0, Limits::default().get(limit));
    while passes - fails > 1 {
        let middle = fails + (passes - fails) / 2;
        if encoded(&with(limit, middle)).is_ok() { passes = middle } else { fails = middle }
    }
    passes
}

#[test]
fn every_limit_holds_at_its_number_in_both_directions() {
    let bytes = encoded(&inline()).unwrap();
    for &limit in Limit::ALL {
        let least = least(limit);
        assert!(
            encoded(&with(limit, least)).is_ok() && decoded(&with(limit, least), &bytes).is_ok(),
            "{limit}"
        );
        match encoded(&with(limit, least - 1)).unwrap_err() {
            WireError::EncodeLimit { limit: named, found, most } => {
                assert!(named == limit && most == least - 1 && found > most, "{limit}: {found} {most}");
            }
            other => panic!("{limit}: {other}"),
        }
        match decoded(&with(limit, least - 1), &bytes).unwrap_err() {
            WireError::LimitExceeded { limit: named, found, most } => {
                assert!(named == limit && most == least - 1 && found > most, "{limit}: {found} {most}");
            }
            other => panic!("{limit}: {other}"),
        }
    }
}

#[test]
fn what_is_counted_is_what_the_name_says() {
    let bytes = encoded(&inline()).unwrap();
    assert_eq!(least(Limit::Message), bytes.len());
    assert_eq!(least(Limit::Frames), 2);
    assert_eq!(least(Limit::Name), "triple".len());
    assert_eq!(least(Limit::Fields), 2);
    assert_eq!(least(Limit::Inlined), 2 * least(Limit::Payload));
    // Five additions, the call below the deepest, and its argument.
    assert_eq!(least(Limit::Depth), 7);
}

/// The message of a chain of `count` columns, which DataFusion would turn into a tree as deep.
fn operands(count: usize) -> Vec<u8> {
    let chain = |count: usize| {
        let expr = std::iter::repeat_n(col("a"), count).reduce(|left, right| left + right).unwrap();
        inline().logical().expr_to_bytes(&expr).unwrap()
    };
    // A key, a length below 128, and then the parts, all alike, before the operator.
    let (two, three) = (chain(2), chain(3));
    let (header, parts) = two.split_at(2);
    let (part, operator) = (three.len() - two.len(), &parts[2 * (three.len() - two.len())..]);
    let mut message = vec![header[0]];
    prost::encoding::encode_varint((part * count + operator.len()) as u64, &mut message);
    message.extend(parts[..part].repeat(count));
    message.extend(operator);
    message
}

#[test]
fn a_chain_of_operands_is_as_deep_as_the_tree_it_becomes() {
    assert_eq!(decoded(&inline(), &operands(3)).unwrap(), col("a") + col("a") + col("a"));
    assert!(decoded(&inline(), &operands(4096)).is_ok());
    // Each operand takes two nodes, and nodes are counted first.
    for (count, limit) in [(4097, Limit::Depth), (49_000, Limit::Depth), (64_000, Limit::Nodes)] {
        match decoded(&inline(), &operands(count)).unwrap_err() {
            WireError::LimitExceeded { limit: named, .. } => assert_eq!(named, limit, "{count}"),
            other => panic!("{count}: {other}"),
        }
    }
}

#[test]
fn a_chain_that_no_receiver_takes_is_not_sent() {
    let chain = |count| std::iter::repeat_n(col("a"), count).reduce(|left, right| left + right).unwrap();
    assert!(inline().logical().expr_to_bytes(&chain(4096)).is_ok());
    let error = inline().logical().expr_to_bytes(&chain(4097)).unwrap_err();
    assert!(matches!(error, WireError::EncodeLimit { limit: Limit::Depth, found: 4097, .. }), "{error}");
}

#[test]
fn a_part_that_there_is_one_of_may_not_stand_twice() {
    // Protobuf merges the two, so that each would be half of what is made of them.
    let twice = operands(3).repeat(2);
    let error = decoded(&inline(), &twice).unwrap_err();
    assert!(matches!(error, WireError::NotAMessage { .. }), "{error}");
}

/// A cast to a type of this many fields, each of which holds another one.
fn to_struct(count: usize) -> Expr {
    let outer = |at| {
        let inner = Field::new("i", DataType::Int64, true);
        Field::new(format!("f{at}"), DataType::Struct(vec![inner].into()), true)
    };
    cast(col("a"), DataType::Struct((0..count / 2).map(outer).collect()))
}

#[test]
fn the_fields_of_each_schema_or_type_are_counted_by_themselves() {
    let codecs = inline();
    let read = |expr: &Expr, codecs: &SessionCodecs| {
        let generous = inline().with_limits(Limits::default().with(Limit::Fields, 10_000));
        decoded(codecs, &generous.logical().expr_to_bytes(expr).unwrap())
    };
    for expr in [to_struct(4096), to_struct(4096) + to_struct(4096)] {
        assert_eq!(read(&expr, &codecs).unwrap(), expr);
        codecs.logical().expr_to_bytes(&expr).unwrap();
    }
    let error = read(&to_struct(4098), &codecs).unwrap_err();
    assert!(
        matches!(error, WireError::LimitExceeded { limit: Limit::Fields, found: 4097, most: 4096 }),
        "{error}"
    );
    let error = codecs.logical().expr_to_bytes(&to_struct(4098)).unwrap_err();
    assert!(matches!(error, WireError::EncodeLimit { limit: Limit::Fields, found: 4097, .. }), "{error}");
}
