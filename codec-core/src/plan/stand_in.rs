//! Stand-ins: functions that take the place of one that could not be decoded, until the call ends.
//!
//! DataFusion turns an error inside an argument into text, once for each level around it, and escapes
//! it each time, so that it doubles: a message of a kilobyte would take gigabytes. The fault is kept
//! aside instead, the rest is decoded around a stand-in, and the call then ends with the fault. No
//! stand-in is ever given to anyone.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::not_impl_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::{
    AccumulatorArgs, PartitionEvaluatorArgs, StateFieldsArgs, WindowUDFFieldArgs,
};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, HigherOrderFunctionArgs,
    HigherOrderReturnFieldArgs, HigherOrderSignature, HigherOrderUDF, HigherOrderUDFImpl,
    LambdaParametersProgress, PartitionEvaluator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    ValueOrLambda, Volatility, WindowUDF, WindowUDFImpl,
};

use crate::plan::kind::Kind;
use crate::plan::node::Node;

/// A function of any kind that does nothing.
#[derive(Debug, PartialEq, Eq, Hash)]
struct StandIn {
    signature: Signature,
    higher_order: HigherOrderSignature,
}

/// The stand-in for a function of a kind; `None` for other kinds.
pub(crate) fn of(kind: Kind) -> Option<Node> {
    let volatility = Volatility::Volatile;
    let stand_in = || StandIn {
        signature: Signature::variadic_any(volatility),
        higher_order: HigherOrderSignature::variadic_any(volatility),
    };
    match kind {
        Kind::ScalarUdf => Some(Node::ScalarUdf(Arc::new(ScalarUDF::new_from_impl(stand_in())))),
        Kind::AggregateUdf => Some(Node::AggregateUdf(Arc::new(AggregateUDF::new_from_impl(stand_in())))),
        Kind::WindowUdf => Some(Node::WindowUdf(Arc::new(WindowUDF::new_from_impl(stand_in())))),
        Kind::HigherOrderUdf => {
            Some(Node::HigherOrderUdf(Arc::new(HigherOrderUDF::new_from_impl(stand_in()))))
        }
        _ => None,
    }
}

const NAME: &str = "undecoded";

fn nothing<T>() -> Result<T> {
    not_impl_err!("a function that could not be decoded does nothing")
}

impl ScalarUDFImpl for StandIn {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Null)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        nothing()
    }
}

impl AggregateUDFImpl for StandIn {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Null)
    }

    fn state_fields(&self, _: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(Vec::new())
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        nothing()
    }
}

impl WindowUDFImpl for StandIn {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(&self, _: PartitionEvaluatorArgs) -> Result<Box<dyn PartitionEvaluator>> {
        nothing()
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), DataType::Null, true)))
    }
}

impl HigherOrderUDFImpl for StandIn {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.higher_order
    }

    fn lambda_parameters(
        &self,
        _: usize,
        _: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        nothing()
    }

    fn return_field_from_args(&self, _: HigherOrderReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(NAME, DataType::Null, true)))
    }

    fn invoke_with_args(&self, _: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        nothing()
    }
}
